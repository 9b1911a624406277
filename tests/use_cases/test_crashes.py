"""Crashes: the process dies between any two writes, and the next run completes its work."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import Creation
from counterpart.domain.inbound_settings import Inbound, OnRemoteDelete
from counterpart.domain.links import Link, LinkedBy, LinkState
from counterpart.domain.mapping import Mode
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject
from counterpart.domain.subjects import unlinked
from counterpart.domain.sync_settings import SyncSettings
from counterpart.ports import LinkClaim
from tests.use_cases.world import PowerCutError, World, with_mode

SETTINGS = SyncSettings(
    fields=with_mode(Mode.TWO_WAY, "job_title", "city", "first_name"),
    creation=Creation(create_as=CreateAs.CONTACT, create_accounts=True),
)


def an_org_full_of_news() -> World:
    """Return a world in which every kind of change waits to be pulled."""
    world = World(SETTINGS, page_size=3)
    account_id = world.account(Website="acme.example")
    changed, converted, merged, deleted, touched = (
        world.lead(f"{name}@example.com", Title="Analyst")
        for name in ("changed", "converted", "merged", "deleted", "touched")
    )
    winner = world.lead("winner@example.com")
    world.org.delete(winner)
    world.add("met@example.com", job_title="VP")
    world.wait()
    world.pull()
    world.wait(20)
    world.org.undelete(winner)
    world.org.edit(changed, {"Title": "Director", "Email": "other@example.com"})
    world.org.convert(converted, account_id=account_id)
    world.org.merge(winner, merged)
    world.org.delete(deleted)
    world.org.touch(touched)
    world.person("met@example.com", AccountId=account_id)
    world.person("new@example.com", AccountId=account_id)
    world.lead("met@example.com")
    world.lead(None)
    world.account("Umbrella", Website="umbrella.example")
    world.wait()
    return world


def a_house_full_of_edits() -> World:
    """Return a world in which every kind of edit waits to be pushed."""
    world = World(SETTINGS)
    leads = {
        name: world.lead(f"{name}@example.com", Title="Analyst", City="Bern")
        for name in ("plain", "agreed", "long", "converted", "merged", "deleted", "older")
    }
    winner = world.lead("winner@example.com")
    world.wait()
    world.pull()
    world.wait(20)
    world.edit(world.of(leads["older"]).id, job_title="VP")
    world.wait()
    for name in leads.keys() - {"older"}:
        title = "x" * 200 if name == "long" else "VP"
        world.edit(world.of(leads[name]).id, job_title=title, city="Basel")
    world.wait()
    world.org.edit(leads["agreed"], {"Title": "VP", "City": "Basel"})
    world.org.edit(leads["older"], {"Title": "CEO"})
    world.org.convert(leads["converted"])
    world.org.merge(winner, leads["merged"])
    world.org.delete(leads["deleted"])
    world.wait()
    return world


def a_queue_full_of_jobs() -> World:
    """Return a world in which every kind of contact waits to be created."""
    world = World(SETTINGS)
    world.account("Umbrella", Website="umbrella.example")
    world.lead("there@example.com", Title="Analyst")
    world.wait()
    for email in (
        "ada@acme.example",
        "bob@acme.example",
        "carl@umbrella.example",
        "there@example.com",
        "eve@gmail.com",
    ):
        world.add(email, sync=True, job_title="VP", last_name="Lovelace")
    world.add(
        "lead@acme.example", sync=True, create_as=CreateAs.LEAD, last_name="L", company_name="A"
    )
    world.add("long@acme.example", sync=True, job_title="x" * 200, last_name="L", company_name="A")
    world.wait()
    return world


STORIES: dict[str, tuple[Callable[[], World], Callable[[World], object]]] = {
    "pull": (an_org_full_of_news, World.pull),
    "push": (a_house_full_of_edits, World.push),
    "create": (a_queue_full_of_jobs, World.create),
    "settle": (an_org_full_of_news, World.settle),
}


def the_end_of(story: str, *, power_cut_after: int | None = None) -> tuple[World, int]:
    """Tell a story, through a power cut, to its end; return the world and the writes it took."""
    begin, step = STORIES[story]
    world = begin()
    world.written.clear()
    if power_cut_after is not None:
        world.cut_the_power_after(power_cut_after)
        with pytest.raises(PowerCutError):
            step(world)
        world.start_again()
    step(world)
    writes = len(world.written)
    world.settle(4)
    return world, writes


def everybody_is_sound(world: World) -> None:
    """Check that links and contacts agree, and nobody is in Salesforce twice."""
    linked = [each.counterpart.record_id for each in world.everybody() if each.counterpart]
    assert len(linked) == len(set(linked))
    links = world.links.get_many(linked)
    for contact in world.everybody():
        if contact.counterpart:
            assert links[contact.counterpart.record_id].subject_id == contact.id
    for sobject in SObject:
        keys = [
            row["Counterpart_Id__c"]
            for row in world.org.rows(sobject)
            if row["Counterpart_Id__c"] and not row["IsDeleted"]
        ]
        assert len(keys) == len(set(keys))


@pytest.mark.failure("F08")
@pytest.mark.failure("F36")
@pytest.mark.failure("F38")
@pytest.mark.parametrize("story", STORIES)
def test_a_crash_between_any_two_writes(story: str) -> None:
    """The end is the same as without a crash, wherever it happens."""
    undisturbed, writes = the_end_of(story)
    everybody_is_sound(undisturbed)
    assert writes > 10

    for number in range(writes):
        crashed, _ = the_end_of(story, power_cut_after=number)
        everybody_is_sound(crashed)
        assert crashed.state() == undisturbed.state(), f"crash after {number} of {writes} writes"


@pytest.mark.parametrize("writes", range(8))
def test_a_crash_around_a_refusal(writes: int) -> None:
    """An edit that did not go out waits still, or has its reason."""
    world = World(SyncSettings(fields=with_mode(Mode.TWO_WAY, "last_name")))
    lead_id = world.lead()
    world.wait()
    world.pull()
    contact_id = world.of(lead_id).id
    world.edit(contact_id, last_name=None)
    world.cut_the_power_after(writes)

    with pytest.raises(PowerCutError):
        world.push()

    assert world.contact(contact_id).waiting or Reason.REFUSED in world.reasons()


def test_a_link_whose_end_a_crash_has_lost_ends_although_deletions_are_ignored_by_now() -> None:
    """Nobody follows the record any more, so there is nothing to keep."""
    world = World()
    lead_id = world.lead()
    world.wait()
    world.pull()
    world.contacts.save_many([unlinked(world.of(lead_id))])
    world.org.delete(lead_id)
    world.change(inbound=Inbound(on_remote_delete=OnRemoteDelete.IGNORE))
    world.wait()

    world.pull()

    assert world.links.get_many([lead_id])[lead_id].state is LinkState.DELETED_THERE


def test_who_was_deleted_while_being_moved_does_not_come_back() -> None:
    """A crash left the link of the winner of a merge behind, and nobody to whom it leads."""
    world = World()
    loser_id = world.lead()
    world.wait()
    world.pull()
    contact_id = world.of(loser_id).id
    winner_id = world.lead("king@example.com")
    world.org.merge(winner_id, loser_id)
    moved = Link(
        record_id=winner_id,
        object=SObject.LEAD,
        state=LinkState.LINKED,
        subject_id=contact_id,
        linked_by=LinkedBy.MERGE,
    )
    assert not world.links.claim_many([LinkClaim(link=moved, expected=None)])
    world.delete(contact_id)
    world.wait()

    world.pull()

    assert world.everybody() == []
    links = world.links.get_many([winner_id, loser_id])
    assert {link.state for link in links.values()} == {LinkState.DELETED_HERE}


@pytest.mark.failure("F15")
@pytest.mark.parametrize("story", STORIES)
def test_the_end_of_a_story(story: str) -> None:
    """When edits and faults have stopped, nothing is written any more, on either side."""
    world, _ = the_end_of(story)
    world.written.clear()

    world.settle(2)

    assert world.writes_of("contacts", "companies", "links", "salesforce", "creation_queue") == 0


@pytest.mark.failure("F38")
@pytest.mark.parametrize("times", [2, 10])
def test_everything_is_delivered_again(times: int) -> None:
    """Jobs that come ten times, and pages that are read ten times, do what they do once."""
    once, _ = the_end_of("create")
    world = a_queue_full_of_jobs()
    jobs = list(world.queue.jobs)
    for _ in range(times):
        world.queue.jobs[:] = jobs
        world.create()
        world.pull(since=world.now.replace(hour=0))
    world.settle(4)

    assert _without_moments(world) == _without_moments(once)
    everybody_is_sound(world)


def _without_moments(world: World) -> object:
    """Return who is linked to what kind of record, and with which values."""
    return sorted(
        (
            str(contact.email),
            sorted(replace(contact.ledger, times={}).values.items(), key=repr),
            contact.counterpart.object if contact.counterpart else None,
        )
        for contact in world.everybody()
    )


def two_opinions(*, ours_later: bool) -> tuple[World, str]:
    """Return a world in which both sides have given one contact another title, and its id."""
    world = World(SETTINGS)
    lead_id = world.lead(Title="Analyst")
    world.wait()
    world.pull()
    contact_id = world.of(lead_id).id
    acts: list[Callable[[], None]] = [
        lambda: world.org.edit(lead_id, {"Title": "Director"}),
        lambda: world.edit(contact_id, job_title="VP"),
    ]
    for act in acts if ours_later else reversed(acts):
        world.wait(20)
        act()
    world.wait(20)
    world.written.clear()
    return world, contact_id


@pytest.mark.failure("F38")
@pytest.mark.failure("F51")
@pytest.mark.parametrize("ours_later", [True, False])
@pytest.mark.parametrize("step", [World.pull, World.push])
def test_a_crash_around_a_conflict(step: Callable[[World], object], *, ours_later: bool) -> None:
    """Wherever it happens, the value that lost is told."""
    undisturbed, _ = two_opinions(ours_later=ours_later)
    step(undisturbed)
    writes = len(undisturbed.written)

    for number in range(writes):
        world, contact_id = two_opinions(ours_later=ours_later)
        world.cut_the_power_after(number)
        with pytest.raises(PowerCutError):
            step(world)
        world.start_again()
        world.settle(2)

        kept, lost = ("VP", "Director") if ours_later else ("Director", "VP")
        assert world.contact(contact_id).ledger.values["job_title"] == kept
        told = {one.lost for one in world.outcomes() if one.reason is Reason.BOTH_CHANGED}
        assert told == {lost}, f"crash after {number} of {writes} writes"


def test_a_conflict_is_stored_once() -> None:
    """By the run that tells it in its answer, too."""
    world, _ = two_opinions(ours_later=False)

    report = world.pull()

    told = [one for one in report.outcomes if one.reason is Reason.BOTH_CHANGED]
    assert len(told) == 1
    assert [one for one in world.outcomes() if one.reason is Reason.BOTH_CHANGED] == told


@pytest.mark.failure("F67")
def test_a_rehearsal_tells_of_a_conflict_and_stores_nothing() -> None:
    """Nothing is lost by it."""
    world, _ = two_opinions(ours_later=False)

    report = world.pull(dry_run=True)

    assert [one.lost for one in report.outcomes] == ["VP"]
    assert world.written == []
