"""What people may ask a simulation for, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from counterpart.domain.document import Section
from counterpart.errors import InputError

MOST_LOOKED_AT = 2000
_USUAL = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulationRequest:
    """Which settings to try on which contacts.

    Attributes:
        document: As for a change; what it leaves out stays.
        limit: How many contacts to look at.
        after: Where the call before ended.
    """

    document: Mapping[str, object]
    limit: int = _USUAL
    after: str | None = None


def parse_simulation(wanted: object, *, path: str) -> SimulationRequest:
    """Return what is wanted.

    Raises:
        InputError: it is not allowed.
    """
    section = Section(wanted, path=path, allowed=("settings", "limit", "next"))
    if "settings" not in section:
        raise InputError("is required: a document as for a change", field=section.where("settings"))
    document = section.get("settings")
    if not isinstance(document, Mapping):
        raise InputError("must be an object", field=section.where("settings"))
    return SimulationRequest(
        document=document,
        limit=section.whole("limit", default=_USUAL, least=1, most=MOST_LOOKED_AT),
        after=section.text("next"),
    )


def simulated(payload: Mapping[str, object]) -> SimulationRequest:
    """Return what a payload wants simulated.

    Raises:
        InputError: it is not allowed.
    """
    section = Section(payload, path="", allowed=("simulate",))
    return parse_simulation(section.get("simulate"), path="simulate")
