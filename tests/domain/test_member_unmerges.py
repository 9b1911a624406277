"""A membership of two people who turn out to be two after all."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.campaigns import Campaign, SyncChoice, SyncOption
from counterpart.domain.contacts import Ledger
from counterpart.domain.member_merges import united
from counterpart.domain.member_unions import absorbed_from
from counterpart.domain.member_unmerges import Parted, Scene, parted
from counterpart.domain.members import Agreement, ChangedBy, Member, MemberCounterpart, Skip
from counterpart.domain.outcomes import Reason
from counterpart.domain.waiting import Lane
from tests.contracts.stores.samples import (
    MINUTE,
    NOON,
    a_campaign,
    a_member,
    a_member_counterpart,
    a_type,
    due,
)

MERGED = NOON + MINUTE
LATER = NOON + 2 * MINUTE
UNDONE = NOON + 3 * MINUTE
STATUSES = ["Invited", "Registered", "Attended"]
LOCAL = a_campaign()
SYNCING = a_campaign(sync=SyncChoice(option=SyncOption.NEW))
ADAS, BOBS = "003AB00000000ADIAY", "003AB00000000BOIAY"
ADAS_ROW = replace(a_member_counterpart("00vAB0000000ADIAY1"), person_id=ADAS)
ADDED_ROW = replace(a_member_counterpart("00vAB0000000ADIAY2"), person_id=ADAS, made_here=False)
BOBS_ROW = replace(
    a_member_counterpart("00vAB0000000BOIAY1"),
    person_id=BOBS,
    agreed=Agreement(ours="Registered", theirs="Registered"),
)


def unite(
    survivor: Member | None, *losers: Member, campaign: Campaign = LOCAL, into: str = "ada"
) -> Member:
    """Return what a contact is after others were merged into it."""
    for loser in losers:
        survivor = united(
            survivor,
            loser,
            survivor_id=into,
            campaign=campaign,
            campaign_type=a_type(),
            lane=Lane.FRESH,
            now=MERGED,
        )
    assert survivor
    return survivor


def part(member: Member, loser_id: str = "bob", *, campaign: Campaign = LOCAL) -> Parted:
    """Return what both are after one of the merges was undone."""
    absorbed = absorbed_from(member, loser_id)
    assert absorbed
    scene = Scene(
        campaign=campaign,
        kind=a_type(),
        survivor_ids=[ADAS],
        loser_ids=[BOBS],
        lane=Lane.FRESH,
        now=UNDONE,
    )
    return parted(member, absorbed, scene)


def moved(member: Member, status: str, by: ChangedBy = ChangedBy.PERSON) -> Member:
    """Return a member with another status."""
    return replace(member, status=status, status_changed_at=LATER, changed_by=by)


def bob(status: str = "Registered", **details: Any) -> Member:  # noqa: ANN401 - what a member has
    """Return what Bob was."""
    return a_member("bob", status=status, version=5, **details)


def test_who_was_no_member_is_none_again() -> None:
    """And who comes back is what it was."""
    after = part(unite(None, bob()))

    back = replace(bob(), version=0, updated_at=UNDONE)
    assert after == Parted(survivor=None, loser=back)


@given(ours=st.sampled_from(STATUSES), theirs=st.sampled_from(STATUSES))
def test_undoing_at_once_gives_both_their_statuses(ours: str, theirs: str) -> None:
    """A merge and its undoing lose nothing, whoever was further along."""
    after = part(unite(a_member(status=ours, version=2), bob(theirs)))

    assert after.survivor
    assert after.loser
    assert (after.survivor.status, after.loser.status) == (ours, theirs)
    assert (after.survivor.version, after.survivor.absorbed) == (2, ())
    assert after.kept == ()


def test_a_status_that_somebody_changed_since_stays() -> None:
    """Who comes back is what it was all the same; the answer says so."""
    after = part(moved(unite(a_member(), bob()), "Attended"))

    assert after.survivor
    assert after.loser
    assert (after.survivor.status, after.loser.status) == ("Attended", "Registered")
    assert after.kept == ("the status of ada in campaign spring was changed since",)


def test_who_became_a_member_by_the_merge_and_was_moved_since() -> None:
    """It stays one: somebody cared for it."""
    after = part(moved(unite(None, bob()), "Attended"))

    assert after.survivor
    assert after.survivor.status == "Attended"
    assert after.kept == ("the status of ada in campaign spring was changed since",)


def test_a_status_of_its_own_is_not_told() -> None:
    """Nothing had come from the other one that could be given back."""
    after = part(moved(unite(a_member(status="Attended"), bob()), "Registered"))

    assert after.survivor
    assert after.survivor.status == "Registered"
    assert after.kept == ()


def test_who_was_removed_since_stays_away() -> None:
    """With the one that comes back: it was the same person for whoever removed it."""
    gone = replace(unite(a_member(), bob()), removed_at=LATER, waiting=due(LATER))

    after = part(gone, campaign=SYNCING)

    assert after.loser is None
    assert after.survivor == replace(gone, absorbed=())
    assert after.kept == ("ada was removed from campaign spring since",)


def test_a_removal_follows_the_row_that_is_to_be_deleted() -> None:
    """Whoever the row is about has the removal from now on, and it crosses."""
    member = unite(a_member(), bob(counterpart=BOBS_ROW), campaign=SYNCING)

    after = part(replace(member, removed_at=LATER), campaign=SYNCING)

    assert after.survivor is None
    assert after.loser
    assert (after.loser.removed_at, after.loser.counterpart) == (LATER, BOBS_ROW)
    assert after.loser.waiting == due(UNDONE)


def test_a_removal_of_the_survivors_row_is_its_own() -> None:
    """The row of the other one is there still."""
    member = unite(a_member(counterpart=ADAS_ROW), bob(counterpart=BOBS_ROW), campaign=SYNCING)
    gone = replace(member, removed_at=LATER)

    after = part(gone, campaign=SYNCING)

    assert after.survivor == replace(gone, absorbed=())
    assert after.loser
    assert after.loser.present
    assert after.kept == ("ada was removed from campaign spring since",)


def test_fields_that_came_from_the_other_go_back() -> None:
    """Those that somebody changed since stay, and are told."""
    ledger = Ledger(
        values={"seat": "8", "meal": "soup", "bed": "no"},
        times=dict.fromkeys(("seat", "meal", "bed"), NOON),
    )
    own = Ledger(values={"meal": None}, times={"meal": NOON})
    member = unite(a_member(ledger=own), bob(ledger=ledger))
    values = {**member.ledger.values, "bed": "yes"}
    changed = replace(member, ledger=replace(member.ledger, values=values))

    after = part(changed)

    assert after.survivor
    assert after.survivor.ledger == Ledger(
        values={"meal": None, "bed": "yes"}, times={"meal": UNDONE, "bed": MERGED}
    )
    assert after.loser
    assert after.loser.ledger == ledger
    assert after.kept == ("bed of ada in campaign spring was changed since",)


# --- Rows in Salesforce -------------------------------------------------------------------------


def test_a_row_goes_with_its_person() -> None:
    """Who was no member here leaves it alone."""
    after = part(unite(None, bob(counterpart=BOBS_ROW), campaign=SYNCING), campaign=SYNCING)

    assert after.survivor is None
    assert after.loser
    assert after.loser.counterpart == BOBS_ROW
    assert after.loser.waiting == due(UNDONE)


def test_both_had_a_row() -> None:
    """Each has its own again, and both are looked at."""
    ada = a_member(counterpart=ADAS_ROW)

    after = part(unite(ada, bob(counterpart=BOBS_ROW), campaign=SYNCING), campaign=SYNCING)

    assert after.survivor
    assert after.loser
    assert (after.survivor.counterpart, after.loser.counterpart) == (ADAS_ROW, BOBS_ROW)
    assert (after.survivor.status, after.loser.status) == ("Invited", "Registered")
    assert (after.survivor.waiting, after.loser.waiting) == (due(MERGED), due(UNDONE))


def test_who_had_no_row_goes_on_without() -> None:
    """It is to have one of its own now."""
    after = part(unite(a_member(), bob(counterpart=BOBS_ROW), campaign=SYNCING), campaign=SYNCING)

    assert after.survivor
    assert after.survivor.counterpart is None
    assert after.survivor.ledger.shadows == {}
    assert after.survivor.waiting == due(MERGED)


def test_the_survivors_status_was_sent_to_the_row() -> None:
    """The loser's own takes its place there, as the newer one."""
    member = unite(a_member(status="Attended"), bob(counterpart=BOBS_ROW), campaign=SYNCING)
    sent = replace(BOBS_ROW, agreed=Agreement(ours="Attended", theirs="Attended"))

    after = part(replace(member, counterpart=sent), campaign=SYNCING)

    assert after.loser
    assert after.loser.counterpart == sent
    assert (after.loser.status, after.loser.status_changed_at) == ("Registered", UNDONE)


def test_the_survivors_status_may_have_been_sent_to_the_row() -> None:
    """So the loser's own is compared with it once more, and what it finds is told."""
    member = unite(a_member(status="Attended"), bob(counterpart=BOBS_ROW), campaign=SYNCING)

    after = part(member, campaign=SYNCING)

    assert after.loser
    assert (after.loser.status, after.loser.passing) == ("Registered", ("Attended",))


def test_salesforce_has_moved_the_row_since() -> None:
    """That goes along with the row, and is none of the survivor's doing."""
    member = unite(a_member(), bob(counterpart=BOBS_ROW), campaign=SYNCING)

    after = part(moved(member, "Attended", ChangedBy.SALESFORCE), campaign=SYNCING)

    assert after.survivor
    assert after.loser
    assert (after.survivor.status, after.loser.status) == ("Invited", "Attended")
    assert after.loser.changed_by is ChangedBy.SALESFORCE
    assert after.kept == ()


def test_a_lead_was_converted_meanwhile() -> None:
    """Its row is known by its id, whatever person it is about by now."""
    row = replace(BOBS_ROW, person_id="00QAB0000000BOIAY1")

    after = part(unite(None, bob(counterpart=row), campaign=SYNCING), campaign=SYNCING)

    assert after.survivor is None
    assert after.loser
    assert after.loser.counterpart == row


def test_the_row_went_over_to_the_survivors_record() -> None:
    """Both records were merged in Salesforce: it is the survivor's now."""
    member = unite(a_member(), bob(counterpart=BOBS_ROW), campaign=SYNCING)
    theirs = replace(BOBS_ROW, person_id=ADAS)

    after = part(replace(member, counterpart=theirs), campaign=SYNCING)

    assert after.survivor
    assert after.survivor.counterpart == theirs


def test_who_has_no_record_any_more_has_no_row() -> None:
    """It is a member here, and goes out once it is linked."""
    member = unite(a_member(counterpart=ADAS_ROW), bob(counterpart=BOBS_ROW), campaign=SYNCING)
    absorbed = absorbed_from(member, "bob")
    assert absorbed

    after = parted(
        member,
        absorbed,
        Scene(
            campaign=SYNCING,
            kind=a_type(),
            survivor_ids=[ADAS],
            loser_ids=[],
            lane=Lane.FRESH,
            now=UNDONE,
        ),
    )

    assert after.loser
    assert after.loser.counterpart is None


@pytest.mark.parametrize("row", [ADAS_ROW, None])
def test_the_merge_made_somebody_a_member_in_salesforce(row: MemberCounterpart | None) -> None:
    """It is to be removed there as well, be the row known or in the making."""
    member = replace(unite(None, bob(), campaign=SYNCING), counterpart=row)

    after = part(member, campaign=SYNCING)

    assert after.survivor
    assert after.survivor.removed_at == UNDONE
    assert after.survivor.waiting
    assert part(member).survivor is None


@pytest.mark.parametrize("row", [BOBS_ROW, None])
def test_somebody_in_salesforce_has_added_the_survivor(row: MemberCounterpart | None) -> None:
    """It stays a member: nobody has removed it, and the merge has not made that row."""
    united_ones = unite(None, bob(counterpart=row), campaign=SYNCING)
    member = replace(united_ones, counterpart=ADDED_ROW, waiting=None)

    after = part(member, campaign=SYNCING)

    assert after.survivor == replace(member, absorbed=())
    assert after.kept == ("ada was added to campaign spring in Salesforce since",)
    assert after.loser
    assert after.loser.counterpart == row


def test_somebody_in_salesforce_has_added_the_survivor_who_was_removed_here() -> None:
    """The row that was to be deleted is gone, and another one came after that."""
    gone = a_member(contact_id="ada", removed_at=NOON, counterpart=ADAS_ROW)
    member = replace(unite(gone, bob(), campaign=SYNCING), counterpart=ADDED_ROW)

    after = part(member, campaign=SYNCING)

    assert after.survivor
    assert after.survivor.present
    assert after.survivor.counterpart == ADDED_ROW


@pytest.mark.parametrize(
    "row",
    [ADAS_ROW, replace(ADDED_ROW, person_id="00QAB00000ADAXXIAY")],
    ids=["its own", "further"],
)
def test_a_removal_takes_the_rows_that_were_there(row: MemberCounterpart) -> None:
    """Be it that of a further record, which the member has followed meanwhile."""
    gone = a_member(contact_id="ada", removed_at=NOON, counterpart=ADAS_ROW)
    member = replace(unite(gone, bob(), campaign=SYNCING), counterpart=row)

    after = part(member, campaign=SYNCING)

    assert after.survivor
    assert after.survivor.removed_at == NOON


def test_the_row_of_somebody_else_who_was_merged_and_removed() -> None:
    """Nobody has added the survivor by it; the removal of whom it is about has still to cross."""
    carol = a_member(contact_id="carol", removed_at=NOON, counterpart=ADDED_ROW)
    member = unite(None, bob(), carol, campaign=SYNCING)
    assert member.counterpart == ADDED_ROW

    after = part(member, campaign=SYNCING)

    assert after.survivor
    assert after.survivor.removed_at == UNDONE


def test_what_the_row_has_brought_since() -> None:
    """The loser has it; what the survivor sent there is taken back."""
    ledger = Ledger(
        values={"seat": "8", "meal": "soup"},
        times={"seat": NOON, "meal": NOON},
        shadows={"seat": "8", "meal": "soup"},
    )
    own = Ledger(values={"meal": "stew"}, times={"meal": NOON})
    loser = bob(ledger=ledger, counterpart=BOBS_ROW)
    member = unite(a_member(ledger=own), loser, campaign=SYNCING)
    now = Ledger(
        values={"seat": "9", "meal": "stew"},
        times={"seat": LATER, "meal": NOON},
        shadows={"seat": "9", "meal": "stew"},
    )

    after = part(replace(member, ledger=now), campaign=SYNCING)

    assert after.loser
    assert after.loser.ledger == Ledger(
        values={"seat": "9", "meal": "soup"},
        times={"seat": LATER, "meal": NOON},
        shadows={"seat": "9", "meal": "stew"},
    )


# --- Removals that had still to cross -----------------------------------------------------------


def test_a_removal_that_the_merge_called_off_goes_on() -> None:
    """Of the one that is back."""
    gone = bob(removed_at=NOON, counterpart=BOBS_ROW)

    after = part(unite(a_member(counterpart=ADAS_ROW), gone, campaign=SYNCING), campaign=SYNCING)

    assert after.survivor
    assert after.survivor.present
    assert after.loser
    assert after.loser.removed_at == NOON
    assert after.loser.waiting == due(UNDONE)


def test_a_removal_whose_row_the_survivor_has_followed_goes_on() -> None:
    """The row goes along with the one that is back, and the survivor has none again."""
    ledger = Ledger(values={"seat": "7"}, times={"seat": NOON}, shadows={"seat": "7"})
    gone = bob(removed_at=NOON, counterpart=BOBS_ROW, ledger=ledger)

    after = part(unite(a_member(), gone, campaign=SYNCING), campaign=SYNCING)

    assert after.survivor
    assert after.survivor.present
    assert after.survivor.counterpart is None
    assert after.survivor.ledger == Ledger()
    assert after.loser
    assert (after.loser.removed_at, after.loser.counterpart) == (NOON, BOBS_ROW)
    assert after.loser.ledger == ledger


def test_a_removal_of_the_survivor_goes_on() -> None:
    """It was called off because the other one was a member, whose status may be in the row."""
    gone = a_member(removed_at=NOON, counterpart=ADAS_ROW, version=3)

    after = part(unite(gone, bob(), campaign=SYNCING), campaign=SYNCING)

    assert after.survivor == replace(gone, passing=("Registered",), waiting=due(UNDONE))


def test_the_row_of_a_removal_went_while_both_were_one() -> None:
    """That was read already, so the removal goes on without it, by the person alone."""
    ledger = Ledger(values={"seat": "7"}, times={"seat": NOON}, shadows={"seat": "7"})
    gone = a_member(removed_at=NOON, counterpart=ADAS_ROW, ledger=ledger)
    member = unite(gone, bob(counterpart=BOBS_ROW), campaign=SYNCING)
    assert member.counterpart == ADAS_ROW

    after = part(replace(member, counterpart=BOBS_ROW), campaign=SYNCING)

    assert after.survivor
    assert (after.survivor.removed_at, after.survivor.counterpart) == (NOON, None)
    assert after.survivor.ledger == Ledger(values={"seat": "7"}, times={"seat": NOON})
    assert after.survivor.waiting == due(UNDONE)
    assert after.loser
    assert after.loser.counterpart == BOBS_ROW


def test_the_row_of_a_removal_was_written_while_both_were_one() -> None:
    """What it holds by now is known to whoever is added again before the removal crosses."""
    ledger = Ledger(values={"seat": "7"}, times={"seat": NOON}, shadows={"seat": "7"})
    agreed = Agreement(ours="Invited", theirs="Invited")
    row = replace(ADAS_ROW, agreed=agreed)
    gone = a_member(status="Invited", removed_at=NOON, counterpart=row, ledger=ledger)
    member = unite(gone, bob("Attended"), campaign=SYNCING)
    written = replace(row, agreed=Agreement(ours="Attended", theirs="Attended"), responded=True)
    brought = replace(member.ledger, shadows={"seat": "8"})

    after = part(replace(member, counterpart=written, ledger=brought, passing=()), campaign=SYNCING)

    assert after.survivor
    assert (after.survivor.status, after.survivor.removed_at) == ("Invited", NOON)
    assert after.survivor.counterpart == written
    assert after.survivor.ledger == replace(ledger, shadows={"seat": "8"})


def test_a_removal_that_went_over_comes_back() -> None:
    """Nothing of it is left with the survivor."""
    gone = bob(removed_at=NOON, counterpart=BOBS_ROW)

    after = part(unite(None, gone, campaign=SYNCING), campaign=SYNCING)

    assert after.survivor is None
    assert after.loser
    assert after.loser.removed_at == NOON
    assert after.loser.counterpart == BOBS_ROW


def test_a_removal_waits_on_while_its_campaign_does_not_sync() -> None:
    """Of the one that is back, and of the survivor; nothing else would have it looked at again."""
    refused = Skip(reason=Reason.REFUSED, since=NOON)
    bobs = bob(removed_at=NOON, waiting=due(NOON))
    adas = a_member(removed_at=NOON, waiting=due(NOON), version=3)

    back = part(unite(None, bobs)).loser
    given_up = part(unite(None, bob(removed_at=NOON, skip=refused))).loser
    stays = part(unite(adas, bob())).survivor

    assert back
    assert (back.removed_at, back.waiting) == (NOON, due(NOON))
    assert given_up
    assert given_up.skip == refused
    assert stays == adas


def test_a_removal_since_waits_on_while_its_campaign_does_not_sync() -> None:
    """It goes along with the row, by which it has to cross."""
    member = unite(None, bob(counterpart=BOBS_ROW))

    back = part(replace(member, removed_at=LATER, waiting=due(LATER))).loser

    assert back
    assert (back.removed_at, back.waiting) == (LATER, due(LATER))


def test_who_was_added_again_since_stays() -> None:
    """Whatever had been removed before."""
    gone = unite(None, bob(removed_at=NOON, counterpart=BOBS_ROW), campaign=SYNCING)

    after = part(replace(gone, removed_at=None), campaign=SYNCING)

    assert after.survivor
    assert after.survivor.present
    assert after.survivor.counterpart is None
    assert after.loser
    assert after.loser.removed_at == NOON
    assert after.kept


# --- Several merges -----------------------------------------------------------------------------


def test_several_merges_are_undone_in_turn() -> None:
    """The last one first, each gives back what it has brought."""
    member = unite(a_member(), bob("Registered"), replace(bob("Attended"), contact_id="eve"))

    first = part(member, "eve")
    assert first.survivor
    second = part(first.survivor)

    assert first.survivor.status == "Registered"
    assert second.survivor
    assert second.survivor.status == "Invited"


@given(
    ours=st.sampled_from([None, *STATUSES]),
    theirs=st.lists(st.sampled_from(STATUSES), min_size=2, max_size=4),
    data=st.data(),
)
def test_several_merges_are_undone_in_any_order(
    ours: str | None, theirs: list[str], data: st.DataObject
) -> None:
    """Who stays has what it would have had without those that were undone."""
    losers = {f"bob{place}": status for place, status in enumerate(theirs)}
    own = a_member(status=ours) if ours else None
    member: Member | None = unite(
        own, *(replace(bob(status), contact_id=each) for each, status in losers.items())
    )
    order = data.draw(st.permutations(list(losers)))

    for loser_id in order:
        assert member
        after = part(member, loser_id)
        assert after.loser
        assert after.loser.status == losers.pop(loser_id)
        assert after.kept == ()
        member = after.survivor
        left = [*losers.values(), *([ours] if ours else [])]
        expected = max(left, key=STATUSES.index) if left else None
        assert (member.status if member else None) == expected


def test_somebody_moves_the_member_between_two_merges() -> None:
    """Undoing the first leaves that as it is, and so does undoing the second."""
    once = moved(unite(a_member(), bob("Attended")), "Registered")
    twice = unite(once, replace(bob("Invited"), contact_id="eve"))

    first = part(twice)
    assert first.survivor
    second = part(first.survivor, "eve")

    assert first.survivor.status == "Registered"
    assert first.kept
    assert second.survivor
    assert second.survivor.status == "Registered"
