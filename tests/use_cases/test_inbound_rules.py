"""The rules of the way in, told as stories: what comes in, what stays, who belongs to whom."""

from dataclasses import replace

import pytest

from counterpart.domain.inbound_settings import INTERVALS, Inbound, InboundObject, OnRemoteDelete
from counterpart.domain.links import LinkedBy, LinkState
from counterpart.domain.mapping import ConflictPolicy, Mode
from counterpart.domain.outcomes import Action, Reason, RunStatus
from counterpart.domain.records import AnyObject, SObject
from counterpart.domain.selection import (
    Criterion,
    Group,
    Junction,
    Operator,
    Selection,
    SelectionMode,
)
from counterpart.domain.sync_settings import SyncSettings
from tests.use_cases.world import HOUR, MINUTE, World, with_mode

HOT = Selection(
    mode=SelectionMode.CRITERIA,
    criteria=Group(
        junction=Junction.ANY,
        members=(
            Criterion(field="LeadSource", operator=Operator.IN, value=("Web", "Fair")),
            Group(
                junction=Junction.ALL,
                members=(
                    Criterion(field="Title", operator=Operator.CONTAINS, value="Chief"),
                    Criterion(field="City", operator=Operator.IS_NOT_BLANK),
                ),
            ),
        ),
    ),
)


def inbound(policy: OnRemoteDelete = OnRemoteDelete.UNLINK, **objects: InboundObject) -> Inbound:
    """Return how records come in, where some objects do so otherwise."""
    usual = {sobject: InboundObject() for sobject in SObject}
    return Inbound(
        objects=usual | {SObject(name): entry for name, entry in objects.items()},
        on_remote_delete=policy,
    )


def with_inbound(wanted: Inbound) -> World:
    """Return a world that begins with that."""
    return World(SyncSettings(inbound=wanted))


def tick(world: World, minutes: float = 20) -> None:
    """Let the schedule pull once, past every overlap."""
    world.wait(minutes)
    world.pull(scheduled=True)


# --- Who is selected -----------------------------------------------------------------------------


def test_a_record_that_stops_and_begins_again_to_meet_the_criteria() -> None:
    """Meanwhile it is not updated; data and link stay; afterwards what it holds comes in."""
    world = with_inbound(inbound(Lead=InboundObject(selection=HOT)))
    lead_id = world.lead(LeadSource="Web", Title="Analyst")
    cold = world.lead("bob@example.com", LeadSource="Other", Title="Chief of nothing")
    tick(world)
    contact = world.the_contact()

    world.org.edit(lead_id, {"LeadSource": "Other", "Title": "Director"})
    tick(world)
    during = world.the_contact()
    world.org.edit(lead_id, {"Title": "Chief", "City": "Bern"})
    tick(world)

    assert during == contact
    assert world.of(lead_id).ledger.values["job_title"] == "Chief"
    assert world.of(lead_id).id == contact.id
    assert cold not in world.links.get_many([cold])


def test_an_edit_of_ours_goes_out_to_a_record_that_is_no_longer_selected() -> None:
    """It is linked all the same; what comes in is another question."""
    world = with_inbound(inbound(Lead=InboundObject(selection=HOT)))
    lead_id = world.lead(LeadSource="Web")
    tick(world)
    world.org.edit(lead_id, {"LeadSource": "Other"})
    tick(world)

    world.edit(world.the_contact().id, city="Turin")
    world.push()

    assert world.org.row(lead_id)["City"] == "Turin"


def test_an_edit_of_ours_that_lost_to_a_record_that_no_pull_will_bring() -> None:
    """It stays here, and somebody is told."""
    fields = with_mode(Mode.TWO_WAY, "job_title")
    settings = SyncSettings(inbound=inbound(Lead=InboundObject(selection=HOT)), fields=fields)
    world = World(settings)
    lead_id = world.lead(LeadSource="Web", Title="Analyst")
    tick(world)
    world.edit(world.the_contact().id, job_title="ours")
    world.wait()
    world.org.edit(lead_id, {"LeadSource": "Other", "Title": "theirs"})
    tick(world)

    world.push()

    assert world.the_contact().ledger.values["job_title"] == "ours"
    assert world.org.row(lead_id)["Title"] == "theirs"
    told = [(each.reason, each.field) for each in world.outcomes()]
    assert (Reason.THEIRS_LATER, "job_title") in told


def test_records_from_now_on() -> None:
    """What was created before stays outside, also when it is edited; what comes later comes in."""
    world = World()
    old = world.lead("old@example.com")
    world.wait()
    world.change(
        inbound=inbound(Lead=InboundObject(selection=Selection(mode=SelectionMode.FROM_NOW_ON)))
    )
    world.wait()
    new = world.lead("new@example.com")
    world.org.edit(old, {"Title": "Director"})

    tick(world)

    assert [contact.email for contact in world.everybody()] == ["new@example.com"]
    assert world.of(new).counterpart


def test_a_mark_that_is_taken_away() -> None:
    """The contact stays, and is not updated until the mark is back."""
    marked = InboundObject(selection=Selection(mode=SelectionMode.MARKED))
    world = with_inbound(inbound(Contact=marked))
    person = world.person(Title="Analyst", Sync_to_Counterpart__c=True)
    tick(world)
    world.org.edit(person, {"Sync_to_Counterpart__c": False, "Title": "Director"})
    tick(world)
    during = world.titles()
    world.org.edit(person, {"Sync_to_Counterpart__c": True})
    tick(world)

    assert during == ["Analyst"]
    assert world.titles() == ["Director"]


# --- When ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", INTERVALS)
def test_an_interval_by_the_schedule(minutes: int) -> None:
    """An object is read when its interval has passed, give or take a tick; 0 is by hand alone."""
    world = with_inbound(inbound(Lead=InboundObject(interval_minutes=minutes)))
    world.pull(scheduled=True)
    seen_after = None
    world.lead()
    for tick_number in range(1, 1 + 26 * 12):
        world.wait(5)
        world.pull(scheduled=True)
        if world.everybody():
            seen_after = 5 * tick_number
            break

    assert seen_after == (minutes or None)
    if not minutes:
        world.pull()
        assert len(world.everybody()) == 1


@pytest.mark.parametrize("off", [("Lead",), ("Contact",), ("Lead", "Contact"), tuple(SObject)])
def test_switching_off_and_on_again(off: tuple[str, ...]) -> None:
    """Nothing is lost that was there, nothing is caught up, and what comes later comes in."""
    world = World()
    lead, person = world.lead(Title="v1"), world.person("bob@example.com", Title="v1")
    tick(world)
    before = world.everybody()
    usual = {sobject: InboundObject(enabled=sobject.value not in off) for sobject in SObject}
    world.change(inbound=Inbound(objects=usual))
    world.wait(30)
    for record in (lead, person):
        world.org.edit(record, {"Title": "v2"})
    missed = world.lead("eve@example.com"), world.person("dan@example.com")
    tick(world, HOUR / MINUTE)
    assert {each.id for each in before} <= {each.id for each in world.everybody()}
    world.change(inbound=Inbound())
    for _ in range(5):
        tick(world)

    updated = {"Lead": lead, "Contact": person}
    for name, record in updated.items():
        assert world.of(record).ledger.values["job_title"] == ("v1" if name in off else "v2")
    outside = {key for key in missed if key not in world.links.get_many(missed)}
    assert outside == {key for key, name in zip(missed, updated, strict=True) if name in off}

    for record in (lead, person, *missed):
        world.org.edit(record, {"Title": "v3"})
    tick(world)
    assert world.titles() == ["v3"] * 4


@pytest.mark.parametrize("minutes", [5, 1440])
@pytest.mark.parametrize("name", list(SObject))
def test_a_selection_that_took_nothing_for_a_while(name: SObject, minutes: int) -> None:
    """It catches nothing up either, however long ago the object was read last."""
    some = InboundObject(interval_minutes=minutes)
    none = replace(some, selection=Selection(mode=SelectionMode.NONE))
    usual = {each: InboundObject() for each in SObject}
    world = with_inbound(Inbound(objects=usual | {name: none}))
    tick(world)
    missed = {
        SObject.ACCOUNT: lambda: world.account(Website="acme.example"),
        SObject.CONTACT: world.person,
        SObject.LEAD: world.lead,
    }[name]()
    world.wait()
    world.change(inbound=Inbound(objects=usual | {name: some}))
    for _ in range(3):
        tick(world, 1440)
    assert not world.links.get_many([missed])

    world.org.edit(missed, {"Phone": "1"})
    tick(world, 1440)

    assert world.links.get_many([missed])


@pytest.mark.parametrize("fate", ["deleted", "merged"])
@pytest.mark.parametrize("people", [True, False])
def test_an_account_that_went_while_accounts_were_switched_off(fate: str, *, people: bool) -> None:
    """Its company does not go on following it: at once, if anything is pulled, or once it is on."""
    world = World()
    winner = world.account("Acme", Website="https://www.acme.example")
    loser = world.account("Acme Ltd", Website="https://www.acme-ltd.example")
    tick(world)
    links = world.links.get_many([winner, loser])
    company, kept = str(links[loser].subject_id), str(links[winner].subject_id)
    off, on = InboundObject(enabled=False), InboundObject(enabled=people)
    world.change(inbound=inbound(Account=off, Contact=on, Lead=on))
    world.wait()
    if fate == "deleted":
        world.org.delete(loser)
    else:
        world.org.merge(winner, loser)
    missed = world.account("Missed", Website="https://www.missed.example")
    world.org.edit(winner, {"Phone": "1"})
    calls = world.salesforce.usage().calls
    tick(world, HOUR / MINUTE)
    # The winner is looked at; that something is gone costs nothing besides.
    looks = people + (people and fate == "merged")
    assert world.salesforce.usage().calls == calls + looks
    assert (world.companies.get_many([company])[company].counterpart is None) == people

    world.change(inbound=Inbound())
    tick(world)
    tick(world)

    assert world.companies.get_many([company])[company].counterpart is None
    # What changed meanwhile stays outside.
    assert missed not in world.links.get_many([missed])
    assert "phone" not in world.companies.get_many([kept])[kept].ledger.values


def test_an_account_that_our_user_may_not_read_and_that_is_switched_off() -> None:
    """Nobody asked for it, so nothing failed."""
    off = InboundObject(enabled=False)
    world = with_inbound(inbound(Account=off, Contact=off))
    world.org.hidden_objects.add(SObject.ACCOUNT)
    world.lead()
    world.wait()

    report = world.pull()

    assert report.status is RunStatus.COMPLETED
    assert len(world.everybody()) == 1


# --- Who becomes whom ----------------------------------------------------------------------------


@pytest.mark.failure("F56")
@pytest.mark.parametrize("leads", [True, False])
@pytest.mark.parametrize("contacts", [True, False])
def test_a_conversion_while_objects_are_switched_off(*, leads: bool, contacts: bool) -> None:
    """The link follows whatever is switched off; values are taken of what is on alone."""
    world = World()
    lead_id = world.lead(Title="Analyst")
    tick(world)
    contact = world.the_contact()
    world.change(
        inbound=inbound(Lead=InboundObject(enabled=leads), Contact=InboundObject(enabled=contacts))
    )
    world.wait()
    person = world.org.convert(lead_id)
    world.org.edit(person, {"Title": "Director", "Email": "new@example.com"})
    tick(world)

    assert len(world.everybody()) == 1
    after = world.the_contact()
    assert after.id == contact.id
    followed = leads or contacts
    assert after.counterpart
    assert after.counterpart.record_id == (person if followed else lead_id)
    assert after.ledger.values["job_title"] == ("Director" if contacts else "Analyst")


@pytest.mark.failure("F56")
def test_a_conversion_brings_the_account() -> None:
    """The contact belongs to the company of the Account that its lead was converted into."""
    world = World()
    acme = world.account("Acme")
    lead_id = world.lead()
    tick(world)
    ada = world.of(lead_id).id
    person = world.org.convert(lead_id, account_id=acme)
    tick(world)
    tick(world)

    after = world.contact(ada)
    (company,) = world.all_companies()
    assert (after.counterpart and after.counterpart.record_id) == person
    assert (after.account_id, after.company_id) == (acme, company.id)
    assert len(world.everybody()) == 1


@pytest.mark.failure("F56")
@pytest.mark.parametrize("minutes", [0, 1440])
@pytest.mark.parametrize("address", ["new@example.com", "taken@example.com"])
@pytest.mark.parametrize("how", ["schedule", "object", "id"])
def test_a_contact_that_is_read_before_the_lead_that_it_was(
    minutes: int, address: str, how: str
) -> None:
    """Its address may be another by now: the lead's contact follows, and nobody comes in anew."""
    world = with_inbound(inbound(Lead=InboundObject(interval_minutes=minutes)))
    lead_id = world.lead(Title="Analyst")
    stranger = world.add("taken@example.com")
    world.wait()
    world.pull()
    ada = world.of(lead_id).id
    tick(world)
    person = world.org.convert(lead_id)
    world.org.edit(person, {"Email": address, "Title": "Director"})
    world.wait()

    if how == "schedule":
        tick(world)
    elif how == "object":
        world.pull(objects=("Contact",))
    else:
        world.pull(ids=(person,))

    assert world.of(person).id == ada
    assert world.contact(ada).ledger.values["job_title"] == "Director"
    assert {each.id for each in world.everybody()} == {ada, stranger}
    world.wait()
    world.pull()
    assert world.record_of(ada) == person
    assert Reason.DUPLICATE_AFTER_CONVERSION not in world.reasons()


def test_contacts_that_are_read_after_all_leads() -> None:
    """Nobody has to ask what they were, so they cost nothing besides."""
    world = World()
    tick(world)
    world.person()
    world.wait()
    calls = world.salesforce.usage().calls

    world.pull()

    assert world.salesforce.usage().calls == calls + 1
    assert len(world.everybody()) == 1


@pytest.mark.parametrize("policy", ConflictPolicy)
def test_a_conversion_that_leaves_a_field_behind(policy: ConflictPolicy) -> None:
    """Nobody has cleared a custom field that the org does not map: ours stays, and fills it."""
    paths: dict[AnyObject, str] = {SObject.LEAD: "Title", SObject.CONTACT: "Role__c"}
    fields = tuple(
        replace(field, conflict=policy, paths=paths) if field.name == "job_title" else field
        for field in with_mode(Mode.TWO_WAY, "job_title")
    )
    world = World(SyncSettings(fields=fields))
    world.org.add_field(SObject.CONTACT, "Role__c", "string")
    lead = world.lead(Title="Clerk")
    world.wait()
    world.pull()
    ada = world.of(lead).id
    world.wait()
    person = world.org.convert(lead)

    world.wait()
    world.pull()
    world.wait()
    world.push()
    world.wait()
    world.pull()

    assert world.contact(ada).ledger.values["job_title"] == "Clerk"
    assert world.org.row(person)["Role__c"] == "Clerk"
    assert not world.waits(ada)


@pytest.mark.failure("F55")
@pytest.mark.parametrize("first", ["conversion", "merge"])
@pytest.mark.parametrize("pull_between", [True, False])
def test_a_conversion_and_a_merge(first: str, *, pull_between: bool) -> None:
    """Whatever comes first, and be it in one window: nobody has cleared what the winner lacks."""
    world = World(SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title")))
    lead = world.lead(Title="Clerk")
    world.wait()
    world.pull()
    ada = world.of(lead).id
    world.wait()
    if first == "conversion":
        person = world.org.convert(lead)
        if pull_between:
            world.wait()
            world.pull()
        last = world.person("other@example.com")
        world.org.merge(last, person)
    else:
        winner = world.lead("other@example.com")
        world.org.merge(winner, lead)
        if pull_between:
            world.wait()
            world.pull()
        last = world.org.convert(winner)

    for _ in range(2):
        world.wait()
        world.pull()
        world.push()

    after = world.contact(ada)
    assert after.counterpart
    assert (after.counterpart.record_id, after.counterpart.began_by) == (last, LinkedBy.CONVERSION)
    assert after.ledger.values["job_title"] == world.org.row(last)["Title"] == "Clerk"


@pytest.mark.failure("F56")
def test_a_conversion_into_a_contact_that_somebody_else_follows() -> None:
    """Two of ours turn out to be one person: the second keeps the record, the first is told of."""
    world = World()
    lead_id = world.lead("ada@example.com", Title="Analyst")
    person = world.person("ada@work.example", Title="Director")
    tick(world)
    mine, other = world.of(lead_id), world.of(person)
    world.org.convert(lead_id, contact_id=person)
    for _ in range(3):
        tick(world)

    assert world.of(person).id == other.id
    assert world.contact(mine.id).counterpart is None
    assert world.contact(mine.id).ledger.values["job_title"] == "Analyst"
    warned = [each for each in world.outcomes() if each.action is Action.WARNED]
    assert [each.reason for each in warned] == [Reason.DUPLICATE_AFTER_CONVERSION]
    assert len(world.everybody()) == 2


def test_a_conversion_into_a_contact_that_was_read_before_and_is_nobodys() -> None:
    """What it holds comes in at once, as it would not be read again until it changes."""
    world = World()
    lead_id = world.lead("ada@example.com")
    world.wait()
    world.pull()
    person_id = world.person("king@example.com", LastName="King", Title="Countess")
    world.wait()
    world.pull()
    mine = world.of(lead_id).id
    world.delete(world.of(person_id).id)
    world.org.convert(lead_id, contact_id=person_id)
    for _ in range(2):
        world.wait(30)
        world.pull(objects=("Contact",))

    world.pull()

    assert [contact.id for contact in world.everybody()] == [mine]
    assert world.record_of(mine) == person_id
    values = world.contact(mine).ledger.values
    assert (values["last_name"], values["job_title"]) == ("King", "Countess")


@pytest.mark.failure("F55")
@pytest.mark.parametrize("pull_between", [True, False])
@pytest.mark.parametrize("linked", [("A", "B", "C"), ("C",), ("B", "C"), ("A", "C")])
def test_a_chain_of_merges(*, pull_between: bool, linked: tuple[str, ...]) -> None:
    """C goes into B, B into A: whoever followed the last follows the first, unless it is taken."""
    none = InboundObject(selection=Selection(mode=SelectionMode.MARKED))
    world = with_inbound(inbound(Contact=none))
    people = {
        name: world.person(f"{name}@example.com", Sync_to_Counterpart__c=name in linked)
        for name in "ABC"
    }
    tick(world)
    before = {name: world.of(people[name]).id for name in linked}
    for winner, loser in (("B", "C"), ("A", "B")):
        world.wait()
        world.org.merge(people[winner], people[loser])
        if pull_between:
            tick(world)
    tick(world)
    tick(world)

    followers = [each for each in world.everybody() if each.counterpart]
    assert [each.counterpart and each.counterpart.record_id for each in followers] == [people["A"]]
    first = next(name for name in ("A", "B", "C") if name in linked)
    assert followers[0].id == before[first]
    assert len(world.everybody()) == len(linked)


@pytest.mark.failure("F54")
@pytest.mark.parametrize("policy", OnRemoteDelete)
def test_a_record_that_is_deleted_and_comes_back(policy: OnRemoteDelete) -> None:
    """By the setting the contact is unlinked, goes, or stays linked; undeleted, it is followed."""
    world = with_inbound(inbound(policy))
    lead_id = world.lead(Title="Analyst")
    tick(world)
    contact = world.the_contact()
    world.org.delete(lead_id)
    tick(world)
    after_deletion = [(each.id, each.counterpart is not None) for each in world.everybody()]
    world.org.undelete(lead_id)
    world.org.edit(lead_id, {"Title": "Director"})
    tick(world)
    tick(world)

    assert (
        after_deletion
        == {
            OnRemoteDelete.UNLINK: [(contact.id, False)],
            OnRemoteDelete.DELETE: [],
            OnRemoteDelete.IGNORE: [(contact.id, True)],
        }[policy]
    )
    assert len(world.everybody()) == 1
    assert world.of(lead_id).ledger.values["job_title"] == "Director"
    if policy is not OnRemoteDelete.DELETE:
        assert world.the_contact().id == contact.id


def test_a_contact_that_was_unlinked_by_a_deletion_is_not_made_again() -> None:
    """Nobody in Salesforce asked for it."""
    world = World()
    lead_id = world.lead()
    tick(world)
    world.org.delete(lead_id)
    tick(world)
    contact = world.the_contact()

    world.edit(contact.id, city="Turin")
    world.settle(2)

    assert world.contact(contact.id).counterpart is None
    assert world.queue.jobs == []
    assert [row["Id"] for row in world.org.rows(SObject.LEAD)] == [lead_id]


@pytest.mark.failure("F40")
@pytest.mark.failure("F39")
def test_records_that_share_one_address() -> None:
    """Each has a contact of its own, told as a duplicate once, and nobody swaps them afterwards."""
    world = World()
    records = [world.lead(Title="1"), world.person(Title="2"), world.lead(Title="3")]
    tick(world)
    owners = {record: world.of(record).id for record in records}
    for number in range(3):
        for record in records:
            world.wait()
            world.org.edit(record, {"Title": f"{number} of {record}"})
        tick(world)
        world.push()

    assert len(set(owners.values())) == 3
    assert {record: world.of(record).id for record in records} == owners
    for record in records:
        assert world.of(record).ledger.values["job_title"] == f"2 of {record}"
    duplicates = [each for each in world.outcomes() if each.reason is Reason.DUPLICATE_EMAIL]
    assert len(duplicates) == 2


@pytest.mark.failure("F43")
@pytest.mark.failure("F42")
def test_an_address_that_changes_into_somebody_elses() -> None:
    """The link decides: the same contact has the new address, and the other keeps its record."""
    world = World()
    ada, bob = world.lead("ada@example.com"), world.lead("bob@example.com")
    tick(world)
    owners = world.of(ada).id, world.of(bob).id
    world.org.edit(ada, {"Email": "  BOB@Example.com "})
    tick(world)
    tick(world)

    assert (world.of(ada).id, world.of(bob).id) == owners
    assert world.of(ada).email == "BOB@Example.com"
    assert len(world.everybody()) == 2


def test_an_address_that_is_blanked_where_salesforce_is_preferred() -> None:
    """It is filled again, as anything else is: Salesforce's value counts unless it is empty."""
    world = World(SyncSettings(fields=with_mode(Mode.PREFER_SALESFORCE, "email")))
    lead_id = world.lead("ada@example.com")
    tick(world)
    world.org.edit(lead_id, {"Email": None})
    world.wait()

    world.pull()
    world.push()

    assert world.org.row(lead_id)["Email"] == "ada@example.com"
    assert world.the_contact().email == "ada@example.com"


@pytest.mark.failure("F16")
def test_an_id_of_fifteen_characters() -> None:
    """It means the same record, wherever a person types it."""
    world = World()
    lead_id = world.lead(Title="Analyst")
    tick(world)
    world.org.edit(lead_id, {"Title": "Director"})
    world.successor.start({"ids": [lead_id[:15], lead_id]})

    (report,) = world.follow()

    assert report.counts["Lead"]["read"] == 1
    assert world.titles() == ["Director"]


# --- Companies -----------------------------------------------------------------------------------


@pytest.mark.failure("F60")
def test_a_contact_that_moves_from_account_to_account() -> None:
    """Its company follows; cleared, it has none, and keeps the name that it had."""
    world = World()
    acme, beta = world.account("Acme"), world.account("Beta")
    person = world.person(AccountId=acme)
    tick(world)
    companies = [world.of(person).company_id]
    world.org.edit(person, {"AccountId": beta})
    tick(world)
    companies.append(world.of(person).company_id)
    world.org.edit(person, {"AccountId": None})
    tick(world)

    names = {each.id: each.ledger.values["name"] for each in world.all_companies()}
    assert [names[str(company)] for company in companies] == ["Acme", "Beta"]
    assert world.of(person).company_id is None
    assert world.of(person).account_id is None


@pytest.mark.failure("F60")
def test_an_account_that_is_committed_after_its_contact() -> None:
    """The next poll brings it, and the contact finds its company without being touched again."""
    world = World()
    tick(world)
    acme = world.org.add(SObject.ACCOUNT, {"Name": "Acme"}, commit_at=world.now + 4 * MINUTE)
    person = world.person(AccountId=acme)
    world.wait(1)
    world.pull(scheduled=True)
    world.pull()
    first = world.of(person)
    tick(world, 5)

    assert (first.account_id, first.company_id) == (acme, None)
    (company,) = world.all_companies()
    assert world.of(person).company_id == company.id


@pytest.mark.failure("F55")
@pytest.mark.parametrize("both", [True, False])
def test_a_merge_of_accounts(*, both: bool) -> None:
    """People come to belong to the company of the winner, which is one of ours."""
    marked = InboundObject(selection=Selection(mode=SelectionMode.ALL))
    world = with_inbound(inbound(Account=replace(marked, enabled=True)))
    if not both:
        world.change(inbound=inbound(Account=InboundObject(enabled=False)))
    winner = world.account("Acme")
    tick(world)
    if not both:
        world.change(inbound=Inbound())
        world.wait()
    loser = world.account("Acme Ltd")
    people = [world.person(f"{number}@acme.example", AccountId=loser) for number in range(3)]
    tick(world)
    before = {world.of(person).company_id for person in people}
    world.org.merge(winner, loser)
    tick(world)
    tick(world)

    linked = [each for each in world.all_companies() if each.counterpart]
    assert [each.counterpart and each.counterpart.record_id for each in linked] == [winner]
    assert {world.of(person).company_id for person in people} == {linked[0].id}
    assert (before == {linked[0].id}) is not both
    (link,) = world.links.get_many([loser]).values()
    assert link.state is LinkState.MERGED


@pytest.mark.parametrize("fate", ["conversion", "merge"])
def test_a_record_that_came_out_of_the_recycle_bin_and_was_gone_again(fate: str) -> None:
    """Nobody saw it live in between: its contact follows what it became, with its newer edit."""
    world = World(SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title")))
    lead = world.lead(Title="Analyst")
    tick(world)
    ada = world.of(lead).id
    world.org.delete(lead)
    tick(world)
    assert world.contact(ada).counterpart is None
    world.edit(ada, job_title="VP")
    world.wait()
    world.org.undelete(lead)
    if fate == "conversion":
        heir = world.org.convert(lead)
    else:
        heir = world.lead("other@example.com")
        world.org.merge(heir, lead)
        world.org.edit(heir, {"Title": "Analyst"})

    tick(world)
    world.wait(11)
    world.push()

    counterpart = world.contact(ada).counterpart
    assert counterpart
    assert counterpart.record_id == heir
    assert counterpart.linked_by == (LinkedBy.CONVERSION if fate == "conversion" else "merge")
    if fate == "conversion":
        assert world.contact(ada).ledger.values["job_title"] == "VP"
        assert world.org.row(heir)["Title"] == "VP"


def test_a_lead_that_was_converted_into_what_belongs_to_somebody_else() -> None:
    """A contact that has no record any more is told of it, and of no other."""
    world = World()
    lead, person = world.lead(), world.person("grace@example.com")
    tick(world)
    ada = world.of(lead).id
    world.org.delete(lead)
    tick(world)
    world.org.undelete(lead)
    world.org.convert(lead, contact_id=person)

    tick(world)
    calls = world.salesforce.usage().calls
    tick(world, 5)

    assert world.contact(ada).counterpart is None
    assert world.of(person).email == "grace@example.com"
    assert Reason.DUPLICATE_AFTER_CONVERSION in world.reasons()
    assert world.salesforce.usage().calls == calls + 1
