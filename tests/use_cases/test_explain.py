"""Why something is as it is, and what would happen to it next."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.inbound_settings import Inbound, InboundObject, OnRemoteDelete
from counterpart.domain.mapping import ConflictPolicy, Mode
from counterpart.domain.records import SObject
from counterpart.domain.selection import SelectionMode
from counterpart.domain.sync_settings import Guard, SyncSettings
from counterpart.domain.values import format_time
from counterpart.domain.waiting import InFlight, Lane, Parked, Waiting
from counterpart.domain.wishes import Wish
from counterpart.errors import TransientError
from tests.use_cases.world import MINUTE, NOON, SECOND, World, with_mode

TWO_WAY = SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title", "city"))


def field(told: Any, name: str) -> Any:  # noqa: ANN401 - JSON
    """Return what was told of one field."""
    (one,) = (each for each in told["contact"]["fields"] if each["name"] == name)
    return one


def a_linked_pair(settings: SyncSettings | None = None) -> tuple[World, str, str]:
    """Return a world in which a lead was pulled, its contact's id and its own."""
    world = World(settings)
    lead_id = world.lead(Title="Analyst", City="Bern")
    world.wait()
    world.pull()
    world.wait(20)
    return world, world.the_contact().id, lead_id


def test_identity_and_link() -> None:
    """Who it is, whom it shares its address with, and how it came to its record."""
    world, contact_id, lead_id = a_linked_pair()
    twin = world.add("ADA@example.com")

    told = world.explain(contact_id)["contact"]

    assert (told["id"], told["same_email"]) == (contact_id, [twin])
    assert (told["salesforce"]["id"], told["salesforce"]["state"]) == (lead_id, "linked")
    assert told["salesforce"]["linked_by"] == "record"
    assert "born from it" in told["salesforce"]["message"]
    assert told["not_in_salesforce"] is None


def test_a_value_that_is_protected() -> None:
    """Both values, when each came to be, and the very row of the table that keeps ours here."""
    world, contact_id, lead_id = a_linked_pair()
    world.edit(contact_id, job_title="VP")
    edited_at = world.now
    world.wait()
    world.org.edit(lead_id, {"City": "Basel"})

    told = world.explain(contact_id)

    title = field(told, "job_title")
    assert (title["ours"], title["theirs"], title["shadow"]) == ("VP", "Analyst", "Analyst")
    assert title["our_time"] == format_time(edited_at)
    assert told["contact"]["theirs_from"] == "salesforce"
    assert title["push"] == {"does": "protect theirs", "why": "both filled, different"}
    assert title["pull"] == {"does": "take theirs", "why": "record newer; both filled, different"}
    assert told["contact"]["next_pull"]["does"] == "updated"
    assert told["contact"]["next_pull"]["reason"] == "not_yet_read"


@pytest.mark.parametrize("policy", list(ConflictPolicy))
@pytest.mark.parametrize("theirs", ["Analyst", "Director"])
def test_what_is_told_is_what_happens(theirs: str, policy: ConflictPolicy) -> None:
    """The next push and the next pull do to every field what the explanation said."""
    world, contact_id, lead_id = a_linked_pair(replace(TWO_WAY, conflict_policy=policy))
    world.org.edit(lead_id, {"Title": theirs})
    world.wait()
    world.edit(contact_id, job_title="VP", city="Basel")
    before = dict(world.org.row(lead_id))

    told = world.explain(contact_id)
    world.push()

    after = world.org.row(lead_id)
    columns = {"job_title": "Title", "city": "City"}
    sent = {name for name, column in columns.items() if before[column] != after[column]}
    assert {
        each["name"] for each in told["contact"]["fields"] if each["push"]["does"] == "send ours"
    } == sent
    theirs_wins = policy is ConflictPolicy.SALESFORCE_WINS and theirs == "Director"
    assert sent == ({"city"} if theirs_wins else {"job_title", "city"})


@pytest.mark.parametrize("policy", ConflictPolicy)
def test_every_policy_is_explained(policy: ConflictPolicy) -> None:
    """A field is mapped by whatever policy it is settled."""
    world = World(SyncSettings(conflict_policy=policy, fields=with_mode(Mode.TWO_WAY, "city")))
    world.lead(City="Bern")
    world.pull()
    world.wait()
    world.edit(world.the_contact().id, city="Basel")

    told = world.explain(world.the_contact().id)["contact"]["fields"]

    (city,) = [field for field in told if field["name"] == "city"]
    assert city["push"]["does"] == "send ours"


def test_salesforce_is_silent() -> None:
    """What was last seen stands in, and the answer says so."""
    world, contact_id, lead_id = a_linked_pair()
    world.org.edit(lead_id, {"Title": "Director"})
    world.salesforce.fail(TransientError("no answer"))

    told = world.explain(contact_id)

    assert told["salesforce_silent"] == "no answer"
    assert told["contact"]["theirs_from"] == "shadow"
    assert field(told, "job_title")["theirs"] == "Analyst"
    assert told["contact"]["next_pull"] is None


def test_what_waits() -> None:
    """Since when, in which lane, and when it goes at the latest."""
    world, contact_id, _ = a_linked_pair(TWO_WAY)
    world.edit(contact_id, job_title="VP")
    marked_at = world.now
    world.wait(3)

    waiting = world.explain(contact_id)["contact"]["waiting"]

    assert (waiting["lane"], waiting["attempts"]) == ("fresh", 0)
    assert waiting["since"] == format_time(marked_at)
    assert waiting["goes_at"] == format_time(marked_at + 10 * MINUTE)


def test_what_was_set_aside() -> None:
    """With Salesforce's words, and when it is tried again; what a job carries waits for it."""
    world, contact_id, lead_id = a_linked_pair(TWO_WAY)
    contact = world.contact(contact_id)
    parked = Parked(
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
        message="Ask sales first",
        fields=(),
        attempts=3,
        first_at=world.now,
        last_at=world.now,
        run_id="run",
    )
    mark = Waiting(lane=Lane.PARKED, next_push_at=world.now + 60 * MINUTE)
    world.contacts.save_many([replace(contact, parked=parked, waiting=mark)])

    waiting = world.explain(contact_id)["contact"]["waiting"]

    assert waiting["message"].endswith("FIELD_CUSTOM_VALIDATION_EXCEPTION: Ask sales first")
    assert waiting["goes_at"] == format_time(world.now + 60 * MINUTE)

    flight = InFlight(job_id="job", record_id=lead_id, sent={}, version=9)
    sent = Waiting(lane=Lane.SENT, next_push_at=world.now)
    contact = world.contact(contact_id)
    world.contacts.save_many([replace(contact, parked=None, in_flight=flight, waiting=sent)])
    waiting = world.explain(contact_id)["contact"]["waiting"]
    assert (waiting["lane"], waiting["goes_at"]) == ("sent", None)


def test_outbound_is_off() -> None:
    """Nothing goes out, and each field says why."""
    world, contact_id, _ = a_linked_pair(TWO_WAY)
    world.edit(contact_id, job_title="VP")
    world.switch_outbound(on=False)

    told = world.explain(contact_id)

    assert field(told, "job_title")["push"]["does"] == "leave"
    assert "switched off" in field(told, "job_title")["push"]["why"]
    assert told["contact"]["waiting"]["goes_at"] is None


def absence(world: World, contact_id: str) -> str:
    """Return why a contact is not in Salesforce."""
    return str(world.explain(contact_id)["contact"]["not_in_salesforce"]["reason"])


def test_why_somebody_is_not_in_salesforce() -> None:
    """Not asked for, asked for, refused, switched off: each has its reason."""
    world = World()
    local = world.add("local@example.com")
    asked = world.add("asked@example.com", sync=True)
    refused = world.add("refused@example.com", sync=True, create_as=CreateAs.LEAD)
    contact = world.contact(refused)
    assert contact.creation
    parked = replace(contact.creation, refusal="REQUIRED_FIELD_MISSING: Required: Region__c")
    world.contacts.save_many([replace(contact, creation=parked, waiting=None)])

    assert absence(world, local) == "not_requested"
    assert absence(world, asked) == "requested"
    assert absence(world, refused) == "parked"
    told = world.explain(refused)["contact"]["not_in_salesforce"]
    assert told["message"] == "REQUIRED_FIELD_MISSING: Required: Region__c"

    world.salesforce.lose_answers()
    with pytest.raises(TransientError):
        world.create()
    told = world.explain(asked)["contact"]["not_in_salesforce"]
    assert told["message"].endswith("it was sent at 2026-11-22T12:00:00Z, without an answer so far")

    world.switch_outbound(on=False)
    assert absence(world, local) == "outbound_disabled"


def test_outbound_is_off_while_somebody_is_to_be_created() -> None:
    """The request waits for no hour, since its job takes it away, and so it does."""
    world = World()
    asked = world.add("asked@example.com", sync=True)
    assert world.explain(asked)["contact"]["waiting"]["goes_at"]
    world.switch_outbound(on=False)

    told = world.explain(asked)["contact"]
    world.create()

    assert told["not_in_salesforce"]["reason"] == "outbound_disabled"
    assert told["waiting"]["goes_at"] is None
    assert "takes the request away" in told["waiting"]["message"]
    assert world.contact(asked).creation is None
    assert world.explain(asked)["contact"]["waiting"] is None


def test_somebody_meets_a_record_while_a_job_is_to_make_one() -> None:
    """What the record lacks goes after the job, which makes nothing; the answer says so."""
    world = World(SyncSettings(fields=with_mode(Mode.ALWAYS_OURS, "job_title")))
    asked = world.add(sync=True, job_title="VP")
    lead_id = world.lead()
    world.wait()
    world.pull()

    told = world.explain(asked)
    world.push()
    before = world.org.row(lead_id)["Title"]
    world.create()
    world.push()

    assert "once its creation job was seen" in told["contact"]["waiting"]["message"]
    assert field(told, "job_title")["push"]["does"] == "send ours"
    assert (before, world.org.row(lead_id)["Title"]) == (None, "VP")
    assert len(world.org.rows(SObject.LEAD)) == 1


def test_somebody_was_deleted_there() -> None:
    """The record that it was linked to is named."""
    world, contact_id, lead_id = a_linked_pair()
    world.org.delete(lead_id)
    world.wait()
    world.pull()

    told = world.explain(contact_id)["contact"]

    assert told["not_in_salesforce"]["reason"] == "deleted_there"
    assert (told["former"]["id"], told["former"]["state"]) == (lead_id, "deleted_there")
    assert [one["reason"] for one in told["outcomes"]] == ["deleted_there"]


def _deleted(world: World, record_id: str) -> None:
    world.org.delete(record_id)


def _converted(world: World, record_id: str) -> None:
    world.org.convert(record_id)


def _merged(world: World, record_id: str) -> None:
    world.org.merge(world.lead("winner@example.com"), record_id)


@pytest.mark.parametrize(
    ("goes", "does"),
    [(_deleted, "unlinked"), (_converted, "relinked"), (_merged, "relinked")],
)
def test_a_record_that_is_gone_and_was_not_read_yet(
    goes: Callable[[World, str], None], does: str
) -> None:
    """No field of it crosses, whatever both sides hold, and the pull says what becomes of it."""
    world, contact_id, lead_id = a_linked_pair()
    world.wait()
    world.edit(contact_id, city="Turin", last_name=None)
    goes(world, lead_id)

    told = world.explain(contact_id)["contact"]

    assert (told["next_pull"]["does"], told["next_pull"]["reason"]) == (does, "not_yet_read")
    judged = {field[way]["does"] for field in told["fields"] for way in ("pull", "push")}
    assert judged == {"leave"}
    assert "gone" in told["fields"][0]["push"]["why"]


@pytest.mark.parametrize("object_is_on", [SObject.CONTACT, SObject.ACCOUNT])
def test_a_deletion_while_leads_are_switched_off(object_is_on: SObject) -> None:
    """Its link is kept up as long as any people come in; else the sweep is what sees to it."""
    world, contact_id, lead_id = a_linked_pair()
    objects = {each: InboundObject(enabled=each is object_is_on) for each in SObject}
    world.change(inbound=Inbound(objects=objects))
    world.wait()
    world.org.delete(lead_id)
    world.wait()

    told = world.explain(contact_id)["contact"]["next_pull"]
    world.pull(scheduled=True)
    unlinked = world.contact(contact_id).counterpart is None

    assert unlinked is (object_is_on is SObject.CONTACT)
    assert told["reason"] == ("not_yet_read" if unlinked else "object_disabled")
    assert unlinked or "nightly sweep" in told["message"]


def test_a_deletion_where_leads_are_pulled_by_hand_only() -> None:
    """No tick reads it, so nothing is said of the next one."""
    rhythms = {each: InboundObject() for each in SObject}
    rhythms[SObject.LEAD] = InboundObject(interval_minutes=0)
    world, contact_id, lead_id = a_linked_pair(SyncSettings(inbound=Inbound(objects=rhythms)))
    world.org.delete(lead_id)
    world.wait()

    told = world.explain(contact_id)["contact"]["next_pull"]
    world.pull(scheduled=True)

    assert (told["does"], told["reason"]) == ("unlinked", "by_hand")
    assert world.contact(contact_id).counterpart is not None


def test_a_record_that_comes_in_while_a_long_pull_is_under_way() -> None:
    """The next invocation goes on with the rest of the window, and reads it after that."""
    world = World(page_size=1)
    leads = [world.lead(f"{number}@example.com") for number in range(4)]
    world.wait()
    world.seconds_per_call, world.deadline = 30, world.now + 70 * SECOND
    world.pull(scheduled=True)
    world.deadline = None
    world.org.edit(leads[0], {"Title": "Countess"})
    late = world.lead("late@example.com")
    world.wait()

    told = [world.explain(asked_for) for asked_for in (late, leads[0])]
    fates = [told[0]["records"][0], told[1]["contact"]["next_pull"]]
    world.pull(scheduled=True)

    assert [each["reason"] for each in fates] == ["not_yet_read"] * 2
    assert all("as soon as they are through" in each["message"] for each in fates)
    assert world.explain(late)["records"][0]["message"] == "the next pull reads it"


def test_a_deletion_that_was_ignored() -> None:
    """The link stays, and once the pull has seen the deletion no later one reads it again."""
    settings = SyncSettings(inbound=Inbound(on_remote_delete=OnRemoteDelete.IGNORE))
    world, contact_id, lead_id = a_linked_pair(settings)
    world.org.delete(lead_id)
    world.wait()

    before = world.explain(contact_id)["contact"]["next_pull"]
    for _ in range(2):
        world.pull()
        world.wait(20)
    after = world.explain(contact_id)["contact"]["next_pull"]

    assert (before["does"], before["reason"]) == ("deleted_there", "not_yet_read")
    assert (after["does"], after["reason"]) == ("deleted_there", "deleted_there")


def test_a_record_that_was_deleted_for_good() -> None:
    """No pull will ever tell; the explanation does, and takes nothing last seen for the truth."""
    world, contact_id, lead_id = a_linked_pair()
    world.wait()
    world.edit(contact_id, city="Turin")
    world.org.delete(lead_id)
    world.org.purge(lead_id)

    told = world.explain(contact_id)["contact"]

    assert (told["salesforce"]["id"], told["theirs_from"]) == (lead_id, None)
    assert (told["next_pull"]["does"], told["next_pull"]["reason"]) == (None, "not_found")
    assert {field["push"]["does"] for field in told["fields"]} == {"leave"}
    assert not any("theirs" in field for field in told["fields"])
    assert fate(world, lead_id) == ("not_found", contact_id)


def test_somebody_whose_record_became_part_of_another_contacts() -> None:
    """Nothing was deleted, and nothing will return; merging the two here is what helps."""
    world, contact_id, lead_id = a_linked_pair()
    winner = world.lead("winner@example.com")
    converted, person = world.lead("eve@example.com"), world.person("dan@example.com")
    world.pull()
    left = world.of(converted).id
    world.org.merge(winner, lead_id)
    world.org.convert(converted, contact_id=person)
    world.wait()
    world.pull()

    merged = world.explain(contact_id)["contact"]["not_in_salesforce"]

    assert (merged["reason"], "merge the two" in merged["message"]) == ("merged_there", True)
    assert absence(world, left) == "lead_converted"


def test_an_account() -> None:
    """It has no address to come in by, and becomes a company."""
    world = World()
    account_id = world.account()
    assert fate(world, account_id) == ("not_yet_read", None)
    world.wait()
    world.pull()

    (told,) = world.explain(account_id)["records"]

    (company,) = world.all_companies()
    assert (told["reason"], told["company_id"], told["contact_id"]) == ("linked", company.id, None)


def fate(world: World, asked_for: str) -> tuple[str, str | None]:
    """Return what became of the only record that is meant, and whose it is."""
    (record,) = world.explain(asked_for)["records"]
    return record["reason"], record["contact_id"]


def test_why_a_record_did_not_come_in() -> None:
    """By its address or by its id; Salesforce judges the selection."""
    world = World()
    inbound = world.settings.current().inbound
    lead = inbound.objects[SObject.LEAD]
    marked = replace(lead, selection=replace(lead.selection, mode=SelectionMode.MARKED))
    off = replace(inbound.objects[SObject.CONTACT], enabled=False)
    objects = {**inbound.objects, SObject.LEAD: marked, SObject.CONTACT: off}
    world.change(inbound=replace(inbound, objects=objects))
    unmarked = world.lead("unmarked@example.com")
    world.lead("marked@example.com", Sync_to_Counterpart__c=True)
    nameless = world.lead(None, Sync_to_Counterpart__c=True)
    person = world.person("person@example.com")
    gone = world.lead("gone@example.com")
    world.org.delete(gone)

    assert fate(world, "unmarked@example.com") == ("filtered_out", None)
    assert fate(world, unmarked[:15]) == ("filtered_out", None)
    assert fate(world, "marked@example.com") == ("not_yet_read", None)
    assert fate(world, nameless) == ("no_email", None)
    assert fate(world, person) == ("object_disabled", None)
    assert fate(world, gone) == ("deleted_there", None)
    assert fate(world, "00QTST9999999992BA") == ("not_found", None)
    assert world.explain("nobody@example.com")["records"] == []
    assert world.explain(person)["nothing_found"] is None


@pytest.mark.parametrize(
    ("asked_for", "silent", "told"),
    [
        ("nobody@example.com", False, "no contact here has this address, and Salesforce shows"),
        ("nobody@example.com", True, "no contact here has this address, and Salesforce could not"),
        ("006000000000001AAA", False, "by the id of a Lead, a Contact or an Account"),
        ("nobody", False, "by the id or address of a contact"),
    ],
)
def test_nobody_is_meant(asked_for: str, told: str, *, silent: bool) -> None:
    """Whoever has mistyped something is told so, rather than nothing."""
    world = World()
    if silent:
        world.salesforce.fail(TransientError("no answer"))

    answer = world.explain(asked_for)

    assert (answer["contact"], answer["records"]) == (None, [])
    assert told in answer["nothing_found"]


def test_a_record_that_came_in() -> None:
    """Its contact is explained along with it, and a deletion here is remembered."""
    world, contact_id, lead_id = a_linked_pair()

    assert world.explain(lead_id)["contact"]["id"] == contact_id
    assert fate(world, lead_id) == ("linked", contact_id)

    world.delete(contact_id)
    assert fate(world, lead_id) == ("deleted_here", contact_id)


def test_a_record_of_long_ago() -> None:
    """What changed before the window of a pull is not read by itself."""
    world = World()
    world.wait()
    world.pull()
    world.wait(60)
    world.pull()
    world.now = NOON - 600 * MINUTE
    old = world.lead("old@example.com")
    world.now = NOON + 120 * MINUTE

    assert fate(world, old) == ("changed_before", None)


def test_a_converted_and_a_merged_lead() -> None:
    """What took over is named."""
    world = World()
    lead, loser, winner = (world.lead(f"{name}@example.com") for name in ("a", "b", "c"))
    world.org.convert(lead)
    world.org.merge(winner, loser)

    assert fate(world, lead)[0] == "lead_converted"
    assert fate(world, loser)[0] == "merged_there"


def test_a_contact_that_was_merged() -> None:
    """Its survivor is told of, with the further record and whom it came from."""
    world, survivor, lead_id = a_linked_pair()
    person_id = world.person()
    world.wait()
    world.pull()
    loser = world.of(person_id).id
    world.merge(survivor, loser)

    told = world.explain(loser)

    assert (told["merged_into"], told["contact"]["id"]) == (survivor, survivor)
    assert told["contact"]["merged"] == [loser]
    assert [one["id"] for one in told["contact"]["secondaries"]] == [person_id]
    assert fate(world, person_id) == ("secondary", survivor)
    assert world.explain(survivor)["merged_into"] is None
    assert fate(world, lead_id) == ("linked", survivor)


def test_asking_writes_nothing() -> None:
    """Whoever asks changes nothing, on either side."""
    world, contact_id, lead_id = a_linked_pair(TWO_WAY)
    world.edit(contact_id, job_title="VP")
    world.org.edit(lead_id, {"City": "Basel"})
    before = world.state()
    world.written.clear()

    for asked_for in (contact_id, lead_id, "ada@example.com", "nobody"):
        world.explain(asked_for)

    assert world.written == []
    assert world.state() == before


def test_a_pause_and_a_bounce() -> None:
    """Why nothing goes out, and that mail does not arrive."""
    world, contact_id, lead_id = a_linked_pair(TWO_WAY)
    world.org.bounce(lead_id, "no such mailbox")
    world.wait()
    world.pull()
    world.write(Wish(contact_id=contact_id, tags=()))
    world.edit(contact_id, job_title="VP")

    told = world.explain(contact_id)

    contact = told["contact"]
    assert (contact["bounced"], contact["tags"]) == ("hard", [])
    assert contact["outbound_paused_at"] == format_time(world.now)
    assert field(told, "job_title")["push"]["does"] == "leave"
    assert "sync tag was taken away" in field(told, "job_title")["push"]["why"]
    assert contact["waiting"]["goes_at"] is None


def test_what_the_guard_holds_of_a_pull() -> None:
    """No pull reads on before somebody says yes, be it a deletion, an edit or a new record."""
    guard = Guard(share_percent=20, minimum=2)
    world = World(SyncSettings(guard=guard))
    leads = [world.lead(f"{number}@example.com") for number in range(5)]
    world.pull()
    world.wait(60)
    world.pull()
    gone, kept = world.of(leads[0]).id, world.of(leads[4]).id
    for lead_id in leads[:3]:
        world.org.delete(lead_id)
    world.wait()
    world.pull()
    world.org.edit(leads[4], {"Title": "Director"})
    stranger = world.lead("new@example.com")
    hold = world.streams.get("Lead").hold
    assert hold

    told = world.explain(gone)["contact"]["next_pull"]

    assert (told["does"], told["reason"]) == ("unlinked", "held")
    assert hold.id in told["message"]
    assert world.explain(kept)["contact"]["next_pull"]["reason"] == "held"
    assert fate(world, stranger) == ("held", None)
    world.approve(hold.id)
    assert world.explain(gone)["contact"]["next_pull"]["reason"] == "not_yet_read"


def test_what_the_guard_holds_of_a_push() -> None:
    """Who would lose a value there stays, and says for which yes; an edit beside it goes."""
    guard = Guard(share_percent=20, minimum=2)
    world = World(replace(TWO_WAY, guard=guard))
    leads = [world.lead(f"{number}@example.com", Title="Clerk") for number in range(5)]
    world.pull()
    world.wait(20)
    blanked = [world.of(lead_id).id for lead_id in leads[:3]]
    for contact_id in blanked:
        world.edit(contact_id, job_title=None)
    world.push()
    other = world.of(leads[4]).id
    world.edit(other, job_title="Director")
    hold = world.streams.get("push").hold
    assert hold

    told = world.explain(blanked[0])

    waiting = told["contact"]["waiting"]
    assert (waiting["goes_at"], hold.id in waiting["message"]) == (None, True)
    assert field(told, "job_title")["push"] == {
        "does": "leave",
        "why": "the guard holds the contact's edits until somebody says yes",
    }
    told = world.explain(other)
    assert told["contact"]["waiting"]["goes_at"]
    assert field(told, "job_title")["push"]["does"] == "send ours"


def test_records_of_the_address_of_somebody_without_one() -> None:
    """Whom it may meet, and who is another contact's, without asking by the address."""
    world = World()
    taken = world.lead("ada@example.com")
    world.pull()
    world.wait(20)
    free = world.person("ada@example.com")
    alone = world.add("ada@example.com")

    told = world.explain(alone)["records"]

    assert {one["id"]: (one["reason"], one["contact_id"]) for one in told} == {
        taken: ("linked", world.of(taken).id),
        free: ("not_yet_read", None),
    }
    assert world.explain(world.of(taken).id)["records"] == []


def test_a_record_that_is_read_again_after_a_merge_here() -> None:
    """It was applied to the one that went; what it brings to the survivor is no surprise."""
    world = World()
    world.lead("ada@example.com", LastName="Byron")
    world.wait()
    survivor = world.add("bob@example.com", last_name="Lovelace")
    world.wait()
    lead_id = world.lead("bob2@example.com", LastName="King")
    world.pull()
    loser = world.of(lead_id).id
    world.merge(survivor, loser)

    told = world.explain(survivor)
    world.wait()
    world.pull()

    assert field(told, "last_name")["pull"]["does"] == "take theirs"
    assert told["contact"]["next_pull"]["reason"] == "not_yet_read"
    assert world.contact(survivor).ledger.values["last_name"] == "King"


def test_a_record_that_had_lost_a_merge_and_came_back() -> None:
    """It is itself again, and kept out by the settings as any other."""
    world, contact_id, lead_id = a_linked_pair()
    world.org.merge(world.lead("winner@example.com"), lead_id)
    world.org.undelete(lead_id)
    inbound = world.settings.current().inbound
    off = replace(inbound.objects[SObject.LEAD], enabled=False)
    world.change(inbound=replace(inbound, objects={**inbound.objects, SObject.LEAD: off}))

    told = world.explain(contact_id)["contact"]

    assert told["next_pull"]["reason"] == "object_disabled"
    assert fate(world, lead_id) == ("linked", contact_id)


@pytest.mark.parametrize("truncate", [True, False])
@pytest.mark.parametrize("after", ["an edit", "a refusal"])
def test_a_text_that_is_too_long_for_its_field(after: str, *, truncate: bool) -> None:
    """It stays here, or goes out cut, and either is said; a text that fits goes as it is."""
    settings = TWO_WAY
    if truncate:
        fields = (replace(each, truncate=each.name == "job_title") for each in TWO_WAY.fields)
        settings = replace(TWO_WAY, fields=tuple(fields))
    world, contact_id, lead_id = a_linked_pair(settings)
    world.edit(contact_id, job_title="x" * 129, city="Basel")
    if after == "a refusal":
        world.wait(20)
        world.push()
        world.edit(contact_id, job_title="y" * 129, city="Chur")

    told = world.explain(contact_id)
    world.wait(20)
    world.push()

    title, ours = field(told, "job_title")["push"], field(told, "job_title")["ours"]
    assert field(told, "city")["push"]["does"] == "send ours"
    assert title["does"] == ("send ours" if truncate else "leave")
    assert ("cut" if truncate else "refuses it") in title["why"]
    assert world.org.row(lead_id)["Title"] == (ours[:128] if truncate else "Analyst")
    assert world.org.row(lead_id)["City"] == field(told, "city")["ours"]


def test_a_field_that_our_user_may_only_read() -> None:
    """Salesforce would refuse it; once it may be written, it goes."""
    world, contact_id, lead_id = a_linked_pair(TWO_WAY)
    world.org.read_only.add((SObject.LEAD, "Title"))
    world.edit(contact_id, job_title="VP", city="Basel")

    told = world.explain(contact_id)

    assert field(told, "city")["push"]["does"] == "send ours"
    assert field(told, "job_title")["push"] == {
        "does": "leave",
        "why": "our user may not write the field, so Salesforce refuses it",
    }
    world.org.read_only.clear()
    assert field(world.explain(contact_id), "job_title")["push"]["does"] == "send ours"
    world.wait(20)
    world.push()
    assert world.org.row(lead_id)["Title"] == "VP"


def test_nothing_waits_though_ours_could_go() -> None:
    """A mode that changed sends nothing by itself; the field goes along with the next edit."""
    world, contact_id, lead_id = a_linked_pair(
        SyncSettings(fields=with_mode(Mode.ALWAYS_SALESFORCE, "job_title"))
    )
    world.edit(contact_id, job_title="VP")
    world.settle(rounds=1)
    world.change(fields=with_mode(Mode.ALWAYS_OURS, "job_title"))

    told = world.explain(contact_id)
    world.settle(rounds=1)

    assert told["contact"]["waiting"] is None
    title = field(told, "job_title")["push"]
    assert (title["does"], "goes along with the next edit" in title["why"]) == ("send ours", True)
    assert world.org.row(lead_id)["Title"] == "Analyst"

    world.edit(contact_id, city="Basel")
    title = field(world.explain(contact_id), "job_title")["push"]
    assert (title["does"], "next edit" in title["why"]) == ("send ours", False)
    world.settle(rounds=1)
    assert world.org.row(lead_id)["Title"] == "VP"


@pytest.mark.parametrize(
    ("lane", "used", "goes"),
    [
        (Lane.FRESH, 50, True),
        (Lane.FRESH, 85, True),
        (Lane.BULK, 50, True),
        (Lane.BULK, 85, False),
        (Lane.FRESH, 100, False),
    ],
)
def test_the_allowance_is_spent(lane: Lane, used: int, *, goes: bool) -> None:
    """What waits has no hour before there are calls again; a fresh edit goes as long as it can."""
    world = World(TWO_WAY, daily_calls=100)
    lead_id = world.lead(Title="Analyst")
    world.wait()
    world.pull()
    world.wait(20)
    contact_id = world.the_contact().id
    world.edit(contact_id, lane=lane, job_title="VP")
    world.wait(20)
    while world.salesforce.usage().used < used * 9 // 10:
        world.salesforce.poll_plain([])

    waiting = world.explain(contact_id)["contact"]["waiting"]
    world.push(scheduled=True)

    assert (waiting["goes_at"] is not None) == goes
    assert ("API allowance" in waiting["message"]) == (not goes)
    assert world.org.row(lead_id)["Title"] == ("VP" if goes else "Analyst")


@pytest.mark.parametrize(("used", "reads"), [(50, True), (85, True), (100, False)])
def test_a_record_that_waits_while_the_allowance_is_spent(used: int, *, reads: bool) -> None:
    """No pull reads it before there are calls again, be there a contact of it or not."""
    world = World(TWO_WAY, daily_calls=100)
    lead_id = world.lead(City="Bern")
    world.wait()
    world.pull()
    world.wait(20)
    world.org.edit(lead_id, {"City": "Basel"})
    bob = world.lead("bob@example.com")
    world.wait()
    while world.salesforce.usage().used < used * 9 // 10:
        world.salesforce.poll_plain([])

    linked = world.explain(lead_id)["contact"]["next_pull"]
    (unknown,) = world.explain(bob)["records"]
    world.pull()

    assert (linked["reason"], unknown["reason"]) == ("not_yet_read", "not_yet_read")
    for told in (linked, unknown):
        assert ("API allowance" in told["message"]) == (not reads)
    assert len(world.everybody()) == (2 if reads else 1)


def test_a_further_record_that_has_changed() -> None:
    """What the next pull does with it is told beside the counterpart's, and so it does."""
    world, survivor, _ = a_linked_pair()
    person_id = world.person("eve@example.com", Title="Analyst")
    world.wait()
    world.pull()
    world.merge(survivor, world.of(person_id).id)
    world.pull()
    quiet = world.explain(survivor)["contact"]["secondaries"][0]["next_pull"]
    world.wait(20)
    world.org.edit(person_id, {"Title": "Director"})

    contact = world.explain(survivor)["contact"]
    world.pull()

    assert (quiet["does"], quiet["reason"]) == ("no_change", "no_change")
    assert contact["next_pull"]["reason"] == "no_change"
    further = contact["secondaries"][0]["next_pull"]
    assert (further["does"], further["reason"]) == ("updated", "not_yet_read")
    assert world.contact(survivor).ledger.values["job_title"] == "Director"

    world.org.delete(person_id)
    world.org.purge(person_id)
    further = world.explain(survivor)["contact"]["secondaries"][0]["next_pull"]
    assert (further["does"], further["reason"]) == (None, "not_found")
    world.salesforce.fail(TransientError("no answer"))
    assert world.explain(survivor)["contact"]["secondaries"][0]["next_pull"] is None


def test_a_field_that_is_shown_again() -> None:
    """Pulls leave it out until they look for it again, within the hour, and then bring it."""
    world, contact_id, lead_id = a_linked_pair()
    world.org.hidden.add((SObject.LEAD, "Title"))
    world.org.edit(lead_id, {"Title": "Director"})
    world.wait(5)
    world.pull(scheduled=True)
    world.org.hidden.clear()

    shown = world.explain(contact_id)
    world.wait(5)
    world.pull(scheduled=True)

    assert field(shown, "job_title")["pull"]["does"] == "leave"
    assert "within the hour" in field(shown, "job_title")["pull"]["why"]
    assert shown["contact"]["next_pull"]["does"] == "no_change"
    assert world.contact(contact_id).ledger.values["job_title"] == "Analyst"

    world.wait(60)
    world.pull(scheduled=True)
    assert world.contact(contact_id).ledger.values["job_title"] == "Director"


def test_an_object_that_our_user_may_not_read_any_more() -> None:
    """Its records are not taken for gone: what was last seen is told, and edits wait."""
    world, contact_id, lead_id = a_linked_pair(TWO_WAY)
    world.edit(contact_id, city="Basel")
    world.org.hidden_objects.add(SObject.LEAD)

    told = world.explain(contact_id)["contact"]
    by_address = world.explain(world.contact(contact_id).email or "")
    world.push()

    assert told["next_pull"]["reason"] == "object_unavailable"
    assert by_address["contact"] == told
    # Nor is it known who else in Salesforce has the address.
    assert "Lead" in by_address["salesforce_silent"]
    assert (told["theirs_from"], told["waiting"]["goes_at"]) == ("shadow", None)
    assert "may read Lead again" in told["waiting"]["message"]
    city = field({"contact": told}, "city")
    assert (city["push"]["does"], "may not read" in city["push"]["why"]) == ("leave", True)
    assert fate(world, lead_id) == ("object_unavailable", contact_id)
    assert world.waits(contact_id)

    world.org.hidden_objects.clear()
    world.wait(60)
    world.push()
    assert world.org.row(lead_id)["City"] == "Basel"


def test_an_object_that_our_user_may_read_again() -> None:
    """Pulls look for it again within the hour; until then nobody is told that the next reads it."""
    world, contact_id, lead_id = a_linked_pair()
    world.org.hidden_objects.add(SObject.LEAD)
    world.wait(20)
    world.pull(scheduled=True)
    world.org.hidden_objects.clear()
    world.org.edit(lead_id, {"Title": "Director"})
    new = world.lead("new@example.com")

    told = [world.explain(contact_id)["contact"]["next_pull"]]
    told += world.explain(new)["records"]
    world.wait(6)
    world.pull(scheduled=True)

    assert {one["reason"] for one in told} == {"object_unavailable"}
    assert all("within the hour" in one["message"] for one in told)
    assert world.contact(contact_id).ledger.values["job_title"] == "Analyst"
    assert new not in world.links.get_many([new])
    world.org.delete(lead_id)
    assert world.explain(contact_id)["contact"]["next_pull"]["reason"] == "object_unavailable"

    world.wait(60)
    world.pull(scheduled=True)
    assert world.contact(contact_id).counterpart is None
    assert world.of(new).counterpart


def test_a_checkbox_that_is_hidden_by_which_records_are_selected() -> None:
    """No pull reads any record of the object, whatever became of it; Salesforce is not silent."""
    world = World()
    inbound = world.settings.current().inbound
    leads = inbound.objects[SObject.LEAD]
    marked = replace(leads, selection=replace(leads.selection, mode=SelectionMode.MARKED))
    world.change(inbound=replace(inbound, objects={**inbound.objects, SObject.LEAD: marked}))
    changed, deleted = (
        world.lead(f"{name}@example.com", Sync_to_Counterpart__c=True) for name in "ab"
    )
    world.wait()
    world.pull()
    world.wait(20)
    world.org.hidden.add((SObject.LEAD, "Sync_to_Counterpart__c"))
    world.org.edit(changed, {"Title": "Director"})
    world.org.delete(deleted)
    new = world.lead("new@example.com", Sync_to_Counterpart__c=True)

    told = world.explain(changed)

    assert told["salesforce_silent"] is None
    assert told["contact"]["next_pull"]["reason"] == "object_unavailable"
    assert "Sync_to_Counterpart__c" in told["contact"]["next_pull"]["message"]
    gone = world.explain(deleted)["contact"]["next_pull"]
    assert gone["reason"] == "object_unavailable"
    assert fate(world, new) == ("object_unavailable", None)

    world.pull()
    assert world.of(changed).ledger.values.get("job_title") is None
    assert world.of(deleted).counterpart


def test_a_version_of_which_nothing_was_stored() -> None:
    """An address that is none stays there: nobody is sent to pull it by its id once more."""
    world, contact_id, lead_id = a_linked_pair()
    world.wait(60)
    world.org.edit(lead_id, {"Email": "none"})
    world.wait()
    assert world.explain(contact_id)["contact"]["next_pull"]["reason"] == "not_yet_read"
    world.pull()
    world.wait(60)
    world.pull()

    told = world.explain(contact_id)["contact"]["next_pull"]

    assert (told["does"], told["reason"]) == ("no_change", "no_change")
    assert "by its id" not in told["message"]
