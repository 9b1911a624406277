"""The guard against catastrophe: what is too much waits, unwritten, for somebody's yes."""

from collections.abc import Collection
from dataclasses import asdict, replace
from typing import Any

import pytest

from counterpart.domain.contacts import Contact
from counterpart.domain.inbound_settings import OnRemoteDelete
from counterpart.domain.mapping import Mode
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.outcomes import Action, Reason, RunStatus
from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject
from counterpart.domain.sweep_requests import SweepRequest, Swept, parse_sweep_request
from counterpart.domain.sync_settings import Guard, SyncSettings
from counterpart.domain.waiting import Lane
from counterpart.errors import NotFoundError, TransientError
from counterpart.ports import PageQuery
from counterpart.use_cases import push_rounds as push_rounds_module
from counterpart.use_cases.reports import Report
from tests.use_cases.world import MINUTE, PowerCutError, World, with_mode

GUARD = Guard(share_percent=20, minimum=5)
TITLE_COMES_IN = with_mode(Mode.ALWAYS_SALESFORCE, "job_title")
TITLE_GOES_OUT = with_mode(Mode.ALWAYS_OURS, "job_title")

BY_COLLECTIONS = SyncSettings(guard=GUARD, fields=TITLE_GOES_OUT, outbound=Outbound(bulk_above=0))


def a_world(number: int = 20, **given: Any) -> tuple[World, list[str]]:  # noqa: ANN401 - the world's
    """Return a world with as many linked leads, pulled an hour ago, and their ids."""
    world = World(**({"settings": SyncSettings(guard=GUARD, fields=TITLE_COMES_IN)} | given))
    leads = [world.lead(f"{at}@example.com", Title="Clerk") for at in range(number)]
    world.wait()
    world.pull(scheduled=True)
    assert linked(world) == number
    world.wait(60)
    world.pull(scheduled=True)
    return world, leads


def linked(world: World) -> int:
    """Return how many contacts have a counterpart."""
    return sum(contact.counterpart is not None for contact in world.everybody())


def titles(world: World) -> int:
    """Return how many contacts have a title."""
    return sum(bool(contact.ledger.values.get("job_title")) for contact in world.everybody())


def delete(world: World, leads: list[str]) -> None:
    """Delete leads in Salesforce, one a minute."""
    for lead in leads:
        world.wait()
        world.org.delete(lead)
    world.wait()


def purge(world: World, records: list[str]) -> None:
    """Delete records in Salesforce for good."""
    for record in records:
        world.org.purge(record)


@pytest.mark.failure("F67")
@pytest.mark.parametrize("page_size", [2000, 3, 1])
@pytest.mark.parametrize("on_delete", [OnRemoteDelete.UNLINK, OnRemoteDelete.DELETE])
def test_most_of_an_object_is_deleted(page_size: int, on_delete: OnRemoteDelete) -> None:
    """Nothing of it is done here, over however many pages it comes, until somebody says yes."""
    world, leads = a_world(page_size=page_size)
    world.change(inbound=replace(world.settings.current().inbound, on_remote_delete=on_delete))
    delete(world, leads[:12])

    report = world.pull(scheduled=True)

    assert (report.status, report.more_remains) == (RunStatus.HELD, True)
    assert linked(world) == 20
    (told,) = [each for each in report.outcomes if each.action is Action.HELD]
    assert told.reason is Reason.TOO_MUCH_AT_ONCE
    (hold,) = world.holds()
    assert report.held == [hold["id"]]
    assert hold["of"] == 20
    assert world.runs.get(report.run_id)

    world.approve(hold["id"])
    (after,) = world.follow()

    assert after.status is RunStatus.COMPLETED
    assert linked(world) == 8
    assert len(world.everybody()) == (8 if on_delete is OnRemoteDelete.DELETE else 20)
    assert world.holds() == []
    assert world.streams.get("Lead").hold is None


@pytest.mark.failure("F67")
def test_the_list_of_runs_says_that_one_is_held() -> None:
    """Whoever reads its sentence alone knows that it waits, and for which yes."""
    world, leads = a_world()
    delete(world, leads[:12])

    report = world.pull(scheduled=True)

    (hold,) = world.holds()
    run = world.runs.get(report.run_id)
    assert run is not None
    assert run.summary.endswith(f"Held until somebody says yes: {hold['id']}.")
    assert report.answer()["summary"] == run.summary


@pytest.mark.failure("F67")
@pytest.mark.parametrize("page_size", [2000, 4])
def test_few_are_deleted(page_size: int) -> None:
    """Fewer than the minimum pass, however large their share; on one page without a count."""
    world, leads = a_world(6, page_size=page_size)
    delete(world, leads[:4])

    report = world.pull(scheduled=True)

    assert report.status is RunStatus.COMPLETED
    assert linked(world) == 2
    assert report.api_calls <= 2 if page_size == 4 else report.api_calls == 1


@pytest.mark.parametrize("page_size", [2000, 2])
def test_a_small_share_is_deleted(page_size: int) -> None:
    """Many that are little of the whole pass, after one count."""
    world, leads = a_world(60, page_size=page_size)
    delete(world, leads[:10])

    report = world.pull(scheduled=True)

    assert report.status is RunStatus.COMPLETED
    assert linked(world) == 50


@pytest.mark.failure("F67")
@pytest.mark.parametrize("page_size", [2000, 3])
def test_a_column_is_emptied(page_size: int) -> None:
    """No value is blanked here, on no page, before somebody says yes."""
    world, leads = a_world(page_size=page_size)
    for lead in leads[:12]:
        world.org.edit(lead, {"Title": None})
        world.wait()

    report = world.pull(scheduled=True)

    assert report.status is RunStatus.HELD
    assert titles(world) == 20
    (hold,) = world.holds()
    assert hold["counts"].keys() == {"blanked"}
    world.approve(hold["id"])
    world.follow()
    assert titles(world) == 8


@pytest.mark.failure("F67")
def test_most_people_are_taken_out_of_their_company() -> None:
    """The Account of a Contact is no field here, and yet whose is emptied has lost something."""
    world = World(SyncSettings(guard=GUARD))
    acme = world.account()
    people = [world.person(f"{at}@example.com", AccountId=acme) for at in range(20)]
    world.wait()
    world.pull()
    world.wait(60)
    for person in people[:12]:
        world.org.edit(person, {"AccountId": None})

    report = world.pull(scheduled=True)

    assert report.status is RunStatus.HELD
    assert all(contact.company_id for contact in world.everybody())
    (hold,) = world.holds()
    assert hold["counts"] == {"blanked": 12}
    world.approve(hold["id"])
    world.follow()
    assert sum(contact.company_id is None for contact in world.everybody()) == 12


def test_harmless_changes_before_the_dangerous_ones_come_in() -> None:
    """Pages without danger are applied as they come; the watermark waits for the rest."""
    world, leads = a_world(page_size=4)
    watermark = world.streams.get("Lead").watermark
    for at, lead in enumerate(leads):
        world.org.edit(lead, {"Title": None if at >= 8 else "Director"})
        world.wait()

    world.pull(scheduled=True)

    values = [contact.ledger.values.get("job_title") for contact in world.everybody()]
    assert sorted(map(str, values)) == ["Clerk"] * 12 + ["Director"] * 8
    assert world.streams.get("Lead").watermark == watermark


@pytest.mark.failure("F67")
def test_many_leads_are_converted() -> None:
    """Links that move are held as links that end; the other objects go on."""
    world, leads = a_world()
    for lead in leads[:12]:
        world.org.convert(lead)
    world.wait()
    world.account("Other")
    world.wait()

    report = world.pull(objects=(SObject.LEAD, SObject.ACCOUNT))

    assert report.status is RunStatus.HELD
    assert {world.of(lead).counterpart.object for lead in leads} == {SObject.LEAD}  # type: ignore[union-attr] # linked
    assert "Other" in {company.ledger.values.get("name") for company in world.all_companies()}
    world.approve(world.holds()[0]["id"])
    world.follow()
    world.pull()
    assert (
        sum(
            contact.counterpart is not None and contact.counterpart.object is SObject.CONTACT
            for contact in world.everybody()
        )
        == 12
    )


@pytest.mark.parametrize("page_size", [2000, 3])
def test_many_leads_are_converted_whose_addresses_have_changed(page_size: int) -> None:
    """No Contact comes in a second time while the leads wait for a yes."""
    world, leads = a_world(page_size=page_size)
    for at, lead in enumerate(leads):
        world.wait()
        world.org.edit(world.org.convert(lead), {"Email": f"new{at}@example.com"})
    everybody = {contact.id for contact in world.everybody()}
    for _ in range(2):
        world.wait(60)
        world.pull()
        assert {contact.id for contact in world.everybody()} == everybody

    for _ in range(3):
        for hold in world.holds():
            world.approve(hold["id"])
        world.follow()
        world.wait(60)
        world.pull()

    assert {contact.id for contact in world.everybody()} == everybody
    objects = {each.counterpart and each.counterpart.object for each in world.everybody()}
    assert objects == {SObject.CONTACT}
    assert not world.holds()


def test_a_held_stream_over_many_ticks() -> None:
    """It asks Salesforce nothing, keeps its watermark, and is told of at each tick."""
    world, leads = a_world()
    delete(world, leads[:12])
    world.pull(scheduled=True)
    watermark = world.streams.get("Lead").watermark
    (hold,) = world.holds()
    calls = world.salesforce.usage().calls
    runs = len(world.runs.page(limit=100).items)

    reports = []
    for _ in range(10):
        world.wait(5)
        reports.append(world.pull(scheduled=True))

    # One call each, for the other objects.
    assert world.salesforce.usage().calls - calls == 10
    assert {report.status for report in reports} == {RunStatus.HELD}
    assert all(report.held == [hold["id"]] for report in reports)
    assert len(world.runs.page(limit=100).items) == runs
    assert world.streams.get("Lead").watermark == watermark
    assert linked(world) == 20


def test_after_an_hour_a_hold_is_judged_once_more() -> None:
    """It keeps its id, so that a yes that is on its way still counts."""
    world, leads = a_world()
    delete(world, leads[:12])
    world.pull(scheduled=True)
    (before,) = world.holds()
    world.wait(61)

    world.pull(scheduled=True)

    (after,) = world.holds()
    assert after["id"] == before["id"]
    assert after["held_at"] == before["held_at"]
    assert after["looked_at"] > before["looked_at"]


def test_records_that_were_deleted_in_the_second_of_the_poll() -> None:
    """The yes covers what was told, up to the very moment at which it was read."""
    world, leads = a_world()
    delete(world, leads[:6])
    for lead in leads[6:12]:
        world.org.delete(lead)

    world.pull(scheduled=True)
    (hold,) = world.holds()
    world.approve(hold["id"])
    world.follow()

    assert hold["counts"] == {"unlinked": 12}
    assert linked(world) == 8


@pytest.mark.failure("F67")
def test_a_first_page_of_records_that_were_deleted_in_the_second_of_the_poll() -> None:
    """More follow, and none of them counts to the window that ends with this very second."""
    world, leads = a_world(page_size=12)
    world.wait(20)
    for lead in leads[:13]:
        world.org.delete(lead)

    world.pull(scheduled=True)

    (hold,) = world.holds()
    assert hold["counts"] == {"unlinked": 12}
    assert linked(world) == len(leads)


def test_the_cause_goes_away() -> None:
    """The hold is dropped, and nobody needs to say yes any more."""
    world, leads = a_world()
    delete(world, leads[:12])
    world.pull(scheduled=True)
    (hold,) = world.holds()
    for lead in leads[:12]:
        world.org.undelete(lead)
    world.wait(61)

    report = world.pull(scheduled=True)

    assert report.status is RunStatus.COMPLETED
    assert world.holds() == []
    assert linked(world) == 20
    with pytest.raises(NotFoundError, match="its cause gone"):
        world.approve(hold["id"])


def test_the_settings_become_more_generous() -> None:
    """A pull by hand judges at once."""
    world, leads = a_world()
    delete(world, leads[:12])
    world.pull(scheduled=True)
    world.change(guard=Guard(share_percent=100))

    report = world.pull()

    assert report.status is RunStatus.COMPLETED
    assert linked(world) == 8


def test_a_yes_that_is_said_twice() -> None:
    """Before the run it is the same yes; after it, there is nothing left to approve."""
    world, leads = a_world()
    delete(world, leads[:12])
    world.pull(scheduled=True)
    (hold,) = world.holds()

    first = world.approve(hold["id"])
    second = world.approve(hold["id"])
    world.follow()

    assert first["status"] == second["status"] == "approved"
    assert linked(world) == 8
    with pytest.raises(NotFoundError):
        world.approve(hold["id"])


@pytest.mark.failure("F67")
def test_a_yes_is_for_one_hold_alone() -> None:
    """What comes afterwards needs its own."""
    world, leads = a_world(40)
    delete(world, leads[:20])
    world.pull(scheduled=True)
    (first,) = world.holds()
    world.approve(first["id"])
    delete(world, leads[20:35])
    world.follow()
    assert linked(world) == 20

    report = world.pull(scheduled=True)

    (second,) = world.holds()
    assert report.status is RunStatus.HELD
    assert second["id"] != first["id"]
    assert linked(world) == 20


@pytest.mark.parametrize("hold_id", ["Lead/other", "nothing", "Shoe/one", "/"])
def test_a_yes_to_something_that_is_not_held(hold_id: str) -> None:
    """It changes nothing."""
    world, leads = a_world()
    delete(world, leads[:12])
    world.pull(scheduled=True)

    with pytest.raises(NotFoundError):
        world.approve(hold_id)

    assert [hold["approved"] for hold in world.holds()] == [False]


def test_a_yes_while_a_run_is_looking() -> None:
    """It is not lost unnoticed: whoever says it is asked to say it again."""
    world, leads = a_world()
    delete(world, leads[:12])
    world.pull(scheduled=True)
    world.streams.acquire("Lead", now=world.now, lasts=MINUTE)

    with pytest.raises(TransientError, match="try again"):
        world.approve(world.holds()[0]["id"])


def test_there_is_no_time_to_count() -> None:
    """What could not be counted to its end is held, too, and says so."""
    world, leads = a_world(page_size=1)
    for at, lead in enumerate(leads):
        world.org.edit(lead, {"Title": None if at == 0 else "Director"})
        world.wait()
    world.seconds_per_call = 30
    world.deadline = world.now + 4 * MINUTE

    report = world.pull(scheduled=True)

    assert report.held
    assert titles(world) == 20
    (hold,) = world.holds()
    assert not hold["complete"]
    assert "at least 1 blanked" in hold["summary"]


@pytest.mark.failure("F67")
def test_a_dry_run_tells_what_would_be_held() -> None:
    """It plans all of it, and holds nothing."""
    world, leads = a_world()
    delete(world, leads[:12])

    report = world.pull(dry_run=True)

    assert report.counts["Lead"]["unlinked"] == 12
    assert any("would be held" in note for note in report.notes)
    assert world.holds() == []


def test_an_ad_hoc_pull_is_held_as_well() -> None:
    """Its hold is known by its id, and the yes lets it go on."""
    world, leads = a_world()
    since = world.now
    delete(world, leads[:12])

    report = world.pull(objects=(SObject.LEAD,), since=since)

    assert linked(world) == 20
    (hold_id,) = report.held
    world.approve(hold_id)
    world.follow()
    assert linked(world) == 8


def test_records_that_were_named() -> None:
    """Whoever names them one by one has said yes."""
    world, leads = a_world()
    delete(world, leads[:12])

    world.pull(ids=tuple(leads[:12]))

    assert linked(world) == 8


# --- The way out --------------------------------------------------------------------------------


def cleared(world: World, number: int) -> None:
    """Clear the titles of as many contacts here."""
    for contact in world.everybody()[:number]:
        world.edit(contact.id, job_title=None)


def their_titles(world: World) -> int:
    """Return how many leads have a title in Salesforce."""
    return sum(bool(row["Title"]) for row in world.org.rows(SObject.LEAD))


@pytest.mark.failure("F67")
def test_too_many_values_would_be_blanked_in_salesforce() -> None:
    """They wait, the other edits go, and one yes lets them follow."""
    world, _ = a_world(settings=SyncSettings(guard=GUARD, fields=TITLE_GOES_OUT))
    cleared(world, 12)
    other = world.everybody()[15]
    world.edit(other.id, first_name="Ada")

    report = world.push()

    assert (report.status, report.more_remains) == (RunStatus.HELD, True)
    assert their_titles(world) == 20
    assert "Ada" in {row["FirstName"] for row in world.org.rows(SObject.LEAD)}
    (hold,) = world.holds()
    assert (hold["stream"], hold["counts"], hold["of"]) == ("push", {"blanked": 12}, 20)
    assert hold["objects"] == ["Lead"]

    world.approve(hold["id"])
    after = world.push()

    assert after.status is RunStatus.COMPLETED
    assert their_titles(world) == 8
    assert world.holds() == []


def test_held_edits_over_many_looks() -> None:
    """Salesforce is asked nothing for them, and the hold is told once."""
    world, _ = a_world(settings=SyncSettings(guard=GUARD, fields=TITLE_GOES_OUT))
    cleared(world, 12)
    world.push(scheduled=True)
    world.wait(11)
    world.push(scheduled=True)
    calls = world.salesforce.usage().calls
    told = len([each for each in world.outcomes() if each.action is Action.HELD])

    for _ in range(5):
        world.wait()
        assert world.push(scheduled=True).status is RunStatus.HELD

    assert world.salesforce.usage().calls == calls
    assert len([each for each in world.outcomes() if each.action is Action.HELD]) == told == 1


def test_what_was_cleared_is_filled_again() -> None:
    """The hold is dropped."""
    world, _ = a_world(settings=SyncSettings(guard=GUARD, fields=TITLE_GOES_OUT))
    cleared(world, 12)
    world.push()
    for contact in world.everybody()[:10]:
        world.edit(contact.id, job_title="Clerk")

    report = world.push()

    assert report.status is RunStatus.COMPLETED
    assert their_titles(world) == 18
    assert world.holds() == []


@pytest.mark.failure("F67")
@pytest.mark.parametrize("said", [True, False])
def test_what_is_held_goes_by_another_way(*, said: bool) -> None:
    """The hold is dropped by the next look; a yes to it is none to what is cleared later."""
    world, leads = a_world(settings=BY_COLLECTIONS)
    cleared(world, 12)
    world.push()
    (hold,) = world.holds()
    if said:
        world.approve(hold["id"])
    world.push(contact_ids=tuple(contact.id for contact in world.everybody()))
    assert their_titles(world) == 8
    world.wait()

    world.push(scheduled=True)

    assert world.holds() == []
    for lead in leads[:12]:
        world.org.edit(lead, {"Title": "Clerk"})
    for contact in world.everybody():
        world.edit(contact.id, job_title="Clerk")
    world.push()
    cleared(world, 12)
    assert world.push().status is RunStatus.HELD
    assert their_titles(world) == 20


@pytest.mark.failure("F67")
@pytest.mark.parametrize(("number", "held"), [(12, True), (4, False)])
def test_a_yes_to_a_push_is_for_the_objects_that_were_told(number: int, *, held: bool) -> None:
    """Values of Contacts that are cleared meanwhile are counted by themselves."""
    world, _ = a_world(settings=BY_COLLECTIONS)
    people = [world.person(f"person{at}@example.com", Title="Clerk") for at in range(20)]
    world.wait()
    world.pull()
    world.wait()
    leads = [each for each in world.everybody() if world.row_of(each.id)["Id"] not in people]
    for contact in leads[:12]:
        world.edit(contact.id, job_title=None)
    world.push()
    (hold,) = world.holds()
    world.approve(hold["id"])
    for person in people[:number]:
        world.edit(world.of(person).id, job_title=None)

    report = world.push()

    assert their_titles(world) == 8
    blank = sum(world.org.row(person)["Title"] is None for person in people)
    assert blank == (0 if held else number)
    assert report.status is (RunStatus.HELD if held else RunStatus.COMPLETED)
    assert [each["objects"] for each in world.holds()] == ([["Contact"]] if held else [])


@pytest.mark.failure("F67")
def test_a_dry_run_of_a_push_tells_what_would_be_held() -> None:
    """What would go is told apart from what would wait for a yes, and nothing is written."""
    world, _ = a_world(settings=BY_COLLECTIONS)
    cleared(world, 12)
    world.edit(world.everybody()[15].id, first_name="Ada")
    before = world.everybody()

    report = world.push(everything_waiting=True, dry_run=True)

    assert report.counts[SObject.LEAD] == {"would_update": 1}
    assert "12 edits would be held: too many would blank something." in report.notes
    assert world.everybody() == before
    assert world.holds() == []


def test_many_more_were_cleared_after_the_yes() -> None:
    """A yes to twelve is none to nineteen."""
    world, _ = a_world(settings=SyncSettings(guard=GUARD, fields=TITLE_GOES_OUT))
    cleared(world, 12)
    world.push()
    (first,) = world.holds()
    world.approve(first["id"])
    cleared(world, 19)

    world.push()

    (second,) = world.holds()
    assert second["id"] != first["id"]
    assert not second["approved"]
    assert their_titles(world) == 20


def backlog(world: World, number: int) -> list[str]:
    """Let as many contacts wait for a push that an import caused, and return their ids."""
    people = [contact.id for contact in world.everybody()[:number]]
    for contact_id in people:
        world.edit(contact_id, lane=Lane.BULK, first_name="Grace")
    return people


@pytest.mark.failure("F65")
@pytest.mark.parametrize("blanked", [0, 14])
def test_a_long_line_and_a_guard(blanked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh edit goes before more than one round of those who wait was read."""
    monkeypatch.setattr(push_rounds_module, "ROUND", 10)
    world, _ = a_world(60, settings=BY_COLLECTIONS)
    people = backlog(world, 50)
    for contact_id in people[:blanked]:
        world.edit(contact_id, lane=Lane.BULK, job_title=None)
    ada = world.everybody()[55]
    world.edit(ada.id, first_name="Ada")
    world.wait()
    read: list[str] = []
    read_before: list[int] = []
    get_many = world.contacts.get_many

    def counting(ids: Collection[str]) -> dict[str, Contact]:
        read.extend(ids)
        return dict(get_many(ids))

    monkeypatch.setattr(world.contacts, "get_many", counting)
    world.on_write["salesforce.update"] = lambda: read_before.append(len(set(read)))

    world.push()

    assert read_before[0] <= 10
    assert "Ada" in {row["FirstName"] for row in world.org.rows(SObject.LEAD)}
    assert their_titles(world) == 60


@pytest.mark.failure("F65")
def test_an_edit_behind_many_that_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who are held wait with the older work; so the very first round takes the edit."""
    monkeypatch.setattr(push_rounds_module, "ROUND", 10)
    world, _ = a_world(60, settings=BY_COLLECTIONS)
    cleared(world, 40)
    assert world.push().status is RunStatus.HELD
    ada = world.everybody()[55].id
    world.edit(ada, first_name="Ada")

    first = world.contacts.waiting(Lane.FRESH, until=world.now, limit=100)
    report = world.push()

    assert list(first) == [ada]
    assert report.status is RunStatus.HELD
    assert not world.waits(ada)
    assert their_titles(world) == 60


@pytest.mark.failure("F67")
@pytest.mark.parametrize("share", [20, 90])
def test_values_to_blank_all_along_a_line(share: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer than the minimum go before all of them were counted; then all, or none."""
    monkeypatch.setattr(push_rounds_module, "ROUND", 10)
    guard = replace(GUARD, share_percent=share)
    world, _ = a_world(60, settings=replace(BY_COLLECTIONS, guard=guard))
    people = backlog(world, 50)
    for contact_id in people[8:40:2]:
        world.edit(contact_id, lane=Lane.BULK, job_title=None)

    report = world.push()

    assert report.status is (RunStatus.HELD if share == 20 else RunStatus.COMPLETED)
    lost = 60 - their_titles(world)
    assert lost < GUARD.minimum if share == 20 else lost == 16
    assert sum(row["FirstName"] == "Grace" for row in world.org.rows(SObject.LEAD)) == 50 - (
        16 - lost
    )


@pytest.mark.failure("F67")
def test_a_yes_to_more_than_one_look_can_push(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds until all of them have gone, over however many looks."""
    monkeypatch.setattr(push_rounds_module, "ROUND", 5)
    world, _ = a_world(40, settings=BY_COLLECTIONS)
    cleared(world, 30)
    world.push()
    world.approve(world.holds()[0]["id"])
    looks = 0
    while their_titles(world) > 10 and looks < 20:
        looks += 1
        world.seconds_per_call = 30
        world.deadline = world.now + 5 * MINUTE
        assert world.push().status is not RunStatus.HELD

    assert looks > 1
    assert their_titles(world) == 10
    world.deadline = None
    world.push()
    assert world.holds() == []


@pytest.mark.failure("F67")
def test_a_yes_to_those_who_do_not_go_for_want_of_time() -> None:
    """It is still for them: a round that was cut short asks nobody a second time."""
    world, _ = a_world(2500, settings=BY_COLLECTIONS)
    cleared(world, 2400)
    world.push()
    world.approve(world.holds()[0]["id"])
    world.seconds_per_call = 60
    for _ in range(3):
        world.deadline = world.now + 6 * MINUTE
        assert world.push().status is not RunStatus.HELD

    assert their_titles(world) == 100


def test_time_runs_out_while_a_push_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too much already is held by what was seen of it."""
    monkeypatch.setattr(push_rounds_module, "ROUND", 10)
    world, _ = a_world(40, settings=BY_COLLECTIONS)
    world.edit(world.everybody()[35].id, first_name="Ada")
    world.wait()
    cleared(world, 30)
    world.seconds_per_call = 60
    world.deadline = world.now + 3.5 * MINUTE

    report = world.push()

    assert report.status is RunStatus.HELD
    assert their_titles(world) == 40
    assert not world.holds()[0]["complete"]


def test_few_values_would_be_blanked_in_salesforce() -> None:
    """Fewer than the minimum go without a count."""
    world, _ = a_world(6, settings=SyncSettings(guard=GUARD, fields=TITLE_GOES_OUT))
    cleared(world, 4)

    report = world.push()

    assert report.status is RunStatus.COMPLETED
    assert their_titles(world) == 2
    assert report.api_calls == 2


def test_a_push_meets_many_records_that_are_gone() -> None:
    """It leaves them to the pull, whose guard judges the whole of it."""
    world, leads = a_world()
    for contact in world.everybody():
        world.edit(contact.id, first_name="Ada")
    delete(world, leads[:12])

    world.push()

    assert linked(world) == 20
    assert world.pull(scheduled=True).status is RunStatus.HELD


# --- Sweep and backfill -------------------------------------------------------------------------


@pytest.mark.failure("F67")
def test_a_sweep_finds_most_of_an_object_gone() -> None:
    """As when a right is taken from our user: nothing ends before somebody says yes."""
    world, leads = a_world()
    for lead in leads[:12]:
        world.org.delete(lead)
        world.org.purge(lead)
    world.wait(2 * 24 * 60)

    report = world.sweep()

    assert report.status is RunStatus.HELD
    assert linked(world) == 20
    (hold,) = world.holds()
    assert (hold["stream"], hold["of"]) == ("links", 20)
    again = world.sweep()
    assert again.held == report.held

    world.approve(hold["id"])
    after = world.sweep()

    assert after.status is RunStatus.COMPLETED
    assert linked(world) == 8
    assert world.holds() == []


@pytest.mark.failure("F67")
def test_settings_that_change_before_a_yes_to_a_sweep_counts() -> None:
    """Nobody has said yes to deleting those that were to lose their links; it is asked anew."""
    world, leads = a_world()
    purge(world, leads[:12])
    world.sweep()
    (hold,) = world.holds()
    world.approve(hold["id"])
    world.change(
        inbound=replace(world.settings.current().inbound, on_remote_delete=OnRemoteDelete.DELETE)
    )

    report = world.sweep()

    assert (report.status, report.held) == (RunStatus.HELD, [hold["id"]])
    assert len(world.everybody()) == 20
    (again,) = world.holds()
    assert (again["counts"], again["approved"]) == ({"deleted": 12}, False)
    world.approve(hold["id"])
    assert world.sweep().status is RunStatus.COMPLETED
    assert len(world.everybody()) == 8
    assert world.holds() == []


@pytest.mark.failure("F67")
def test_a_yes_to_a_sweep_is_for_the_objects_that_were_told() -> None:
    """Leads that are back are not made up for by Contacts that are gone instead."""
    world, leads = a_world()
    people = [world.person(f"person{at}@example.com") for at in range(20)]
    world.wait()
    world.pull()
    delete(world, leads[:12])
    world.sweep()
    (hold,) = world.holds()
    world.approve(hold["id"])
    for lead in leads[:12]:
        world.org.undelete(lead)
    purge(world, people[:12])

    report = world.sweep()

    assert report.status is RunStatus.HELD
    assert linked(world) == 40
    (again,) = world.holds()
    assert (again["approved"], hold["objects"], again["objects"]) == (False, ["Lead"], ["Contact"])
    assert "of 20 records of Contact this would" in again["summary"]


def records(world: World) -> list[str]:
    """Return the ids of all counterparts, in the order in which a sweep asks for them."""
    return [each.counterpart.record_id for each in world.everybody() if each.counterpart]


def look_at_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a sweep ask for eight links at once, after which it may have to stop."""
    monkeypatch.setattr("counterpart.use_cases.sweepers._IDS_OF_A_CALL", 8)
    monkeypatch.setattr("counterpart.use_cases.swept_links.PAGE", 8)


def part_by_part(world: World) -> list[Report]:
    """Sweep in invocations that have time for a few links each; return what each reports."""
    reports = []
    requests = [SweepRequest()]
    for request in requests:
        world.deadline = world.now + MINUTE
        reports.append(world.sweep(**asdict(request)))
        requests += [parse_sweep_request(payload) for payload in world.successor.payloads]
        world.successor.payloads.clear()
    world.deadline = None
    return reports


@pytest.mark.failure("F67")
@pytest.mark.parametrize("gone", [slice(8), slice(8, 16), slice(16), slice(None)])
def test_a_sweep_in_parts_is_held(gone: slice, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hold tells of all its parts, whichever came last; one yes is enough for all of them."""
    look_at_few(monkeypatch)
    world, _ = a_world(24)
    lost = records(world)[gone]
    purge(world, lost)

    reports = part_by_part(world)

    assert len(reports) == 3
    assert linked(world) == 24
    (hold,) = world.holds()
    assert hold["counts"] == {"unlinked": len(lost)}
    assert {key for report in reports for key in report.held} == {hold["id"]}

    world.approve(hold["id"])
    world.wait(24 * 60)
    part_by_part(world)

    assert linked(world) == 24 - len(lost)
    assert world.holds() == []


@pytest.mark.failure("F29")
def test_a_sweep_that_stops_to_spare_calls_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one begins anew, so that a yes reaches what was held, and then goes on."""
    look_at_few(monkeypatch)
    world, _ = a_world(24, daily_calls=10)
    world.wait(24 * 60)
    while world.salesforce.usage().used < 8:
        world.pull()
    lost = records(world)[:8]
    purge(world, lost)
    first = world.sweep()
    assert first.status is RunStatus.BUDGET
    assert first.counts[SObject.LEAD]["read"] == 8
    (hold,) = world.holds()
    world.approve(hold["id"])
    world.wait(24 * 60)

    second = world.sweep()

    assert second.counts[SObject.LEAD] == {"read": 24, "unlinked": 8}
    assert world.holds() == []


@pytest.mark.failure("F29")
def test_a_night_without_calls_keeps_what_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was looked at, so nothing is known to have gone away."""
    look_at_few(monkeypatch)
    world, _ = a_world(24, daily_calls=10)
    world.wait(24 * 60)
    purge(world, records(world)[:8])
    world.sweep()
    (hold,) = world.holds()
    world.approve(hold["id"])
    world.wait()
    while world.salesforce.usage().used < 9:
        world.pull()

    assert world.sweep().status is RunStatus.BUDGET

    assert [each["id"] for each in world.holds()] == [hold["id"]]
    world.wait(24 * 60)
    world.sweep()
    assert linked(world) == 16


@pytest.mark.parametrize("said", [True, False])
def test_the_cause_of_a_hold_of_parts_goes_away(
    monkeypatch: pytest.MonkeyPatch, *, said: bool
) -> None:
    """A sweep that finds nothing leaves nothing held, and no yes for another day."""
    look_at_few(monkeypatch)
    world, _ = a_world(24)
    lost = records(world)[8:16]
    delete(world, lost)
    assert len(part_by_part(world)) == 3
    (hold,) = world.holds()
    if said:
        world.approve(hold["id"])
    for lead in lost:
        world.org.undelete(lead)
    world.wait(24 * 60)

    part_by_part(world)

    assert world.holds() == []
    assert linked(world) == 24


def test_a_sweep_that_stops_for_the_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it did not come to stays held."""
    look_at_few(monkeypatch)
    world, _ = a_world(24, daily_calls=20)
    purge(world, records(world)[16:])
    part_by_part(world)
    (hold,) = world.holds()
    while world.salesforce.usage().used < 16:
        world.salesforce.count(PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=()))
    world.wait()

    report = world.sweep()

    assert report.status is RunStatus.BUDGET
    assert world.holds() == [hold]


@pytest.mark.parametrize("start", [Swept.COMPANIES, Swept.OPPORTUNITIES])
@pytest.mark.parametrize("said", [True, False])
def test_a_sweep_by_hand_of_something_else(start: Swept, *, said: bool) -> None:
    """What it does not look at stays held, and so does a yes to it."""
    world, leads = a_world()
    purge(world, leads[:12])
    world.sweep()
    (hold,) = world.holds()
    if said:
        world.approve(hold["id"])

    world.sweep(start=start)

    (after,) = world.holds()
    assert (after["id"], after["approved"]) == (hold["id"], said)


@pytest.mark.failure("F67")
def test_settings_that_change_before_a_yes_counts() -> None:
    """A yes to ended links is none to deleted contacts: it is counted anew, and asked for again."""
    world, leads = a_world()
    delete(world, leads[:12])
    world.pull(scheduled=True)
    (hold,) = world.holds()
    inbound = world.settings.current().inbound
    world.change(inbound=replace(inbound, on_remote_delete=OnRemoteDelete.DELETE))

    world.approve(hold["id"])
    world.follow()

    assert len(world.everybody()) == 20
    (again,) = world.holds()
    assert (again["id"], again["counts"]) == (hold["id"], {"deleted": 12})
    assert not again["approved"]
    world.approve(hold["id"])
    world.follow()
    assert len(world.everybody()) == 8


@pytest.mark.failure("F67")
@pytest.mark.parametrize("writes", [10, 14, 18])
def test_settings_that_change_in_the_middle_of_what_was_agreed_to(writes: int) -> None:
    """The rest of a window is counted anew, however far a run came that broke off within it."""
    world, leads = a_world(page_size=3)
    delete(world, leads[:12])
    world.pull(scheduled=True)
    (hold,) = world.holds()
    world.approve(hold["id"])
    world.cut_the_power_after(writes)
    with pytest.raises(PowerCutError):
        world.pull(scheduled=True)
    world.start_again()
    left = linked(world)
    assert 8 + GUARD.minimum <= left < 20
    world.change(
        inbound=replace(world.settings.current().inbound, on_remote_delete=OnRemoteDelete.DELETE)
    )

    report = world.pull()

    assert report.status is RunStatus.HELD
    assert (linked(world), len(world.everybody())) == (left, 20)
    (again,) = world.holds()
    assert again["counts"].keys() == {"deleted"}


def test_settings_that_change_so_that_it_is_not_too_much() -> None:
    """What the new count lets pass goes on, with or without the yes."""
    world, leads = a_world()
    delete(world, leads[:12])
    world.pull(scheduled=True)
    world.change(guard=Guard(share_percent=90, minimum=5))

    world.approve(world.holds()[0]["id"])
    world.follow()

    assert (linked(world), world.holds()) == (8, [])
