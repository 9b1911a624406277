"""What people, programs and schedules may ask of `pull_records`, read strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.backfill import BackfillErrand, BackfillWanted, parse_backfill
from counterpart.domain.requests import PullRequest, parse_pull_request

if TYPE_CHECKING:
    from collections.abc import Mapping

PullErrand = PullRequest | BackfillWanted | BackfillErrand


def parse_pull_errand(payload: Mapping[str, object]) -> PullErrand:
    """Return what a payload asks for; an empty one asks to pull everything now.

    Raises:
        InputError: it asks for something that is not allowed.
    """
    if "backfill" in payload:
        return parse_backfill(payload)
    return parse_pull_request(payload)
