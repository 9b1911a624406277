"""What people, programs and schedules may ask of `pull_records`, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.backfill import BackfillErrand, BackfillWanted, parse_backfill
from counterpart.domain.document import Section, choose
from counterpart.domain.requests import PULL_KEYS, PullRequest, parse_pull_request
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


class HoldErrand(StrEnum):
    """What may be asked about everything that is held."""

    LIST = "list"


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """Somebody says yes to one hold."""

    hold_id: str


PullErrand = PullRequest | BackfillWanted | BackfillErrand | HoldErrand | Approval


def parse_pull_errand(payload: Mapping[str, object]) -> PullErrand:
    """Return what a payload asks for; an empty one asks to pull everything now.

    Raises:
        InputError: it asks for something that is not allowed.
    """
    if "backfill" in payload:
        return parse_backfill(payload)
    if "holds" in payload:
        section = Section(payload, path="", allowed=("holds",))
        return choose(section.get("holds"), HoldErrand, path="holds")
    if "approve" in payload:
        hold_id = Section(payload, path="", allowed=("approve",)).text("approve")
        if hold_id is None:
            raise InputError("must be the id of a hold", field="approve")
        return Approval(hold_id=hold_id)
    # Whoever mistypes one of those above is told of them, too.
    Section(payload, path="", allowed=(*PULL_KEYS, "backfill", "holds", "approve"))
    return parse_pull_request(payload)
