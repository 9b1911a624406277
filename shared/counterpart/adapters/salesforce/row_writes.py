"""Writes rows in collections, several in one call, and learns what became of each row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from counterpart.adapters.salesforce.composite import MOST_PARTS, CompositeAnswer, Part
from counterpart.adapters.salesforce.refusals import halted, refused, row_answer
from counterpart.adapters.salesforce.trouble import Complaint, complaint, trouble
from counterpart.domain.refusals import Remedy
from counterpart.errors import CounterpartError, QuotaExhaustedError, TransientError
from counterpart.ports import RowAnswer, WriteAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient
    from counterpart.adapters.salesforce.composite import PartAnswer

# Rows in one collection (REST API guide, "sObject Collections").
MOST_ROWS = 200

# Eight halvings find one row among 200; this bounds what several culprits in a batch may cost.
_MOST_CALLS = 16


# What Salesforce's parser says of a value that is none of its field's type; it names no field.
_UNREAD = re.compile(r"Cannot deserialize instance of \w+ from VALUE_\w+ value (.*?) or request")


@dataclass(frozen=True, kw_only=True, slots=True)
class RowWrite:
    """A row to be written.

    Attributes:
        place: In the caller's sequence.
        parent: Place of the row that this one refers to, if that is written along with it.
    """

    place: int
    body: Mapping[str, object]
    parent: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Collection:
    """Rows for one collection resource, such as `composite/sobjects`.

    Attributes:
        method: `PATCH` changes or upserts, `POST` inserts, `DELETE` takes the ids of rows alone.
        headers: Of its own, besides those of all.
    """

    path: str
    rows: Sequence[RowWrite]
    method: str = "PATCH"
    headers: Mapping[str, str] = field(default_factory=dict)


def write(
    client: SalesforceClient,
    collections: Sequence[Collection],
    *,
    headers: Mapping[str, str],
    repeatable: bool,
) -> WriteAnswer:
    """Write the collections in order, and return what was said of each row, by its place.

    A collection that is refused as a whole is halved until the rows to blame are alone.

    Args:
        collections: As many as one composite carries.
        headers: For each collection; see `write_headers`.
        repeatable: Whether the same may be sent again when an answer was lost.
    """
    ledger = _Ledger()
    answer = _ask(client, collections, headers, repeatable=repeatable)
    unsettled = ledger.enter(collections, answer.parts)
    as_of = answer.latest
    for _ in range(1, _MOST_CALLS):
        if not unsettled:
            break
        now, later = unsettled[:MOST_PARTS], unsettled[MOST_PARTS:]
        try:
            answer = _ask(client, now, headers, repeatable=repeatable)
            unsettled = ledger.enter(now, answer.parts) + later
        except CounterpartError as exc:
            # Rows that are settled must not suffer for those that are not.
            ledger.halt(unsettled, Complaint(message=str(exc)))
            unsettled = []
        as_of = answer.latest
    ledger.halt(unsettled, Complaint(message="too many rows of one batch were refused"))
    return WriteAnswer(rows=ledger.in_order(), as_of=as_of)


def _ask(
    client: SalesforceClient,
    collections: Sequence[Collection],
    headers: Mapping[str, str],
    *,
    repeatable: bool,
) -> CompositeAnswer:
    return client.composite(
        [_part(collection, headers) for collection in collections], repeatable=repeatable
    )


def _part(collection: Collection, headers: Mapping[str, str]) -> Part:
    if collection.method == "DELETE":
        ids = ",".join(str(row.body["id"]) for row in collection.rows)
        path = f"{collection.path}?ids={ids}&allOrNone=false"
        return Part(method="DELETE", path=path, headers={**headers, **collection.headers})
    return Part(
        method=collection.method,
        path=collection.path,
        headers={**headers, **collection.headers},
        body={"allOrNone": False, "records": [row.body for row in collection.rows]},
    )


def _misread(row: RowWrite, said: Complaint) -> tuple[str, ...]:
    """Return the fields of a row whose value Salesforce could not read, by that value."""
    unread = _UNREAD.search(said.message)
    if unread is None:
        return ()
    return tuple(name for name, value in row.body.items() if _as_shown(value) == unread[1])


def _as_shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Ledger:
    """What is known of each row so far."""

    def __init__(self) -> None:
        self._rows: dict[int, RowWrite] = {}
        self._answers: dict[int, RowAnswer] = {}

    def enter(
        self, collections: Sequence[Collection], answers: Sequence[PartAnswer]
    ) -> list[Collection]:
        """Settle what can be settled, and return what must be written once more."""
        again: list[Collection] = []
        for collection, answer in zip(collections, answers, strict=True):
            told = answer.body
            if answer.status != HTTPStatus.OK:
                again += self._halved(collection, answer)
            elif isinstance(told, list) and len(told) == len(collection.rows):
                for row, item in zip(collection.rows, told, strict=True):
                    self._settle([row], row_answer(item))
            else:
                self.halt([collection], Complaint(message="the answer lacks rows"))

        # A row was refused because the one that it refers to was not written yet.
        unsettled = {row.place for collection in again for row in collection.rows}
        for collection in collections:
            orphans = [
                row
                for row in collection.rows
                if row.parent in unsettled and row.place not in unsettled and self._refused(row)
            ]
            if orphans:
                again.append(replace(collection, rows=orphans))
        return again

    def halt(self, collections: Iterable[Collection], said: Complaint) -> None:
        """Settle rows that were not written, for a reason that passes."""
        for collection in collections:
            self._settle(collection.rows, halted(said))

    def in_order(self) -> list[RowAnswer]:
        """Return what became of each row."""
        return [self._final(self._rows[place]) for place in sorted(self._rows)]

    def _halved(self, collection: Collection, answer: PartAnswer) -> list[Collection]:
        """Return what is left to do of a collection that was refused as a whole."""
        said = complaint(answer.body)
        error = trouble(answer.status, answer.body)
        if isinstance(error, (TransientError, QuotaExhaustedError)):
            self.halt([collection], said)
            return []
        if answer.status != HTTPStatus.BAD_REQUEST:
            raise error

        rows = collection.rows
        hidden = set(said.fields) if said.code == "INVALID_FIELD" else set()
        blamed = [row for row in rows if hidden & row.body.keys()]
        if blamed or len(rows) == 1:
            blamed = blamed or list(rows)
            named = said.fields or _misread(rows[0], said)
            self._settle(blamed, refused(replace(said, fields=named)))
            parts = [[row for row in rows if row not in blamed]]
        else:
            parts = [list(rows[: len(rows) // 2]), list(rows[len(rows) // 2 :])]
        return [replace(collection, rows=part) for part in parts if part]

    def _settle(self, rows: Iterable[RowWrite], answer: RowAnswer) -> None:
        for row in rows:
            self._rows[row.place] = row
            self._answers[row.place] = answer

    def _refused(self, row: RowWrite) -> bool:
        return self._answers[row.place].refusal is not None

    def _final(self, row: RowWrite) -> RowAnswer:
        """Return a row's answer; what fails because of a passing failure is passing as well."""
        answer = self._answers[row.place]
        above = self._answers.get(row.parent) if row.parent is not None else None
        if answer.refusal and above and above.refusal and above.refusal.remedy is Remedy.RETRY:
            return above
        return answer
