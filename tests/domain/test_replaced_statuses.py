"""Statuses that were removed from their type: as if every member had moved on in that moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.campaigns import Removal, StatusMap
from counterpart.domain.member_from_row import merged_with
from counterpart.domain.member_pull import pull_row
from counterpart.domain.member_push import PushGround, having_met, plan_member
from counterpart.domain.member_rows import MemberRow, TheirStatus
from counterpart.domain.member_steps import Ground
from counterpart.domain.members import Agreement, ChangedBy
from counterpart.domain.memberships import Stage, moved_on
from counterpart.domain.outcomes import Action
from counterpart.domain.replaced_statuses import in_todays_words
from counterpart.domain.settled_members import settle_member
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
    from datetime import datetime

    from counterpart.domain.members import Member

REMOVED = NOON + 5 * MINUTE
KIND = replace(
    a_type("webinar", "Invited", "Attended"),
    removals=(Removal(label="Registered", replacement="Attended", removed_at=REMOVED),),
)
BY_HAND = StatusMap(to_theirs={"Invited": "Registered"}, to_ours={"Registered": "Invited"})
CAMPAIGN = a_campaign(status_map=BY_HAND)
STATUSES = [
    TheirStatus(
        record_id=f"01Y{place}",
        campaign_id=CAMPAIGN_ID,
        label=label,
        default=not place,
        responded=False,
        sort_order=place,
    )
    for place, label in enumerate(("Sent", "Registered", "Attended"))
]
GROUND = Ground(
    campaign=CAMPAIGN,
    kind=KIND,
    fields=(),
    on_remote_removal=OnRemoteRemoval.REMOVE,
    now=NOON + 9 * MINUTE,
    asked_at=NOON + 9 * MINUTE,
    statuses=STATUSES,
)
OUT = PushGround(campaign=CAMPAIGN, kind=KIND, statuses=STATUSES, fields=(), open_since=None)


def a_row(status: str, *, at: datetime) -> MemberRow:
    """Return the row that the member follows."""
    return MemberRow(
        id=a_member_counterpart().record_id,
        campaign_id=CAMPAIGN_ID,
        person_ids=(LEAD_ID,),
        status=status,
        responded=False,
        created_at=NOON - 60 * MINUTE,
        modified_at=at,
        modstamp=at,
    )


def registered(agreed: Agreement, by: ChangedBy = ChangedBy.PERSON) -> Member:
    """Return a member that got that status at noon, as it is stored."""
    held = replace(a_member_counterpart(), agreed=agreed, written_at=None, modstamp=NOON)
    return a_member(status="Registered", status_changed_at=NOON, changed_by=by, counterpart=held)


PULLED = Agreement(ours="Attended", theirs="Sent")


@pytest.mark.parametrize("at", [REMOVED - MINUTE, REMOVED + MINUTE / 2])
def test_what_was_given_before_it_was_removed_is_known_in_its_row(at: datetime) -> None:
    """It went out without an answer; that its replacement was agreed upon before is no matter."""
    member = registered(PULLED)

    after = pull_row(a_row("Registered", at=at), member, member.contact_id, GROUND).save

    assert after
    assert after.status == "Attended"
    assert after.passing == ("Registered",)
    assert after.waiting


def test_a_replacement_is_as_new_as_the_removal() -> None:
    """Stored or not: what they changed before is the older change, and the later one wins."""
    member = registered(Agreement(ours="Registered", theirs="Registered"))
    stage = Stage(campaign=CAMPAIGN, campaign_type=KIND, fields=(), lane=Lane.BULK, now=REMOVED)

    for each in (member, moved_on(member, stage)):
        earlier = pull_row(a_row("Sent", at=REMOVED - MINUTE), each, each.contact_id, GROUND)
        later = pull_row(a_row("Sent", at=REMOVED + MINUTE), each, each.contact_id, GROUND)

        assert earlier.save
        assert earlier.save.status == "Attended"
        assert [one.lost for one in earlier.outcomes if one.action is Action.CONFLICTED] == ["Sent"]
        assert later.save
        assert later.save.status == "Invited"


def test_a_replacement_goes_out_although_outbound_was_off_before() -> None:
    """What was chosen then stays here; the removal came later."""
    member = registered(Agreement(ours="Registered", theirs="Registered"))
    row = a_row("Registered", at=NOON)

    for open_since in (NOON + MINUTE, REMOVED):
        push = plan_member(member, row, replace(OUT, open_since=open_since))

        assert push.crosses is (open_since < REMOVED)


def test_what_is_settled_is_stored_in_todays_words() -> None:
    """So that a removal which comes later is told from this one."""
    member = registered(PULLED)
    row = a_row("Sent", at=NOON)
    push = plan_member(member, row, OUT)

    after = settle_member(member, push, row, OUT, now=REMOVED, written_until=None)

    assert (after.status, after.status_changed_at) == ("Attended", REMOVED)
    assert in_todays_words(after, kind=KIND, by_hand=BY_HAND) is after


def test_what_ours_replaces_counts_as_seen() -> None:
    """Also where ours is a replacement that was agreed upon before."""
    member, row = registered(PULLED), a_row("Registered", at=REMOVED - MINUTE)

    met = having_met(member, plan_member(member, row, OUT), row)

    assert met.counterpart
    assert met.counterpart.agreed == replace(PULLED, theirs="Registered")


def test_a_fallback_that_was_pulled_is_nobodys_choice_still() -> None:
    """It is spelt anew, and is no newer for that."""
    member = registered(Agreement(ours="Registered", theirs="VIP"), by=ChangedBy.SALESFORCE)

    after = in_todays_words(member, kind=KIND, by_hand=BY_HAND)

    assert (after.status, after.status_changed_at) == ("Attended", NOON)
    assert after.changed_by is ChangedBy.SALESFORCE
    assert after.counterpart
    assert after.counterpart.agreed == Agreement(ours="Attended", theirs="VIP")
    assert not merged_with(a_row("VIP", at=NOON), after, GROUND).outcomes


def test_a_label_stands_for_another_one_since_the_last_removal() -> None:
    """On the way to what it stands for today."""
    kind = replace(
        a_type("webinar", "Invited", "Came"),
        removals=(
            Removal(label="Registered", replacement="Attended", removed_at=NOON),
            Removal(label="Attended", replacement="Came", removed_at=REMOVED),
        ),
    )

    assert kind.replaced_at("registered") == REMOVED
    assert kind.replaced_at("Came") is None
    assert kind.replaced_at("Nobody knows it") is None
