"""Reads what Salesforce says of single rows in a collection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from counterpart.adapters.salesforce.trouble import Complaint, complaint, passes
from counterpart.domain.ids import is_salesforce_id, to_18
from counterpart.domain.records import object_of
from counterpart.domain.refusals import NOT_TRIED, Refusal
from counterpart.ports import RowAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a row is given that was not tried, or that failed without a word; it is tried again.
HALTED = "PROCESSING_HALTED"

_WORD = re.compile(r"\b[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?\b")


def row_answer(told: object) -> RowAnswer:
    """Return what one item in the answer to a collection says."""
    item = told if isinstance(told, dict) else {}
    record_id = item.get("id")
    if item.get("success") and isinstance(record_id, str):
        return RowAnswer(record_id=to_18(record_id), created=item.get("created") is True)
    return RowAnswer(refusal=_refusal(item.get("errors")))


def refused(said: Complaint) -> RowAnswer:
    """Return the answer for a row whose collection was refused as a whole because of it."""
    return RowAnswer(refusal=Refusal(code=said.code, message=said.words, fields=said.fields))


def halted(said: Complaint) -> RowAnswer:
    """Return the answer for a row that was not tried, for a reason that passes."""
    code = said.code if passes(said.code) else HALTED
    return RowAnswer(refusal=Refusal(code=code, message=said.words or said.code))


def not_tried(words: str) -> RowAnswer:
    """Return the answer for a row whose turn did not come."""
    return RowAnswer(refusal=Refusal(code=NOT_TRIED, message=words))


def _refusal(errors: object) -> Refusal:
    said = complaint(errors)
    others = [complaint(other) for other in errors[1:]] if isinstance(errors, list) else []
    return Refusal(
        code=said.code or HALTED,
        message=said.message,
        fields=said.fields,
        matches=tuple(dict.fromkeys(_matches(errors, said))),
        others=tuple(
            Refusal(code=other.code, message=other.message, fields=other.fields)
            for other in others
            if other.code
        ),
    )


def _matches(errors: object, said: Complaint) -> Iterator[str]:
    """Yield the records that a refusal names as duplicates.

    `DUPLICATES_DETECTED` lists them; `DUPLICATE_VALUE` names one within its sentence, by a short
    id, and in the language of our user, so that only ids themselves are looked for.
    """
    if said.code == "DUPLICATE_VALUE":
        yield from (to_18(word) for word in _WORD.findall(said.message) if object_of(word))
    for error in errors if isinstance(errors, list) else []:
        yield from map(to_18, filter(is_salesforce_id, _record_ids(error.get("duplicateResult"))))


def _record_ids(told: object) -> Iterator[str]:
    """Yield the `Id` of each `record`, however deep in a `DuplicateResult`."""
    if isinstance(told, list):
        for item in told:
            yield from _record_ids(item)
    if isinstance(told, dict):
        record = told.get("record")
        if isinstance(record, dict):
            yield str(record.get("Id"))
        for item in told.values():
            yield from _record_ids(item)
