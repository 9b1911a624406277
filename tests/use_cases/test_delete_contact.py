"""Deleting a contact here, and keeping its record from bringing it back."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from counterpart.adapters.memory import (
    InMemoryContactRepository,
    InMemoryLinkRepository,
    InMemoryMemberRepository,
)
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.links import Counterpart, Link, LinkedBy, LinkState
from counterpart.domain.mapping import Mode
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import ChangedMeanwhileError, ConflictError, NotFoundError
from counterpart.use_cases.delete_contact import delete_contact
from tests.use_cases.world import NOON, PowerCutError, World, with_mode

LEAD, FORMER = "00Q000000000001EAA", "00Q000000000002EAA"


def a_counterpart(record_id: str) -> Counterpart:
    """Return a Lead."""
    return Counterpart(
        record_id=record_id,
        object=SObject.LEAD,
        linked_at=NOON,
        linked_by=LinkedBy.EMAIL,
    )


def a_link(record_id: str, *, to: str = "ada", state: LinkState = LinkState.LINKED) -> Link:
    """Return the link of a Lead."""
    return Link(
        record_id=record_id,
        object=SObject.LEAD,
        state=state,
        subject_id=to,
        linked_at=NOON,
        linked_by=LinkedBy.EMAIL,
    )


ADA = Contact(
    id="ada",
    ledger=Ledger(values={"email": "ada@example.com"}, times={"email": NOON}),
    created_at=NOON,
    updated_at=NOON,
)
LINKED = replace(ADA, counterpart=a_counterpart(LEAD))


def delete_ada(contacts: InMemoryContactRepository, links: InMemoryLinkRepository) -> None:
    """Delete her, who is in no campaign."""
    delete_contact(
        "ada",
        contacts=contacts,
        links=links,
        members=InMemoryMemberRepository(),
        settings=SyncSettings(),
        now=NOON,
    )


def crash(_: str) -> None:
    """End the world."""
    raise PowerCutError


def test_a_contact_that_is_only_here() -> None:
    """It is gone."""
    contacts = InMemoryContactRepository(ADA)

    delete_ada(contacts, InMemoryLinkRepository())

    assert not contacts.get_many(["ada"])


def test_a_linked_contact() -> None:
    """Its link remembers that it was deleted here, for its present and its former record."""
    contacts = InMemoryContactRepository(replace(LINKED, former=a_counterpart(FORMER)))
    links = InMemoryLinkRepository(a_link(LEAD), a_link(FORMER, state=LinkState.DELETED_THERE))

    delete_ada(contacts, links)

    assert not contacts.get_many(["ada"])
    for record_id in (LEAD, FORMER):
        link = links.get_many([record_id])[record_id]
        assert link == a_link(record_id, state=LinkState.DELETED_HERE)


def test_a_record_that_belongs_to_somebody_else_by_now() -> None:
    """Their link is left alone."""
    contacts = InMemoryContactRepository(replace(ADA, former=a_counterpart(FORMER)))
    links = InMemoryLinkRepository(a_link(FORMER, to="bob"))

    delete_ada(contacts, links)

    assert links.get_many([FORMER])[FORMER] == a_link(FORMER, to="bob")


def test_a_counterpart_whose_link_is_missing() -> None:
    """The record is kept outside all the same."""
    contacts, links = InMemoryContactRepository(LINKED), InMemoryLinkRepository()

    delete_ada(contacts, links)

    assert links.get_many([LEAD])[LEAD].state is LinkState.DELETED_HERE


def test_a_crash_between_the_two_writes() -> None:
    """The contact is still there, and can be deleted again."""
    links = InMemoryLinkRepository(a_link(LEAD))
    with pytest.raises(PowerCutError):
        delete_ada(InMemoryContactRepository(LINKED, before_write=crash), links)
    contacts = InMemoryContactRepository(LINKED)

    delete_ada(contacts, links)

    assert not contacts.get_many(["ada"])
    assert links.get_many([LEAD])[LEAD].state is LinkState.DELETED_HERE


def test_a_contact_is_linked_just_before_it_is_deleted() -> None:
    """It is read again, so that the new link is marked, too."""
    links = InMemoryLinkRepository(a_link(LEAD))
    contacts = InMemoryContactRepository(
        ADA, before_write=once(lambda: contacts.save_many([replace(LINKED, version=1)]))
    )

    delete_ada(contacts, links)

    assert not contacts.get_many(["ada"])
    assert links.get_many([LEAD])[LEAD].state is LinkState.DELETED_HERE


def test_a_contact_that_others_keep_changing() -> None:
    """There is an end to trying."""
    busy = False

    def tag(_: str) -> None:
        nonlocal busy
        if not busy:
            busy = True
            contact = contacts.get_many(["ada"])["ada"]
            contacts.save_many([replace(contact, tags=(*contact.tags, str(len(contact.tags))))])
            busy = False

    contacts = InMemoryContactRepository(ADA, before_write=tag)

    with pytest.raises(ChangedMeanwhileError):
        delete_ada(contacts, InMemoryLinkRepository())


def test_a_contact_that_does_not_exist() -> None:
    """There is nothing to delete."""
    with pytest.raises(NotFoundError):
        delete_ada(InMemoryContactRepository(), InMemoryLinkRepository())


def once(act: Callable[[], object]) -> Callable[[str], None]:
    """Return a hook that acts before the first write, and never again."""
    done = False

    def hook(_: str) -> None:
        nonlocal done
        if not done:
            done = True
            act()

    return hook


def _pulled() -> tuple[World, str, str]:
    """Return a world in which a contact was born of a lead, and the ids of both."""
    world = World()
    lead_id = world.lead()
    world.pull()
    world.wait()
    return world, world.of(lead_id).id, lead_id


def _refused_here() -> tuple[World, str, str]:
    world, ada, lead_id = _pulled()
    world.edit(ada, opted_out=True)
    return world, ada, lead_id


def test_a_refusal_goes_out_before_its_contact_goes() -> None:
    """Nobody would tell Salesforce afterwards; once it knows, the contact may go."""
    world, ada, lead_id = _refused_here()

    with pytest.raises(ConflictError, match="once its next push has told it so"):
        world.delete(ada)
    link = world.links.get_many([lead_id])[lead_id]
    world.push()
    world.delete(ada)

    assert link.state is LinkState.LINKED
    assert not world.contacts.get_many([ada])
    assert world.org.row(lead_id)["HasOptedOutOfEmail"]


def test_a_refusal_that_somebody_lets_go() -> None:
    """As when outbound is to stay off; they have said so."""
    world, ada, lead_id = _refused_here()

    world.delete(ada, untold=True)
    world.settle(2)

    assert not world.contacts.get_many([ada])
    assert not world.org.row(lead_id)["HasOptedOutOfEmail"]


def test_a_refusal_that_comes_while_the_contact_goes() -> None:
    """Whoever is faster, it is not forgotten."""
    world, ada, lead_id = _pulled()
    world.on_write["links.claim"] = lambda: world.edit(ada, opted_out=True)

    with pytest.raises(ConflictError):
        world.delete(ada)
    world.settle(2)

    assert world.org.row(lead_id)["HasOptedOutOfEmail"]


def test_who_refuses_and_has_no_record_may_go() -> None:
    """There is nobody to tell; nor is there where the record knows, or lacks the box."""
    world = World()
    alone = world.add("alone@example.com")
    world.edit(alone, opted_out=True)
    known = world.lead("known@example.com", HasOptedOutOfEmail=True)
    world.pull()

    world.delete(alone)
    world.delete(world.of(known).id)

    assert world.everybody() == []


def _break_off(world: World, contact_id: str) -> None:
    """Let a deletion end after it has marked the links."""

    def crash(name: str) -> None:
        if name == "contacts.delete":
            raise PowerCutError

    world.rival = crash
    with pytest.raises(PowerCutError):
        world.delete(contact_id)


def test_a_deletion_that_breaks_off_leaves_a_contact_that_follows_its_record() -> None:
    """Nobody may ever ask again; what is told there comes in until somebody does."""
    world, ada, lead_id = _pulled()
    _break_off(world, ada)
    world.org.edit(lead_id, {"Title": "Chief"})
    world.settle(2)
    assert world.contact(ada).ledger.values["job_title"] == "Chief"

    world.delete(ada)
    world.org.edit(lead_id, {"Title": "King"})
    world.settle(2)

    assert world.everybody() == []


def test_a_record_becomes_another_one_while_its_contact_is_being_deleted() -> None:
    """The contact goes where its record goes, and no second one is born; then it goes itself."""
    world, ada, lead_id = _pulled()
    _break_off(world, ada)
    person_id = world.org.convert(lead_id)
    world.settle(2)
    assert [one.id for one in world.everybody()] == [ada]
    assert world.record_of(ada) == person_id

    world.delete(ada)
    world.org.edit(person_id, {"Title": "King"})
    world.settle(2)

    assert world.everybody() == []


def test_a_refusal_that_keeps_a_contact_leaves_it_in_step() -> None:
    """Its link was marked by then, and its record is followed all the same."""
    world, ada, lead_id = _pulled()
    world.on_write["links.claim"] = lambda: world.edit(ada, opted_out=True)
    with pytest.raises(ConflictError):
        world.delete(ada)

    world.org.edit(lead_id, {"Title": "Chief"})
    world.settle(2)

    assert world.contact(ada).ledger.values["job_title"] == "Chief"


def test_who_is_given_back_by_a_survivor_that_is_being_deleted_has_missed_nothing() -> None:
    """Its record was a further one of the survivor's until then."""
    world = World()
    lead_id, other_id = world.lead(), world.lead("di@example.com")
    world.pull()
    world.wait()
    ada, di = world.of(lead_id).id, world.of(other_id).id
    world.merge(ada, di)
    _break_off(world, ada)
    world.org.edit(other_id, {"Title": "Chief"})
    world.settle(2)
    world.wait(60)

    world.undo(di)
    world.delete(ada)
    world.settle(2)

    assert [one.id for one in world.everybody()] == [di]
    assert world.contact(di).ledger.values["job_title"] == "Chief"


@pytest.mark.parametrize("merged", [False, True])
def test_who_is_being_deleted_writes_to_nobody_else_s_record(*, merged: bool) -> None:
    """Another contact has taken over what it had, as its own record or as a further one."""
    world = World()
    lead_id, other_id = world.lead(), world.lead("di@example.com", Title="Chief")
    third_id = world.lead("bob@example.com", Title="Chief")
    world.pull()
    world.wait()
    ada, di, bob = (world.of(each).id for each in (lead_id, other_id, third_id))
    if merged:
        world.merge(bob, di)
        di = bob
    world.change(fields=with_mode(Mode.TWO_WAY, "job_title"))
    world.wait()
    world.edit(ada, job_title="King")
    _break_off(world, ada)
    world.org.merge(lead_id, other_id)
    world.settle(2)

    assert world.links.get_many([lead_id])[lead_id].subject_id == di
    assert world.contact(ada).counterpart is None
    assert world.org.row(lead_id)["Title"] != "King"
