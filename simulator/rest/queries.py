"""Queries and their cursors."""

from typing import Any

from simulator.errors import SalesforceError
from simulator.messages import Response, answer
from simulator.rest.call import Call
from simulator.rest.query_columns import columns_body
from simulator.rest.router import Route
from simulator.soql.engine import Page


def query(call: Call) -> Response:
    """Answer a query over the living rows."""
    return _first(call, all_rows=False)


def query_all(call: Call) -> Response:
    """Answer a query over the living rows and the recycle bin."""
    return _first(call, all_rows=True)


def more(call: Call, locator: str) -> Response:
    """Answer the next page of a cursor; it is /query/ for every kind of query."""
    return answer(page_body(call, call.org.engine.more(locator, user_id=call.user_id)))


def _first(call: Call, *, all_rows: bool) -> Response:
    text = call.request.query.get("q")
    if text is None:
        if "explain" in call.request.query:
            raise SalesforceError("NOT_IMPLEMENTED", "This org does not explain query plans.")
        raise SalesforceError("MALFORMED_QUERY", "Missing the query parameter 'q'.")
    page = call.query(text, all_rows=all_rows)
    if call.request.query.get("columns", "").lower() == "true":
        return answer(columns_body(call, text))
    return answer(page_body(call, page))


def page_body(call: Call, page: Page) -> dict[str, Any]:
    """Return a page as it is printed."""
    body: dict[str, Any] = {"totalSize": page.total, "done": page.locator is None}
    if page.locator is not None:
        body["nextRecordsUrl"] = f"{call.root}/query/{page.locator}"
    return body | {"records": page.records}


ROUTES = (
    Route(method="GET", path="/query", resource=query, kind="query"),
    Route(method="GET", path="/queryAll", resource=query_all, kind="query_all"),
    Route(method="GET", path="/query/{locator}", resource=more, kind="query_more"),
    Route(method="GET", path="/queryAll/{locator}", resource=more, kind="query_more"),
)
