"""What people may ask of parked edits, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.document import Section
from counterpart.domain.requests import MOST_IDS, PushRequest, parse_push_request
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class ListParked:
    """List what a push has set aside, of one code or all of it."""

    code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RedriveParked:
    """Send again what a push has set aside: what is named, what has a code, or all of it."""

    ids: tuple[str, ...] | None = None
    code: str | None = None


PushErrand = PushRequest | ListParked | RedriveParked


def parse_push_errand(payload: Mapping[str, object]) -> PushErrand:
    """Return what a payload asks `push_edits` for.

    Raises:
        InputError: it asks for something that is not allowed, or for nothing.
    """
    if "parked" in payload:
        section = Section(payload, path="", allowed=("parked", "code"))
        if section.get("parked") != "list":
            raise InputError('must be "list"', field="parked")
        return ListParked(code=section.text("code"))
    if "redrive" in payload:
        return _redrive(payload)
    return parse_push_request(payload)


def _redrive(payload: Mapping[str, object]) -> RedriveParked:
    section = Section(payload, path="", allowed=("redrive", "code"))
    wanted, code = section.get("redrive"), section.text("code")
    if wanted == "all":
        return RedriveParked(code=code)
    ids = section.texts("redrive") if isinstance(wanted, list) else None
    if not ids or code:
        message = (
            'must be "all", which a code may narrow, or a list of ids of contacts or companies'
        )
        raise InputError(message, field="redrive")
    if len(ids) > MOST_IDS:
        raise InputError(f"at most {MOST_IDS} ids at once", field="redrive")
    return RedriveParked(ids=tuple(dict.fromkeys(ids)))
