"""sObject trees: parents with their children, created together or not at all."""

from dataclasses import dataclass
from typing import Any

from simulator.errors import RequestError, SalesforceError
from simulator.messages import Response, answer
from simulator.rest.call import Call
from simulator.rest.router import Route
from simulator.schema import ObjectType

MOST_RECORDS, MOST_LEVELS, MOST_KINDS = 200, 5, 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One record to create, under its parent."""

    kind: ObjectType
    reference: str
    values: dict[str, Any]
    parent: str | None
    parent_field: str | None


def create(call: Call, name: str) -> Response:
    """Create trees of records."""
    kind = call.org.kind(name)
    nodes = _flatten(call, kind, call.request.json_object().get("records"), level=1)
    if not 1 <= len(nodes) <= MOST_RECORDS:
        raise SalesforceError("LIMIT_EXCEEDED", f"A tree holds 1 to {MOST_RECORDS} records.")
    if len({node.kind.name for node in nodes}) > MOST_KINDS:
        raise SalesforceError("LIMIT_EXCEEDED", f"A tree holds at most {MOST_KINDS} objects.")
    references = [node.reference for node in nodes]
    if len(set(references)) < len(references):
        raise SalesforceError("INVALID_INPUT", "Every referenceId has to be used once.")
    made: dict[str, str] = {}
    failures: list[dict[str, Any]] = []
    with call.org.store.transaction() as unit:
        for node in nodes:
            _create(call, node, made, failures)
        if failures:
            unit.cancel()
            return answer({"hasErrors": True, "results": failures}, 400)
    results = [{"referenceId": reference, "id": made[reference]} for reference in references]
    return answer({"hasErrors": False, "results": results}, 201)


def _create(call: Call, node: Node, made: dict[str, str], failures: list[dict[str, Any]]) -> None:
    values = dict(node.values)
    if node.parent is not None and node.parent_field is not None:
        if node.parent not in made:
            return
        values[node.parent_field] = made[node.parent]
    try:
        call.simulator.fail_row(call, node.kind.name)
        made[node.reference] = call.writer.create(node.kind, values).record_id
    except RequestError:
        raise
    except SalesforceError as exc:
        failures.append({"referenceId": node.reference, "errors": [exc.as_row()]})


def _flatten(
    call: Call,
    kind: ObjectType,
    records: object,
    *,
    level: int,
    parent: str | None = None,
    field: str | None = None,
) -> list[Node]:
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise RequestError("JSON_PARSER_ERROR", "A tree has to hold lists of records.")
    if level > MOST_LEVELS:
        raise SalesforceError("LIMIT_EXCEEDED", f"A tree is at most {MOST_LEVELS} levels deep.")
    nodes: list[Node] = []
    for record in records:
        said = record.get("attributes")
        said = said if isinstance(said, dict) else {}
        reference = said.get("referenceId")
        if not isinstance(reference, str) or said.get("type", kind.name) != kind.name:
            raise SalesforceError(
                "INVALID_INPUT", f"Each record needs attributes of type {kind.name}, referenceId."
            )
        values: dict[str, Any] = {}
        below: list[Node] = []
        for name, value in record.items():
            if isinstance(value, dict) and isinstance(value.get("records"), list):
                link = next(
                    (
                        one
                        for one in call.org.schema.children(kind.name)
                        if (one.field.child_relationship or "").lower() == name.lower()
                    ),
                    None,
                )
                if link is None:
                    raise SalesforceError("INVALID_FIELD", f"{kind.name} has no children {name}.")
                below += _flatten(
                    call,
                    link.child,
                    value["records"],
                    level=level + 1,
                    parent=reference,
                    field=link.field.name,
                )
            elif name != "attributes":
                values[name] = value
        nodes.append(
            Node(kind=kind, reference=reference, values=values, parent=parent, parent_field=field)
        )
        nodes += below
    return nodes


ROUTES = (Route(method="POST", path="/composite/tree/{name}", resource=create, kind="tree"),)
