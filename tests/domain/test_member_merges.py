"""Two members who turn out to be one person."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.campaigns import Campaign, SyncChoice, SyncOption
from counterpart.domain.contacts import Ledger
from counterpart.domain.member_merges import united
from counterpart.domain.members import Absorbed, ChangedBy, Member
from counterpart.domain.waiting import Lane, Waiting
from tests.contracts.stores.samples import (
    MINUTE,
    NOON,
    a_campaign,
    a_member,
    a_member_counterpart,
    a_type,
)

LATER = NOON + MINUTE
STATUSES = ["Invited", "Registered", "Attended"]
LOSER = a_member(
    "bob",
    status="Attended",
    changed_by=ChangedBy.SALESFORCE,
    ledger=Ledger(values={"seat": "8", "meal": "soup"}, times={"seat": NOON, "meal": NOON}),
    version=5,
)


def unite(
    survivor: Member | None, loser: Member = LOSER, campaign: Campaign | None = None
) -> Member:
    """Return what Ada is after Bob was merged into her."""
    return united(
        survivor,
        loser,
        survivor_id="ada",
        campaign=campaign or a_campaign(),
        campaign_type=a_type(),
        lane=Lane.FRESH,
        now=LATER,
    )


def plain(member: Member) -> Member:
    """Return a member without the memory of what it was united with."""
    return replace(member, absorbed=())


def test_who_was_no_member_becomes_what_the_other_was() -> None:
    """With its CampaignMember."""
    loser = replace(LOSER, counterpart=a_member_counterpart())

    after = unite(None, loser)

    assert plain(after) == replace(loser, contact_id="ada", version=0, updated_at=LATER)
    assert after.absorbed == (Absorbed(loser=loser, before=None, took_status=True),)


@pytest.mark.parametrize(
    ("survivor", "loser", "passing"),
    [
        # Its own row may have what it was, unless both sides agreed upon that.
        (a_member(), LOSER, ("Invited",)),
        (a_member(counterpart=a_member_counterpart()), LOSER, ()),
        # The row that it takes over may have what the loser was.
        (
            a_member(status="Attended", passing=("Invited",)),
            replace(LOSER, status="Registered", counterpart=a_member_counterpart()),
            ("Registered",),
        ),
        (
            a_member(status="Attended", passing=("Registered",)),
            replace(LOSER, status="Invited", counterpart=a_member_counterpart()),
            (),
        ),
        # Of one that was removed, its own row is the one that stays.
        (
            a_member(
                status="Registered", removed_at=NOON, counterpart=a_member_counterpart("00vAda")
            ),
            replace(LOSER, passing=("Invited",), counterpart=a_member_counterpart()),
            ("Registered",),
        ),
    ],
)
def test_what_either_was_in_passing_goes_with_its_row(
    survivor: Member, loser: Member, passing: tuple[str, ...]
) -> None:
    """It may have been sent there without an answer."""
    assert unite(survivor, loser).passing == passing


def test_what_the_other_had_fills_the_gaps() -> None:
    """The status that is further along wins, and bears the time of the merge."""
    ledger = Ledger(values={"seat": "7", "meal": None}, times={"seat": NOON, "meal": NOON})

    ada = a_member(ledger=ledger, version=2)

    after = unite(ada)

    assert after.absorbed == (Absorbed(loser=LOSER, before=ada, took_status=True),)
    assert plain(after) == a_member(
        status="Attended",
        status_changed_at=LATER,
        changed_by=ChangedBy.SALESFORCE,
        ledger=Ledger(values={"seat": "7", "meal": "soup"}, times={"seat": NOON, "meal": LATER}),
        passing=("Invited",),
        updated_at=LATER,
        version=2,
    )


def test_nothing_comes_to_who_has_everything() -> None:
    """It stays the same but for the memory of the other, and nothing has to go out."""
    full = a_member(status="Attended", ledger=LOSER.ledger, version=2)
    syncing = a_campaign(sync=SyncChoice(option=SyncOption.NEW))

    assert plain(unite(full, campaign=syncing)) == full
    assert plain(unite(full, replace(LOSER, removed_at=NOON), syncing)) == full
    assert unite(full).absorbed == (Absorbed(loser=LOSER, before=full, took_status=False),)


def test_the_only_record_of_both_is_kept() -> None:
    """With its shadows; where both have one, each stays."""
    theirs = replace(
        LOSER,
        counterpart=a_member_counterpart(),
        ledger=replace(LOSER.ledger, shadows={"seat": "8"}),
    )
    own = a_member_counterpart("00vAB00000abcDFIAY")

    assert unite(a_member(), theirs).counterpart == a_member_counterpart()
    assert unite(a_member(), theirs).ledger.shadows == {"seat": "8"}
    assert unite(a_member(counterpart=own), theirs).counterpart == own


def test_what_came_to_somebody_goes_out() -> None:
    """In the same write, if the campaign syncs."""
    syncing = a_campaign(sync=SyncChoice(option=SyncOption.NEW))
    mark = Waiting(lane=Lane.FRESH, next_push_at=LATER)

    assert unite(a_member(), campaign=syncing).waiting == mark
    assert unite(None, campaign=syncing).waiting == mark
    assert unite(a_member()).waiting is None


def test_a_removal_that_has_still_to_cross() -> None:
    """Who is a member in one of both is a member; if neither is, the removal crosses."""
    gone = replace(LOSER, removed_at=NOON)

    assert plain(unite(a_member(removed_at=NOON, version=3))) == replace(
        LOSER, contact_id="ada", version=3, updated_at=LATER
    )
    assert unite(None, gone).removed_at == NOON


def test_the_row_of_who_was_removed_is_that_of_a_member_who_has_none() -> None:
    """It was not deleted as yet; what it holds goes on being known."""
    row, held = a_member_counterpart(), {"seat": "7", "meal": "fish"}
    ledger = Ledger(values=held, times=dict.fromkeys(held, NOON), shadows=held)
    gone = replace(LOSER, counterpart=row, ledger=ledger, removed_at=NOON)
    own = Ledger(values={"seat": "9"}, times={"seat": NOON})

    after = unite(a_member(ledger=own), gone, a_campaign(sync=SyncChoice(option=SyncOption.NEW)))

    assert (after.present, after.status, after.counterpart) == (True, "Invited", row)
    assert after.ledger.values == {"seat": "9", "meal": "fish"}
    assert after.ledger.shadows == held
    assert after.waiting == Waiting(lane=Lane.FRESH, next_push_at=LATER)


def test_a_removal_that_is_called_off() -> None:
    """The row of the contact that stays is followed, which was not deleted as yet."""
    own, other = a_member_counterpart(), a_member_counterpart("00vAB00000abcDFIAY")
    gone = a_member(
        counterpart=own, ledger=Ledger(shadows={"seat": "7"}), removed_at=NOON, version=3
    )

    after = unite(gone, replace(LOSER, counterpart=other))

    assert after.present
    assert after.status == LOSER.status
    assert after.counterpart == own
    assert after.ledger == replace(LOSER.ledger, shadows={"seat": "7"})


def test_what_the_row_of_a_removal_that_is_called_off_holds() -> None:
    """It goes on being known here, unless the loser has a value of its own."""
    held = {"seat": "7", "meal": "fish"}
    gone = a_member(
        counterpart=a_member_counterpart(),
        ledger=Ledger(values=held, times=dict.fromkeys(held, NOON), shadows=held),
        removed_at=NOON,
    )
    own = Ledger(values={"seat": "9"}, times={"seat": LATER})

    after = unite(gone, replace(LOSER, ledger=own)).ledger

    assert after.values == {"seat": "9", "meal": "fish"}
    assert after.times == {"seat": LATER, "meal": NOON}
    assert after.shadows == held


@given(ours=st.sampled_from(STATUSES), theirs=st.sampled_from(STATUSES))
def test_doing_it_twice_changes_nothing(ours: str, theirs: str) -> None:
    """A crash between the two writes is completed by doing it once more."""
    loser = replace(LOSER, status=theirs)

    once = unite(a_member(status=ours), loser)

    assert once.status == max(ours, theirs, key=STATUSES.index)
    assert unite(once, loser) is once


@pytest.mark.parametrize("status", STATUSES)
def test_whoever_stays_has_the_same_status(status: str) -> None:
    """It is of no matter which of the two goes."""
    one, other = a_member("ada", status=status), a_member("bob", status="Registered")

    assert unite(one, other).status == unite(other, one).status


def test_somebody_changes_the_loser_before_it_can_go() -> None:
    """The newest of it is what an undoing gives back, and what the survivor was stays known."""
    ada = a_member(status="Invited")
    once = unite(ada, replace(LOSER, status="Registered"))

    again = unite(once, LOSER)

    assert again.status == "Attended"
    assert again.absorbed == (Absorbed(loser=LOSER, before=ada, took_status=True),)


def test_several_contacts_are_merged_into_one() -> None:
    """Each union is remembered by itself, and none of them within another."""
    once = unite(a_member(status="Invited"), replace(LOSER, status="Registered"))

    twice = unite(once, replace(LOSER, contact_id="eve"))

    assert [each.loser.contact_id for each in twice.absorbed] == ["bob", "eve"]
    assert twice.absorbed[1].before == plain(once)


def test_who_was_merged_into_somebody_is_merged_in_turn() -> None:
    """What it was united with goes along with it, and is not the new survivor's own."""
    ada = unite(a_member())

    eve = united(
        None,
        ada,
        survivor_id="eve",
        campaign=a_campaign(),
        campaign_type=a_type(),
        lane=Lane.FRESH,
        now=LATER,
    )

    assert eve.absorbed == (Absorbed(loser=ada, before=None, took_status=True),)
