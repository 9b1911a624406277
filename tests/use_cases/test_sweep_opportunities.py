"""Sweeps: opportunities and roles that Salesforce forgot without a word are found all the same."""

from contextlib import suppress
from datetime import timedelta

import pytest

from counterpart.domain.opportunities import OPPORTUNITY, ROLE, OpportunitySettings, RollUp
from counterpart.domain.outcomes import Action, Reason, RunStatus
from counterpart.domain.sweep_requests import Swept, parse_sweep_request
from counterpart.domain.sync_settings import Guard, SyncSettings
from counterpart.use_cases.read_opportunities import opportunities_of_contact
from tests.use_cases.world import MINUTE, PowerCutError, World


def a_world(*, guard: Guard = Guard()) -> World:  # noqa: B008 - a value
    """Return a world in which opportunities come in."""
    return World(SyncSettings(opportunities=OpportunitySettings(enabled=True), guard=guard))


def add_deal(world: World, contact_id: str | None = None, **values: object) -> tuple[str, str]:
    """Add an opportunity with a role, and return both ids."""
    deal = {"Name": "Engine", "StageName": "Prospecting", "CloseDate": "2026-12-31", "Amount": 5.0}
    deal_id = world.org.add(OPPORTUNITY, deal | values)
    person = contact_id or world.person()
    return deal_id, world.org.add(ROLE, {"OpportunityId": deal_id, "ContactId": person})


def is_here(world: World, *ids: str) -> list[bool]:
    """Return for each opportunity or role whether it lives here."""
    living = {one.id for one in world.opportunities.get_many(ids).values() if not one.deleted}
    living |= {one.id for one in world.opportunities.get_roles(ids).values() if not one.deleted}
    return [each in living for each in ids]


def roll_up(world: World, record_id: str) -> RollUp:
    """Return what a Contact's opportunities come to here."""
    return opportunities_of_contact(
        world.of(record_id).id,
        limit=1,
        today=world.now.date(),
        contacts=world.contacts,
        links=world.links,
        opportunities=world.opportunities,
    ).roll_up


@pytest.mark.failure("F54")
def test_an_account_is_deleted_and_the_bin_emptied_between_two_pulls() -> None:
    """Its opportunities and their roles went with it; the sweep keeps them as gone."""
    world = a_world()
    acme, ada = world.account(), world.person()
    gone = add_deal(world, ada, AccountId=acme)
    lives = add_deal(world, ada)
    world.pull()
    world.org.purge(acme)
    world.wait(30)
    world.pull()
    before = roll_up(world, ada)

    report = world.sweep()

    assert (before.count, roll_up(world, ada).count) == (2, 1)
    assert is_here(world, *gone, *lives) == [False, False, True, True]
    assert report.counts[OPPORTUNITY] == {"read": 2, "deleted": 1}
    assert report.counts[ROLE] == {"read": 2, "deleted": 1}
    assert report.summary == (
        "Looked for 2 linked records. Mended 1 link. Of 4 opportunities and roles, 2 are gone."
    )


def test_a_night_on_which_nothing_is_gone() -> None:
    """Each object costs one call, and nothing is written; what is known to be gone is not asked."""
    world = a_world()
    deal, role = add_deal(world)
    world.pull()
    world.written.clear()

    first = world.sweep()
    world.org.purge(deal)
    world.sweep()
    last = world.sweep()

    assert (first.api_calls, last.api_calls) == (3, 1)
    assert world.writes_of("opportunities") == 2
    assert is_here(world, deal, role) == [False, False]


def test_one_whose_deletion_nobody_read() -> None:
    """It may lie in the bin since a time when opportunities were switched off."""
    world = a_world()
    deal, role = add_deal(world)
    world.pull()
    world.change(opportunities=OpportunitySettings())
    world.org.delete(deal)
    world.wait(60)
    world.change(opportunities=OpportunitySettings(enabled=True))
    world.pull()
    before = is_here(world, deal, role)

    world.sweep()
    after = is_here(world, deal, role)
    world.wait()
    world.org.undelete(deal)
    world.pull()

    assert (before, after) == ([True, True], [False, False])
    assert is_here(world, deal, role) == [True, True]


def test_opportunities_are_switched_off() -> None:
    """What came in before stays as it was, and nobody is asked."""
    world = a_world()
    deal, _ = add_deal(world)
    world.pull()
    world.change(opportunities=OpportunitySettings())
    world.org.purge(deal)

    report = world.sweep()

    assert OPPORTUNITY not in report.counts
    assert report.summary == "Looked for 1 linked record. Mended 0 links."
    assert is_here(world, deal) == [True]


@pytest.mark.failure("F26")
@pytest.mark.parametrize("hidden", [OPPORTUNITY, ROLE])
def test_objects_that_our_user_may_not_read(hidden: str) -> None:
    """Nothing is taken for gone, people are told, and links are mended all the same."""
    world = a_world()
    lead = world.lead()
    deal, role = add_deal(world)
    world.pull()
    world.org.purge(lead)
    world.org.hidden_objects.add(hidden)

    report = world.sweep()

    assert is_here(world, deal, role) == [True, True]
    assert report.counts["Lead"]["unlinked"] == 1
    (told,) = [one for one in report.outcomes if one.reason is Reason.OBJECT_UNAVAILABLE]
    assert (told.action, told.object) == (Action.FAILED, OPPORTUNITY)


def test_a_dry_run() -> None:
    """It says what is gone, and writes nothing at all."""
    world = a_world()
    deal, role = add_deal(world)
    world.pull()
    world.org.purge(deal)
    world.written.clear()

    report = world.sweep(dry_run=True)

    assert report.counts[OPPORTUNITY] == {"read": 1, "deleted": 1}
    assert world.written == []
    assert is_here(world, deal, role) == [True, True]


@pytest.mark.failure("F67")
def test_most_of_them_are_gone() -> None:
    """As when a right is taken from our user: nothing is written before somebody says yes."""
    world = a_world(guard=Guard(share_percent=20, minimum=3))
    ada = world.person()
    deals = [add_deal(world, ada)[0] for _ in range(8)]
    world.pull()
    for deal in deals[:4]:
        world.org.purge(deal)

    planned = world.sweep(dry_run=True)
    report = world.sweep()
    (hold,) = world.holds()

    assert planned.notes == [
        f"{name} would be held: much of it is gone." for name in (OPPORTUNITY, ROLE)
    ]
    assert (report.status, report.held) == (RunStatus.HELD, [hold["id"]])
    assert (hold["counts"], hold["of"]) == ({"deleted": 8}, 16)
    assert is_here(world, *deals) == [True] * 8

    world.approve(hold["id"])
    after = world.sweep()

    assert after.status is RunStatus.COMPLETED
    assert is_here(world, *deals) == [False] * 4 + [True] * 4


def test_time_runs_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found is carried out; the next invocation goes on with the rest alone."""
    monkeypatch.setattr("counterpart.use_cases.sweepers._IDS_OF_A_CALL", 1)
    monkeypatch.setattr("counterpart.use_cases.swept_opportunities.PAGE", 1)
    world = a_world()
    ada = world.person()
    deals = [add_deal(world, ada)[0] for _ in range(2)]
    world.pull()
    for deal in deals:
        world.org.purge(deal)
    world.deadline = world.now + MINUTE

    report = world.sweep(start=Swept.OPPORTUNITIES)

    assert report.status is RunStatus.CONTINUES
    assert (report.total("read"), report.total("deleted")) == (1, 1)
    (payload,) = world.successor.payloads
    world.deadline = None
    rest = parse_sweep_request(payload)
    assert rest.start is Swept.OPPORTUNITIES
    world.sweep(start=rest.start, after=rest.after)
    assert is_here(world, *deals) == [False, False]


def test_a_crash_at_any_write() -> None:
    """The next sweep completes what the dead one began."""
    for writes in range(5):
        world = a_world()
        deal, role = add_deal(world)
        world.pull()
        world.org.purge(deal)
        world.cut_the_power_after(writes)
        with suppress(PowerCutError):
            world.sweep()
        world.start_again()
        world.sweep()

        assert is_here(world, deal, role) == [False, False]


def test_a_pull_stores_a_later_version_meanwhile() -> None:
    """What a sweep found before does not stand above it."""
    world = a_world()
    deal, _ = add_deal(world)
    world.pull()
    world.org.delete(deal)
    world.now += timedelta(seconds=5)

    def comes_back(_: str) -> None:
        world.rival = None
        world.org.undelete(deal)
        world.pull()

    world.rival = lambda name: comes_back(name) if name == "opportunities.save" else None
    world.sweep()

    assert is_here(world, deal) == [True]
