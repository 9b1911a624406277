"""What people may ask of `create_records`, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.contact_filter import SyncWanted
from counterpart.domain.contacts import CreateAs
from counterpart.domain.document import Section, choose
from counterpart.domain.requests import CreateRequest, parse_create_request
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ERRANDS = ("contact_ids", "filter", "dead_letters", "redrive", "preflight")


@dataclass(frozen=True, kw_only=True, slots=True)
class Preflight:
    """Look the org over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListLetters:
    """List the jobs that were set aside."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Redrive:
    """Send jobs again that were set aside; `None` means all of them."""

    ids: tuple[str, ...] | None


Errand = CreateRequest | SyncWanted | Preflight | ListLetters | Redrive


def parse_errand(payload: Mapping[str, object]) -> Errand:
    """Return what a payload asks for.

    Raises:
        InputError: it asks for something that is not allowed, for two things, or for nothing.
    """
    asked = [name for name in _ERRANDS if name in payload]
    if len(asked) > 1:
        raise InputError(f"ask for one thing at once, not for {' and '.join(asked)}")
    match asked:
        case ["filter"]:
            return _filtered(payload)
        case ["dead_letters"]:
            section = Section(payload, path="", allowed=("dead_letters",))
            if section.get("dead_letters") != "list":
                raise InputError('must be "list"', field="dead_letters")
            return ListLetters()
        case ["redrive"]:
            return _redrive(payload)
        case ["preflight"]:
            section = Section(payload, path="", allowed=("preflight",))
            if not section.boolean("preflight", default=False):
                raise InputError("must be true", field="preflight")
            return Preflight()
        case ["contact_ids"]:
            return parse_create_request(payload)
    Section(payload, path="", allowed=(*_ERRANDS, "create_as", "dry_run", "next"))
    raise InputError(
        'name the contacts to create, such as {"contact_ids": ["01J..."]}, or a filter; '
        f"allowed are {', '.join(_ERRANDS)}",
        field="contact_ids",
    )


def _filtered(payload: Mapping[str, object]) -> SyncWanted:
    section = Section(payload, path="", allowed=("filter", "create_as", "dry_run", "next"))
    create_as = section.get("create_as")
    return SyncWanted(
        filter=section.get("filter"),
        create_as=choose(create_as, CreateAs, path="create_as") if create_as else None,
        after=section.text("next"),
        dry_run=section.boolean("dry_run", default=False),
    )


def _redrive(payload: Mapping[str, object]) -> Redrive:
    section = Section(payload, path="", allowed=("redrive",))
    if section.get("redrive") == "all":
        return Redrive(ids=None)
    ids = section.texts("redrive") if isinstance(section.get("redrive"), list) else None
    if not ids:
        message = 'must be "all", or a list of ids of letters or contacts'
        raise InputError(message, field="redrive")
    return Redrive(ids=ids)
