"""Lost answers to creations: what was sent is known again, however its record is met."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import Creation, OnExistingMatch
from counterpart.domain.likeness import DuplicateKind
from counterpart.domain.links import LinkState
from counterpart.domain.mapping import ConflictPolicy, Mode
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import TransientError
from counterpart.ports import Delivery
from counterpart.use_cases.list_likenesses import list_duplicates
from counterpart.use_cases.work_off_jobs import work_off_jobs
from tests.use_cases.refusing import opt_in
from tests.use_cases.world import HOUR, PowerCutError, World, with_mode

if TYPE_CHECKING:
    from collections.abc import Callable

TWO_WAY = SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title", "city"))


def made_without_an_answer(**fields: str) -> tuple[World, str]:
    """Return a world in which a lead was made of a contact, and nobody was told so."""
    world = World(TWO_WAY)
    contact_id = world.add(sync=True, last_name="Lovelace", **fields)  # type: ignore[arg-type] # fields alone
    world.salesforce.lose_answers()
    with pytest.raises(TransientError):
        world.create()
    world.wait(1)
    return world, contact_id


def the_lead(world: World) -> str:
    """Return the id of the only lead."""
    (lead,) = world.org.rows(SObject.LEAD)
    return str(lead["Id"])


def deliver_again(world: World) -> None:
    """Nobody in Salesforce does anything; the job comes again."""
    world.create()


def touch_and_deliver_again(world: World) -> None:
    """Somebody corrects another field before the job comes again."""
    world.org.edit(the_lead(world), {"City": "Basel"})
    world.wait()
    world.create()


def touch_and_pull(world: World) -> None:
    """A pull meets the record by its address."""
    world.org.edit(the_lead(world), {"City": "Basel"})
    world.wait()
    world.pull()


def convert_and_pull(world: World) -> None:
    """The lead has become a Contact before anybody here knew of it."""
    world.org.convert(the_lead(world))
    world.wait()
    world.pull()


def merge_and_pull(world: World) -> None:
    """The lead was merged into another, which took its values."""
    lead_id = the_lead(world)
    winner_id = world.lead("a.lovelace@example.com")
    world.org.merge(winner_id, lead_id)
    world.org.edit(winner_id, {"Email": "ada@example.com", "Title": "Analyst"})
    world.wait()
    world.pull()


@pytest.mark.failure("F36")
@pytest.mark.parametrize(
    "meet",
    [deliver_again, touch_and_deliver_again, touch_and_pull, convert_and_pull, merge_and_pull],
)
def test_an_edit_before_the_record_is_met(meet: Callable[[World], None]) -> None:
    """It stays, and goes out, however late the record was changed: what it holds is ours."""
    world, contact_id = made_without_an_answer(job_title="Analyst")
    world.edit(contact_id, job_title="VP")
    world.wait(1)

    meet(world)
    world.settle(2)

    contact = world.contact(contact_id)
    assert contact.counterpart
    assert contact.ledger.values["job_title"] == "VP"
    assert world.org.row(contact.counterpart.record_id)["Title"] == "VP"


@pytest.mark.parametrize("policy", ConflictPolicy)
@pytest.mark.parametrize("meet", ["create", "pull"])
def test_an_edit_before_a_record_is_met_that_was_merely_touched(
    meet: str, policy: ConflictPolicy
) -> None:
    """By every policy: what the record holds is ours, so nobody there has made it newer."""
    world, contact_id = made_without_an_answer(job_title="Analyst")
    world.change(conflict_policy=policy)
    world.edit(contact_id, job_title="VP")
    world.wait(1)
    world.org.edit(the_lead(world), {"Fax": "555"})
    world.wait()

    getattr(world, meet)()
    world.settle(2)

    assert world.contact(contact_id).ledger.values["job_title"] == "VP"
    assert world.row_of(contact_id)["Title"] == "VP"


@pytest.mark.parametrize("meet", [touch_and_deliver_again, touch_and_pull])
def test_what_somebody_entered_before_the_record_is_met(meet: Callable[[World], None]) -> None:
    """It is an edit of theirs, and comes in."""
    world, contact_id = made_without_an_answer(city="Bern")

    meet(world)
    world.settle(2)

    assert world.contact(contact_id).ledger.values["city"] == "Basel"


def lost_values(world: World) -> list[tuple[str, str, str | None]]:
    """Return of which fields a value was told as lost, whose stands, and what was lost."""
    return [
        (one.field or "", one.kept or "", one.lost)
        for one in world.outcomes()
        if one.reason is Reason.BOTH_CHANGED
    ]


@pytest.mark.failure("F36")
@pytest.mark.parametrize("first", ["pull", "push"])
def test_somebody_enters_what_we_had_sent_without_an_answer(first: str) -> None:
    """It counts as ours for a quarter of an hour, so ours stands; that theirs is lost is told."""
    world, contact_id = made_without_an_answer(job_title="Analyst")
    world.pull()
    world.edit(contact_id, job_title="VP")
    world.wait(2)
    world.push(everything_waiting=True)
    lead_id = the_lead(world)
    assert world.org.row(lead_id)["Title"] == "VP"
    world.wait(2)

    world.org.edit(lead_id, {"Title": "Analyst"})
    if first == "push":
        world.edit(contact_id, city="Bern", job_title="CEO")
    world.wait(1)
    getattr(world, first)()
    world.settle(2)

    ours = "CEO" if first == "push" else "VP"
    assert world.contact(contact_id).ledger.values["job_title"] == ours
    assert world.org.row(lead_id)["Title"] == ours
    assert lost_values(world) == [("job_title", "ours", "Analyst")]


@pytest.mark.parametrize("meet", ["create", "pull"])
@pytest.mark.parametrize("edited", [True, False])
def test_somebody_may_have_put_back_what_we_had_sent(meet: str, *, edited: bool) -> None:
    """Before the record was met nobody could tell; if ours stands against it, that is told."""
    world, contact_id = made_without_an_answer(job_title="Analyst")
    if edited:
        world.edit(contact_id, job_title="VP")
    world.wait(2)
    world.org.edit(the_lead(world), {"Title": "Engineer"})
    world.org.edit(the_lead(world), {"Title": "Analyst"})
    world.wait()

    getattr(world, meet)()
    world.settle(2)

    ours = "VP" if edited else "Analyst"
    assert world.contact(contact_id).ledger.values["job_title"] == ours
    assert lost_values(world) == ([("job_title", "ours", "Analyst")] if edited else [])


def test_what_was_sent_is_met_as_it_was() -> None:
    """Nobody there has changed the record since the try, so nothing is lost."""
    world, contact_id = made_without_an_answer(job_title="Analyst")
    world.edit(contact_id, job_title="VP")
    world.wait(2)
    world.pull()
    world.settle(2)

    assert world.row_of(contact_id)["Title"] == "VP"
    assert lost_values(world) == []


@pytest.mark.failure("F36")
def test_what_was_made_without_an_answer_was_deleted_and_comes_back() -> None:
    """Another was made meanwhile; that there are two by then is told, and listed."""
    world, contact_id = made_without_an_answer(job_title="Analyst")
    first = the_lead(world)
    world.org.delete(first)
    world.wait()
    world.create()
    world.settle(1)
    second = world.record_of(contact_id)
    assert second != first

    world.org.undelete(first)
    world.settle(2)

    assert world.record_of(contact_id) == second
    (told,) = [one for one in world.outcomes() if one.reason is Reason.DUPLICATE_EMAIL]
    assert (told.record_id, told.message) == (first, f"as {contact_id}")
    page = list_duplicates(limit=10, after=None, contacts=world.contacts)
    (group,) = page.items
    assert group.kind is DuplicateKind.SEVERAL_RECORDS
    assert {one.record_id for one in group.contacts} == {first, second}


def refused_without_an_answer(wait: int) -> tuple[World, str]:
    """Return a world in which a lead that refuses to be mailed was made, and nobody was told so."""
    world = World(TWO_WAY)
    contact_id = world.add(sync=True, last_name="Lovelace")
    world.edit(contact_id, opted_out=True)
    world.salesforce.lose_answers()
    with pytest.raises(TransientError):
        world.create()
    world.wait(wait)
    return world, contact_id


@pytest.mark.failure("F58")
@pytest.mark.parametrize("meet", ["create", "pull"])
@pytest.mark.parametrize("when", ["before it is met", "once it is met", "at once", "never"])
def test_a_refusal_that_looks_like_the_one_that_we_had_sent(when: str, meet: str) -> None:
    """Whoever was opted in since, and may have refused there after that, stays out; it is told."""
    world, contact_id = refused_without_an_answer(wait=0 if when == "at once" else 2)
    box = {"HasOptedOutOfEmail": True}
    opt_in(world, contact_id)
    world.wait(2)
    if when == "before it is met":
        world.org.edit(the_lead(world), {"HasOptedOutOfEmail": False})
        world.org.edit(the_lead(world), box)
        world.wait()
    getattr(world, meet)()
    # Whoever is linked by a pull waits for the job all the same.
    world.create()
    world.push(everything_waiting=True)
    if when == "once it is met":
        assert world.org.row(the_lead(world))["HasOptedOutOfEmail"] is False
        world.wait()
        world.org.edit(the_lead(world), box)
        world.wait()
        world.pull()
    world.settle(2)

    refused = when != "never"
    assert world.contact(contact_id).opted_out is refused
    assert world.org.row(the_lead(world))["HasOptedOutOfEmail"] is refused
    told = [("opted_out", "theirs", "False")]
    assert lost_values(world) == (told if when in {"before it is met", "at once"} else [])


def test_a_record_whose_address_was_corrected_as_well() -> None:
    """Nothing but our id leads to it by now, and what somebody entered stays."""
    world, contact_id = made_without_an_answer(job_title="Analyst", city="London")
    corrected = {"Email": "a.lovelace@example.com", "Title": "Countess"}
    world.org.edit(the_lead(world), corrected)
    world.wait()

    world.create()
    world.push()

    assert world.record_of(contact_id) == the_lead(world)
    row = world.row_of(contact_id)
    assert {name: row[name] for name in corrected} == corrected
    assert world.contact(contact_id).ledger.values["job_title"] == "Countess"


def test_a_record_that_nobody_touched() -> None:
    """It is found without a write, and what stands for a missing name is nobody's entry."""
    world = World(TWO_WAY)
    contact_id = world.add(sync=True)
    world.salesforce.lose_answers()
    with pytest.raises(TransientError):
        world.create()
    world.wait()
    before = world.writes_of("salesforce")

    world.create()
    world.pull()

    assert world.writes_of("salesforce") == before
    assert world.record_of(contact_id) == the_lead(world)
    assert not {"last_name", "company_name"} & world.contact(contact_id).ledger.values.keys()


def test_a_lead_that_is_converted_and_whose_address_is_corrected() -> None:
    """No further try can succeed, so a person is shown the words instead."""
    world, contact_id = made_without_an_answer()
    person_id = world.org.convert(the_lead(world))
    # Nothing but our id leads to it by now.
    world.org.edit(person_id, {"Email": "a.lovelace@example.com"})
    world.wait()

    world.create()

    contact = world.contact(contact_id)
    assert contact.creation
    assert "CANNOT_UPDATE_CONVERTED_LEAD" in (contact.creation.refusal or "")
    assert contact.waiting is None
    assert len(world.queue.parked) == 1


def test_a_later_try_that_may_have_come_through_or_not() -> None:
    """Either value is ours; the edit that follows stands."""
    world, contact_id = made_without_an_answer(job_title="Analyst")
    world.edit(contact_id, job_title="VP")
    # The org is asked a moment before the first try took effect.
    world.salesforce.look_up = _finding_nobody(world)  # type: ignore[method-assign,assignment]
    world.salesforce.lose_answers()
    with pytest.raises(TransientError):
        world.create()
    world.wait()
    world.edit(contact_id, job_title="President")
    world.wait()

    touch_and_pull(world)
    world.settle(2)

    assert world.org.row(the_lead(world))["Title"] == "President"
    assert world.contact(contact_id).ledger.values["job_title"] == "President"


def _finding_nobody(world: World) -> Callable[..., object]:
    real = world.salesforce.look_up

    def look_up(**asked: object) -> object:
        asked |= {"emails": set(), "contact_ids": set()}
        return real(**asked)  # type: ignore[arg-type] # passed on

    return look_up


def test_an_older_try_that_takes_effect_after_a_newer_one() -> None:
    """What it brings back is no edit of theirs, so that the newer value goes out again."""
    world = World(TWO_WAY)
    contact_id = world.add(sync=True, last_name="Lovelace", job_title="Analyst")
    jobs = list(world.queue.jobs)
    create = world.salesforce.create

    def come_late(*asked: object, **options: object) -> object:
        world.salesforce.create = create  # type: ignore[method-assign]
        world.edit(contact_id, job_title="VP")
        world.queue.jobs[:] = jobs
        world.create()
        world.wait()
        answer = create(*asked, **options)  # type: ignore[arg-type] # passed on
        assert answer.rows
        raise TransientError("the answer was lost")

    world.salesforce.create = come_late  # type: ignore[method-assign,assignment]
    with pytest.raises(TransientError):
        world.create()
    world.queue.jobs.clear()
    world.wait()
    world.settle(3)

    assert world.contact(contact_id).ledger.values["job_title"] == "VP"
    assert world.org.row(the_lead(world))["Title"] == "VP"


def test_a_withdrawn_request_whose_record_was_made_all_the_same() -> None:
    """What was sent outlives the request."""
    world, contact_id = made_without_an_answer(job_title="Analyst")
    world.edit(contact_id, job_title="VP")
    outbound = world.settings.current().outbound
    world.change(outbound=replace(outbound, enabled=False))
    world.create()
    assert world.contact(contact_id).creation is None
    world.change(outbound=outbound)
    world.wait()

    touch_and_pull(world)

    assert world.contact(contact_id).ledger.values["job_title"] == "VP"


def test_it_is_stored_before_it_is_sent() -> None:
    """A process that dies at the call has told what it was about to send."""
    world = World(TWO_WAY)
    contact_id = world.add(sync=True, last_name="Lovelace", job_title="Analyst")
    # Its address is claimed, and then what is sent is stored.
    world.cut_the_power_after(2)

    with pytest.raises(PowerCutError):
        world.create()

    contact = world.contact(contact_id)
    assert world.org.rows(SObject.LEAD) == []
    assert contact.sent
    assert contact.sent.values["job_title"] == ("Analyst",)
    assert contact.sent.values["city"] == (None,)


def test_it_is_forgotten_once_the_answer_is_there() -> None:
    """A creation costs one write more, besides the claim on its address, and leaves nothing."""
    world = World(TWO_WAY)
    contact_id = world.add(sync=True, last_name="Lovelace")
    world.written.clear()

    world.create()

    assert world.contact(contact_id).sent is None
    told = ["salesforce.create", "links.claim", "contacts.save", "runs.record"]
    assert world.written == ["claims.take", "contacts.save", *told]


def test_it_is_forgotten_once_the_record_is_met_and_nothing_can_come_late() -> None:
    """Until then a try might still take effect."""
    world, contact_id = made_without_an_answer(job_title="Analyst")
    world.now += HOUR

    world.create()

    assert world.contact(contact_id).sent is None


@pytest.mark.parametrize("change", ["delete", "link"])
def test_who_needs_no_record_any_more_when_it_is_written_down(change: str) -> None:
    """Nothing is made of somebody who was deleted, or met another record, a moment ago."""
    world = World(TWO_WAY)
    contact_id = world.add(sync=True, last_name="Lovelace")

    def act(name: str) -> None:
        if name == "contacts.save" and change == "delete":
            world.delete(contact_id)
        elif name == "contacts.save":
            world.person("ada@example.com")
            world.wait()
            world.pull()

    world.rival = act
    world.create()

    assert world.org.rows(SObject.LEAD) == []
    if change == "link":
        assert world.contact(contact_id).creation is None
    assert world.queue.jobs == []


def test_a_merge_before_the_record_of_the_loser_is_met() -> None:
    """What was sent of the loser is known to the survivor, whose record it becomes."""
    world, loser_id = made_without_an_answer(job_title="Analyst")
    survivor_id = world.add("ada@example.com", job_title="VP")
    world.queue.jobs.clear()
    world.merge(survivor_id, loser_id)
    world.queue.jobs.clear()
    world.wait()

    touch_and_pull(world)

    contact = world.contact(survivor_id)
    assert contact.counterpart
    assert contact.counterpart.record_id == the_lead(world)
    assert contact.ledger.values["job_title"] == "VP"


def test_a_merge_that_is_undone_gives_back_what_was_sent() -> None:
    """Each is known by its own again."""
    world, loser_id = made_without_an_answer(job_title="Analyst")
    sent = world.contact(loser_id).sent
    survivor_id = world.add("grace@example.com")
    world.merge(survivor_id, loser_id)
    assert world.contact(survivor_id).sent == sent

    world.undo(loser_id)

    assert world.contact(loser_id).sent == sent
    assert world.contact(survivor_id).sent is None


@pytest.mark.parametrize("crash", [True, False])
def test_a_record_whose_contact_has_met_another_one_meanwhile(*, crash: bool) -> None:
    """Only one of the two is its counterpart; the other is told of, and its link leads nobody."""
    world = World(TWO_WAY)
    contact_id = world.add(sync=True, last_name="Lovelace")

    def meet_another(_: object = None) -> None:
        world.edit(contact_id, email="grace@example.com")
        world.person("grace@example.com")
        world.wait()
        # Leads do not come in, so that nobody reads the one that was made.
        world.pull(objects=("Contact",))

    if crash:
        # After the claim and what is sent, the lead itself and its link were written.
        world.cut_the_power_after(4)
        with pytest.raises(PowerCutError):
            world.create()
        world.start_again()
        meet_another()
    else:
        world.on_write["salesforce.create"] = meet_another
    world.create()

    contact = world.contact(contact_id)
    assert contact.counterpart
    assert contact.counterpart.object is SObject.CONTACT
    assert contact.creation is None
    lead_id = the_lead(world)
    link = world.links.get_many([lead_id])[lead_id]
    assert (link.state, link.subject_id) == (LinkState.SKIPPED, None)
    told = [one for one in world.outcomes() if one.reason is Reason.DUPLICATE_AFTER_CREATION]
    assert [one.message for one in told] == [
        f"{lead_id} was made for it, which is linked to {contact.counterpart.record_id}"
    ]


def test_a_job_whose_contact_was_met_by_the_record_that_was_made() -> None:
    """Nothing is told, and nothing else is looked for once it is over."""
    world, contact_id = made_without_an_answer()
    world.pull()
    assert world.contact(contact_id).counterpart
    jobs = list(world.queue.jobs)

    world.create()
    world.now += HOUR
    world.pull()
    world.queue.jobs[:] = jobs
    before = world.salesforce.usage().calls
    world.create()

    assert world.contact(contact_id).creation is None
    assert Reason.DUPLICATE_AFTER_CREATION not in world.reasons()
    assert world.salesforce.usage().calls == before


def test_a_link_that_an_earlier_try_has_made_comes_first() -> None:
    """The process died right after it; a namesake that was changed since is not taken instead."""
    world = World(TWO_WAY)
    contact_id = world.add(sync=True, last_name="Lovelace")
    first = world.person("ada@example.com")
    world.wait()
    world.cut_the_power_after(1)
    with pytest.raises(PowerCutError):
        world.create()
    world.start_again()
    world.person("ada@example.com")
    world.wait()

    world.create()

    contact = world.contact(contact_id)
    assert contact.counterpart
    assert contact.counterpart.record_id == first


@pytest.mark.parametrize(
    ("attempts", "was_deleted", "state"),
    [
        (1, False, LinkState.LINKED),
        (2, False, LinkState.SKIPPED),
        (2, True, LinkState.DELETED_HERE),
    ],
)
def test_a_link_that_an_earlier_try_has_made_of_somebody_who_met_another_record_since(
    attempts: int,
    was_deleted: bool,  # noqa: FBT001 - a case
    state: LinkState,
) -> None:
    """The job that comes again ends it; one that comes for the first time does not look for it."""
    world = World(TWO_WAY)
    first = world.person("ada@example.com")
    if was_deleted:
        world.wait()
        world.pull()
        world.delete(world.of(first).id)
    contact_id = world.add(sync=True, last_name="Lovelace")
    job = world.queue.jobs[0]
    world.wait()
    # Who was deleted here has left a link, which is looked at before it is claimed.
    world.cut_the_power_after(2 if was_deleted else 1)
    with pytest.raises(PowerCutError):
        world.create()
    world.start_again()
    second = world.person("ada@example.com")
    world.wait()
    world.pull(ids=(second,))
    assert world.record_of(contact_id) == second
    before = world.salesforce.usage().calls

    delivery = Delivery(message_id="1", receipt="", job=job, attempts=attempts)
    work_off_jobs([delivery], ports=world.create_ports)

    assert world.links.get_many([first])[first].state is state
    looked = attempts - 1
    assert world.salesforce.usage().calls == before + looked
    told = [one for one in world.outcomes() if one.reason is Reason.DUPLICATE_AFTER_CREATION]
    assert [one.message for one in told] == looked * [
        f"{first} was found for it, which is linked to {second}"
    ]


@pytest.mark.parametrize("merged_away", [False, True])
def test_a_link_that_an_earlier_try_has_made_of_somebody_who_was_merged_since(
    *, merged_away: bool
) -> None:
    """Whoever stays has one record; the other is told of, or it is that one. No third is made."""
    world = World(TWO_WAY)
    first = world.person("ada@example.com")
    contact_id = world.add(sync=True, last_name="Lovelace")
    job = world.queue.jobs[0]
    world.wait()
    world.cut_the_power_after(1)
    with pytest.raises(PowerCutError):
        world.create()
    world.start_again()
    other = world.person("grace@example.com")
    world.wait()
    world.pull(ids=(other,))
    survivor_id = world.add("ada@example.com") if merged_away else contact_id
    world.merge(survivor_id, contact_id if merged_away else world.of(other).id)

    deliveries = [
        Delivery(message_id=each.contact_id, receipt="", job=each, attempts=2)
        for each in dict.fromkeys([job, *world.queue.jobs])
    ]
    work_off_jobs(deliveries, ports=world.create_ports)
    world.settle(2)

    link = world.links.get_many([first])[first]
    if merged_away:
        assert world.record_of(survivor_id) == first
        assert (link.state, link.subject_id) == (LinkState.LINKED, survivor_id)
    else:
        assert world.record_of(survivor_id) == other
        told = [one for one in world.outcomes() if one.reason is Reason.DUPLICATE_AFTER_CREATION]
        assert [one.message for one in told] == [
            f"{first} was found for it, which is linked to {other}"
        ]
    assert not world.org.rows(SObject.LEAD)


def test_a_further_lead_becomes_a_contact_that_only_a_broken_try_has_linked() -> None:
    """Whom that try was for was merged away, so the Contact is a further record like the lead."""
    world = World(TWO_WAY)
    met = world.person("ada@example.com")
    merged_id = world.add(sync=True, last_name="Lovelace")
    world.wait()
    world.cut_the_power_after(1)
    with pytest.raises(PowerCutError):
        world.create()
    world.start_again()
    lead_id, own = world.lead("grace@example.com"), world.person("g.hopper@example.com")
    world.wait()
    world.pull(ids=(lead_id, own))
    survivor_id = world.of(own).id
    world.merge(merged_id, world.of(lead_id).id)
    world.merge(survivor_id, merged_id)
    world.wait()

    world.org.convert(lead_id, contact_id=met)
    world.wait()
    world.pull(objects=("Lead",))

    link = world.links.get_many([met])[met]
    assert (link.state, link.subject_id) == (LinkState.SECONDARY, survivor_id)


# --- Two of one address ---------------------------------------------------------------------------


def test_a_record_made_for_one_contact_is_not_given_to_another_of_its_address() -> None:
    """The job of the first comes again after the other's."""
    world, first = made_without_an_answer(city="London")
    world.change(creation=Creation(on_existing_match=OnExistingMatch.CREATE))
    again = list(world.queue.jobs)
    world.queue.jobs.clear()
    second = world.add(sync=True, last_name="Lovelace", city="Paris")
    world.create()
    world.queue.jobs[:] = again

    world.create()

    made = {row["Counterpart_Id__c"]: row["City"] for row in world.org.rows(SObject.LEAD)}
    assert made == {first: "London", second: "Paris"}
    assert world.record_of(first) != world.record_of(second)


def test_a_pull_gives_a_record_to_whom_it_was_made_for() -> None:
    """Though another of its address was updated later."""
    world, first = made_without_an_answer(city="London")
    second = world.add(city="Paris")
    world.wait()

    world.pull()
    world.settle(2)

    assert world.of(the_lead(world)).id == first
    assert world.org.row(the_lead(world))["City"] == "London"
    assert world.contact(first).creation is None
    assert world.contact(second).counterpart is None


def test_a_record_that_a_pull_gave_to_another_of_its_address_is_not_written_over() -> None:
    """Whoever it was made for is told that it is taken."""
    world, first = made_without_an_answer(city="London")
    second = world.add(city="Paris")
    # It no longer shows for whom it was made.
    world.org.edit(the_lead(world), {"Title": "VP"})
    world.wait()
    world.pull()
    assert world.of(the_lead(world)).id == second
    before = dict(world.org.row(the_lead(world)))

    world.create()

    assert world.org.row(the_lead(world)) == before
    assert world.contact(first).counterpart is None
    assert world.contact(first).creation is None
    assert Reason.DUPLICATE_EMAIL in world.reasons()


# --- Accounts -------------------------------------------------------------------------------------


def with_an_account(*, by_domain: bool, **fields: str) -> tuple[World, str]:
    """Return a world in which a Contact and its Account were made, and nobody was told so."""
    creation = Creation(
        create_as=CreateAs.CONTACT, create_accounts=True, match_accounts_by_domain=by_domain
    )
    world = World(replace(TWO_WAY, creation=creation))
    contact_id = world.add("ada@acme.example", sync=True, **fields)  # type: ignore[arg-type] # fields alone
    world.salesforce.lose_answers()
    with pytest.raises(TransientError):
        world.create()
    world.wait()
    return world, contact_id


def test_an_account_that_a_pull_saw_first_belongs_to_one_company() -> None:
    """It came in as a company of its own before the second try."""
    world, _ = with_an_account(by_domain=False)
    world.pull(objects=("Account",))
    world.wait()

    world.create()

    assert len([one for one in world.all_companies() if one.counterpart]) == 1


def test_an_account_keeps_what_somebody_entered_since() -> None:
    """It is found by our id, and linked to its company, but not written again."""
    world, contact_id = with_an_account(by_domain=True, company_name="Acme")
    ((account,), (person,)) = world.org.rows(SObject.ACCOUNT), world.org.rows(SObject.CONTACT)
    world.org.edit(account["Id"], {"Name": "Acme Ltd", "Website": None})
    world.org.delete(person["Id"])
    world.wait()

    world.create()

    (after,) = world.org.rows(SObject.ACCOUNT)
    assert (after["Name"], after["Website"]) == ("Acme Ltd", None)
    (company,) = world.all_companies()
    assert company.counterpart
    assert company.counterpart.record_id == account["Id"]
    assert world.contact(contact_id).counterpart
    assert world.contact(contact_id).account_id == account["Id"]
