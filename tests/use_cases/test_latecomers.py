"""Accounts that come after their people, who belong to them with the very run that brings them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from counterpart.domain.backfill import Backfill, BackfillWanted
from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import Creation
from counterpart.domain.inbound_settings import Inbound, InboundObject
from counterpart.domain.mapping import Mode
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.outcomes import RunStatus
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
from counterpart.use_cases.backfill import count_backfill, start_backfill
from counterpart.use_cases.companies import change_company
from counterpart.use_cases.run_backfill import run_backfill
from tests.use_cases.world import MINUTE, SECOND, PowerCutError, World, with_mode

TWO_WAY = with_mode(Mode.TWO_WAY, "job_title", "company_name")
IS_PERSON = "IsPersonAccount"
CREATION = Creation(create_as=CreateAs.CONTACT, match_accounts_by_domain=True, create_accounts=True)


def accounts(entry: InboundObject) -> Inbound:
    """Return how records come in, where Accounts do so otherwise."""
    return Inbound(objects={one: InboundObject() for one in SObject} | {SObject.ACCOUNT: entry})


OFF = accounts(InboundObject(enabled=False))
BANKS = accounts(
    InboundObject(
        selection=Selection(
            mode=SelectionMode.CRITERIA,
            criteria=Group(
                junction=Junction.ALL,
                members=(Criterion(field="Industry", operator=Operator.IN, value=("Banking",)),),
            ),
        )
    )
)


def people_without(
    inbound: Inbound = OFF, *, people: int = 3, daily_calls: int = 0
) -> tuple[World, str]:
    """Return a world whose people came in long ago, and the Account that they wait for."""
    world = World(SyncSettings(inbound=inbound, fields=TWO_WAY), daily_calls=daily_calls)
    acme = world.account(Website="acme.example")
    for number in range(people):
        world.person(f"{number}@acme.example", AccountId=acme, Title="Analyst")
    come_in(world)
    assert len(world.everybody()) == people
    assert {contact.company_id for contact in world.everybody()} == {None}
    return world, acme


def come_in(world: World) -> None:
    """Pull, and let every overlap pass."""
    world.wait()
    world.pull(scheduled=True)
    world.wait(60)
    world.pull(scheduled=True)
    world.wait(6)
    world.written.clear()


def switched_on(world: World, account_id: str) -> None:
    """Let Accounts come in, and somebody edit this one."""
    world.change(inbound=Inbound())
    world.wait()
    world.org.edit(account_id, {"Phone": "1"})
    world.wait()


def companies_of(world: World) -> set[str | None]:
    """Return to which companies everybody belongs."""
    return {contact.company_id for contact in world.everybody()}


def the_company(world: World) -> str:
    """Return the id of the only company that has an Account."""
    (company,) = (each for each in world.all_companies() if each.counterpart)
    return company.id


# --- Every way in which an Account comes late ----------------------------------------------------


@pytest.mark.failure("F60")
def test_accounts_that_are_switched_on_later() -> None:
    """The run that brings one puts its people where they belong, and asks for nothing more."""
    world, acme = people_without()
    switched_on(world, acme)
    calls = world.salesforce.usage().calls

    report = world.pull(scheduled=True)

    assert companies_of(world) == {the_company(world)}
    assert report.counts[SObject.CONTACT]["updated"] == 3
    assert report.summary == "Read 1 record from Salesforce. Changed 4 of ours."
    assert world.salesforce.usage().calls - calls == report.api_calls == 1
    assert world.writes_of("contacts.save") == 3


def test_accounts_that_come_in_once_a_day() -> None:
    """Their people come within minutes, and have a company the next day."""
    daily = accounts(InboundObject(interval_minutes=24 * 60))
    world = World(SyncSettings(inbound=daily))
    come_in(world)
    acme = world.account()
    person = world.person(AccountId=acme)
    come_in(world)
    first = world.of(person)
    world.wait(24 * 60)

    world.pull(scheduled=True)

    assert (first.account_id, first.company_id) == (acme, None)
    assert world.of(person).company_id == the_company(world)


def test_an_account_that_is_selected_later() -> None:
    """It meets the criteria only now."""
    world, acme = people_without(BANKS)
    world.org.edit(acme, {"Industry": "Banking"})
    world.wait()

    world.pull(scheduled=True)

    assert companies_of(world) == {the_company(world)}


def test_an_account_that_was_passed_by() -> None:
    """It was a person's, which is no company, and is a business by now."""
    world = World()
    acme = world.account("Acme", **{IS_PERSON: True})
    person = world.person(AccountId=acme)
    come_in(world)
    first = world.of(person)
    world.org.edit(acme, {IS_PERSON: False})
    world.wait()

    world.pull(scheduled=True)

    assert (first.account_id, first.company_id) == (acme, None)
    assert world.of(person).company_id == the_company(world)


@pytest.mark.parametrize("known", [True, False])
def test_an_account_that_comes_out_of_the_recycle_bin(*, known: bool) -> None:
    """Its people have the company that it was here, or the one that it becomes."""
    world = World()
    acme = world.account()
    if known:
        come_in(world)
    world.org.delete(acme)
    person = world.person(AccountId=acme)
    come_in(world)
    first = world.of(person).company_id
    world.org.undelete(acme)
    world.wait()

    world.pull(scheduled=True)

    assert (first is not None) is known
    assert world.of(person).company_id == the_company(world)


@pytest.mark.parametrize("found_by", [World.pull, World.sweep, World.push])
def test_a_company_that_moves_to_their_account(found_by: Callable[[World], object]) -> None:
    """Its own Account was merged into theirs, which had never come in; whoever sees that first."""
    world, acme = people_without(BANKS)
    other = world.account("Acme Ltd", Industry="Banking")
    come_in(world)
    company = the_company(world)
    world.org.merge(acme, other)
    change_company(
        company,
        fields={"phone": "2"},
        version=None,
        now=world.now,
        companies=world.companies,
        domains=world.pages.domains,
        settings=world.settings,
    )
    world.wait()

    found_by(world)

    assert companies_of(world) == {company} == {the_company(world)}


def test_an_account_that_somebody_pulls_by_its_id() -> None:
    """That brings its people into it as the schedule would."""
    world, acme = people_without()
    world.change(inbound=Inbound())

    world.pull(ids=(acme,))

    assert companies_of(world) == {the_company(world)}


def test_an_account_that_a_backfill_brings() -> None:
    """Nobody has to edit it."""
    world, _ = people_without()
    world.change(inbound=Inbound())

    backfill(world)

    assert companies_of(world) == {the_company(world)}


def backfill(world: World) -> None:
    """Read all Accounts once more, through as many invocations as it takes."""
    what = BackfillWanted(what=Backfill(object=SObject.ACCOUNT))
    counted = count_backfill(what, ports=world.pull_ports)
    start_backfill(replace(what, confirm=int(str(counted["records"]))), ports=world.pull_ports)
    while world.successor.payloads:
        world.successor.payloads.clear()
        run_backfill(ports=world.pull_ports, time_left=world.time_left)
        world.deadline = None


@pytest.mark.failure("F60")
def test_an_account_that_is_made_for_somebody_else() -> None:
    """A colleague came in with it before its company was linked, and Accounts do not come in."""
    world = World(SyncSettings(inbound=OFF, creation=CREATION))
    world.add("ada@acme.example", sync=True, last_name="Lovelace", company_name="Acme")

    def a_colleague_comes_in() -> None:
        (account,) = world.org.rows(SObject.ACCOUNT)
        world.person("bob@acme.example", AccountId=account["Id"])
        world.wait()
        world.pull()

    world.on_write["salesforce.create"] = a_colleague_comes_in
    world.create()

    assert len(world.everybody()) == 2
    assert companies_of(world) == {the_company(world)}


def test_a_contact_that_is_created_on_an_account_that_is_a_company_here() -> None:
    """It belongs to it at once, also where the index did not know that company by its domain."""
    no_people = InboundObject(enabled=False)
    inbound = Inbound(
        objects=dict.fromkeys(SObject, no_people) | {SObject.ACCOUNT: InboundObject()}
    )
    world = World(SyncSettings(inbound=inbound, creation=CREATION), lagging_index=True)
    world.account("Acme", Website="acme.example")
    come_in(world)
    world.add("ada@acme.example", sync=True, last_name="Lovelace")

    world.create()

    assert world.the_contact().account_id
    assert companies_of(world) == {the_company(world)}


def test_an_account_that_came_while_one_of_them_was_merged_away() -> None:
    """Whoever is given back belongs to its company, however long ago that came."""
    world, acme = people_without(people=2)
    survivor, loser = (contact.id for contact in world.everybody())
    world.merge(survivor, loser)
    switched_on(world, acme)
    world.pull(scheduled=True)
    world.wait(2 * 24 * 60)

    world.undo(loser)

    assert world.contact(loser).company_id == the_company(world)
    assert companies_of(world) == {the_company(world)}


# --- What it leaves alone ------------------------------------------------------------------------


def test_nothing_else_of_them_changes() -> None:
    """Neither values, nor times, nor what waits to go out; and a further run writes nothing."""
    world, acme = people_without()
    edited = world.everybody()[0].id
    world.edit(edited, job_title="VP", company_name="Acme of ours")
    before = {contact.id: contact for contact in world.everybody()}
    switched_on(world, acme)

    world.pull(scheduled=True)
    after = {contact.id: contact for contact in world.everybody()}
    world.written.clear()
    world.wait(6)
    world.pull(scheduled=True)

    company = the_company(world)
    assert after == {
        contact.id: replace(contact, company_id=company, version=contact.version + 1)
        for contact in before.values()
    }
    assert world.waits(edited)
    assert world.writes_of("contacts", "companies", "links") == 0


def test_whoever_waits_for_another_account_goes_on_waiting() -> None:
    """Only who waits for this very Account joins its company."""
    world, acme = people_without(people=1)
    beta = world.account("Beta")
    elsewhere = world.person("beta@beta.example", AccountId=beta)
    come_in(world)
    switched_on(world, acme)

    world.pull(scheduled=True)

    assert (world.of(elsewhere).account_id, world.of(elsewhere).company_id) == (beta, None)
    assert companies_of(world) == {the_company(world), None}


def test_a_dry_run_counts_them() -> None:
    """And writes nothing."""
    world, acme = people_without()
    switched_on(world, acme)
    world.written.clear()

    report = world.pull(dry_run=True)

    assert report.counts[SObject.CONTACT]["updated"] == 3
    assert world.written == []
    assert companies_of(world) == {None}


# --- Whatever comes in between -------------------------------------------------------------------


@pytest.mark.failure("F08")
@pytest.mark.parametrize("writes", range(7))
def test_a_crash_at_any_write(writes: int) -> None:
    """The run that reads the page again finds who was left."""
    world, acme = people_without()
    switched_on(world, acme)
    world.cut_the_power_after(writes)

    with pytest.raises(PowerCutError):
        world.pull(scheduled=True)
    world.start_again()
    world.pull(scheduled=True)

    assert companies_of(world) == {the_company(world)}
    assert world.writes_of("contacts.save") == 3


def test_somebody_who_edits_one_of_them_meanwhile() -> None:
    """Both are kept: the edit, and the company."""
    world, acme = people_without()
    edited = world.everybody()[2].id
    switched_on(world, acme)
    world.on_write["contacts.save"] = lambda: world.edit(edited, job_title="VP")

    world.pull(scheduled=True)

    assert companies_of(world) == {the_company(world)}
    assert world.contact(edited).ledger.values["job_title"] == "VP"
    assert world.waits(edited)


def test_an_index_that_lags() -> None:
    """Who could not be found is, when the page is read again."""
    world = World(SyncSettings(inbound=OFF), lagging_index=True)
    acme = world.account()
    person = world.person(AccountId=acme)
    come_in(world)
    switched_on(world, acme)
    world.pull(scheduled=True)
    first = world.of(person).company_id
    world.contacts.catch_up()
    world.wait(5)

    world.pull(scheduled=True)

    assert first is None
    assert world.of(person).company_id == the_company(world)


# --- More than there is time for -----------------------------------------------------------------


@pytest.fixture
def by_twos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only two join before somebody asks for the time."""
    monkeypatch.setattr("counterpart.use_cases.join_companies.AT_ONCE", 2)


@pytest.mark.usefixtures("by_twos")
def test_more_people_than_are_written_at_once() -> None:
    """While there is time, all of them join with the one run."""
    world, acme = people_without(people=7)
    switched_on(world, acme)

    report = world.pull(scheduled=True)

    assert companies_of(world) == {the_company(world)}
    assert report.api_calls == 1
    assert report.status is RunStatus.COMPLETED


@pytest.mark.usefixtures("by_twos")
@pytest.mark.parametrize("asked", ["by schedule", "by id"])
def test_people_for_whom_there_is_no_time(asked: str) -> None:
    """The next invocation goes on at once; nobody is lost, and nobody is written twice."""
    world, acme = people_without(people=7)
    switched_on(world, acme)
    world.deadline = world.now + 30 * SECOND

    report = world.pull(scheduled=True) if asked == "by schedule" else world.pull(ids=(acme,))
    joined = sum(bool(contact.company_id) for contact in world.everybody())
    window = world.streams.get(SObject.ACCOUNT).upper
    reports = world.follow()

    assert report.status is RunStatus.CONTINUES
    assert joined == 2
    # It is this very window that goes on.
    assert (window is not None) is (asked == "by schedule")
    assert companies_of(world) == {the_company(world)}
    assert sum(each.counts[SObject.CONTACT]["updated"] for each in [report, *reports]) == 7
    assert sum(each.counts[SObject.ACCOUNT]["created"] for each in [report, *reports]) == 1
    assert world.writes_of("contacts.save") == 7
    assert reports[-1].status is RunStatus.COMPLETED


@pytest.mark.usefixtures("by_twos")
def test_records_that_were_named_beside_an_account_of_many_people() -> None:
    """The next invocation goes on with these, though nothing of them has changed of late."""
    world, acme = people_without(people=7)
    world.change(inbound=Inbound())
    lead = world.lead("bob@acme.example")
    world.wait(60)
    world.deadline = world.now + 30 * SECOND

    report = world.pull(ids=(acme, lead))
    reports = world.follow()

    assert report.status is RunStatus.CONTINUES
    assert companies_of(world) == {the_company(world), None}
    assert world.of(lead).company_id is None
    assert sum(contact.company_id is None for contact in world.everybody()) == 1
    assert reports[-1].status is RunStatus.COMPLETED


@pytest.mark.usefixtures("by_twos")
def test_the_last_call_of_our_share_names_an_account_of_many_people() -> None:
    """All of them join, since that costs no call; what is named after that waits for calls."""
    world, acme = people_without(people=7, daily_calls=100)
    world.change(inbound=Inbound())
    world.change(outbound=Outbound(api_share_percent=world.salesforce.usage().calls + 1))

    report = world.pull(ids=(acme,))
    calls = world.salesforce.usage().calls
    later = world.pull(ids=(acme,))

    assert report.status is RunStatus.COMPLETED
    assert companies_of(world) == {the_company(world)}
    assert later.status is RunStatus.BUDGET
    assert world.salesforce.usage().calls == calls


@pytest.mark.usefixtures("by_twos")
def test_a_backfill_that_has_no_time_for_all_of_them() -> None:
    """It reads the page once more, and comes to its end."""
    world, _ = people_without(people=7)
    world.change(inbound=Inbound())
    world.deadline = world.now + MINUTE / 2

    backfill(world)

    assert companies_of(world) == {the_company(world)}
    assert world.writes_of("contacts.save") == 7


@pytest.mark.usefixtures("by_twos")
def test_many_accounts_of_one_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is asked for some of them at a time."""
    monkeypatch.setattr("counterpart.use_cases.join_companies._ACCOUNTS", 3)
    world = World(SyncSettings(inbound=OFF))
    theirs = {}
    for number in range(8):
        account = world.account(f"Acme {number}")
        for person in range(number % 4):
            theirs[world.person(f"{person}@{number}.example", AccountId=account)] = account
    come_in(world)
    world.change(inbound=Inbound())
    world.wait()
    for row in world.org.rows(SObject.ACCOUNT):
        world.org.edit(row["Id"], {"Phone": "1"})
    world.wait()

    world.pull(scheduled=True)

    links = world.links.get_many(theirs.values())
    assert {person: world.of(person).company_id for person in theirs} == {
        person: links[account].subject_id for person, account in theirs.items()
    }


def test_an_account_of_the_record_at_the_end_of_a_chain() -> None:
    """Somebody of the same address is met, and tells what has become of a lead meanwhile."""
    world = World(page_size=1)
    account_id = world.account()
    lead_id = world.lead()
    world.settle(1)
    ada = world.of(lead_id).id
    nobody = world.person(None, AccountId=account_id)
    first = world.org.convert(lead_id)
    world.org.merge(nobody, first)
    world.wait()
    world.person()
    world.wait()

    world.pull(objects=["Contact"])

    contact = world.contact(ada)
    assert (contact.record_id, contact.account_id) == (nobody, account_id)
    assert contact.company_id == world.all_companies()[0].id
