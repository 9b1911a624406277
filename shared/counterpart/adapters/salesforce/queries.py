"""Asks queries, several in one call, and follows an answer to its last row."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from counterpart.adapters.salesforce.composite import MOST_PARTS, Part
from counterpart.adapters.salesforce.person_accounts import BEARERS
from counterpart.adapters.salesforce.transport import QUERY_HEADERS
from counterpart.adapters.salesforce.trouble import (
    LostAnswerError,
    LostPlaceError,
    timed_out,
    trouble,
)
from counterpart.ports import Item, RecordPage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient
    from counterpart.adapters.salesforce.composite import PartAnswer
    from counterpart.adapters.salesforce.person_accounts import PersonAccounts
    from counterpart.adapters.salesforce.rows import Row

# A place is lost when the session was renewed, or the user has too many queries open.
_MOST_BEGINNINGS = 3


def query_part(statement: str, *, gone_too: bool) -> Part:
    """Return the part of a composite that asks *statement*.

    Args:
        gone_too: Whether rows in the recycle bin are asked for as well.
    """
    resource = "queryAll" if gone_too else "query"
    return Part(
        method="GET", path=f"{resource}/?{urlencode({'q': statement})}", headers=QUERY_HEADERS
    )


def first_rows(answer: PartAnswer) -> tuple[list[Row], str | None]:
    """Return the rows that came back, and where the next ones are if there are more.

    Raises:
        MissingFieldError: the query names a field that our user does not see.
    """
    if answer.status != HTTPStatus.OK:
        raise trouble(answer.status, answer.body)
    return _page(answer.body)


def total_of(answer: PartAnswer) -> int | None:
    """Return how many rows a counting query found; `None` if Salesforce gave up on it.

    Raises:
        MissingFieldError: the query names a field that our user does not see.
    """
    if timed_out(answer.body):
        return None
    if answer.status != HTTPStatus.OK:
        raise trouble(answer.status, answer.body)
    match answer.body:
        case {"totalSize": int(total)}:
            return total
    raise LostAnswerError("the answer to a count is incomplete")


def page_of(answer: PartAnswer, read: Callable[[Row], Item], limit: int) -> RecordPage[Item]:
    """Return the page that came back.

    Args:
        answer: To the query.
        read: Turns a row into what the page holds.
        limit: How many rows were asked for.

    Raises:
        MissingFieldError: the query names a field that our user does not see.
    """
    if timed_out(answer.body):
        return RecordPage(records=(), finished=False, timed_out=True)
    rows, following = first_rows(answer)
    return RecordPage(
        records=[read(row) for row in rows],
        # A page may hold fewer rows than asked for and not be the last: wide rows make it so.
        finished=following is None and len(rows) < limit,
    )


def all_rows(
    client: SalesforceClient,
    statements: Sequence[str],
    *,
    gone_too: bool,
    persons: PersonAccounts | None = None,
) -> Iterator[tuple[int, Row]]:
    """Yield every row of every statement, with the statement's place in the sequence.

    Args:
        client: Who asks.
        statements: Any number of them.
        gone_too: Whether rows in the recycle bin are asked for as well.
        persons: Learns along with the first call, for statements about those who bear the field.
    """
    for start in range(0, len(statements), MOST_PARTS):
        asked = statements[start : start + MOST_PARTS]
        aside = persons.question(BEARERS) if persons else []
        answer = client.composite(
            [*(query_part(statement, gone_too=gone_too) for statement in asked), *aside],
            repeatable=True,
        )
        if persons and aside:
            persons.hear(answer.parts[-1])
        for place, part in enumerate(answer.parts[: len(asked)], start):
            rows = _to_the_end(client, part, statements[place], gone_too=gone_too)
            yield from ((place, row) for row in rows)


def _to_the_end(
    client: SalesforceClient, part: PartAnswer, statement: str, *, gone_too: bool
) -> Iterator[Row]:
    """Yield every row of an answer, each once, also where its place is lost and it begins anew.

    Raises:
        LostAnswerError: it was lost again and again.
    """
    told: set[str] = set()
    beginnings = 1
    rows, following = first_rows(part)
    while True:
        for row in rows:
            if row["Id"] not in told:
                told.add(row["Id"])
                yield row
        if not following:
            return
        try:
            rows, following = _page(client.get(following))
        except LostPlaceError as exc:
            if beginnings == _MOST_BEGINNINGS:
                raise LostAnswerError(str(exc)) from exc
            beginnings += 1
            answer = client.composite([query_part(statement, gone_too=gone_too)], repeatable=True)
            rows, following = first_rows(answer.parts[0])


def _page(body: object) -> tuple[list[Row], str | None]:
    match body:
        case {"done": True, "records": list(rows)}:
            return rows, None
        case {"done": False, "records": list(rows), "nextRecordsUrl": str(following)} if rows:
            return rows, following
    raise LostAnswerError("the answer to a query is incomplete")
