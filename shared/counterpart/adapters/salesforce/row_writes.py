"""Writes rows in collections, several in one call, and learns what became of each row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from counterpart.adapters.salesforce.composite import MOST_PARTS, Part
from counterpart.adapters.salesforce.refusals import halted, not_tried, refused, row_answer
from counterpart.adapters.salesforce.trouble import (
    BadRequestError,
    Complaint,
    complaint,
    trouble,
)
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

# Nothing was written.
_NEVER = datetime.min.replace(tzinfo=UTC)


# What Salesforce's parser says of a value that is none of its field's type; it names no field.
# The value may have lines, and these very words in it.
_UNREAD = re.compile(
    r"Cannot deserialize instance of \w+ from VALUE_\w+ value (.*) or request may be missing",
    re.DOTALL,
)


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
    return _Writing(client, headers, repeatable=repeatable).write(collections)


class _Writing:
    """One batch on its way, call by call."""

    def __init__(
        self, client: SalesforceClient, headers: Mapping[str, str], *, repeatable: bool
    ) -> None:
        self._client = client
        self._headers = headers
        self._repeatable = repeatable
        self._ledger = _Ledger()
        self._calls = 0
        self._as_of = _NEVER

    def write(self, collections: Sequence[Collection]) -> WriteAnswer:
        unsettled = list(collections)
        while unsettled and self._calls < _MOST_CALLS:
            now, later = unsettled[:MOST_PARTS], unsettled[MOST_PARTS:]
            try:
                unsettled = self._ask(now) + later
            except BadRequestError as exc:
                unsettled = self._isolate(now, exc.said) + later
            except CounterpartError as exc:
                if self._calls == 1:
                    raise
                # Rows that are settled must not suffer for those that are not.
                self._ledger.halt(unsettled, Complaint(message=str(exc)))
                unsettled = []
        self._ledger.postpone(unsettled)
        return WriteAnswer(rows=self._ledger.in_order(), as_of=self._as_of)

    def _isolate(self, guilty: Sequence[Collection], said: Complaint) -> list[Collection]:
        """Find the row that has a whole call refused; return what is left to be written.

        Half of the rows are asked for at each step. If they pass, the row is among the others.
        """
        left: list[Collection] = []
        while _size(guilty) > 1 and self._calls < _MOST_CALLS:
            first, second = _halves(guilty)
            try:
                left += self._ask(first)
                guilty = second
            except BadRequestError:
                left += second
                guilty = first
            except CounterpartError as exc:
                self._ledger.halt([*guilty, *left], Complaint(message=str(exc)))
                return []
        if _size(guilty) > 1:
            return [*guilty, *left]
        self._ledger.refuse(guilty, said)
        return left

    def _ask(self, collections: Sequence[Collection]) -> list[Collection]:
        """Make one call; return what must be written once more."""
        self._calls += 1
        answer = self._client.composite(
            [_part(collection, self._headers) for collection in collections],
            repeatable=self._repeatable,
        )
        self._as_of = answer.latest
        return self._ledger.enter(collections, answer.parts)


def _size(collections: Sequence[Collection]) -> int:
    return sum(len(collection.rows) for collection in collections)


def _halves(collections: Sequence[Collection]) -> tuple[list[Collection], list[Collection]]:
    """Return two halves of some collections, or of the rows of the only one."""
    if len(collections) > 1:
        middle = len(collections) // 2
        return list(collections[:middle]), list(collections[middle:])
    (only,) = collections
    middle = len(only.rows) // 2
    return [replace(only, rows=only.rows[:middle])], [replace(only, rows=only.rows[middle:])]


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

    def postpone(self, collections: Iterable[Collection]) -> None:
        """Settle rows that could not be told from those to blame with so many calls."""
        for collection in collections:
            self._settle(collection.rows, not_tried("too many rows of one batch were refused"))

    def refuse(self, collections: Iterable[Collection], said: Complaint) -> None:
        """Settle rows that cannot be written as they are."""
        for collection in collections:
            for row in collection.rows:
                named = said.fields or _misread(row, said)
                self._settle([row], refused(replace(said, fields=named)))

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
