"""What people may ask of `create_records`, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.contact_filter import SyncWanted
from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.document import Section, choose
from counterpart.domain.mapping_checks import MappingWanted
from counterpart.domain.new_mappings import mapping_wanted
from counterpart.domain.records import SObject
from counterpart.domain.requests import CreateRequest, parse_create_request
from counterpart.domain.selection import Selection
from counterpart.domain.selection_document import selection_from_document
from counterpart.domain.simulation_request import SimulationRequest, simulated
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Preflight:
    """Look the org over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListLetters:
    """List the jobs that were set aside, or those whose reason contains some words."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Redrive:
    """Send jobs again that were set aside; where no ids are given, all or those of a reason."""

    ids: tuple[str, ...] | None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Explain:
    """Explain a contact id, an e-mail address or a Salesforce id."""

    asked_for: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckCriteria:
    """Hold selections against what the org knows, by object."""

    selections: Mapping[SObject, Selection]


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckMapping:
    """Hold fields against what the org knows."""

    wanted: MappingWanted


Errand = (
    CheckCriteria
    | CheckMapping
    | CreateRequest
    | SyncWanted
    | Preflight
    | ListLetters
    | Redrive
    | Explain
    | SimulationRequest
)


def parse_errand(payload: Mapping[str, object]) -> Errand:
    """Return what a payload asks for.

    Raises:
        InputError: it asks for something that is not allowed, for two things, or for nothing.
    """
    asked = [name for name in _READERS if name in payload]
    if len(asked) > 1:
        raise InputError(f"ask for one thing at once, not for {' and '.join(asked)}")
    if asked:
        return _READERS[asked[0]](payload)
    Section(payload, path="", allowed=(*_READERS, "create_as", "dry_run", "next"))
    raise InputError(
        'name the contacts to create, such as {"contact_ids": ["01J..."]}, or a filter; '
        f"allowed are {', '.join(_READERS)}",
        field="contact_ids",
    )


def _preflight(payload: Mapping[str, object]) -> Preflight:
    section = Section(payload, path="", allowed=("preflight",))
    if not section.boolean("preflight", default=False):
        raise InputError("must be true", field="preflight")
    return Preflight()


def _explained(payload: Mapping[str, object]) -> Explain:
    asked_for = Section(payload, path="", allowed=("explain",)).text("explain")
    if asked_for is None:
        message = "must be a contact id, an e-mail address or a Salesforce id"
        raise InputError(message, field="explain")
    return Explain(asked_for=asked_for)


def _criteria(payload: Mapping[str, object]) -> CheckCriteria:
    section = Section(payload, path="", allowed=("check_criteria",))
    objects = Section(section.get("check_criteria"), path="check_criteria", allowed=tuple(SObject))
    return CheckCriteria(
        selections={
            sobject: selection_from_document(
                objects.get(sobject), base=Selection(), path=objects.where(sobject)
            )
            for sobject in SObject
            if sobject in objects
        }
    )


def _mapping(payload: Mapping[str, object]) -> CheckMapping:
    section = Section(payload, path="", allowed=("check_mapping",))
    return CheckMapping(wanted=mapping_wanted(section.get("check_mapping"), path="check_mapping"))


def _letters(payload: Mapping[str, object]) -> ListLetters:
    section = Section(payload, path="", allowed=("dead_letters", "reason"))
    if section.get("dead_letters") != "list":
        raise InputError('must be "list"', field="dead_letters")
    return ListLetters(reason=section.text("reason"))


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
    section = Section(payload, path="", allowed=("redrive", "reason"))
    reason = section.text("reason")
    if section.get("redrive") == "all":
        return Redrive(ids=None, reason=reason)
    ids = section.texts("redrive") if isinstance(section.get("redrive"), list) else None
    if not ids or reason:
        message = (
            'must be "all", which a reason may narrow, or a list of ids of letters or contacts'
        )
        raise InputError(message, field="redrive")
    return Redrive(ids=ids)


# What an errand is known by, and who reads it.
_READERS: Mapping[str, Callable[[Mapping[str, object]], Errand]] = {
    "contact_ids": parse_create_request,
    "filter": _filtered,
    "dead_letters": _letters,
    "redrive": _redrive,
    "preflight": _preflight,
    "explain": _explained,
    "simulate": simulated,
    "check_criteria": _criteria,
    "check_mapping": _mapping,
}
