"""Values that are put back after a push whose answer was lost: the last edit stands."""

from __future__ import annotations

import pytest

from counterpart.domain.mapping import ConflictPolicy, Mode
from counterpart.domain.memberships import MemberAct
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import CampaignObject
from counterpart.domain.sync_settings import SyncSettings
from tests.use_cases.campaigning import a_member_field
from tests.use_cases.storytelling import Story
from tests.use_cases.world import World, with_mode

FIRST = [None, "London"]


def a_lead(first: str | None, mode: Mode = Mode.TWO_WAY) -> tuple[World, str, str]:
    """Return a world with a lead that is a contact here: the ids of both."""
    world = World(SyncSettings(fields=with_mode(mode, "city")))
    lead_id = world.lead(City=first)
    world.wait()
    world.pull()
    world.wait()
    return world, world.of(lead_id).id, lead_id


def lose_the_answer(world: World) -> None:
    """Push, so that Salesforce takes what goes, and nobody is told."""
    world.salesforce.lose_answers()
    world.push()
    world.wait()


def come_to_rest(world: World, *, pull_first: bool) -> None:
    """Let both directions run until nothing is left to do."""
    for _ in range(2):
        world.wait(6)
        if pull_first:
            world.pull()
            world.push()
        else:
            world.push()
            world.pull()


@pytest.mark.parametrize("pull_first", [True, False])
@pytest.mark.parametrize("between", [["Paris"], ["Paris", "Rome"]])
@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("mode", [Mode.TWO_WAY, Mode.ALWAYS_OURS])
def test_a_value_is_put_back_while_the_answer_is_lost(
    mode: Mode, first: str | None, between: list[str], *, pull_first: bool
) -> None:
    """What it was in between is ours, and older; be it what was pushed, or entered later."""
    world, contact_id, lead_id = a_lead(first, mode)
    world.edit(contact_id, city=between[0])
    world.wait()
    lose_the_answer(world)
    assert world.org.row(lead_id)["City"] == between[0]
    for city in (*between[1:], first):
        world.edit(contact_id, city=city)

    come_to_rest(world, pull_first=pull_first)

    assert world.org.row(lead_id)["City"] == first
    assert world.contact(contact_id).ledger.values["city"] == first
    assert not world.waits(contact_id)
    assert Reason.BOTH_CHANGED not in world.reasons()
    assert not world.contact(contact_id).ledger.passing


@pytest.mark.parametrize("policy", ConflictPolicy)
def test_somebody_there_enters_the_same_value_after_it_was_put_back_here(
    policy: ConflictPolicy,
) -> None:
    """It is an edit of theirs, and the later one."""
    world, contact_id, lead_id = a_lead("London")
    world.change(conflict_policy=policy)
    world.edit(contact_id, city="Paris")
    world.edit(contact_id, city="London")
    world.wait(2)
    world.org.edit(lead_id, {"City": "Paris"})

    come_to_rest(world, pull_first=True)

    assert world.org.row(lead_id)["City"] == "Paris"
    assert world.contact(contact_id).ledger.values["city"] == "Paris"


def test_somebody_there_enters_another_value_before_ours_is_put_back() -> None:
    """To put a value back is no edit, so that theirs comes in, and it is told."""
    world, contact_id, lead_id = a_lead("London")
    world.edit(contact_id, city="Paris")
    world.org.edit(lead_id, {"City": "Rome"})
    world.wait()
    world.edit(contact_id, city="London")

    come_to_rest(world, pull_first=True)

    assert world.org.row(lead_id)["City"] == "Rome"
    assert world.contact(contact_id).ledger.values["city"] == "Rome"
    told = [(one.kept, one.lost) for one in world.outcomes() if one.reason is Reason.BOTH_CHANGED]
    assert told == [("theirs", "London")]


@pytest.mark.parametrize("pull_first", [True, False])
def test_ours_always_stands_also_if_it_is_put_back(*, pull_first: bool) -> None:
    """Whatever somebody there has entered in the meantime."""
    world, contact_id, lead_id = a_lead("London", Mode.ALWAYS_OURS)
    world.edit(contact_id, city="Paris")
    world.org.edit(lead_id, {"City": "Rome"})
    world.wait()
    world.edit(contact_id, city="London")

    come_to_rest(world, pull_first=pull_first)

    assert world.org.row(lead_id)["City"] == "London"
    assert world.contact(contact_id).ledger.values["city"] == "London"
    assert not world.waits(contact_id)


def test_a_value_is_put_back_before_anything_went_out() -> None:
    """Nothing does, then."""
    world, contact_id, lead_id = a_lead("London")
    stamp = world.org.row(lead_id)["SystemModstamp"]
    world.edit(contact_id, city="Paris")
    world.edit(contact_id, city="London")

    come_to_rest(world, pull_first=False)

    assert world.org.row(lead_id)["SystemModstamp"] == stamp
    assert not world.waits(contact_id)
    assert not world.contact(contact_id).ledger.passing


@pytest.mark.parametrize("first", FIRST)
def test_the_field_of_a_member_is_put_back_while_the_answer_is_lost(first: str | None) -> None:
    """As those of contacts are."""
    world = Story()
    world.change(member_fields=(a_member_field(),))
    ((ada, _),) = world.linked("ada@example.com")
    world.campaign(to=world.their_campaign(labels=["Registered"]))
    world.sync()
    world.wait(5)
    world.wish(ada, status="Registered", fields={"table": first} if first else {})
    world.rest()
    world.wish(ada, act=MemberAct.CHANGE, fields={"table": "8"})
    world.salesforce.lose_answers()
    world.sync()
    (row,) = world.org.rows(CampaignObject.MEMBER)
    assert row["Table__c"] == "8"
    world.wait()
    world.wish(ada, act=MemberAct.CHANGE, fields={"table": first})

    world.rest()

    assert world.org.row(row["Id"])["Table__c"] == first
    assert world.member("launch", ada).ledger.values["table"] == first
