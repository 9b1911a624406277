"""Merging two contacts here, what becomes of their records, and undoing it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from counterpart.adapters.memory import InMemoryContactRepository
from counterpart.domain.bounces import BounceKind, BounceSource
from counterpart.domain.contact_merge_plans import Choice
from counterpart.domain.contacts import Contact
from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.inbound_settings import OnRemoteDelete
from counterpart.domain.links import LinkState
from counterpart.domain.mail_reports import BounceReport, bounced
from counterpart.domain.mapping import Mode
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.sync_tags import tags_of
from counterpart.domain.waiting import InFlight, Lane, Waiting
from counterpart.domain.wishes import Wish
from counterpart.errors import InputError, NotFoundError, StaleVersionError, TransientError
from counterpart.use_cases.apply_page import apply_page
from counterpart.use_cases.diverged_contacts import Side, take_side
from counterpart.use_cases.mark_contact import mark_contact
from counterpart.use_cases.merge_contacts import survivor_of
from tests.use_cases.refusing import opt_in
from tests.use_cases.world import MINUTE, PowerCutError, World, with_mode

TWO_WAY = SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title", "city", "first_name", "phone"))


def two_records(
    settings: SyncSettings | None = TWO_WAY,
    *,
    loser: dict[str, Any] | None = None,
    **survivor: Any,  # noqa: ANN401 - of a row
) -> tuple[World, str, str, str, str]:
    """Return a world in which a lead and a Contact of one address were pulled, and the ids."""
    world = World(settings)
    contact_id = world.person(**survivor)
    world.wait()
    world.pull()
    lead_id = world.lead(**(loser or {}))
    world.wait()
    world.pull()
    world.wait(20)
    return world, world.of(contact_id).id, world.of(lead_id).id, contact_id, lead_id


def a_linked_lead(
    settings: SyncSettings | None,
    **row: Any,  # noqa: ANN401 - of a row
) -> tuple[World, str, str]:
    """Return a world in which a lead was pulled a while ago, its contact, and its id."""
    world = World(settings)
    lead_id = world.lead(**row)
    world.wait()
    world.pull()
    world.wait(20)
    return world, world.the_contact().id, lead_id


def state_of(world: World, record_id: str) -> tuple[LinkState, str | None]:
    """Return what a record means to us."""
    link = world.links.get_many([record_id])[record_id]
    return link.state, link.subject_id


def value(world: World, record_id: str, path: str) -> object:
    """Return what Salesforce holds."""
    row = world.org.find(record_id)
    assert row is not None
    return row[path]


def bounce(world: World, contact_id: str) -> None:
    """Report that mail to a contact came back."""
    report = BounceReport(kind=BounceKind.HARD)
    mark_contact(
        contact_id, lambda one: bounced(one, report, now=world.now), contacts=world.contacts
    )


# --- Values ---------------------------------------------------------------------------------------


def test_blanks_are_filled_and_values_stay() -> None:
    """The survivor keeps its id, what it has, and the time of each value."""
    world = World()
    ada = world.add("ada@example.com", job_title="VP")
    world.wait()
    bob = world.add("bob@example.com", job_title="CEO", city="Bern")
    before = world.contact(bob)

    world.merge(ada, bob)

    after = world.contact(ada)
    assert after.ledger.values == {"email": "ada@example.com", "job_title": "VP", "city": "Bern"}
    assert after.ledger.times["city"] == before.ledger.times["city"]
    assert world.everybody() == [after]


@pytest.mark.parametrize(
    ("choices", "title"),
    [
        ({}, "VP"),
        ({"job_title": Choice.SURVIVOR}, "VP"),
        ({"job_title": Choice.LOSER}, "CEO"),
        ({"job_title": Choice.NEWEST}, "CEO"),
        ({"otherwise": Choice.NEWEST}, "CEO"),
        ({"otherwise": Choice.NEWEST, "job_title": Choice.SURVIVOR}, "VP"),
    ],
)
def test_whose_value_a_field_gets(choices: dict[str, Any], title: str) -> None:
    """Field by field, or the newest of all that nobody chose for."""
    world = World()
    ada = world.add("ada@example.com", job_title="VP")
    world.wait()
    bob = world.add("bob@example.com", job_title="CEO")

    world.merge(ada, bob, **choices)

    assert world.contact(ada).ledger.values["job_title"] == title


def test_a_newer_clear_is_newer() -> None:
    """By the newest, a field that was cleared later stays clear."""
    world = World()
    bob = world.add("bob@example.com", city="Bern")
    ada = world.add("ada@example.com", city="Basel")
    world.wait()
    world.edit(ada, city=None)

    world.merge(ada, bob, otherwise=Choice.NEWEST)

    assert world.contact(ada).ledger.values["city"] is None


@pytest.mark.failure("F58")
@pytest.mark.parametrize("opted_out", ["ada", "bob"])
def test_a_refusal_of_either_stands(opted_out: str) -> None:
    """Nobody is mailed who did not want to be, whichever contact said so."""
    world = World()
    ids = {"ada": world.add("ada@example.com"), "bob": world.add("bob@example.com")}
    world.edit(ids[opted_out], opted_out=True)

    world.merge(ids["ada"], ids["bob"])

    assert world.contact(ids["ada"]).opted_out


@pytest.mark.parametrize("survivor_is_linked", [True, False])
def test_an_opt_in_that_salesforce_has_not_taken_yet(
    survivor_is_linked: bool,  # noqa: FBT001 - both ways
) -> None:
    """It goes on with the record that it goes out to; nothing is written to a further one."""
    world, survivor, loser, _, lead_id = two_records(loser={"HasOptedOutOfEmail": True})
    if not survivor_is_linked:
        survivor = world.add("other@example.com")
    opt_in(world, loser)

    world.merge(survivor, loser)
    before = world.contact(survivor).opted_out
    world.settle(2)

    assert before
    assert world.contact(survivor).opted_out is survivor_is_linked
    assert value(world, lead_id, "HasOptedOutOfEmail") is survivor_is_linked


def test_tags_of_both() -> None:
    """Each once, the survivor's first."""
    world = World()
    ada, bob = world.add("ada@example.com"), world.add("bob@example.com")
    world.write(Wish(contact_id=ada, tags=["b", "a"]), Wish(contact_id=bob, tags=["c", "a"]))

    world.merge(ada, bob)

    assert world.contact(ada).tags == ("b", "a", "c")


def test_what_cannot_be_merged() -> None:
    """With itself, with nobody, and with a choice that makes no sense."""
    world = World()
    ada, bob = world.add("ada@example.com"), world.add("bob@example.com")

    with pytest.raises(InputError, match="itself"):
        world.merge(ada, ada)
    with pytest.raises(NotFoundError):
        world.merge(ada, "nobody")
    with pytest.raises(NotFoundError):
        world.merge("nobody", ada)
    with pytest.raises(InputError, match="neither contact has"):
        world.merge(ada, bob, shoe_size=Choice.LOSER)
    with pytest.raises(InputError, match="refusal"):
        world.merge(ada, bob, opted_out=Choice.LOSER)


def test_a_contact_that_was_merged_into_another_one() -> None:
    """Whoever names it once more is told whom to name."""
    world = World()
    ada, bob, carl = (world.add(f"{name}@example.com") for name in ("ada", "bob", "carl"))
    world.merge(bob, ada)
    world.merge(carl, bob)

    with pytest.raises(NotFoundError, match=f"{ada} was merged into {carl}; name that one"):
        world.merge(world.add("dora@example.com"), ada)


@pytest.mark.parametrize("choice", Choice)
def test_a_choice_for_a_field_that_neither_has(choice: Choice) -> None:
    """The same choices may be sent for every pair; nothing comes of this one."""
    world = World()
    ada, bob = world.add("ada@example.com"), world.add("bob@example.com", city="Bern")

    merged = world.merge(ada, bob, job_title=choice)

    assert "job_title" not in world.contact(ada).ledger.values
    assert "job_title" not in merged.merge.taken
    assert world.contact(ada).ledger.values["city"] == "Bern"


def test_who_asks_for_the_old_id_is_led_on() -> None:
    """Also if the survivor was merged in turn."""
    world = World()
    ada, bob, carl = (world.add(f"{name}@example.com") for name in ("ada", "bob", "carl"))
    world.merge(bob, carl)
    world.merge(ada, bob)

    assert survivor_of(carl, merges=world.merges) == ada
    assert survivor_of(bob, merges=world.merges) == ada
    assert survivor_of(ada, merges=world.merges) is None
    assert world.merge(ada, bob).survivor == world.contact(ada)


# --- Records --------------------------------------------------------------------------------------


def test_only_the_loser_is_linked() -> None:
    """Its link moves to the survivor, and what differs goes out."""
    world, loser, lead_id = a_linked_lead(TWO_WAY, Title="Analyst", City="Bern")
    survivor = world.add("other@example.com", job_title="VP")

    world.merge(survivor, loser)
    world.push()

    assert state_of(world, lead_id) == (LinkState.LINKED, survivor)
    assert (value(world, lead_id, "Title"), value(world, lead_id, "City")) == ("VP", "Bern")
    assert world.contact(survivor).ledger.values["city"] == "Bern"
    world.org.edit(lead_id, {"City": "Chur"})
    world.wait(20)
    world.pull()
    assert world.the_contact().ledger.values["city"] == "Chur"


@pytest.mark.parametrize("own", [None, "Clerk"])
def test_what_was_said_of_a_record_goes_along_with_it(own: str | None) -> None:
    """A value that was put back while its write had no answer is known again there."""
    world, loser, lead_id = a_linked_lead(TWO_WAY, Title="Analyst")
    world.edit(loser, job_title="VP")
    world.wait()
    world.salesforce.lose_answers()
    world.push(everything_waiting=True)
    assert value(world, lead_id, "Title") == "VP"
    world.edit(loser, job_title="Analyst")
    survivor = world.add("other@example.com")
    if own:
        world.edit(survivor, job_title=own)

    world.merge(survivor, loser)
    world.wait()
    world.pull()
    world.settle(2)

    stands = own or "Analyst"
    assert value(world, lead_id, "Title") == stands
    assert world.contact(survivor).ledger.values["job_title"] == stands


def test_an_opt_in_goes_along_with_the_record_that_it_was_said_of() -> None:
    """Somebody refused and was opted in again before any push; the survivor knows of neither."""
    world = World()
    lead_id = world.lead()
    world.wait()
    world.pull()
    loser = world.the_contact().id
    world.edit(loser, opted_out=True)
    opt_in(world, loser)
    survivor = world.add("other@example.com")

    world.merge(survivor, loser)
    world.settle(2)

    assert world.contact(survivor).ledger.values["opted_out"] is False
    assert value(world, lead_id, "HasOptedOutOfEmail") is False
    assert not world.contact(survivor).waiting


def test_what_was_insisted_on_still_goes_to_the_record() -> None:
    """Somebody took ours over what the mode protects there, and it stands in the survivor."""
    world, loser, lead_id = a_linked_lead(None, Title="Analyst")
    world.edit(loser, job_title="VP")
    world.settle(1)
    take_side(
        loser,
        "job_title",
        Side.OURS,
        now=world.now,
        contacts=world.contacts,
        settings=world.settings,
    )
    survivor = world.add("other@example.com")

    world.merge(survivor, loser)
    world.settle(2)

    assert value(world, lead_id, "Title") == "VP"


def test_only_the_survivor_is_linked() -> None:
    """Its link stays, and what was filled in goes out."""
    world, survivor, lead_id = a_linked_lead(TWO_WAY, Title="Analyst")
    loser = world.add("other@example.com", city="Bern")

    world.merge(survivor, loser)
    world.push()

    assert state_of(world, lead_id) == (LinkState.LINKED, survivor)
    assert value(world, lead_id, "City") == "Bern"


@pytest.mark.failure("F40")
def test_both_are_linked() -> None:
    """Salesforce is left alone; the loser's record becomes a further one, and no contact comes."""
    world, survivor, loser, contact_id, lead_id = two_records(Title="VP", loser={"City": "Bern"})
    world.written.clear()

    world.merge(survivor, loser)

    assert world.written == ["unsettled.save", "merges.store"]
    assert state_of(world, contact_id) == (LinkState.LINKED, survivor)
    assert state_of(world, lead_id) == (LinkState.SECONDARY, survivor)
    world.settle(2)
    assert value(world, contact_id, "MailingCity") == "Bern"
    assert value(world, lead_id, "Title") is None
    world.org.touch(lead_id)
    world.settle(2)
    assert [each.id for each in world.everybody()] == [survivor]


def test_news_of_a_further_record_come_in_and_go_on() -> None:
    """Field by field: what changed there, if it is newer; what did not change there is no news."""
    world, survivor, loser, contact_id, lead_id = two_records(
        Title="VP", loser={"Title": "Analyst", "City": "Bern"}
    )
    world.merge(survivor, loser)
    world.settle(1)

    world.org.edit(lead_id, {"City": "Chur", "FirstName": None})
    world.settle(2)

    values = world.contact(survivor).ledger.values
    assert (values["job_title"], values["city"]) == ("VP", "Chur")
    assert value(world, contact_id, "MailingCity") == "Chur"
    assert value(world, lead_id, "Title") == "Analyst"


def test_an_older_change_of_a_further_record_stays_outside() -> None:
    """A newer value is never replaced by an older one."""
    world, survivor, loser, _, lead_id = two_records(loser={"City": "Bern"})
    world.merge(survivor, loser)
    world.org.edit(lead_id, {"City": "Chur"})
    world.wait()
    world.edit(survivor, city="Basel")

    world.settle(2)

    assert world.contact(survivor).ledger.values["city"] == "Basel"


def test_another_address_of_a_further_record() -> None:
    """Whoever bore the old one follows to the new; no second contact comes of it."""
    world, survivor, loser, contact_id, lead_id = two_records()
    world.merge(survivor, loser)

    world.org.edit(lead_id, {"Email": "a.l@example.com"})
    world.settle(2)

    assert world.the_contact().email == "a.l@example.com"
    assert value(world, contact_id, "Email") == "a.l@example.com"


def test_a_further_record_is_converted() -> None:
    """What it became is a further one as well, and makes no contact."""
    world, survivor, loser, _, lead_id = two_records()
    world.merge(survivor, loser)

    new_id = world.org.convert(lead_id)
    world.settle(2)

    assert state_of(world, lead_id) == (LinkState.CONVERTED, survivor)
    assert state_of(world, new_id) == (LinkState.SECONDARY, survivor)
    assert [one.record_id for one in world.the_contact().secondaries] == [new_id]


def test_a_further_record_is_converted_into_the_counterpart() -> None:
    """Then both are one in Salesforce, too."""
    world, survivor, loser, contact_id, lead_id = two_records()
    world.merge(survivor, loser)

    world.org.convert(lead_id, contact_id=contact_id)
    world.settle(2)

    assert world.the_contact().secondaries == ()
    assert state_of(world, contact_id) == (LinkState.LINKED, survivor)


def test_a_further_record_is_converted_into_one_that_was_read_before() -> None:
    """What that holds comes in at once, as nobody would read it again."""
    world, survivor, loser, _, lead_id = two_records()
    world.merge(survivor, loser)
    old_id = world.org.add(SObject.CONTACT, {"LastName": "Lovelace", "MailingCity": "Chur"})
    world.org.convert(lead_id, contact_id=old_id)
    world.org.edit(old_id, {"Email": None})
    world.wait()
    world.pull(objects=(SObject.CONTACT,))
    world.wait(20)
    world.pull(objects=(SObject.CONTACT,))

    world.pull(objects=(SObject.LEAD,))

    (further,) = world.contact(survivor).secondaries
    assert further.record_id == old_id
    assert further.shadows["city"] == "Chur"
    assert world.contact(survivor).ledger.values["city"] == "Chur"


def merged_contacts() -> tuple[World, str, str, str]:
    """Return a world in which the contacts of two Contacts were merged, and the three ids."""
    world = World(TWO_WAY)
    first = world.person()
    world.wait()
    world.pull()
    second = world.person()
    world.wait()
    world.pull()
    survivor = world.of(first).id
    world.merge(survivor, world.of(second).id)
    world.wait(20)
    return world, survivor, first, second


@pytest.mark.failure("F55")
def test_both_records_are_merged_in_salesforce() -> None:
    """Whichever wins there is the counterpart afterwards, of the same contact."""
    for place in (0, 1):
        world, survivor, *records = merged_contacts()
        winner, loser = records[place], records[1 - place]

        world.org.merge(winner, loser)
        world.settle(2)

        contact = world.the_contact()
        assert contact.id == survivor
        assert contact.counterpart
        assert contact.counterpart.record_id == winner
        assert contact.secondaries == ()


@pytest.mark.failure("F55")
def test_two_further_records_are_merged_in_salesforce() -> None:
    """The contact has one of them less, and what the other brings is its last word."""
    world, survivor, loser, _, first = two_records()
    second = world.lead("second@example.com")
    world.wait()
    world.pull()
    world.wait(20)
    world.merge(survivor, loser)
    world.merge(survivor, world.of(second).id)

    world.org.merge(first, second)
    world.org.edit(first, {"City": "Chur"})
    world.settle(2)

    (further,) = world.contact(survivor).secondaries
    assert (further.record_id, further.shadows["city"]) == (first, "Chur")
    assert state_of(world, second) == (LinkState.MERGED, survivor)


def test_a_further_record_was_merged_into_one_that_is_gone() -> None:
    """It counts as deleted, as a counterpart would, and comes back when the merge comes apart."""
    world, survivor, loser, _, lead_id = two_records()
    world.merge(survivor, loser)
    winner = world.lead("winner@example.com")
    world.org.merge(winner, lead_id)
    world.org.delete(winner)

    world.settle(2)

    assert state_of(world, lead_id) == (LinkState.DELETED_THERE, survivor)
    world.org.edit(lead_id, {"IsDeleted": False, "MasterRecordId": None})
    world.settle(2)
    assert state_of(world, lead_id) == (LinkState.SECONDARY, survivor)


def test_a_further_record_is_deleted_and_comes_back() -> None:
    """Its link ends, and is made again; the contact stays as it is."""
    world, survivor, _, second = merged_contacts()

    world.org.delete(second)
    world.settle(1)
    assert state_of(world, second) == (LinkState.DELETED_THERE, survivor)
    world.org.undelete(second)
    world.settle(2)

    assert state_of(world, second) == (LinkState.SECONDARY, survivor)
    assert world.the_contact().id == survivor


@pytest.mark.parametrize("policy", OnRemoteDelete)
def test_the_counterpart_is_deleted(policy: OnRemoteDelete) -> None:
    """The person lives on in the further record, which becomes the counterpart when it changes."""
    world, survivor, first, second = merged_contacts()
    world.change(inbound=replace(world.settings.current().inbound, on_remote_delete=policy))

    world.org.delete(first)
    world.settle(1)
    world.org.edit(second, {"Title": "VP"})
    world.settle(2)

    contact = world.the_contact()
    assert contact.id == survivor
    assert contact.ledger.values["job_title"] == "VP"
    held = contact.counterpart.record_id if contact.counterpart else None
    assert held == (first if policy is OnRemoteDelete.IGNORE else second)


def test_a_merged_contact_is_deleted_here() -> None:
    """None of its records brings it back."""
    world, survivor, first, second = merged_contacts()

    world.delete(survivor)
    world.org.edit(first, {"Title": "VP"})
    world.org.edit(second, {"Title": "VP"})
    world.settle(2)

    assert world.everybody() == []


# --- What waits -----------------------------------------------------------------------------------


def test_a_request_to_be_created_is_carried_over() -> None:
    """One record is made, for the survivor; the job of the loser finds nobody."""
    world = World()
    survivor = world.add("ada@example.com")
    loser = world.add("ada@example.com", sync=True, create_as=CreateAs.LEAD)

    world.merge(survivor, loser)
    world.create()

    contact = world.the_contact()
    assert contact.counterpart
    assert contact.counterpart.object is SObject.LEAD
    assert len(list(world.org.rows(SObject.LEAD))) == 1
    assert (contact.creation, contact.waiting) == (None, None)


def test_what_a_creation_without_an_answer_made_is_somebodys_further_record() -> None:
    """It was taken for a namesake's, who was merged away; the job comes to its end all the same."""
    world = World()
    person_id = world.person("ada@example.com")
    world.wait()
    world.pull()
    first = world.add("eve@example.com", sync=True, create_as=CreateAs.LEAD)
    world.salesforce.lose_answers()
    with pytest.raises(TransientError):
        world.create()
    world.wait()
    namesake = world.add("eve@example.com")
    (lead,) = world.org.rows(SObject.LEAD)
    world.org.edit(lead["Id"], {"Title": "VP"})
    world.wait()
    world.pull()
    assert state_of(world, lead["Id"]) == (LinkState.LINKED, namesake)
    world.merge(world.of(person_id).id, namesake)

    for _ in range(2):
        world.wait(20)
        world.create()

    assert not world.queue.jobs
    assert world.contact(first).waiting is None
    assert state_of(world, lead["Id"]) == (LinkState.SECONDARY, world.of(person_id).id)


def test_a_linked_survivor_needs_no_creation() -> None:
    """The loser's request ends with it."""
    world = World()
    world.lead()
    world.wait()
    world.pull()
    survivor = world.the_contact().id
    loser = world.add("ada@example.com", sync=True)

    world.merge(survivor, loser)
    world.create()

    assert (world.contact(survivor).creation, world.contact(survivor).waiting) == (None, None)
    assert len(list(world.org.rows(SObject.LEAD))) == 1


def test_an_edit_that_waits_goes_on_waiting() -> None:
    """Nothing that was accepted is lost: the loser's edit goes to the survivor's record."""
    world, survivor, loser, contact_id, _ = two_records()
    world.edit(loser, city="Bern")

    world.merge(survivor, loser)

    waiting = world.contact(survivor).waiting
    assert waiting
    assert waiting.lane is Lane.FRESH
    world.push()
    assert value(world, contact_id, "MailingCity") == "Bern"


def test_what_a_job_carries_is_seen_to() -> None:
    """The loser's edit is in a job when its record becomes the survivor's: it is no news then."""
    world = World(TWO_WAY)
    lead_id = world.lead(Title="Analyst")
    world.wait()
    world.pull()
    loser = world.the_contact()
    world.wait(20)
    survivor = world.add("other@example.com", job_title="CEO")
    flight = InFlight(job_id="job", record_id=lead_id, sent={"job_title": "VP"}, version=2)
    ledger = replace(loser.ledger, values={**loser.ledger.values, "job_title": "VP"})
    sent = Waiting(lane=Lane.SENT, next_push_at=world.now)
    world.contacts.save_many([replace(loser, ledger=ledger, in_flight=flight, waiting=sent)])

    world.merge(survivor, loser.id)
    world.wait()
    world.org.edit(lead_id, {"Title": "VP"})
    world.settle(2)

    assert value(world, lead_id, "Title") == "CEO"
    contact = world.the_contact()
    assert (contact.in_flight, contact.waiting) == (None, None)


# --- Crashes and races ----------------------------------------------------------------------------


@pytest.mark.parametrize("undo", [False, True])
def test_a_crash_at_any_write(undo: bool) -> None:  # noqa: FBT001 - both ways
    """All of it is stored by one write: a crash leaves all or nothing, and asking again ends it."""
    endings = []
    for writes in range(4):
        world, survivor, loser, *_ = two_records(loser={"City": "Bern"})
        if undo:
            world.merge(survivor, loser)
        world.written.clear()
        world.cut_the_power_after(writes)
        try:
            world.undo(loser) if undo else world.merge(survivor, loser)
        except PowerCutError:
            # That it comes or goes is noted before.
            assert world.written in ([], ["unsettled.save"])
        world.start_again()
        try:
            world.undo(loser) if undo else world.merge(survivor, loser)
        except StaleVersionError:
            assert world.written == ["unsettled.save", "merges.store"]
        world.settle(2)
        endings.append(world.state())

    assert all(ending == endings[0] for ending in endings)


class Late:
    """Contacts that somebody does something to after their links were read, once."""

    def __init__(self, contacts: InMemoryContactRepository, act: Callable[[], object]) -> None:
        self.save_many, self.delete = contacts.save_many, contacts.delete
        self.find_by_email = contacts.find_by_email
        self._contacts, self._acts = contacts, [act]

    def get_many(self, contact_ids: Collection[str]) -> Mapping[str, Contact]:
        """Return them as they are by then."""
        if self._acts:
            self._acts.pop()()
        return self._contacts.get_many(contact_ids)


def test_a_merge_at_the_moment_when_a_deletion_is_read() -> None:
    """Between the reads of the link and of the contact: the deletion reaches the survivor."""
    world, survivor, loser, _, lead_id = two_records()
    world.org.delete(lead_id)
    late: Any = Late(world.contacts, lambda: world.merge(survivor, loser))
    record = world.salesforce.read({SObject.LEAD: [lead_id]}, ())[lead_id]

    apply_page(
        [record],
        ports=replace(world.pages, contacts=late),
        settings=world.settings.current(),
        asked_at=world.now,
        tell=lambda _: None,
    )

    assert state_of(world, lead_id) == (LinkState.DELETED_THERE, survivor)


def test_somebody_edits_the_loser_at_that_very_moment() -> None:
    """No accepted edit is lost: the merge is planned again upon it."""
    world, survivor, loser, *_ = two_records()
    rivals = [lambda: world.edit(loser, city="Bern")]

    def rival(name: str) -> None:
        if name == "merges.store" and rivals:
            rivals.pop()()

    world.rival = rival
    world.merge(survivor, loser)
    world.rival = None

    assert world.the_contact().ledger.values["city"] == "Bern"


# --- Undoing --------------------------------------------------------------------------------------


def essence(contact: Contact) -> object:
    """Return a contact without its times of writing."""
    record = contact.counterpart
    return (
        contact.id,
        {name: each for name, each in contact.ledger.values.items() if each is not None},
        contact.tags,
        record and record.record_id,
        contact.secondaries,
        contact.creation is not None,
    )


@pytest.mark.parametrize("linked", ["both", "survivor", "loser", "neither"])
def test_undoing_at_once(linked: str) -> None:
    """Both contacts are as they were, and so are their links."""
    world = World(TWO_WAY)
    survivor = world.add("ada@example.com", job_title="VP")
    loser = world.add("bob@example.com", city="Bern")
    if linked in {"both", "survivor"}:
        world.person("ada@example.com", Title="VP")
    if linked in {"both", "loser"}:
        world.lead("bob@example.com", City="Bern")
    world.settle(1)
    before = {each.id: essence(each) for each in world.everybody()}
    links = {each.id: each.counterpart and each.counterpart.record_id for each in world.everybody()}

    world.merge(survivor, loser)
    undone = world.undo(loser)

    assert undone.kept == ()
    assert {each.id: essence(each) for each in world.everybody()} == before
    for contact_id, record_id in links.items():
        if record_id:
            assert state_of(world, record_id) == (LinkState.LINKED, contact_id)
    assert survivor_of(loser, merges=world.merges) is None
    world.settle(2)
    assert {each.id: essence(each) for each in world.everybody()} == before


def test_undoing_keeps_what_is_newer() -> None:
    """An edit since stays with the survivor, and the answer says so."""
    world = World()
    ada = world.add("ada@example.com")
    bob = world.add("bob@example.com", city="Bern", job_title="CEO")
    world.merge(ada, bob)
    world.wait()
    world.edit(ada, city="Basel", phone="1")

    undone = world.undo(bob)

    assert undone.kept == (f"city of {ada} was changed since",)
    assert dict(world.contact(ada).ledger.values) == {
        "email": "ada@example.com",
        "city": "Basel",
        "phone": "1",
    }
    assert world.contact(bob).ledger.values["city"] == "Bern"


def test_a_refusal_is_not_undone() -> None:
    """Only a person opts somebody in again."""
    world = World()
    ada, bob = world.add("ada@example.com"), world.add("bob@example.com")
    world.edit(bob, opted_out=True)
    world.merge(ada, bob)

    undone = world.undo(bob)

    assert undone.kept == (f"{ada} stays opted out; only a person opts somebody in again",)
    assert world.contact(ada).opted_out
    assert world.contact(bob).opted_out


def test_undoing_after_the_further_record_changed() -> None:
    """What it has brought meanwhile comes to the contact that it belongs to again."""
    world, survivor, loser, contact_id, lead_id = two_records(loser={"City": "Bern"})
    world.merge(survivor, loser)
    world.settle(1)
    world.org.edit(lead_id, {"Title": "CEO"})
    world.settle(1)
    new_id = world.org.convert(lead_id)
    world.settle(1)

    undone = world.undo(loser)
    world.settle(2)

    back = world.contact(loser)
    assert back.counterpart
    assert back.counterpart.record_id == new_id
    assert back.ledger.values["job_title"] == "CEO"
    # The survivor has it as well, and it has gone out to its own record.
    assert undone.kept == (
        f"job_title of {survivor} came from the record of {loser} since, and stays",
    )
    assert state_of(world, new_id) == (LinkState.LINKED, loser)
    assert state_of(world, contact_id) == (LinkState.LINKED, survivor)
    assert world.contact(survivor).secondaries == ()


def test_undoing_after_a_further_record_of_the_loser_refused() -> None:
    """What it has brought meanwhile is the loser's, and no later change of ours takes it back."""
    world, survivor, loser, _, lead_id = two_records()
    third = world.lead("third@example.com", City="Bern")
    world.wait()
    world.pull()
    world.wait(20)
    world.merge(loser, world.of(third).id)
    world.merge(survivor, loser)
    world.settle(1)
    world.org.edit(third, {"HasOptedOutOfEmail": True, "City": "Chur"})
    world.settle(1)

    world.undo(loser)
    before = world.contact(loser)
    world.org.delete(lead_id)
    world.settle(2)

    assert before.opted_out
    assert before.ledger.values["city"] == "Chur"
    assert state_of(world, third) == (LinkState.LINKED, loser)
    assert value(world, third, "HasOptedOutOfEmail") is True
    assert world.contact(loser).opted_out


def test_undoing_after_the_further_record_was_deleted() -> None:
    """The contact comes back without a counterpart, and the answer says why."""
    world, survivor, loser, _, lead_id = two_records()
    world.merge(survivor, loser)
    world.org.delete(lead_id)
    world.settle(1)

    undone = world.undo(loser)

    assert undone.kept == (f"the record {lead_id} was deleted in Salesforce",)
    back = world.contact(loser)
    assert back.counterpart is None
    assert back.former
    assert back.former.record_id == lead_id
    assert back.secondaries == ()
    world.org.undelete(lead_id)
    world.settle(2)
    assert state_of(world, lead_id) == (LinkState.LINKED, loser)


def test_undoing_while_the_survivor_is_being_deleted() -> None:
    """Whoever deletes the survivor got no answer yet; the loser's records are the loser's again."""
    world, survivor, loser, contact_id, lead_id = two_records()
    third = world.lead("third@example.com")
    world.wait()
    world.pull()
    world.merge(loser, world.of(third).id)
    world.merge(survivor, loser)
    # The links of three records are marked, and that is all.
    world.cut_the_power_after(3)
    with pytest.raises(PowerCutError):
        world.delete(survivor)
    world.start_again()

    undone = world.undo(loser)
    world.delete(survivor)
    world.settle(1)

    assert undone.kept == ()
    assert state_of(world, lead_id) == (LinkState.LINKED, loser)
    assert state_of(world, third) == (LinkState.SECONDARY, loser)
    assert state_of(world, contact_id) == (LinkState.DELETED_HERE, survivor)
    assert [each.id for each in world.everybody()] == [loser]


@pytest.mark.parametrize("linked", ["only the loser", "both"])
def test_undoing_after_another_contact_met_the_losers_record(linked: str) -> None:
    """A deletion of the survivor that broke off has let it go; it is not the loser's any more."""
    world, survivor, loser, _, lead_id = two_records()
    if linked == "only the loser":
        survivor = world.add("other@example.com")
    another_id = world.lead("another@example.com")
    world.wait()
    world.pull()
    another = world.of(another_id).id
    world.merge(survivor, loser)
    world.cut_the_power_after(1 if linked == "only the loser" else 2)
    with pytest.raises(PowerCutError):
        world.delete(survivor)
    world.start_again()
    world.org.merge(lead_id, another_id)
    world.settle(1)
    assert state_of(world, lead_id) == (LinkState.LINKED, another)

    undone = world.undo(loser)

    assert undone.kept == (f"the record {lead_id} belongs to another contact by now",)
    back = world.contact(loser)
    assert (back.counterpart, back.former, back.secondaries) == (None, None, ())
    assert state_of(world, lead_id) == (LinkState.LINKED, another)


def test_undoing_after_the_further_record_took_over() -> None:
    """Salesforce has one record for both by then, which stays with the survivor."""
    world, survivor, first, second = merged_contacts()
    (loser,) = world.contact(survivor).merged
    world.org.merge(second, first)
    world.settle(1)

    undone = world.undo(loser)
    world.settle(2)

    assert undone.kept == (f"the record {second} took over that of {survivor} in Salesforce",)
    assert state_of(world, second) == (LinkState.LINKED, survivor)
    assert world.contact(loser).counterpart is None
    assert world.contact(loser).former is None


def test_a_further_lead_whose_contact_was_deleted() -> None:
    """It can never come back, so nothing of it is kept."""
    world, survivor, loser, _, lead_id = two_records()
    world.merge(survivor, loser)
    new_id = world.org.convert(lead_id)
    world.org.delete(new_id)

    world.settle(2)

    assert world.the_contact().secondaries == ()
    assert state_of(world, lead_id) == (LinkState.CONVERTED, survivor)


def test_undoing_after_what_took_over_from_the_losers_record_was_deleted() -> None:
    """What is there once it comes back is news to the loser; nobody here has said otherwise."""
    world, survivor, loser, _, lead_id = two_records(loser={"Title": "Analyst"})
    world.merge(survivor, loser)
    existing = world.person("other@example.com", Title="VP", HasOptedOutOfEmail=True)
    world.org.convert(lead_id, contact_id=existing)
    world.settle(1)
    world.org.delete(existing)
    world.settle(1)

    world.undo(loser)
    world.org.undelete(existing)
    world.settle(2)

    back = world.contact(loser)
    assert (back.record_id, back.secondaries) == (existing, ())
    assert back.opted_out
    assert back.ledger.values["job_title"] == "VP"
    assert value(world, existing, "HasOptedOutOfEmail") is True
    assert value(world, existing, "Title") == "VP"


def test_undoing_after_the_survivors_values_went_out() -> None:
    """They are taken back from the record, which was the loser's; a rep's edit since stays."""
    world, loser, lead_id = a_linked_lead(TWO_WAY, Title="Analyst", City="Bern")
    survivor = world.add("other@example.com", job_title="VP")
    world.merge(survivor, loser)
    world.settle(1)
    assert value(world, lead_id, "Title") == "VP"
    world.org.edit(lead_id, {"City": "Chur"})
    world.settle(1)

    world.undo(loser)
    world.settle(2)

    assert (value(world, lead_id, "Title"), value(world, lead_id, "City")) == ("Analyst", "Chur")
    assert world.contact(loser).ledger.values["city"] == "Chur"
    assert world.contact(survivor).ledger.values["job_title"] == "VP"
    assert world.contact(survivor).counterpart is None


def test_undoing_after_the_survivors_values_filled_blanks_of_the_record() -> None:
    """They are cleared there again, and are none of the loser's."""
    world, loser, lead_id = a_linked_lead(TWO_WAY, City="Bern")
    survivor = world.add("other@example.com", job_title="VP")
    world.merge(survivor, loser)
    world.settle(1)
    assert value(world, lead_id, "Title") == "VP"

    world.undo(loser)
    world.settle(2)

    assert (value(world, lead_id, "Title"), value(world, lead_id, "City")) == (None, "Bern")
    assert world.contact(loser).ledger.values.get("job_title") is None
    assert world.contact(survivor).ledger.values["job_title"] == "VP"


def test_undoing_after_the_values_of_a_third_contact_went_out() -> None:
    """What another merge brought leaves the record of this loser as well; its address, too."""
    world, loser, lead_id = a_linked_lead(TWO_WAY, Title="Analyst")
    survivor = world.add("other@example.com", last_name="Other")
    third = world.add("third@example.com", last_name="Third", job_title="VP", city="Bern")
    world.merge(survivor, loser)
    world.merge(survivor, third, otherwise=Choice.LOSER)
    world.settle(1)
    columns = ("Email", "Title", "City")
    before = [value(world, lead_id, each) for each in columns]
    assert before == ["third@example.com", "VP", "Bern"]

    world.undo(loser)
    world.settle(2)

    after = [value(world, lead_id, each) for each in columns]
    assert after == ["ada@example.com", "Analyst", None]
    assert world.contact(loser).email == "ada@example.com"
    assert world.contact(survivor).ledger.values["city"] == "Bern"


def test_undoing_an_earlier_merge_after_one_of_its_survivor_was_undone() -> None:
    """What the earlier one had brought is its to take away, though it went out once more since."""
    world, middle, lead_id = a_linked_lead(TWO_WAY)
    first = world.add("first@example.com", last_name="First", city="Bern")
    last = world.add("last@example.com", last_name="Last", city="Rome")
    world.merge(middle, first)
    world.settle(1)
    assert value(world, lead_id, "City") == "Bern"
    world.merge(last, middle)
    world.settle(1)
    assert value(world, lead_id, "City") == "Rome"

    world.undo(middle)
    world.settle(1)
    assert value(world, lead_id, "City") == "Bern"
    undone = world.undo(first)
    world.settle(2)

    assert not undone.kept
    assert value(world, lead_id, "City") is None
    assert world.contact(middle).ledger.values.get("city") is None
    assert world.contact(first).ledger.values["city"] == "Bern"


@pytest.mark.parametrize("mode", [Mode.PREFER_SALESFORCE, Mode.ALWAYS_SALESFORCE, Mode.TWO_WAY])
@pytest.mark.parametrize("title", [None, "Analyst"])
@pytest.mark.parametrize("reached", [False, True])
def test_undoing_before_an_edit_there_was_read(
    title: str | None, mode: Mode, *, reached: bool
) -> None:
    """It comes in as if there had been no merge; where the other's value was there, ours goes back.

    Of what had reached the record, no pull may bring the other's value once more.
    """
    settings = SyncSettings(fields=with_mode(mode, "job_title"))
    world, survivor, lead_id = a_linked_lead(settings, Title=title)
    loser = world.add("other@example.com", job_title="VP")
    world.merge(survivor, loser, otherwise=Choice.LOSER)
    if reached:
        world.wait()
        world.push()
    world.wait()
    world.org.edit(lead_id, {"Title": "Director"})
    world.wait()

    world.undo(loser)
    world.settle(2)

    ours = world.contact(survivor).ledger.values.get("job_title")
    went = reached and (mode is Mode.TWO_WAY or (mode is Mode.PREFER_SALESFORCE and not title))
    assert ours == (title if went else "Director")
    assert world.contact(loser).ledger.values["job_title"] == "VP"
    assert not world.waits(survivor)


def test_undoing_before_a_record_of_the_survivor_is_met() -> None:
    """The other's record leaves, so that what the survivor had bears the time that it had."""
    world, loser, _ = a_linked_lead(SyncSettings(), Title="Analyst")
    survivor = world.add("other@example.com", job_title="VP")
    world.wait()
    world.merge(survivor, loser, otherwise=Choice.LOSER)
    world.lead("other@example.com", Title="Director")
    world.wait()

    world.undo(loser)
    world.settle(1)

    assert world.contact(survivor).counterpart
    assert world.contact(survivor).ledger.values["job_title"] == "Director"
    assert world.contact(loser).ledger.values["job_title"] == "Analyst"


def test_a_refusal_that_went_out_to_the_losers_record_is_not_undone() -> None:
    """It was the survivor's, but whoever it came from, only a person opts somebody in again."""
    world, loser, lead_id = a_linked_lead(TWO_WAY, Title="Analyst")
    survivor = world.add("other@example.com")
    world.edit(survivor, opted_out=True)
    world.merge(survivor, loser)
    world.settle(1)
    assert value(world, lead_id, "HasOptedOutOfEmail") is True

    undone = world.undo(loser)
    world.settle(2)

    assert value(world, lead_id, "HasOptedOutOfEmail") is True
    assert world.contact(loser).opted_out
    assert undone.kept == (f"{loser} is opted out by now; only a person opts somebody in again",)


# --- Bounces --------------------------------------------------------------------------------------


def test_a_further_record_tells_of_a_bounce() -> None:
    """If it is about the address that the contact has; the counterpart's silence is no denial."""
    world, survivor, loser, contact_id, lead_id = two_records()
    world.merge(survivor, loser)
    world.settle(1)

    world.org.bounce(lead_id, "no such mailbox")
    world.settle(1)
    world.org.touch(lead_id)
    world.settle(1)

    told = world.contact(survivor).bounce
    assert told
    assert (told.kind, told.source) == (BounceKind.HARD, BounceSource.SALESFORCE)

    world.undo(loser)
    assert world.contact(loser).bounce == told
    assert world.org.row(contact_id)["EmailBouncedDate"] is None


def test_another_address_of_a_further_record_ends_a_bounce() -> None:
    """A bounce is about an address, and ends with it, whichever record brings the new one."""
    world, survivor, loser, _, lead_id = two_records()
    world.merge(survivor, loser)
    bounce(world, survivor)

    world.org.edit(lead_id, {"Email": "ada.new@example.com"})
    world.settle(1)

    assert world.contact(survivor).email == "ada.new@example.com"
    assert world.contact(survivor).bounce is None


def test_undoing_gives_each_the_bounce_of_its_address() -> None:
    """What was learnt of an address meanwhile goes with the address."""
    world = World()
    ada, bob = world.add("ada@example.com"), world.add("bob@example.com")
    bounce(world, ada)
    before = world.contact(ada).bounce
    world.merge(ada, bob, email=Choice.LOSER)
    assert world.contact(ada).bounce is None
    bounce(world, ada)
    bobs = world.contact(ada).bounce

    world.undo(bob)

    assert world.contact(ada).bounce == before
    assert world.contact(bob).bounce == bobs


def test_undoing_gives_a_request_back() -> None:
    """Whoever was to be created is, and nobody else."""
    world = World()
    ada, bob = world.add("ada@example.com"), world.add("bob@example.com", sync=True)
    world.merge(ada, bob)

    world.undo(bob)
    world.create()

    assert world.contact(ada).counterpart is None
    assert world.contact(bob).counterpart


def test_what_cannot_be_undone() -> None:
    """What was never merged, what was undone, and what lies beneath another merge."""
    world = World()
    ada, bob, carl = (world.add(f"{name}@example.com") for name in ("ada", "bob", "carl"))
    world.merge(bob, carl)
    world.merge(ada, bob)

    with pytest.raises(NotFoundError):
        world.undo(ada)
    with pytest.raises(InputError, match="merged in turn"):
        world.undo(carl)
    world.undo(bob)
    with pytest.raises(StaleVersionError):
        world.undo(bob)
    world.undo(carl)
    assert {each.id for each in world.everybody()} == {ada, bob, carl}


def test_merging_again_after_undoing() -> None:
    """An undone merge stands in nobody's way."""
    world, survivor, loser, _, lead_id = two_records()
    world.merge(survivor, loser)
    world.undo(loser)

    world.merge(loser, survivor)

    assert world.the_contact().id == loser
    assert state_of(world, lead_id) == (LinkState.LINKED, loser)


@pytest.mark.parametrize("pushed", [False, True])
def test_undoing_what_covered_a_value_of_salesforces_own(pushed: bool) -> None:  # noqa: FBT001 - either
    """It was never ours, so it is no blank that goes out; it stays there, or is given back."""
    world = World(SyncSettings(fields=with_mode(Mode.ALWAYS_OURS, "job_title")))
    lead_id = world.lead(Title="Clerk")
    world.wait()
    world.pull()
    survivor = world.of(lead_id).id
    loser = world.add("eve@example.com", job_title="VP")
    world.wait()
    world.merge(survivor, loser)
    if pushed:
        world.settle(1)
        assert world.org.row(lead_id)["Title"] == "VP"

    world.undo(loser)
    world.settle(2)

    assert world.org.row(lead_id)["Title"] == "Clerk"
    assert world.contact(survivor).ledger.values.get("job_title") in {None, "Clerk"}
    assert world.contact(loser).ledger.values["job_title"] == "VP"


def test_undoing_while_a_job_carries_what_came_of_the_merge() -> None:
    """Whatever the job brings there is taken back by the push after it."""
    fields = with_mode(Mode.ALWAYS_OURS, "job_title")
    world = World(SyncSettings(fields=fields, outbound=Outbound(bulk_above=1)))
    leads = [world.lead(f"{number}@example.com", Title="Clerk") for number in range(3)]
    world.wait()
    world.pull()
    survivor = world.of(leads[0]).id
    loser = world.add("eve@example.com", job_title="VP")
    for lead_id in leads[1:]:
        world.edit(world.of(lead_id).id, job_title="Boss")
    world.wait()
    world.merge(survivor, loser)
    world.salesforce.jobs.work = 30 * MINUTE
    world.push()
    assert world.contact(survivor).in_flight

    world.undo(loser)
    world.settle(6)

    assert [world.org.row(lead_id)["Title"] for lead_id in leads] == ["Clerk", "Boss", "Boss"]


@pytest.mark.parametrize("asked", ["loser", "both"])
def test_undoing_gives_a_request_back_that_the_survivor_had_no_need_of(asked: str) -> None:
    """Whoever was asked to be created is, as if there had been no merge."""
    world = World()
    if asked == "loser":
        world.lead("ada@example.com")
        world.wait()
        world.pull()
        survivor = world.the_contact().id
    else:
        survivor = world.add("ada@example.com", sync=True)
    loser = world.add("eve@example.com", sync=True, create_as=CreateAs.CONTACT)
    request = world.contact(loser).creation
    world.merge(survivor, loser)
    world.create()

    world.undo(loser)

    assert world.contact(loser).creation == request
    world.create()
    counterparts = [world.contact(each).counterpart for each in (survivor, loser)]
    assert [each.object for each in counterparts if each] == [SObject.LEAD, SObject.CONTACT]


def test_undoing_gives_the_survivor_its_own_request_back() -> None:
    """It was answered by the record that leaves again."""
    world = World()
    lead_id = world.lead("eve@example.com")
    world.wait()
    world.pull()
    survivor, loser = world.add("ada@example.com", sync=True), world.of(lead_id).id
    request = world.contact(survivor).creation
    world.merge(survivor, loser)
    world.create()

    world.undo(loser)

    assert world.contact(survivor).creation == request
    world.create()
    assert world.contact(survivor).counterpart


def test_undoing_when_the_record_that_was_asked_for_was_made() -> None:
    """It is the survivor's, and the answer says so; whoever wants another asks again."""
    world = World()
    survivor = world.add("ada@example.com")
    loser = world.add("eve@example.com", sync=True)
    world.merge(survivor, loser)
    world.create()

    undone = world.undo(loser)

    assert world.contact(survivor).counterpart
    assert world.contact(loser).creation is None
    assert undone.kept == (f"{survivor} has got the record that was asked for {loser}",)


def test_undoing_a_merge_whose_request_was_parked_meanwhile() -> None:
    """It goes back as it was asked for, and the survivor's own, which was parked before, too."""
    world = World()
    survivor = world.add("ada@example.com", sync=True)
    world.org.refusals[survivor] = Refusal(code="REQUIRED_FIELD_MISSING", message="Region")
    world.create()
    own = world.contact(survivor).creation
    loser = world.add("eve@example.com", sync=True)
    request = world.contact(loser).creation
    world.merge(survivor, loser)
    world.create()
    parked = world.contact(survivor).creation
    assert parked
    assert parked.refusal

    world.undo(loser)

    assert (world.contact(survivor).creation, world.contact(loser).creation) == (own, request)


@pytest.mark.parametrize("otherwise", [Choice.LOSER, Choice.NEWEST])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_several_merges_are_undone_in_any_order(order: tuple[int, ...], otherwise: Choice) -> None:
    """The survivor has what it had, and each of the others what is its own, with no remark."""
    world = World(TWO_WAY)
    survivor = world.add("ada@example.com", job_title="Countess")
    losers = []
    for number in range(3):
        world.wait()
        losers.append(world.add(f"{number}@example.com", job_title=f"title {number}", city="Bern"))
    before = {each.id: dict(each.ledger.values) for each in world.everybody()}
    for loser in losers:
        world.wait()
        world.merge(survivor, loser, otherwise=otherwise)
    assert world.contact(survivor).ledger.values["job_title"] == "title 2"

    remarks: list[str] = []
    for number in order:
        world.wait()
        remarks += world.undo(losers[number]).kept
        standing = [at for at in range(3) if losers[at] in world.contact(survivor).merged]
        now = world.contact(survivor).ledger.values["job_title"]
        assert now == (f"title {max(standing)}" if standing else "Countess")

    assert remarks == []
    after = {each.id: dict(each.ledger.values) for each in world.everybody()}
    # A blank that was given back is as good as none.
    assert {
        key: {name: value for name, value in values.items() if value is not None}
        for key, values in after.items()
    } == before


@pytest.mark.parametrize("order", list(permutations((0, 1))))
def test_what_a_value_was_in_passing_leaves_with_its_record(order: tuple[int, int]) -> None:
    """Whoever stays has nothing to say of it, and its next push goes well."""
    world = World(TWO_WAY)
    lead_id = world.lead("grace@example.com", Title="Engineer")
    world.wait()
    world.pull()
    with_record = world.of(lead_id).id
    # It waits, and may have been sent without an answer.
    for title in ("Analyst", "VP"):
        world.edit(with_record, job_title=title)
        world.wait()
    survivor_id = world.add(sync=True, last_name="Lovelace")
    world.wait()
    other = world.add("bob@example.com", job_title="CEO")
    losers = (with_record, other)
    for loser_id in losers:
        world.merge(survivor_id, loser_id, otherwise=Choice.LOSER, last_name=Choice.SURVIVOR)
        world.wait()

    for number in order:
        world.undo(losers[number])
        world.wait()
    ledger = world.contact(survivor_id).ledger
    assert ledger.values.get("job_title") is None
    assert not ledger.passing
    assert world.contact(with_record).ledger.passing == {"job_title": ("Analyst",)}
    world.settle(3)

    assert world.row_of(with_record)["Title"] == "VP"
    assert world.row_of(survivor_id)["Title"] is None


def test_an_edit_between_two_merges_stays() -> None:
    """It is nobody's but the survivor's, whichever of them is undone."""
    world = World(TWO_WAY)
    survivor = world.add("ada@example.com", job_title="Countess")
    first, second = (world.add(f"{at}@example.com", job_title=f"title {at}") for at in range(2))
    world.wait()
    world.merge(survivor, first, otherwise=Choice.LOSER)
    world.wait()
    world.edit(survivor, job_title="Author")
    world.wait()
    world.merge(survivor, second, otherwise=Choice.LOSER)

    remarks = world.undo(first).kept
    world.undo(second)

    assert remarks == (f"job_title of {survivor} was changed since",)
    assert world.contact(survivor).ledger.values["job_title"] == "Author"


def test_a_request_ends_the_pause_of_whoever_is_merged_into_it() -> None:
    """Who asks for a record asks for what goes with it."""
    world = World()
    lead_id = world.lead("bob@example.com")
    world.pull()
    bob = world.of(lead_id).id
    world.write(Wish(contact_id=bob, tags=()))
    world.wait()
    world.org.delete(lead_id)
    world.wait()
    world.pull()
    ada = world.add("ada@example.com", sync=True)

    world.merge(ada, bob)
    world.create()

    assert world.contact(ada).counterpart
    assert world.contact(ada).outbound_paused_at is None


def test_undoing_gives_no_request_back_to_whoever_was_paused_meanwhile() -> None:
    """The pause came later; the answer says what became of the request."""
    world = World()
    lead_id = world.lead("bob@example.com")
    world.pull()
    bob = world.of(lead_id).id
    ada = world.add("ada@example.com", sync=True)
    world.merge(ada, bob)
    world.write(Wish(contact_id=ada, tags=()))

    undone = world.undo(bob)
    world.create()
    world.settle(2)

    assert world.contact(bob).counterpart
    after = world.contact(ada)
    assert (after.counterpart, after.creation) == (None, None)
    assert any("is paused by now" in said for said in undone.kept)


@pytest.mark.parametrize("edited", [True, False])
def test_undoing_lifts_the_pause_that_the_loser_brought(*, edited: bool) -> None:
    """What waited before the merge goes; what was edited during the pause stays, and is told."""
    world = World(TWO_WAY)
    leads = world.lead("ada@example.com"), world.lead("bob@example.com")
    world.pull()
    ada, bob = (world.of(lead_id).id for lead_id in leads)
    world.write(Wish(contact_id=bob, tags=()))
    world.wait()
    world.edit(ada, job_title="Countess")
    world.merge(ada, bob)
    world.wait()
    if edited:
        world.edit(ada, city="Rome")
        world.wait()

    undone = world.undo(bob)
    world.wait()
    world.edit(ada, phone="1")
    world.settle(1)

    assert tags_of(world.contact(ada)) == ("created-from-salesforce-lead",)
    assert tags_of(world.contact(bob)) == ()
    assert world.contact(bob).outbound_paused_at
    row = world.row_of(ada)
    assert (row["Phone"], row["City"]) == ("1", None)
    assert row["Title"] == (None if edited else "Countess")
    assert [("while it was paused stays here" in said) for said in undone.kept] == [True] * edited


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_pauses_of_several_losers_are_undone_in_any_order(order: tuple[int, ...]) -> None:
    """The survivor is paused as long as one of them stands in it that was."""
    world = World()
    ids = [world.lead(f"{name}@example.com") for name in ("ada", "one", "two", "three")]
    world.pull()
    ada, *losers = [world.of(lead_id).id for lead_id in ids]
    for loser in losers[:2]:
        world.wait()
        world.write(Wish(contact_id=loser, tags=()))
    for loser in losers:
        world.wait()
        world.merge(ada, loser)

    for number in order:
        world.wait()
        world.undo(losers[number])

        merged = set(world.contact(ada).merged)
        assert bool(world.contact(ada).outbound_paused_at) == bool(merged & set(losers[:2]))
