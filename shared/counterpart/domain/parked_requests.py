"""What people may ask of parked edits, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.document import Section, choose
from counterpart.domain.records import SObject
from counterpart.domain.requests import MOST_IDS, PUSH_KEYS, PushRequest, parse_push_request
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.domain.contacts import Company, Contact


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowing:
    """Which parked edits are meant.

    Attributes:
        code: Those that have this among their reasons; `None` is any.
        object: Those whose record is one of these; `None` is any.
    """

    code: str | None = None
    object: SObject | None = None

    def takes(self, subject: Contact | Company) -> bool:
        """Return whether something is parked of *subject*, and is meant."""
        if subject.parked is None or (self.code and not subject.parked.is_about(self.code)):
            return False
        counterpart = subject.counterpart
        return self.object is None or bool(counterpart and counterpart.object is self.object)


EVERYTHING = Narrowing()


@dataclass(frozen=True, kw_only=True, slots=True)
class ListParked:
    """List what a push has set aside, some of it or all."""

    narrowing: Narrowing = EVERYTHING


@dataclass(frozen=True, kw_only=True, slots=True)
class RedriveParked:
    """Send again what a push has set aside: what is named, or some of it or all."""

    ids: tuple[str, ...] | None = None
    narrowing: Narrowing = EVERYTHING


_NARROWING = ("code", "object")

PushErrand = PushRequest | ListParked | RedriveParked


def parse_push_errand(payload: Mapping[str, object]) -> PushErrand:
    """Return what a payload asks `push_edits` for.

    Raises:
        InputError: it asks for something that is not allowed, or for nothing.
    """
    if "parked" in payload:
        section = Section(payload, path="", allowed=("parked", *_NARROWING))
        if section.get("parked") != "list":
            raise InputError('must be "list"', field="parked")
        return ListParked(narrowing=_narrowing(section))
    if "redrive" in payload:
        return _redrive(payload)
    # Whoever mistypes one of those above is told of them, too.
    Section(payload, path="", allowed=(*PUSH_KEYS, "parked", "redrive"))
    return parse_push_request(payload)


def _redrive(payload: Mapping[str, object]) -> RedriveParked:
    section = Section(payload, path="", allowed=("redrive", *_NARROWING))
    wanted, narrowing = section.get("redrive"), _narrowing(section)
    if wanted == "all":
        return RedriveParked(narrowing=narrowing)
    ids = section.texts("redrive") if isinstance(wanted, list) else None
    if not ids or narrowing != EVERYTHING:
        message = (
            'must be "all", which a code and an object may narrow, '
            "or a list of ids of contacts or companies"
        )
        raise InputError(message, field="redrive")
    if len(ids) > MOST_IDS:
        raise InputError(f"at most {MOST_IDS} ids at once", field="redrive")
    return RedriveParked(ids=tuple(dict.fromkeys(ids)))


def _narrowing(section: Section) -> Narrowing:
    wanted = section.text("object")
    return Narrowing(
        code=section.text("code"),
        object=choose(wanted, SObject, path=section.where("object")) if wanted else None,
    )
