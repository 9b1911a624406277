"""Statuses in passing: which are remembered, and when a row has one of them from us."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.campaigns import Removal, StatusMap
from counterpart.domain.member_from_row import merged_with
from counterpart.domain.member_pull import pull_row
from counterpart.domain.member_rows import MemberRow, TheirStatus
from counterpart.domain.member_steps import Ground, MemberChange
from counterpart.domain.members import Agreement, unlinked
from counterpart.domain.memberships import MemberAct, MemberWish, Stage, fulfil, moved_on
from counterpart.domain.outcomes import Action
from counterpart.domain.passing_statuses import passed, together
from counterpart.domain.sync_settings import OnRemoteRemoval
from counterpart.domain.waiting import Lane
from tests.contracts.stores.samples import (
    CAMPAIGN_ID,
    LEAD_ID,
    MINUTE,
    NOON,
    a_campaign,
    a_member,
    a_member_counterpart,
    a_type,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.campaigns import CampaignType
    from counterpart.domain.member_steps import MemberStep
    from counterpart.domain.members import Member

LABELS = ["Invited", "Registered", "Attended"]
TYPE = a_type("webinar", *LABELS)
ROW_ID = a_member_counterpart().record_id
SKEW = MINUTE
SECOND = MINUTE / 60


def ground(*labels: str, kind: CampaignType = TYPE, by_hand: StatusMap | None = None) -> Ground:
    """Return what holds for a campaign that has these statuses there; the first is its default."""
    return Ground(
        campaign=a_campaign(status_map=by_hand or StatusMap()),
        kind=kind,
        fields=(),
        on_remote_removal=OnRemoteRemoval.REMOVE,
        now=NOON + 10 * MINUTE,
        asked_at=NOON + 10 * MINUTE,
        statuses=[
            TheirStatus(
                record_id=f"01Y{place}",
                campaign_id=CAMPAIGN_ID,
                label=label,
                default=not place,
                responded=False,
                sort_order=place,
            )
            for place, label in enumerate(labels)
        ],
    )


def a_row(status: str, *, at: float = 0, made: float = -3600) -> MemberRow:
    """Return a row that was changed, and made, so many seconds after noon."""
    return MemberRow(
        id=ROW_ID,
        campaign_id=CAMPAIGN_ID,
        person_ids=(LEAD_ID,),
        status=status,
        responded=False,
        created_at=NOON + made * SECOND,
        modified_at=NOON + at * SECOND,
        modstamp=NOON + 9 * MINUTE,
    )


def agreed(label: str, theirs: str | None = None, *, at: float = -3600) -> Member:
    """Return a member with a status that both agreed upon."""
    held = replace(
        a_member_counterpart(),
        agreed=Agreement(ours=label, theirs=theirs or label),
        written_at=None,
    )
    return a_member(status=label, status_changed_at=NOON + at * SECOND, counterpart=held)


def moved(member: Member, *labels: str, kind: CampaignType = TYPE) -> Member:
    """Return a member that somebody gave these statuses, one after the other, the last at noon."""
    for label in labels:
        wish = MemberWish(contact_id=member.contact_id, act=MemberAct.CHANGE, status=label)
        stage = Stage(
            campaign=a_campaign(), campaign_type=kind, fields=(), lane=Lane.FRESH, now=NOON
        )
        member = fulfil(wish, member, stage).member
    return member


def told(step: MemberStep) -> list[tuple[str | None, str | None]]:
    """Return what is told as lost in conflicts, and by what."""
    return [(each.kept, each.lost) for each in step.outcomes if each.action is Action.CONFLICTED]


@pytest.mark.parametrize(
    ("member", "labels", "passing"),
    [
        # What both agreed upon is no news there.
        (agreed("Invited"), ["Registered"], ()),
        (agreed("Invited"), ["Registered", "Attended"], ("Registered",)),
        (agreed("Invited"), ["Registered", "Invited"], ("Registered",)),
        # By then it may have gone out as well.
        (agreed("Invited"), ["Registered", "Invited", "Attended"], ("Registered", "Invited")),
        # Nobody knows whether it went out.
        (a_member(status="Invited"), ["Registered"], ("Invited",)),
        # Each once, and the last one last.
        (
            a_member(status="Invited"),
            ["Registered", "Invited", "Attended"],
            ("Registered", "Invited"),
        ),
    ],
)
def test_what_is_replaced_is_remembered(
    member: Member, labels: Sequence[str], passing: Sequence[str]
) -> None:
    """Unless both sides agreed upon it."""
    assert moved(member, *labels).passing == passing


@given(st.lists(st.sampled_from("abcdefgh")), st.lists(st.sampled_from("abcdefgh")))
def test_the_last_ones_are_remembered(earlier: list[str], later: list[str]) -> None:
    """Each once, five at most, in the order in which they were last given."""
    found = together(earlier, later)

    given_last = list(dict.fromkeys([*later[::-1], *earlier[::-1]]))[:5]
    assert list(found) == given_last[::-1]


def test_a_status_that_was_removed_from_the_type_is_remembered() -> None:
    """It may have gone out before it was removed."""
    member = moved(agreed("Invited"), "Registered")
    kind = a_type("webinar", "Invited", "Attended")
    kind = replace(
        kind,
        removals=(Removal(label="Registered", replacement="Attended", removed_at=NOON),),
    )
    stage = Stage(campaign=a_campaign(), campaign_type=kind, fields=(), lane=Lane.BULK, now=NOON)

    after = moved_on(member, stage)

    assert (after.status, after.passing) == ("Attended", ("Registered",))
    step = merged_with(a_row("Registered", at=45), after, ground("Sent", *LABELS, kind=kind))
    assert step.save
    assert step.save.status == "Attended"
    assert step.save.waiting


@pytest.mark.parametrize(
    ("labels", "their", "there"),
    [
        # Put back, or moved on.
        (["Registered", "Invited"], "Registered", LABELS),
        (["Registered", "Attended"], "Registered", LABELS),
        # What it fell back to.
        (["Registered", "Attended"], "Sent", ["Sent", "Attended", "Invited"]),
    ],
)
@pytest.mark.parametrize("at", [-60, 0, 60])
def test_a_row_has_what_ours_was_in_passing(
    labels: Sequence[str], their: str, there: Sequence[str], at: float
) -> None:
    """It is no change of theirs, and ours goes out; what is in doubt is told all the same."""
    member = moved(agreed("Invited"), *labels)

    step = merged_with(a_row(their, at=at), member, ground(*there))

    assert step.save
    assert (step.save.status, step.save.passing) == (labels[-1], member.passing)
    assert step.save.waiting
    assert told(step) == ([("ours", their)] if at > 0 else [])


@pytest.mark.parametrize("labels", [["Registered", "Invited"], ["Registered", "Attended"]])
@pytest.mark.parametrize(("their", "at"), [("VIP", 1), ("Registered", 61)])
def test_somebody_there_changed_the_status_later(
    labels: Sequence[str], their: str, at: float
) -> None:
    """What we wrote is none that we ever had, or older; both agree then, and it is told."""
    member = moved(agreed("Invited"), *labels)
    by_hand = StatusMap(to_ours={"VIP": "Registered"})

    step = merged_with(a_row(their, at=at), member, ground(*LABELS, "VIP", by_hand=by_hand))

    assert step.save
    assert (step.save.status, step.save.passing, step.save.waiting) == ("Registered", (), None)
    assert told(step) == [("theirs", labels[-1])]


def test_a_first_write_was_lost_before_somebody_moved_on() -> None:
    """Its row is newer by a clock that is ahead."""
    member = moved(a_member(status="Attended"), "Registered")

    step = merged_with(a_row("Attended", at=45, made=45), member, ground(*LABELS))

    assert step.save
    assert (step.save.status, step.save.passing) == ("Registered", ("Attended",))
    assert step.save.waiting


@pytest.mark.parametrize(
    ("status", "made", "verdict"),
    [
        # Our own row, by the status of the moment or one in passing, by a clock that is ahead.
        ("Attended", 45, MemberChange.LINKED),
        ("Registered", 45, MemberChange.LINKED),
        # Somebody there has said something else, or has said it later.
        ("Invited", 45, MemberChange.CREATED),
        ("Attended", 61, MemberChange.CREATED),
    ],
)
def test_a_first_write_was_lost_before_somebody_was_removed(
    status: str, made: float, verdict: MemberChange
) -> None:
    """Who was added there after the removal is a member again; nobody comes back by our write."""
    member = replace(moved(a_member(status="Registered"), "Attended"), removed_at=NOON)

    step = pull_row(a_row(status, at=made, made=made), member, "ada", ground(*LABELS))

    assert step.save
    assert step.save.present is (verdict is MemberChange.CREATED)


def test_what_is_known_of_another_row_says_nothing() -> None:
    """What ours was in passing may be in the row that is gone, and in no other."""
    member = moved(agreed("Invited"), "Registered", "Attended")

    assert member.passing
    assert unlinked(member).passing == ()


def test_both_agree_anew() -> None:
    """What ours was before is of no account then."""
    member = moved(agreed("Invited"), "Registered", "Attended")

    step = merged_with(a_row("Attended", at=45), member, ground(*LABELS))

    assert step.save
    assert (step.save.passing, step.save.waiting) == ((), None)
    assert passed(step.save, TYPE) == ()
