"""What every repository of members does."""

from dataclasses import replace

import pytest

from counterpart.domain.contacts import Ledger
from counterpart.domain.links import Move
from counterpart.domain.members import (
    Absorbed,
    ChangedBy,
    Member,
    MemberKey,
    Skip,
    Unsettled,
)
from counterpart.domain.outcomes import Reason
from counterpart.domain.waiting import Lane
from counterpart.errors import InputError
from counterpart.ports.campaigns import MemberRepository
from tests.contracts.stores.samples import MINUTE, NOON, a_member, a_member_counterpart, due

RECORD_ID = a_member_counterpart().record_id


def test_a_member_comes_back_whole(members: MemberRepository) -> None:
    """Nothing of a member is lost or changed, but for its version."""
    values = {"seat": 7, "meal": None, "talks": ("a", "b")}
    ada = Member(
        campaign_id="spring",
        contact_id="ada",
        status="Registered",
        status_changed_at=NOON.replace(microsecond=5),
        changed_by=ChangedBy.SALESFORCE,
        passing=("Invited", "Attended"),
        created_at=NOON,
        updated_at=NOON + MINUTE,
        ledger=Ledger(
            values=values,
            times=dict.fromkeys(values, NOON),
            shadows={"seat": 6},
            passing={"seat": (5, None)},
        ),
        counterpart=a_member_counterpart(),
        waiting=replace(due(NOON, Lane.RETRY), attempts=3),
        skip=Skip(reason=Reason.NOT_LINKED, since=NOON, message="not there"),
        removed_at=NOON + MINUTE,
    )
    ada = replace(
        ada,
        absorbed=(
            Absorbed(
                loser=replace(ada, contact_id="carl", version=7),
                before=replace(ada, status="Invited"),
                took_status=True,
            ),
            Absorbed(loser=a_member("dora", version=2), before=None, took_status=False),
        ),
    )

    conflicts = members.save_many([ada, a_member("bob")])

    assert not conflicts
    assert members.get_many([MemberKey("spring", name) for name in ("ada", "bob", "unknown")]) == {
        ada.key: replace(ada, version=1),
        MemberKey("spring", "bob"): a_member("bob", version=1),
    }


def test_a_bare_counterpart_comes_back_whole(members: MemberRepository) -> None:
    """One that was found and not yet compared."""
    bare = replace(
        a_member_counterpart(), agreed=None, modstamp=None, written_at=None, written_until=None
    )

    members.save_many([a_member(counterpart=bare)])

    (found,) = members.get_many([MemberKey("spring", "ada")]).values()
    assert found.counterpart == bare


def test_a_member_that_changed_meanwhile_is_not_stored(members: MemberRepository) -> None:
    """Neither is one that is said to be new and is not; its neighbours are."""
    members.save_many([a_member()])

    conflicts = members.save_many(
        [a_member(status="Attended"), a_member("bob"), a_member("eve", version=4)]
    )

    assert set(conflicts) == {MemberKey("spring", "ada"), MemberKey("spring", "eve")}
    assert [each.contact_id for each in members.page("spring", limit=9).items] == ["ada", "bob"]
    assert members.get_many([MemberKey("spring", "ada")])[MemberKey("spring", "ada")].version == 1


def test_a_member_that_changed_meanwhile_is_not_deleted(members: MemberRepository) -> None:
    """Nor is one that is gone; its neighbours are."""
    members.save_many([a_member(), a_member("bob")])

    conflicts = members.delete_many(
        [a_member(version=2), a_member("bob", version=1), a_member("eve", version=1)]
    )

    assert set(conflicts) == {MemberKey("spring", "ada"), MemberKey("spring", "eve")}
    assert [each.contact_id for each in members.page("spring", limit=9).items] == ["ada"]


def test_one_contact_in_two_campaigns_is_two_members(members: MemberRepository) -> None:
    """What happens in one campaign is of no matter to another."""
    members.save_many([a_member("ada", "spring"), a_member("ada", "autumn", status="Attended")])
    members.delete_many([a_member("ada", "spring", version=1)])

    (left,) = members.get_many([MemberKey("autumn", "ada"), MemberKey("spring", "ada")]).values()

    assert left.status == "Attended"


def test_pages_follow_the_contacts(members: MemberRepository) -> None:
    """Following the tokens shows everybody in order, nobody twice and nobody else's."""
    members.save_many([a_member(name) for name in ("c", "a", "b")])
    members.save_many([a_member("d", "autumn")])

    first = members.page("spring", limit=2)
    second = members.page("spring", limit=2, after=first.next)

    assert [each.contact_id for each in first.items] == ["a", "b"]
    assert [each.contact_id for each in second.items] == ["c"]
    assert second.next is None
    assert members.page("unknown", limit=2).items == []
    with pytest.raises(InputError):
        members.page("spring", limit=2, after="nonsense")


def test_members_of_one_status(members: MemberRepository) -> None:
    """However its label is spelt; who was removed has none."""
    members.save_many(
        [
            a_member("a", status="Attended"),
            a_member("b", status="Invited"),
            a_member("c", status="ATTENDED"),
            a_member("d", status="attended"),
            a_member("e", status="Attended", removed_at=NOON),
            a_member("f", "autumn", status="Attended"),
        ]
    )

    first = members.page_of_status("spring", "Attended", limit=2)
    second = members.page_of_status("spring", "attended", limit=2, after=first.next)

    assert [each.contact_id for each in first.items] == ["a", "c"]
    assert [each.contact_id for each in second.items] == ["d"]
    assert second.next is None
    assert members.count(["spring"], "attended") == 3
    assert members.count(["spring", "autumn", "winter"], "Attended") == 4
    assert members.count(["spring"], "Registered") == 0


def test_a_member_that_moved_on_is_not_found_where_it_was(members: MemberRepository) -> None:
    """A member is found by what it is now."""
    members.save_many([a_member()])
    members.save_many([a_member(status="Attended", version=1)])

    assert members.page_of_status("spring", "Invited", limit=9).items == []
    assert [
        each.contact_id for each in members.page_of_status("spring", "Attended", limit=9).items
    ] == ["ada"]
    assert members.count(["spring"], "Invited") == 0
    assert members.count(["spring"], "Attended") == 1


def test_members_are_found_by_their_records(members: MemberRepository) -> None:
    """Each in its campaign; a record that is no longer theirs finds nobody."""
    other = "00vAB00000abcDFIAY"
    members.save_many(
        [
            a_member("ada", counterpart=a_member_counterpart()),
            a_member("bob", "autumn", counterpart=a_member_counterpart(other)),
            a_member("eve"),
        ]
    )
    wanted = {RECORD_ID: "spring", other: "autumn", "00vAB00000abcDGIAY": "spring"}
    found = members.find_by_record(wanted)
    assert {record: member.contact_id for record, member in found.items()} == {
        RECORD_ID: "ada",
        other: "bob",
    }

    members.save_many([a_member("ada", version=1)])

    assert members.find_by_record({RECORD_ID: "spring"}) == {}


@pytest.mark.parametrize("campaign_id", ["spring", "autumn"])
def test_members_of_two_campaigns_have_one_record(
    members: MemberRepository, campaign_id: str
) -> None:
    """Both were synced with its campaign; either is found in its own."""
    members.save_many(
        [a_member("ada", each, counterpart=a_member_counterpart()) for each in ("spring", "autumn")]
    )

    found = members.find_by_record({RECORD_ID: campaign_id})

    assert [member.key for member in found.values()] == [MemberKey(campaign_id, "ada")]


@pytest.mark.parametrize("name", ["ada", "bob"])
def test_whoever_else_follows_a_record(members: MemberRepository, name: str) -> None:
    """Of two members that are linked to one, either is found beside the other."""
    both = {each: a_member(each, counterpart=a_member_counterpart()) for each in ("ada", "bob")}
    members.save_many([*both.values()])
    known = {RECORD_ID: both.pop(name).key}
    (other,) = both

    wanted = {RECORD_ID: "spring"}
    found = members.find_by_record(wanted, besides=known)

    assert [member.contact_id for member in found.values()] == [other]
    members.delete_many([found[RECORD_ID]])
    assert members.find_by_record(wanted, besides=known) == {}


def test_members_are_found_by_their_contacts(members: MemberRepository) -> None:
    """In the order of their campaigns; who is in none is left out."""
    members.save_many(
        [a_member("ada", "spring"), a_member("ada", "autumn"), a_member("bob", "spring")]
    )

    found = members.find_by_contact(["ada", "bob", "eve"])

    assert {who: [each.campaign_id for each in some] for who, some in found.items()} == {
        "ada": ["autumn", "spring"],
        "bob": ["spring"],
    }


def test_members_wait_by_campaign_and_lane(members: MemberRepository) -> None:
    """What is due comes longest wait first, and no other campaign's."""
    members.save_many(
        [
            a_member("late", waiting=due(NOON + MINUTE)),
            a_member("soon", waiting=due(NOON)),
            a_member("bulk", waiting=due(NOON, Lane.BULK)),
            a_member("other", "autumn", waiting=due(NOON)),
            a_member("idle"),
        ]
    )

    def waiting(lane: Lane, *, minutes: int, limit: int = 9) -> list[str]:
        until = NOON + minutes * MINUTE
        return list(members.waiting("spring", lane, until=until, limit=limit))

    assert waiting(Lane.FRESH, minutes=1) == ["soon", "late"]
    assert waiting(Lane.FRESH, minutes=1, limit=1) == ["soon"]
    assert waiting(Lane.FRESH, minutes=0) == ["soon"]
    assert waiting(Lane.BULK, minutes=0) == ["bulk"]
    assert waiting(Lane.RETRY, minutes=1) == []


def test_what_a_member_was_united_with_is_found_by_nothing(members: MemberRepository) -> None:
    """It is no member of its own any more."""
    bob = a_member("bob", counterpart=a_member_counterpart(), waiting=due(NOON), version=1)

    members.save_many([a_member(absorbed=(Absorbed(loser=bob, before=None, took_status=True),))])

    assert members.find_by_contact(["bob"]) == {}
    assert members.find_by_record({RECORD_ID: "spring"}) == {}
    assert members.waiting("spring", Lane.FRESH, until=NOON, limit=9) == []


def test_contacts_that_come_or_go_are_told_in_their_order(members: MemberRepository) -> None:
    """Each once, by the last time that it was noted, until it is settled."""
    members.unsettle(["bob"], now=NOON + MINUTE)
    members.unsettle(["ada", "eve"], now=NOON)
    members.unsettle(["eve"], now=NOON + 2 * MINUTE)
    # By a clock that is behind.
    members.unsettle(["eve"], now=NOON + MINUTE)

    noted = members.unsettled()
    members.settle(noted[1])
    members.settle(noted[1])

    assert [(each.contact_id, each.noted_at) for each in noted] == [
        ("ada", NOON),
        ("bob", NOON + MINUTE),
        ("eve", NOON + 2 * MINUTE),
    ]
    assert [each.contact_id for each in members.unsettled()] == ["ada", "eve"]


def test_who_was_noted_once_more_stays_unsettled(members: MemberRepository) -> None:
    """What was seen to is what there was before."""
    members.unsettle(["ada"], now=NOON)
    (seen,) = members.unsettled()
    members.unsettle(["ada"], now=NOON + MINUTE)

    members.settle(seen)

    assert list(members.unsettled()) == [Unsettled(contact_id="ada", noted_at=NOON + MINUTE)]


def test_who_goes_for_good_is_noted_with_what_it_leaves_behind(members: MemberRepository) -> None:
    """Its records, as the last note tells them."""
    members.unsettle(["ada"], now=NOON)
    members.unsettle(["ada"], now=NOON + MINUTE, person_ids=["003A", "00QB"])

    (seen,) = members.unsettled()

    assert seen.person_ids == {"003A", "00QB"}
    members.settle(seen)
    assert list(members.unsettled()) == []


def test_records_that_move_are_told_beside_their_contact(members: MemberRepository) -> None:
    """Each once, by the last time that it was noted, whatever else is noted of its contact."""
    members.unsettle_moved([Move("ada", "003A"), Move("ada", "00QB")], now=NOON + MINUTE)
    members.unsettle(["ada"], now=NOON, person_ids=["003C"])
    members.unsettle_moved([Move("ada", "00QB")], now=NOON + 2 * MINUTE)
    # By a clock that is behind.
    members.unsettle_moved([Move("ada", "003A")], now=NOON)

    noted = members.unsettled()
    members.settle(noted[1])

    assert list(noted) == [
        Unsettled(contact_id="ada", noted_at=NOON, person_ids=frozenset({"003C"})),
        Unsettled(contact_id="ada", noted_at=NOON + MINUTE, moved="003A"),
        Unsettled(contact_id="ada", noted_at=NOON + 2 * MINUTE, moved="00QB"),
    ]
    assert list(members.unsettled()) == [noted[0], noted[2]]


def test_who_comes_or_goes_is_no_member_by_that(members: MemberRepository) -> None:
    """What is noted stands beside the members, in no index of theirs."""
    members.save_many([a_member("ada")])
    members.unsettle(["ada", "bob"], now=NOON)

    found = members.find_by_contact(["ada", "bob"])

    assert found == {"ada": [a_member("ada", version=1)]}
