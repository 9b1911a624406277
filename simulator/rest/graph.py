"""Composite graph: up to 75 graphs of up to 500 nodes, each graph all or nothing."""

import re
from typing import Any

from simulator.errors import RequestError, SalesforceError
from simulator.messages import Response, answer
from simulator.rest.call import Call
from simulator.rest.composite import FAILED, check_references, rolled_back, run_part
from simulator.rest.references import names_in
from simulator.rest.router import Route

MOST_GRAPHS, MOST_NODES, MOST_DEPTH, MOST_KINDS, MOST_FAILED = 75, 500, 15, 15, 14
_OBJECT = re.compile(r"/services/data/v[\d.]+/sobjects/(\w+)")
HALTED = "Processing of the payload was halted because too many graphs failed."


def graph(call: Call) -> Response:
    """Answer every graph; those after fourteen failed ones are not tried."""
    graphs = call.request.json_object().get("graphs")
    if not isinstance(graphs, list) or not all(isinstance(one, dict) for one in graphs):
        raise RequestError("JSON_PARSER_ERROR", "The body has to hold a list of graphs.")
    _check(graphs)
    results: list[dict[str, Any]] = []
    for one in graphs:
        parts = one["compositeRequest"]
        failed = sum(1 for result in results if not result["isSuccessful"])
        if failed >= MOST_FAILED:
            error = SalesforceError("PROCESSING_HALTED", HALTED).as_single()
            responses = [
                {
                    "body": [error],
                    "httpHeaders": {},
                    "httpStatusCode": FAILED,
                    "referenceId": part["referenceId"],
                }
                for part in parts
            ]
            successful = False
        else:
            responses, successful = _run(call, parts)
        results.append(
            {
                "graphId": one["graphId"],
                "graphResponse": {"compositeResponse": responses},
                "isSuccessful": successful,
            }
        )
    return answer({"graphs": results})


def _run(call: Call, parts: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], bool]:
    answers: dict[str, Any] = {}
    results: list[dict[str, Any]] = []
    with call.org.store.transaction() as unit:
        for part in parts:
            results.append(run_part(call, part, answers))
            if results[-1]["httpStatusCode"] >= FAILED:
                unit.cancel()
                return rolled_back(parts, results), False
    return results, True


def _check(graphs: list[dict[str, Any]]) -> None:
    if not 1 <= len(graphs) <= MOST_GRAPHS:
        raise SalesforceError("LIMIT_EXCEEDED", f"A payload holds 1 to {MOST_GRAPHS} graphs.")
    nodes = 0
    seen: set[str] = set()
    for one in graphs:
        parts, name = one.get("compositeRequest"), one.get("graphId")
        if not isinstance(parts, list) or not isinstance(name, str) or name in seen:
            raise RequestError(
                "JSON_PARSER_ERROR", "A graph needs a graphId of its own and a compositeRequest."
            )
        seen.add(name)
        check_references(parts)
        nodes += len(parts)
        kinds = {
            f"{part['method']} {match[1]}"
            for part in parts
            if (match := _OBJECT.match(part["url"])) is not None
        }
        if len(kinds) > MOST_KINDS:
            raise SalesforceError(
                "LIMIT_EXCEEDED", f"A graph holds at most {MOST_KINDS} kinds of nodes."
            )
        if _depth(parts) > MOST_DEPTH:
            raise SalesforceError("LIMIT_EXCEEDED", f"A graph is at most {MOST_DEPTH} deep.")
    if nodes > MOST_NODES:
        raise SalesforceError("LIMIT_EXCEEDED", f"A payload holds at most {MOST_NODES} nodes.")


def _depth(parts: list[dict[str, Any]]) -> int:
    depths: dict[str, int] = {}
    for part in parts:
        needed = names_in(part["url"]) | names_in(part.get("body"))
        depths[part["referenceId"]] = 1 + max((depths.get(one, 0) for one in needed), default=0)
    return max(depths.values(), default=0)


ROUTES = (Route(method="POST", path="/composite/graph", resource=graph, kind="composite_graph"),)
