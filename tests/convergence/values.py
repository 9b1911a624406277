"""Laws at rest about values: what both sides hold, judged by what people did and by the modes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.contacts import Contact
from counterpart.domain.mapping import EMAIL, ConflictPolicy, Mode
from counterpart.domain.values import same
from tests.convergence.chronicle import OptIn
from tests.convergence.structure import MARGIN

if TYPE_CHECKING:
    from tests.convergence.pairs import Pair


def shadow_is_theirs(pair: Pair) -> str | None:
    """The shadow is what Salesforce holds."""
    if pair.lacks_an_address_there or not pair.read_in_this_mode:
        return None
    shadows = pair.subject.ledger.shadows
    if pair.field.name not in shadows:
        return None if pair.lies_before_the_meeting else f"no shadow: {pair}"
    shadow = shadows[pair.field.name]
    return None if same(pair.field.type, shadow, pair.theirs) else f"shadow {shadow!r}: {pair}"


def mode_is_kept(pair: Pair) -> str | None:
    """What both sides hold is what the mode says of the edits that were made."""
    if pair.lies_before_the_meeting:
        # Nobody has seen it, which is told, and how to catch up.
        return None
    judge = _JUDGES.get(pair.field.mode)
    wrong = judge(pair) if judge else None
    return f"{wrong}: {pair}" if wrong else None


def _two_way(pair: Pair) -> str | None:
    if pair.lacks_an_address_there:
        return None
    if pair.field.name == EMAIL and pair.their_edit and pair.their_edit.value is None:
        # An address identifies a person: nobody's blank replaces it.
        return None if pair.agree or not pair.goes_out else "they differ"
    nobody = pair.our_edit is None and pair.their_edit is None
    # Theirs may be older there: what another record held may be what was seen before.
    unheard = not pair.their_edit_later or pair.relinked or pair.repeated or _barred(pair)
    stuck = not pair.goes_out and unheard
    if nobody or stuck or not pair.mode_settled or _blank_meeting(pair):
        return None
    if not pair.agree:
        return None if pair.stays_here else "they differ"
    # By the other policies the later edit may lose, which is told elsewhere.
    later_wins = pair.field.conflict is ConflictPolicy.THREE_WAY
    unknown = pair.relinked or pair.repeated or pair.overtaken
    return _missing(pair) if later_wins and not unknown else None


def _missing(pair: Pair) -> str | None:
    ours_held = pair.holds(pair.ours, pair.our_edit)
    theirs_held = pair.holds(pair.theirs, pair.their_edit)
    wrongs = (
        (pair.their_edit_later and not theirs_held, "a later edit of theirs is missing"),
        (pair.our_edit_last and not ours_held, "a later edit of ours is missing"),
        (not (ours_held or theirs_held), "nobody ever entered this"),
    )
    return next((words for wrong, words in wrongs if wrong), None)


def _blank_meeting(pair: Pair) -> bool:
    """Whether they met when one of the edits had cleared the field, which is no opinion then.

    A field that was hidden may have been met long after the record, and one that a creation did not
    fill is met when the record is read.
    """
    edits = [edit for edit in (pair.our_edit, pair.their_edit) if edit]
    met = pair.met_at + MARGIN if pair.met_at else None
    return any(
        edit.value is None and met is not None and (pair.was_hidden or edit.stamped <= met)
        for edit in edits
    )


def _cleared_before(pair: Pair) -> bool:
    """Whether ours had been cleared when they met, which may stand for a while or for good.

    To clear what is blank is no edit, but from then on what is older there does not come in.
    """
    cleared_at = pair.subject.ledger.times.get(pair.field.name)
    counterpart = pair.subject.counterpart
    if pair.ours is not None or cleared_at is None or counterpart is None:
        return False
    if pair.their_edit is None or pair.their_edit.stamped >= cleared_at:
        return False
    return cleared_at <= counterpart.linked_at or pair.our_edit is None


def _barred(pair: Pair) -> bool:
    """Whether theirs is older than a blank of ours, by the policy that asks for nothing else."""
    return pair.field.conflict is ConflictPolicy.NEWEST_RECORD and _cleared_before(pair)


def _always_ours(pair: Pair) -> str | None:
    if pair.our_edit is None or pair.relinked:
        return None
    if pair.mode_changed is None and not pair.holds(pair.ours, pair.our_edit):
        return "our value was replaced"
    seen_later = pair.their_edit is not None and pair.their_edit.seen >= pair.our_edit.seen
    if seen_later or not pair.goes_out or not pair.mode_settled:
        return None
    return None if pair.agree or _blank_meeting(pair) else "ours did not go out"


def _theirs_first(pair: Pair) -> str | None:
    if pair.lacks_an_address_there or pair.relinked:
        return None
    if not pair.mode_settled or not pair.read_in_this_mode:
        return None
    if pair.our_edit_last and pair.mode_changed is None and not _blank_meeting(pair):
        if not pair.holds(pair.ours, pair.our_edit):
            return "a newer value of ours was replaced"
        return None
    keeps_ours = pair.field.mode is Mode.PREFER_SALESFORCE and pair.theirs is None
    stays = keeps_ours or _cleared_before(pair) or pair.stays_here
    if pair.their_edit_later and not (stays or pair.agree):
        return "a later edit of theirs is missing"
    return None


def _prefer_theirs(pair: Pair) -> str | None:
    if (
        pair.theirs is None
        and pair.ours is not None
        and pair.goes_out
        and pair.read_in_this_mode
        and not pair.relinked
        and not pair.cleared_at_once
    ):
        return "the blank was not filled"
    return _theirs_first(pair)


def _restrictive(pair: Pair) -> str | None:
    # Whoever was opted in stays out until Salesforce has taken that, by what was seen there.
    lifted = pair.ours is False and (pair.relinked or isinstance(pair.our_edit, OptIn))
    stays_out = isinstance(pair.subject, Contact) and pair.subject.opted_out
    if pair.theirs and not pair.ours and not (lifted and stays_out):
        return "an opt-out of theirs is missing"
    if pair.ours and not pair.theirs and pair.opt_out_goes:
        return "an opt-out of ours is missing"
    return None


_JUDGES = {
    Mode.TWO_WAY: _two_way,
    Mode.ALWAYS_OURS: _always_ours,
    Mode.ALWAYS_SALESFORCE: _theirs_first,
    Mode.PREFER_SALESFORCE: _prefer_theirs,
    Mode.RESTRICTIVE_WINS: _restrictive,
}
VALUES = (shadow_is_theirs, mode_is_kept)
