"""What histories of tests/convergence have found, each cut down to its situation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import Creation, OnExistingMatch
from counterpart.domain.inbound_settings import OnRemoteDelete
from counterpart.domain.links import Link, LinkedBy, LinkState
from counterpart.domain.mapping import Mode
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject
from counterpart.domain.selection import Selection, SelectionMode
from counterpart.domain.subjects import unlinked
from counterpart.domain.waiting import Lane, Waiting
from counterpart.domain.wishes import Wish
from counterpart.ports import LinkClaim
from counterpart.use_cases.delete_contact import delete_contact
from counterpart.use_cases.write_contacts import write_contact
from tests.convergence.hands import RAW
from tests.convergence.world import Mishap, World

if TYPE_CHECKING:
    from counterpart.domain.contacts import Contact


def pull(world: World) -> None:
    """Pull what changed."""
    assert world.pull({}, turns=0, mishap=Mishap())


def push(world: World) -> None:
    """Push all that waits."""
    assert world.push({"everything_waiting": True}, turns=0, mishap=Mishap())


def a_linked_contact(world: World) -> Contact:
    """Return a contact that came in as a lead."""
    values = {"LastName": "Lovelace", "Company": "Acme", "Email": "ada@acme.example"}
    world.hands.add(SObject.LEAD, values, 0)
    world.pass_time(60)
    pull(world)
    (contact,) = world.all_contacts()
    return contact


def edit(world: World, contact: Contact, **fields: str | None) -> None:
    """Edit a contact as a program does."""
    write_contact(
        Wish(contact_id=contact.id, fields=fields),
        now=world.clock(),
        contacts=world.contacts,
        settings=world.settings,
        queue=world.queue,
    )


def switch_outbound_off(world: World) -> None:
    """Switch outbound off as an operator does."""
    now = world.settings.current()
    after = replace(now, version=now.version + 1, outbound=replace(now.outbound, enabled=False))
    world.settings.save(after, changed_by="somebody", changed_at=world.clock())


def test_an_index_that_lags_does_not_keep_a_cancellation_going() -> None:
    """Each mark is taken off once, however long the index goes on naming it."""
    world = World("memory", skew=0, lagging=True)
    contact = a_linked_contact(world)
    edit(world, contact, city="London")
    world.catch_up()
    switch_outbound_off(world)
    before = world.watch.writes["contacts.save"]

    push(world)

    assert world.watch.writes["contacts.save"] == before + 1
    assert [one.reason for one in world.all_outcomes()] == [Reason.OUTBOUND_DISABLED]


def test_a_cancellation_leaves_a_request_to_be_created_alone() -> None:
    """An index that lags may still name an edit where by now a creation waits."""
    world = World("memory", skew=0, lagging=True)
    contact = a_linked_contact(world)
    edit(world, contact, city="London")
    world.catch_up()
    edited = world.contacts.get_many([contact.id])[contact.id]
    request = Waiting(lane=Lane.CREATE, next_push_at=world.clock() + timedelta(minutes=15))
    world.contacts.save_many([replace(edited, counterpart=None, waiting=request)])
    switch_outbound_off(world)

    push(world)

    assert world.contacts.get_many([contact.id])[contact.id].waiting == request


def test_an_edit_of_a_contact_whose_deleted_record_is_ignored_stops_waiting() -> None:
    """There is nothing to write to, so the mark is taken off, with the reason."""
    world = World("memory", skew=0, lagging=False)
    contact = a_linked_contact(world)
    now = world.settings.current()
    inbound = replace(now.inbound, on_remote_delete=OnRemoteDelete.IGNORE)
    ignoring = replace(now, version=now.version + 1, inbound=inbound)
    world.settings.save(ignoring, changed_by="somebody", changed_at=world.clock())
    assert contact.counterpart
    world.hands.delete(contact.counterpart.record_id)
    edit(world, contact, city="London")

    push(world)

    (left,) = world.all_contacts()
    assert left.waiting is None
    assert left.counterpart
    assert Reason.DELETED_THERE in {one.reason for one in world.all_outcomes()}


def test_a_look_for_lost_requests_keeps_the_mark_of_an_edit() -> None:
    """An index that lags may still name a request where by now an edit waits."""
    world = World("memory", skew=0, lagging=True)
    contact = a_linked_contact(world)
    request = Waiting(lane=Lane.CREATE, next_push_at=world.clock())
    world.contacts.save_many([replace(contact, waiting=request)])
    world.catch_up()
    again = world.contacts.get_many([contact.id])[contact.id]
    world.contacts.save_many([replace(again, waiting=None)])
    edit(world, contact, city="London")

    push(world)
    world.catch_up()
    push(world)

    assert contact.counterpart
    assert city_of(world) == "London"


def test_what_a_pull_left_to_a_request_goes_out_when_the_request_is_moot() -> None:
    """A contact that a pull linked while it was to be created has its values sent all the same."""
    world = World("memory", skew=0, lagging=False)
    wish = Wish(email="ada@acme.example", fields={"city": "London"}, sync_to_salesforce=True)
    write_contact(
        wish,
        now=world.clock(),
        contacts=world.contacts,
        settings=world.settings,
        queue=world.queue,
    )
    world.queue.jobs.clear()
    a_linked_contact(world)
    world.pass_time(20 * 60)

    push(world)
    push(world)

    assert city_of(world) == "London"


def city_of(world: World) -> object:
    """Return the city of the one lead."""
    (lead,) = world.hands.rows()
    return lead["City"]


def ask_for_creation(world: World, **fields: str) -> Contact:
    """Create a contact that is to become a record."""
    wish = Wish(email="ada@acme.example", fields=fields, sync_to_salesforce=True)
    return write_contact(
        wish,
        now=world.clock(),
        contacts=world.contacts,
        settings=world.settings,
        queue=world.queue,
    ).contact


def deliver(world: World) -> None:
    """Deliver every creation job."""
    world.deliver(Random(0), most=200, mishap=Mishap())


def test_a_lead_that_is_converted_before_its_creation_is_known_is_parked() -> None:
    """No further try can succeed, so a person is shown the words instead."""
    world = World("memory", skew=0, lagging=False)
    ask_for_creation(world)
    world.hands.accident("lost", 1)
    deliver(world)
    (lead,) = world.hands.rows()
    contact_id = world.hands.convert(lead["Id"], None)
    assert contact_id
    # Somebody corrects the address, so that nothing but our id leads to it.
    assert world.hands.edit(contact_id, {"Email": "a.lovelace@acme.example"}, 0)
    world.pass_time(60)

    deliver(world)

    (contact,) = world.all_contacts()
    assert contact.creation
    assert "CANNOT_UPDATE_CONVERTED_LEAD" in (contact.creation.refusal or "")
    assert contact.waiting is None
    assert len(world.queue.parked) == 1


def test_an_account_that_a_pull_saw_first_belongs_to_one_company() -> None:
    """The answer was lost; the record came in as a company of its own before the second try."""
    world = World("memory", skew=0, lagging=False)
    now = world.settings.current()
    creation = replace(
        now.creation,
        create_as=CreateAs.CONTACT,
        match_accounts_by_domain=False,
        create_accounts=True,
    )
    made = replace(now, version=now.version + 1, creation=creation)
    world.settings.save(made, changed_by="somebody", changed_at=world.clock())
    ask_for_creation(world)
    world.hands.accident("lost", 1)
    deliver(world)
    world.pass_time(1)
    world.pull({"objects": ["Account"]}, turns=0, mishap=Mishap())
    world.pass_time(60)

    deliver(world)

    held = [one.counterpart.record_id for one in world.all_companies() if one.counterpart]
    assert len(held) == 1


@pytest.mark.parametrize("point", range(1, 40))
def test_a_refusal_is_told_before_the_edit_stops_waiting(point: int) -> None:
    """Wherever a crash falls, an edit that did not go out waits still, or has its reason."""
    world = World("memory", skew=0, lagging=False, two_way=("last_name",))
    contact = a_linked_contact(world)
    edit(world, contact, last_name=None)

    world.push({"everything_waiting": True}, turns=0, mishap=dying_at(world, point))

    left = world.contacts.get_many([contact.id])[contact.id]
    assert left.waiting or Reason.REFUSED in {one.reason for one in world.all_outcomes()}


def test_who_is_moved_to_a_record_that_was_read_before_has_its_values_at_once() -> None:
    """Its row came by while it was nobody's, and would not be read again until it changes."""
    world = World("memory", skew=0, lagging=False)
    contact = a_linked_contact(world)
    values = {"LastName": "King", "Email": "king@acme.example", "Title": "Countess"}
    heir = world.hands.add(SObject.CONTACT, values, 0)
    world.pass_time(60)
    pull(world)
    (other,) = (one for one in world.all_contacts() if one.id != contact.id)
    delete_contact(
        other.id,
        contacts=world.contacts,
        links=world.links,
        members=world.members,
        now=world.clock(),
    )
    assert contact.counterpart
    assert world.hands.convert(contact.counterpart.record_id, heir)
    for _ in range(2):
        world.pass_time(30 * 60)
        world.pull({"objects": ["Contact"]}, turns=0, mishap=Mishap())

    pull(world)

    (moved,) = world.all_contacts()
    assert moved.counterpart
    assert moved.counterpart.record_id == heir
    assert moved.ledger.values["last_name"] == "King"
    assert moved.ledger.values["job_title"] == "Countess"


def test_a_link_whose_end_was_lost_in_a_crash_ends_though_deletions_are_ignored_by_now() -> None:
    """Nobody follows the record any more, so there is nothing to keep."""
    world = World("memory", skew=0, lagging=False)
    contact = a_linked_contact(world)
    world.contacts.save_many([unlinked(contact)])
    assert contact.counterpart
    world.hands.delete(contact.counterpart.record_id)
    now = world.settings.current()
    inbound = replace(now.inbound, on_remote_delete=OnRemoteDelete.IGNORE)
    ignoring = replace(now, version=now.version + 1, inbound=inbound)
    world.settings.save(ignoring, changed_by="somebody", changed_at=world.clock())
    world.pass_time(60)

    pull(world)

    (link,) = world.all_links()
    assert link.state is LinkState.DELETED_THERE


def test_an_edit_of_a_record_whose_creation_was_not_answered_stays() -> None:
    """Its address was corrected, too, so that nothing but our id leads to it."""
    world = World("memory", skew=0, lagging=False)
    contact = ask_for_creation(world, job_title="Analyst", city="London")
    world.hands.accident("lost", 1)
    deliver(world)
    (lead,) = world.hands.rows()
    world.pass_time(60)
    corrected = {"Email": "a.lovelace@acme.example", "Title": "Countess"}
    assert world.hands.edit(lead["Id"], corrected, 0)
    world.pass_time(60)

    deliver(world)
    push(world)

    (row,) = world.hands.rows()
    assert {name: row[name] for name in corrected} == corrected
    (linked,) = world.all_contacts()
    assert linked.id == contact.id
    assert linked.counterpart
    assert linked.counterpart.record_id == row["Id"]
    assert linked.ledger.values["job_title"] == "Countess"


def test_a_record_that_nobody_touched_is_found_again_without_a_write() -> None:
    """What we made holds what we sent, and what stands for a missing name is nobody's entry."""
    world = World("memory", skew=0, lagging=False)
    ask_for_creation(world)
    world.hands.accident("lost", 1)
    deliver(world)
    world.pass_time(60)
    before = world.salesforce.writes

    deliver(world)
    pull(world)

    assert world.salesforce.writes == before
    (contact,) = world.all_contacts()
    assert contact.counterpart
    assert "last_name" not in contact.ledger.values
    assert "company_name" not in contact.ledger.values


def test_a_record_made_for_one_contact_is_not_given_to_another_of_its_address() -> None:
    """The first one's answer was lost, and its job comes again after the other's."""
    world = World("memory", skew=0, lagging=False)
    knowingly = Creation(on_existing_match=OnExistingMatch.CREATE)
    world.settings.save(
        replace(world.settings.current(), creation=knowingly, version=1),
        changed_by="operator",
        changed_at=world.clock(),
    )
    first = ask_for_creation(world, city="London")
    world.hands.accident("lost", 1)
    deliver(world)
    ask_for_creation(world, city="Paris")
    world.pass_time(60)
    again = world.messages[:]
    world.messages.clear()
    deliver(world)
    world.messages[:] = again
    deliver(world)

    cities = {row["Counterpart_Id__c"]: row["City"] for row in world.hands.rows()}
    assert cities.pop(first.id) == "London"
    assert list(cities.values()) == ["Paris"]
    held = {one.id: one.counterpart and one.counterpart.record_id for one in world.all_contacts()}
    assert len(set(held.values()) - {None}) == 2


def test_a_record_that_a_pull_gave_to_another_contact_is_not_written_over() -> None:
    """It was made for the first of two contacts of one address, who is told that it is taken."""
    world = World("memory", skew=0, lagging=False)
    first = ask_for_creation(world, city="London")
    world.hands.accident("lost", 1)
    deliver(world)
    second = write_contact(
        Wish(email="ada@acme.example", fields={"city": "Paris"}),
        now=world.clock(),
        contacts=world.contacts,
        settings=world.settings,
        queue=world.queue,
    ).contact
    world.pass_time(60)
    pull(world)
    (held,) = world.all_links()
    assert held.subject_id == second.id
    before = world.hands.rows()

    deliver(world)

    assert world.hands.rows() == before
    left = world.contacts.get_many([first.id])[first.id]
    assert left.counterpart is None
    assert left.creation is None
    assert Reason.DUPLICATE_EMAIL in {one.reason for one in world.all_outcomes()}


def test_an_account_that_was_made_without_an_answer_keeps_what_somebody_entered_since() -> None:
    """It is found by our id, and linked to its company, but not written again."""
    world = World("memory", skew=0, lagging=False)
    now = world.settings.current()
    creation = replace(now.creation, create_as=CreateAs.CONTACT, create_accounts=True)
    made = replace(now, version=now.version + 1, creation=creation)
    world.settings.save(made, changed_by="somebody", changed_at=world.clock())
    ask_for_creation(world, company_name="Acme")
    world.hands.accident("lost", 1)
    deliver(world)
    (account,) = (row for row in world.hands.rows() if row["Id"].startswith("001"))
    (person,) = (row for row in world.hands.rows() if row["Id"].startswith("003"))
    assert world.hands.edit(account["Id"], {"Name": "Acme Ltd", "Website": None}, 0)
    assert world.hands.delete(person["Id"])
    world.pass_time(60)

    deliver(world)

    (after,) = (row for row in world.hands.rows() if row["Id"] == account["Id"])
    assert (after["Name"], after["Website"]) == ("Acme Ltd", None)
    (company,) = world.all_companies()
    assert company.counterpart
    assert company.counterpart.record_id == account["Id"]
    (contact,) = world.all_contacts()
    assert contact.counterpart
    assert contact.account_id == account["Id"]


def test_a_field_that_is_hidden_does_not_keep_anybody_from_being_created() -> None:
    """Whoever is there already is linked without it."""
    world = World("memory", skew=0, lagging=False)
    world.hands.add(
        SObject.LEAD, {"LastName": "King", "Company": "Acme", "Email": "ada@acme.example"}, 0
    )
    ask_for_creation(world, city="London")
    world.hands.hide(["Lead.Title"])

    deliver(world)

    (contact,) = world.all_contacts()
    assert contact.counterpart


def test_what_was_left_of_a_window_may_be_switched_off_before_it_is_read() -> None:
    """There is nothing more to ask for, and the stream comes to its end."""
    world = World("memory", skew=0, lagging=False)
    for number in range(7):
        values = {"LastName": "King", "Company": "Acme", "Email": f"king{number}@acme.example"}
        world.hands.add(SObject.LEAD, values, 0)
    world.pass_time(60)
    assert world.pull({"objects": ["Lead"]}, turns=1, mishap=Mishap())
    assert 0 < len(world.all_contacts()) < 7
    now = world.settings.current()
    objects = {**now.inbound.objects}
    none = Selection(mode=SelectionMode.NONE)
    objects[SObject.LEAD] = replace(objects[SObject.LEAD], selection=none)
    inbound = replace(now.inbound, objects=objects)
    narrowed = replace(now, version=now.version + 1, inbound=inbound)
    world.settings.save(narrowed, changed_by="somebody", changed_at=world.clock())

    pull(world)

    assert world.streams.get("Lead").upper is None


def test_who_was_deleted_while_being_moved_does_not_come_back() -> None:
    """A crash left the link of the winner of a merge behind, and nobody to whom it leads."""
    world = World("memory", skew=0, lagging=False)
    contact = a_linked_contact(world)
    assert contact.counterpart
    values = {"LastName": "King", "Company": "Acme", "Email": "king@acme.example"}
    winner = world.hands.add(SObject.LEAD, values, 0)
    assert winner
    world.hands.merge(winner, contact.counterpart.record_id)
    moved = Link(
        record_id=winner,
        object=SObject.LEAD,
        state=LinkState.LINKED,
        subject_id=contact.id,
        linked_by=LinkedBy.MERGE,
    )
    assert not world.links.claim_many([LinkClaim(link=moved, expected=None)])
    delete_contact(
        contact.id,
        contacts=world.contacts,
        links=world.links,
        members=world.members,
        now=world.clock(),
    )
    world.pass_time(60)

    pull(world)

    assert world.all_contacts() == []
    assert {link.state for link in world.all_links()} == {LinkState.DELETED_HERE}


def test_an_address_that_was_blanked_there_is_filled_again_where_blanks_are() -> None:
    """Salesforce's value is preferred unless it is empty, of an address as of anything else."""
    world = World("memory", skew=0, lagging=False)
    contact = a_linked_contact(world)
    now = world.settings.current()
    fields = tuple(
        replace(field, mode=Mode.PREFER_SALESFORCE) if field.name == "email" else field
        for field in now.fields
    )
    preferring = replace(now, version=now.version + 1, fields=fields)
    world.settings.save(preferring, changed_by="somebody", changed_at=world.clock())
    assert contact.counterpart
    world.hands.edit(contact.counterpart.record_id, {"Email": None}, 0)
    world.pass_time(60)

    pull(world)
    push(world)

    (lead,) = world.hands.rows()
    assert lead["Email"] == "ada@acme.example"
    (kept,) = world.all_contacts()
    assert kept.email == "ada@acme.example"


def test_an_edit_of_a_field_that_our_user_may_only_read_is_told_and_goes_later() -> None:
    """What is known of its place keeps no edit from being refused, shown and sent again."""
    world = World("memory", skew=0, lagging=False)
    contact = a_linked_contact(world)
    now = world.settings.current()
    fields = tuple(
        replace(field, mode=Mode.ALWAYS_OURS) if field.name == "job_title" else field
        for field in now.fields
    )
    ours = replace(now, version=now.version + 1, fields=fields)
    world.settings.save(ours, changed_by="somebody", changed_at=world.clock())
    world.hands.fix(["Lead.Title"])
    edit(world, contact, job_title="Countess")

    push(world)

    (parked,) = world.all_contacts()
    assert parked.waiting
    assert parked.waiting.lane is Lane.PARKED
    assert Reason.REFUSED in {one.reason for one in world.all_outcomes()}
    world.hands.fix([])
    world.pass_time(2 * 24 * 3600)
    push(world)
    (lead,) = world.hands.rows()
    assert lead["Title"] == "Countess"


def test_our_own_write_does_not_wake_what_was_refused_of_it() -> None:
    """Automation that rewrites one field, and a refusal of another, are no endless back and forth.

    Each push would write the first once more, and each pull of that would wake the second.
    """
    world = World("memory", skew=0, lagging=False, two_way=["last_name"])
    contact = a_linked_contact(world)
    now = world.settings.current()
    fields = tuple(
        replace(field, mode=Mode.ALWAYS_OURS) if field.name == "job_title" else field
        for field in now.fields
    )
    ours = replace(now, version=now.version + 1, fields=fields)
    world.settings.save(ours, changed_by="somebody", changed_at=world.clock())
    edit(world, contact, job_title=f"{RAW} title", last_name=None)
    push(world)
    written = world.salesforce.writes

    for _ in range(3):
        world.pass_time(600)
        pull(world)
        push(world)

    (parked,) = world.all_contacts()
    assert parked.waiting
    assert parked.waiting.lane is Lane.PARKED
    assert world.salesforce.writes == written


def dying_at(world: World, point: int) -> Mishap:
    """Return a crash at a point."""
    return Mishap(at=point, strike=world.watch.die)
