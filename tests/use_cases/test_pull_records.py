"""Pulling: what changed in Salesforce comes in, once and in order."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.inbound_settings import Inbound, InboundObject
from counterpart.domain.links import LinkedBy
from counterpart.domain.outbound_settings import Outbound, OutboundObject
from counterpart.domain.outcomes import Action, Reason, RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.selection import (
    Criterion,
    Group,
    Junction,
    Operator,
    Selection,
    SelectionMode,
)
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import CounterpartError, QuotaExhaustedError, TransientError
from counterpart.ports import PageQuery
from counterpart.use_cases.creation_ports import claim_record
from tests.use_cases.world import HOUR, MINUTE, NOON, SECOND, PowerCutError, World

if TYPE_CHECKING:
    from counterpart.use_cases.reports import Report

LEAD_ALONE = (SObject.LEAD,)
NOBODY = Selection(mode=SelectionMode.NONE)


def inbound(sobject: SObject, **changes: object) -> SyncSettings:
    """Return settings in which one object comes in otherwise."""
    objects = {each: InboundObject() for each in SObject}
    objects[sobject] = InboundObject(**changes)  # type: ignore[arg-type] # what the test says
    return SyncSettings(inbound=Inbound(objects=objects))


# --- Windows -------------------------------------------------------------------------------------


@pytest.mark.failure("F01")
def test_a_row_that_was_committed_later_than_stamped() -> None:
    """It is pulled on the first poll after it appears, once, although newer rows came before."""
    world = World()
    world.pull()
    world.org.add(
        SObject.LEAD,
        {"LastName": "Late", "Company": "Acme", "Email": "late@example.com"},
        commit_at=NOON + 9 * MINUTE,
    )
    world.wait()
    world.lead("new@example.com")
    found = []
    for _ in range(8):
        world.wait(2)
        world.pull()
        found.append(len(world.everybody()))

    assert found == [1, 1, 1, 2, 2, 2, 2, 2]
    assert world.writes_of("contacts.save") == 2


@pytest.mark.failure("F04")
def test_a_row_that_changed_while_the_run_was_reading() -> None:
    """The next run brings it, however long this one took: a window ends when the run began."""
    world = World(page_size=1)
    first = world.lead(Title="Analyst")
    world.lead("bob@example.com", Title="Clerk")
    world.wait()
    # More than the overlap of two windows makes up for.
    world.seconds_per_call = 20 * 60
    world.on_write["contacts.save"] = lambda: world.org.edit(first, {"Title": "Director"})
    world.pull()
    world.seconds_per_call = 0
    read_so_far = world.titles()

    world.wait(5)
    world.pull()

    assert read_so_far == ["Analyst", "Clerk"]
    assert world.titles() == ["Clerk", "Director"]


@pytest.mark.failure("F09")
def test_the_first_run_on_an_old_org() -> None:
    """Records older than any look-back come in, too."""
    world = World()
    world.now = NOON - 3 * 365 * 24 * HOUR
    world.lead()
    world.now = NOON

    world.pull()

    assert len(world.everybody()) == 1


@pytest.mark.failure("F17")
def test_the_sync_was_down_for_three_days() -> None:
    """The next scheduled run reads all that happened since, with nothing to reset by hand."""
    world = World()
    changed, gone = world.lead("ada@example.com", Title="Analyst"), world.lead("bob@example.com")
    world.pull(scheduled=True)
    world.wait(24 * 60)
    world.org.edit(changed, {"Title": "Director"})
    world.org.delete(gone)
    world.wait(24 * 60)
    world.lead("new@example.com", Title="Clerk")
    world.wait(24 * 60)

    world.pull(scheduled=True)

    assert sorted(world.titles()) == ["Clerk", "Director", "None"]
    assert [contact.email for contact in world.everybody() if not contact.counterpart] == [
        "bob@example.com"
    ]


@pytest.mark.failure("F10")
def test_an_object_that_is_too_big_to_be_queried() -> None:
    """Salesforce gives up on the whole of it, so its window is read in parts, to the end."""
    world = World(page_size=5)
    for number in range(40):
        world.lead(f"{number}@example.com")
        world.wait(60 * (number % 7))
    world.salesforce.most_looked_at = 10

    report = world.pull()

    assert report.status is RunStatus.COMPLETED
    assert len(world.everybody()) == 40
    assert world.streams.get("Lead").watermark


@pytest.mark.failure("F10")
def test_a_second_that_is_too_big_to_be_queried() -> None:
    """The run fails and is heard of; it does not end as if there were nothing to read."""
    world = World()
    world.lead()
    world.wait()
    world.salesforce.most_looked_at = 0

    report = world.pull()

    assert report.status is RunStatus.FAILED
    assert report.more_remains
    assert world.streams.get("Lead").watermark is None


@pytest.mark.failure("F14")
def test_one_record_that_changes_again_and_again() -> None:
    """Each version is applied once, though all lie within the overlap."""
    world = World()
    lead_id = world.lead(Title="v0")
    for number in range(1, 4):
        world.pull()
        world.wait()
        world.org.edit(lead_id, {"Title": f"v{number}"})
    world.pull()
    world.wait()
    world.pull()

    assert world.titles() == ["v3"]
    assert world.writes_of("contacts.save") == 4


@pytest.mark.failure("F15")
def test_a_poll_that_finds_nothing_new() -> None:
    """It costs one call for all objects, and no write to contacts, links or runs."""
    world = World()
    world.account(Website="acme.example")
    world.lead()
    world.person("bob@example.com")
    world.lead(None)
    world.pull()
    world.wait(5)
    before = world.state()
    world.written.clear()

    report = world.pull(scheduled=True)

    assert report.api_calls == 1
    assert world.writes_of("contacts", "companies", "links", "runs") == 0
    assert world.state() == before
    assert report.skipped == {Reason.NO_CHANGE: 3, Reason.NO_EMAIL: 1}


# --- Pages ---------------------------------------------------------------------------------------


@pytest.mark.failure("F02")
@pytest.mark.failure("F05")
def test_more_rows_of_one_stamp_than_a_page_holds() -> None:
    """All arrive, none twice, and the queries come to an end."""
    world = World(page_size=40)
    for number in range(100):
        world.lead(f"{number}@example.com")
    world.wait()

    report = world.pull(objects=LEAD_ALONE)

    assert len(world.everybody()) == 100
    assert report.counts["Lead"]["created"] == 100
    assert report.api_calls == 3


@pytest.mark.failure("F02")
@pytest.mark.failure("F06")
def test_a_crash_in_the_middle_of_one_stamp() -> None:
    """The next run goes on after the last page that was saved."""
    world = World(page_size=40)
    for number in range(100):
        world.lead(f"{number}@example.com")
    world.wait()
    # A page of 40 takes 80 writes, its progress one, acquiring the lease another.
    world.cut_the_power_after(100)
    with pytest.raises(PowerCutError):
        world.pull(objects=LEAD_ALONE)
    world.start_again()
    world.written.clear()

    report = world.pull(objects=LEAD_ALONE)

    assert len(world.everybody()) == 100
    assert report.counts["Lead"]["read"] == 60


@pytest.mark.failure("F07")
@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (TransientError("no answer"), RunStatus.FAILED),
        (QuotaExhaustedError("REQUEST_LIMIT_EXCEEDED"), RunStatus.BUDGET),
    ],
    ids=["no answer", "allowance"],
)
def test_a_failure_between_two_pages(failure: CounterpartError, status: RunStatus) -> None:
    """The next run goes on with the page that failed; the watermark has not moved."""
    world = World(page_size=2)
    for number in range(6):
        world.lead(f"{number}@example.com")
    world.wait()
    world.on_write["streams.save"] = lambda: world.salesforce.fail(failure)

    failed = world.pull(objects=LEAD_ALONE)
    watermark = world.streams.get("Lead").watermark
    world.wait()
    report = world.pull(objects=LEAD_ALONE)

    assert failed.status is status
    assert failed.more_remains
    assert watermark is None
    assert report.counts["Lead"]["read"] == 4
    assert len(world.everybody()) == 6


@pytest.mark.failure("F60")
def test_more_accounts_than_a_page_holds() -> None:
    """All are there before the first Contact comes, so each finds its company."""
    world = World(page_size=2)
    accounts = [world.account(f"Acme {number}") for number in range(5)]
    for number, account_id in enumerate(reversed(accounts)):
        world.person(f"{number}@example.com", AccountId=account_id)
    world.wait()

    world.pull()

    assert len(world.everybody()) == 5
    assert all(contact.company_id for contact in world.everybody())


@pytest.mark.failure("F56")
def test_more_gone_rows_than_a_page_holds() -> None:
    """All have moved their links before a row that lives may make somebody new."""
    world = World(page_size=2)
    leads = [world.lead(f"{number}@example.com") for number in range(5)]
    world.wait()
    world.pull()
    world.wait()
    people = [world.org.convert(lead_id) for lead_id in leads]
    world.wait()
    for number, contact_id in enumerate(reversed(people)):
        world.wait()
        world.org.edit(contact_id, {"Email": f"other{number}@example.com"})
    world.wait()

    world.pull()

    assert len(world.everybody()) == 5
    assert {contact.email for contact in world.everybody()} == {
        f"other{number}@example.com" for number in range(5)
    }


def test_an_idle_poll_of_five_passes() -> None:
    """Every object is asked at once; waiting for one another costs calls only when pages do."""
    world = World()
    world.lead()
    world.person("bob@example.com")

    report = world.pull()

    assert report.api_calls == 1


def test_many_contacts_and_no_lead() -> None:
    """A pass that has nothing to bring has no need to be asked again after the others."""
    world = World(page_size=2)
    for number in range(5):
        world.person(f"person{number}@example.com")
    world.wait()

    report = world.pull()

    assert len(world.everybody()) == 5
    assert report.api_calls == 3


# --- What is selected ----------------------------------------------------------------------------


def test_only_marked_records() -> None:
    """The checkbox lets a record in when it is ticked."""
    marked = Selection(mode=SelectionMode.MARKED)
    world = World(inbound(SObject.LEAD, selection=marked))
    lead_id = world.lead()
    world.pull()
    assert world.everybody() == []

    world.wait()
    world.org.edit(lead_id, {"Sync_to_Counterpart__c": True})
    world.pull()

    assert len(world.everybody()) == 1


@pytest.mark.failure("F56")
def test_links_are_kept_up_while_nothing_is_taken() -> None:
    """A converted lead moves its contact, although leads and their values stay outside."""
    world = World()
    lead_id = world.lead(Title="Analyst")
    world.pull()
    none = Selection(mode=SelectionMode.NONE)
    world.change(
        inbound=Inbound(
            objects={
                SObject.ACCOUNT: InboundObject(enabled=False),
                SObject.CONTACT: InboundObject(selection=none),
                SObject.LEAD: InboundObject(selection=none),
            }
        )
    )
    world.wait()
    contact_id = world.org.convert(lead_id)
    world.org.edit(contact_id, {"Title": "Director"})
    world.pull()

    contact = world.the_contact()
    assert contact.counterpart
    assert contact.counterpart.record_id == contact_id
    assert contact.ledger.values["job_title"] == "Analyst"


@pytest.mark.failure("F25")
def test_a_field_that_the_org_hides() -> None:
    """It is set aside and said once; the rest crosses, and it comes back when it is shown."""
    world = World()
    world.org.hidden.add((SObject.LEAD, "Title"))
    lead_id = world.lead(Title="Analyst", City="Bern")

    world.pull()
    world.wait()
    world.pull()

    assert world.the_contact().ledger.values["city"] == "Bern"
    assert "job_title" not in world.the_contact().ledger.values
    told = [(each.action, each.reason, each.field) for each in world.outcomes()]
    assert told == [(Action.WARNED, Reason.FIELD_UNAVAILABLE, "job_title")]

    world.org.hidden.clear()
    world.wait(61)
    world.org.edit(lead_id, {"City": "Basel"})
    world.pull()

    assert world.the_contact().ledger.values["job_title"] == "Analyst"


@pytest.mark.failure("F25")
def test_pulling_by_id_what_the_org_hides() -> None:
    """Whoever asks for one record gets what can be seen of it."""
    world = World()
    world.org.hidden.add((SObject.LEAD, "Title"))
    lead_id = world.lead(City="Bern")

    report = world.pull(ids=(lead_id,))

    assert world.the_contact().ledger.values["city"] == "Bern"
    assert [each.reason for each in report.outcomes] == [Reason.FIELD_UNAVAILABLE]


@pytest.mark.failure("F26")
def test_criteria_whose_field_has_another_type_by_now() -> None:
    """Their object stands still and says why; the others go on."""
    broken = Criterion(field="CreatedDate", operator=Operator.AT_LEAST, value="last year")
    criteria = Group(junction=Junction.ALL, members=(broken,))
    selection = Selection(mode=SelectionMode.CRITERIA, criteria=criteria)
    world = World(inbound(SObject.LEAD, selection=selection))
    world.lead()
    world.person("bob@example.com")
    world.wait()

    report = world.pull(scheduled=True)

    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    assert [each.object for each in report.outcomes] == [SObject.LEAD]
    assert report.outcomes[0].reason is Reason.OBJECT_UNAVAILABLE
    assert "last year" in report.outcomes[0].message
    assert [contact.email for contact in world.everybody()] == ["bob@example.com"]


@pytest.mark.failure("F26")
@pytest.mark.failure("F66")
def test_an_object_that_our_user_may_not_read() -> None:
    """It stands still and is shown; the others go on, at the price of one call more an hour."""
    world = World()
    world.pull(scheduled=True)
    world.org.hidden_objects.add(SObject.LEAD)
    world.lead("late@example.com")
    world.wait(5)

    world.person("first@example.com")
    report = world.pull(scheduled=True)

    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    (outcome,) = [each for each in report.outcomes if each.reason is Reason.OBJECT_UNAVAILABLE]
    assert (outcome.action, outcome.object) == (Action.FAILED, SObject.LEAD)
    assert len(world.everybody()) == 1
    ticks = []
    for _ in range(11):
        world.wait(5)
        ticks.append(world.pull(scheduled=True))
    assert {(tick.api_calls, tick.status) for tick in ticks} == {(1, RunStatus.COMPLETED)}
    assert (ticks[-1].seconds_behind or 0) > 55 * 60

    world.org.hidden_objects.clear()
    world.wait(10)
    world.pull(scheduled=True)
    assert sorted(str(contact.email) for contact in world.everybody()) == [
        "first@example.com",
        "late@example.com",
    ]


@pytest.mark.failure("F26")
def test_an_object_is_hidden_while_another_waits_for_its_turn() -> None:
    """What was not asked for is not asked for one by one either, and goes on."""
    world = World(page_size=1)
    leads = [world.lead(f"{number}@example.com") for number in range(3)]
    world.wait()
    world.pull(scheduled=True)
    world.wait(20)
    for lead_id in leads:
        world.org.delete(lead_id)
    world.person("ada@example.com")
    world.wait()
    # Of the leads that are gone more is to come after this page, and Contacts wait for that.
    world.on_write["contacts.save"] = lambda: world.org.hidden_objects.add(SObject.LEAD)

    report = world.pull(scheduled=True)

    assert [each.object for each in report.outcomes if each.action is Action.FAILED] == [
        SObject.LEAD
    ]
    assert "ada@example.com" in {contact.email for contact in world.everybody()}


@pytest.mark.failure("F25")
@pytest.mark.failure("F26")
@pytest.mark.parametrize("column", ["Title", "Email"])
@pytest.mark.parametrize(
    ("hidden", "other"),
    [(SObject.CONTACT, SObject.LEAD), (SObject.LEAD, SObject.CONTACT)],
)
def test_an_object_is_hidden_together_with_a_field_of_another(
    hidden: SObject, other: SObject, column: str
) -> None:
    """As one edit of a permission set may do: the field alone is missed of the other object."""
    world = World()
    people = {SObject.LEAD: world.lead("ada@example.com"), SObject.CONTACT: world.person("b@b.ch")}
    world.pull()
    world.wait(20)
    world.org.hidden_objects.add(hidden)
    world.org.hidden.add((other, column))
    world.org.edit(people[other], {"Title": "Countess", "FirstName": "Ada"})
    world.wait()

    report = world.pull(scheduled=True)

    told = {(each.reason, each.object) for each in report.outcomes}
    assert told == {(Reason.OBJECT_UNAVAILABLE, hidden), (Reason.FIELD_UNAVAILABLE, other)}
    assert world.of(people[other]).ledger.values["first_name"] == "Ada"


@pytest.mark.failure("F26")
def test_records_are_asked_for_of_which_some_are_of_a_hidden_object() -> None:
    """The others are pulled, and what our user may not read is told."""
    world = World()
    world.org.hidden_objects.add(SObject.CONTACT)
    ids = (world.person("bob@example.com"), world.lead("ada@example.com"))

    report = world.pull(ids=ids)

    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    assert (Reason.OBJECT_UNAVAILABLE, SObject.CONTACT) in {
        (each.reason, each.object) for each in report.outcomes
    }
    assert world.the_contact().email == "ada@example.com"


@pytest.mark.failure("F26")
def test_all_objects_are_hidden() -> None:
    """Each is shown, and nothing is taken for an empty org."""
    world = World()
    world.org.hidden_objects |= set(SObject)

    report = world.pull(scheduled=True)

    assert {each.object for each in report.outcomes} == set(SObject)
    assert all(world.streams.get(name).watermark is None for name in SObject)


@pytest.mark.failure("F26")
def test_a_person_asks_for_an_object_that_was_hidden() -> None:
    """It is looked for at once, and not in an hour."""
    world = World()
    world.org.hidden_objects.add(SObject.LEAD)
    world.lead()
    world.pull(scheduled=True)
    world.org.hidden_objects.clear()

    world.pull()

    assert world.the_contact().email == "ada@example.com"


@pytest.mark.failure("F26")
def test_a_checkbox_that_the_org_lacks() -> None:
    """Nobody can be selected by it, so that object stands still, and the others go on."""
    world = World(inbound(SObject.LEAD, selection=Selection(mode=SelectionMode.MARKED)))
    world.org.hidden.add((SObject.LEAD, "Sync_to_Counterpart__c"))
    world.lead()
    world.person("bob@example.com")

    report = world.pull()

    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    (outcome,) = [each for each in report.outcomes if each.action is Action.FAILED]
    assert "Sync_to_Counterpart__c" in outcome.message
    assert world.the_contact().email == "bob@example.com"


# --- By hand -------------------------------------------------------------------------------------


def test_pulling_by_id() -> None:
    """These records alone, wherever the watermark stands; one that is not there is said."""
    world = World()
    wanted, other = world.lead("one@example.com"), world.lead("two@example.com")
    gone = world.lead("three@example.com")
    world.org.purge(gone)

    report = world.pull(ids=(wanted, gone))

    assert world.the_contact().email == "one@example.com"
    assert report.skipped[Reason.NOT_FOUND] == 1
    assert world.streams.get("Lead").watermark is None
    assert other not in world.links.get_many([other])


def test_pulling_what_is_switched_off_by_id() -> None:
    """Nothing is received for the object, and it is said."""
    world = World(inbound(SObject.LEAD, enabled=False))
    lead_id, person_id = world.lead("one@example.com"), world.person("two@example.com")

    report = world.pull(ids=(lead_id, person_id))

    assert world.the_contact().email == "two@example.com"
    assert report.skipped == {Reason.OBJECT_DISABLED: 1}


def test_reading_once_more_since_a_moment() -> None:
    """It has a stream of its own, which is gone afterwards; the regular one does not move."""
    world = World()
    lead_id = world.lead(Title="Analyst")
    world.wait()
    world.pull()
    watermark = world.streams.get("Lead").watermark
    world.wait(HOUR / MINUTE)

    report = world.pull(since=NOON, objects=LEAD_ALONE)

    assert report.counts["Lead"]["read"] == 1
    assert world.streams.get("Lead").watermark == watermark
    assert world.streams.get("Lead since 2026-11-22T12:00:00Z").watermark is None
    assert world.of(lead_id).counterpart


@pytest.mark.failure("F67")
def test_a_dry_run() -> None:
    """It says what would happen, and what it cost to find out, and writes nothing at all."""
    world = World()
    world.account()
    world.lead()
    world.person("bob@example.com")
    world.lead(None)
    world.add("carl@example.com")
    world.person("carl@example.com")
    world.written.clear()

    report = world.pull(dry_run=True)

    assert world.written == []
    assert report.dry_run
    assert report.answer()["api_calls"] == world.salesforce.usage().calls == 1
    assert report.counts["Contact"] == {"read": 2, "created": 1, "linked": 1}
    assert report.counts["Lead"] == {"read": 2, "created": 1, "skipped": 1}


def test_an_object_that_is_switched_off() -> None:
    """Asked for by name, it says why nothing was read; here nobody's link is to be kept up."""
    off = dict.fromkeys(SObject, InboundObject(enabled=False))
    world = World(SyncSettings(inbound=Inbound(objects=off)))

    report = world.pull(objects=(SObject.ACCOUNT,))

    assert report.notes == ["Account: switched off in the settings; nothing was read."]
    assert report.api_calls == 0


# --- The schedule --------------------------------------------------------------------------------


def test_an_interval_that_has_not_passed() -> None:
    """A tick leaves the object alone; a person does not have to wait."""
    world = World(inbound(SObject.LEAD, interval_minutes=60))
    world.pull(scheduled=True)
    world.wait(30)
    world.lead()

    scheduled = world.pull(scheduled=True)
    assert world.everybody() == []
    assert "Lead" not in scheduled.counts
    world.pull()
    assert len(world.everybody()) == 1


def test_how_far_behind_it_is() -> None:
    """The oldest watermark that should move tells, for the alarm."""
    world = World()
    world.pull(scheduled=True)
    world.wait(20)
    world.salesforce.fail(TransientError("no answer"))
    world.pull(scheduled=True)
    world.wait(10)

    report = world.pull(scheduled=True)

    assert report.seconds_behind == 0
    assert report.status is RunStatus.COMPLETED


# --- Leases and time -----------------------------------------------------------------------------


def test_a_stream_that_another_run_holds() -> None:
    """The tick leaves at once, and says so."""
    world = World()
    world.lead()
    lease = world.streams.acquire("Lead", now=world.now, lasts=3 * MINUTE)
    assert lease

    report = world.pull(objects=LEAD_ALONE)

    assert report.api_calls == 0
    assert report.notes == ["Lead is being pulled by another run at this moment."]
    world.streams.release(lease)
    world.pull()
    assert len(world.everybody()) == 1


def test_a_tick_in_the_middle_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks nothing and changes nothing; whoever reads the same window again writes nothing."""
    world = World()
    world.lead()
    poll = world.salesforce.poll
    between: list[Report] = []

    def poll_slowly(queries: Sequence[PageQuery], describe: Collection[SObject] = ()) -> object:
        if not between:
            between.append(world.pull(scheduled=True))
        return poll(queries, describe)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(world.salesforce, "poll", poll_slowly)
        report = world.pull(scheduled=True)

    assert [one.api_calls for one in between] == [0]
    assert between[0].counts == {}
    assert report.counts["Lead"]["created"] == 1
    assert world.writes_of("contacts.save") == 1
    world.wait(5)
    assert world.pull(scheduled=True).skipped == {Reason.NO_CHANGE: 1}
    assert world.writes_of("contacts.save", "salesforce") == 1


def test_a_lease_of_a_run_that_died() -> None:
    """It ends by itself."""
    world = World()
    world.lead()
    world.streams.acquire("Lead", now=world.now, lasts=3 * MINUTE)
    world.wait(3.1)

    world.pull()

    assert len(world.everybody()) == 1


@pytest.mark.failure("F08")
def test_a_run_that_was_thought_dead() -> None:
    """Its lease was taken over, so it can't move the watermark any more."""
    world = World()
    world.lead()

    def take_over() -> None:
        lease = world.streams.acquire("Lead", now=world.now + HOUR, lasts=MINUTE)
        assert lease
        world.streams.release(lease)

    world.on_write["contacts.save"] = take_over
    report = world.pull(objects=LEAD_ALONE)

    assert report.status is RunStatus.FAILED
    assert world.streams.get("Lead").watermark is None
    world.wait()
    world.pull()
    assert world.writes_of("contacts.save") == 1


def test_a_long_run_keeps_its_leases() -> None:
    """While Accounts take their time, nobody else begins with the leads that wait their turn."""
    world = World(page_size=1)
    world.seconds_per_call = 50
    for number in range(8):
        world.account(f"Acme {number}")
    world.lead()
    world.wait()
    stolen = []

    def look() -> None:
        stolen.append(world.streams.acquire("Lead", now=world.now, lasts=MINUTE))
        world.on_write["companies.save"] = look

    world.on_write["companies.save"] = look
    report = world.pull()

    assert stolen == [None] * 8
    assert report.status is RunStatus.COMPLETED


@pytest.mark.failure("F03")
def test_a_run_that_is_short_of_time_among_rows_of_one_stamp() -> None:
    """It hands over, and the next invocation goes on from there at once, and finishes."""
    world = World(page_size=2)
    world.seconds_per_call = 10
    for number in range(20):
        world.lead(f"{number}@example.com")
    world.wait()
    world.deadline = world.now + 100 * SECOND

    report = world.pull(scheduled=True)
    half = len(world.everybody())
    reports = world.follow()

    assert report.status is RunStatus.CONTINUES
    assert report.more_remains
    assert 0 < half < 20
    assert len(world.everybody()) == 20
    assert sum(each.counts["Lead"]["created"] for each in [report, *reports]) == 20
    assert sum(each.counts["Lead"]["read"] for each in [report, *reports]) == 20
    assert len({row["SystemModstamp"] for row in world.org.rows(SObject.LEAD)}) == 1
    assert reports[-1].status is RunStatus.COMPLETED
    assert world.streams.get("Lead").watermark


def test_a_read_once_more_that_is_short_of_time() -> None:
    """It goes on in its own stream, and leaves none behind."""
    world = World(page_size=2)
    world.seconds_per_call = 10
    for number in range(12):
        world.lead(f"{number}@example.com")
    world.wait()
    world.deadline = world.now + 100 * SECOND
    since = NOON - HOUR + timedelta(microseconds=1)

    world.pull(since=since, objects=LEAD_ALONE)
    world.follow()

    assert len(world.everybody()) == 12
    assert world.writes_of("contacts.save") == 12
    assert world.writes_of("streams.discard") == 1


def test_an_invocation_that_never_has_time() -> None:
    """It turns one page all the same, or handing over would go on for ever."""
    world = World(page_size=2)
    for number in range(6):
        world.lead(f"{number}@example.com")
    world.wait()
    world.deadline = world.now + 30 * SECOND

    world.pull(objects=LEAD_ALONE)

    assert len(world.everybody()) == 2
    assert world.successor.payloads == [{"objects": ["Lead"]}]


def test_what_was_left_of_a_window_is_switched_off_before_it_is_read() -> None:
    """There is nothing more to ask for, and the stream comes to its end."""
    world = World(page_size=2)
    for number in range(6):
        world.lead(f"{number}@example.com")
    world.wait()
    world.deadline = world.now + 30 * SECOND
    world.pull(objects=LEAD_ALONE)
    assert world.streams.get("Lead").upper
    world.deadline = None
    world.change(inbound=inbound(SObject.LEAD, selection=NOBODY).inbound)

    world.pull()

    assert world.streams.get("Lead").upper is None
    assert len(world.everybody()) == 2


# --- The allowance -------------------------------------------------------------------------------


@pytest.mark.failure("F29")
def test_our_share_of_the_allowance_is_used() -> None:
    """It stops and says budget, not success; progress is kept, and it resumes afterwards."""
    world = World(
        SyncSettings(
            outbound=Outbound(
                objects={each: OutboundObject() for each in SObject}, api_share_percent=30
            )
        ),
        page_size=2,
        daily_calls=10,
    )
    for number in range(12):
        world.lead(f"{number}@example.com")
    world.wait()

    stopped = world.pull(objects=LEAD_ALONE)
    half = len(world.everybody())
    world.change(outbound=Outbound(api_share_percent=100))
    world.wait()
    world.pull(objects=LEAD_ALONE)

    assert stopped.status is RunStatus.BUDGET
    assert "3 of 10 calls" in stopped.notes[0]
    assert half == 6
    assert len(world.everybody()) == 12


@pytest.mark.failure("F29")
def test_our_share_is_used_by_reading_what_is_known() -> None:
    """The list of runs has the one that found out, though it changed nothing; later ones not."""
    world = World(page_size=2, daily_calls=100)
    for number in range(12):
        world.lead(f"{number}@example.com")
    world.wait()
    world.pull(objects=LEAD_ALONE)
    share = world.salesforce.usage().calls + 2
    world.change(outbound=Outbound(api_share_percent=share))
    world.wait(5)

    found_out = world.pull(scheduled=True)
    world.wait(5)
    stopped = world.pull(scheduled=True)

    assert found_out.api_calls > 0
    assert (stopped.status, stopped.api_calls) == (RunStatus.BUDGET, 0)
    runs = world.runs.page(limit=100).items
    assert [run.status for run in runs] == [RunStatus.BUDGET, RunStatus.COMPLETED]


@pytest.mark.failure("F29")
@pytest.mark.failure("F21")
def test_the_allowance_is_spent() -> None:
    """Salesforce says so; the run is no success, and nothing is lost."""
    world = World()
    world.lead()
    world.salesforce.fail(QuotaExhaustedError("TotalRequests Limit exceeded."))

    report = world.pull()
    world.wait()
    world.pull()

    assert report.status is RunStatus.BUDGET
    assert report.error == "TotalRequests Limit exceeded."
    assert len(world.everybody()) == 1


# --- Neighbours ----------------------------------------------------------------------------------


@pytest.mark.failure("F18")
def test_one_odd_row_among_many() -> None:
    """The others come in, and the odd one is told with its reason."""
    world = World()
    for number in range(20):
        world.lead(f"{number}@example.com" if number != 7 else "seven at example")

    report = world.pull()

    assert report.counts["Lead"] == {"read": 20, "created": 19, "skipped": 1}
    assert [each.reason for each in report.outcomes] == [Reason.INVALID_EMAIL]


def test_somebody_edits_a_contact_while_its_record_is_applied() -> None:
    """Whoever loses the write is decided again on what is there now: both edits survive."""
    world = World()
    lead_id = world.lead(Title="Analyst", City="Bern")
    world.pull()
    contact_id = world.the_contact().id
    world.wait()
    other = world.lead("bob@example.com")
    world.org.edit(lead_id, {"Title": "Director"})
    world.on_write["links.claim"] = lambda: world.edit(contact_id, city="Basel")
    world.wait()

    world.pull()

    assert (
        dict(world.of(lead_id).ledger.values).items()
        >= {
            "job_title": "Director",
            "city": "Basel",
        }.items()
    )
    assert world.of(other).counterpart


def test_a_claim_that_was_lost_takes_its_companions_along() -> None:
    """A Contact that shares its contact with a converted lead is not counted as applied."""
    world = World()
    lead_id = world.lead(Title="Analyst")
    world.pull()
    world.wait()
    contact_id = world.org.convert(lead_id)
    world.org.edit(contact_id, {"Title": "Director"})
    world.wait()
    eve = world.add("eve@example.com")

    # Somebody else links the new Contact, while the page is applied.
    world.on_write["companies.save"] = lambda: claim_record(
        world.create_ports,
        record_id=contact_id,
        sobject=SObject.CONTACT,
        subject_id=eve,
        by=LinkedBy.CREATION,
        now=world.now,
    )
    report = world.pull()

    assert report.status is RunStatus.COMPLETED
    assert world.of(contact_id).id == eve
    assert world.contact(eve).ledger.values["job_title"] == "Director"


def test_a_record_whose_contact_has_moved_on() -> None:
    """It finds whoever else has its address, before it makes somebody new."""
    world = World()
    lead_id = world.lead("ada@example.com")
    other_id = world.lead("ada@example.com")
    ada, bob = world.add("ada@example.com"), world.add("ada@example.com")
    for contact_id, record_id in ((ada, lead_id), (ada, other_id)):
        claim_record(
            world.create_ports,
            record_id=record_id,
            sobject=SObject.LEAD,
            subject_id=contact_id,
            by=LinkedBy.EMAIL,
            now=world.now,
        )
    world.pull(ids=(lead_id,))

    world.pull()

    assert len(world.everybody()) == 2
    assert world.of(lead_id).id == ada
    assert world.of(other_id).id == bob
