"""Records that take a contact over, where a selection decides who comes in."""

import pytest

from counterpart.domain.contacts import Contact
from counterpart.domain.inbound_settings import Inbound, InboundObject
from counterpart.domain.mapping import Mode
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
from counterpart.domain.sync_settings import Guard, SyncSettings
from counterpart.errors import TransientError
from counterpart.use_cases.fresh_records import FreshRecords
from tests.use_cases.world import World, with_mode

TITLE_COMES_IN = with_mode(Mode.ALWAYS_SALESFORCE, "job_title")
MARKED = Selection(mode=SelectionMode.MARKED)


def by_criteria(criterion: Criterion) -> Selection:
    """Return a selection by one criterion."""
    criteria = Group(junction=Junction.ALL, members=(criterion,))
    return Selection(mode=SelectionMode.CRITERIA, criteria=criteria)


DIRECTORS = by_criteria(Criterion(field="Title", operator=Operator.EQUALS, value="Director"))
BROKEN = by_criteria(Criterion(field="CreatedDate", operator=Operator.AT_LEAST, value="last year"))


def a_world(selection: Selection, *, guard: Guard = Guard(), page_size: int = 2000) -> World:  # noqa: B008 - a value
    """Return a world in which Contacts come in by a selection."""
    objects = {sobject: InboundObject() for sobject in SObject}
    objects |= {SObject.CONTACT: InboundObject(selection=selection)}
    settings = SyncSettings(fields=TITLE_COMES_IN, guard=guard, inbound=Inbound(objects=objects))
    return World(settings, page_size=page_size)


def has_met(contact: Contact) -> bool:
    """Return whether a contact knows what its record holds."""
    return contact.counterpart is not None and contact.counterpart.modstamp is not None


@pytest.mark.failure("F56")
@pytest.mark.parametrize("selection", [MARKED, DIRECTORS])
def test_conversions_are_held_and_their_contacts_with_them(selection: Selection) -> None:
    """Whoever is chosen comes in with the yes; whoever is not stays as it was."""
    world = a_world(selection, guard=Guard(share_percent=20, minimum=2))
    leads = [world.lead(f"{number}@example.com", Title="Clerk") for number in range(4)]
    world.pull()
    for number, lead in enumerate(leads):
        contact_id = world.org.convert(lead)
        # Without an address they are nobody who is known here, and stay outside.
        values = {"Title": "Director", "Sync_to_Counterpart__c": True} if number % 2 else {}
        world.org.edit(contact_id, {"Email": None, **values})
    world.wait(30)
    held = world.pull().held
    assert len(held) == 2
    world.wait(60)
    world.pull()

    for hold_id in held:
        world.approve(hold_id)
    world.follow()

    contacts = sorted(world.everybody(), key=lambda contact: str(contact.email))
    assert {one.counterpart and one.counterpart.object for one in contacts} == {SObject.CONTACT}
    titles = [one.ledger.values["job_title"] for one in contacts]
    assert titles == ["Clerk", "Director", "Clerk", "Director"]
    assert [has_met(one) for one in contacts] == [False, True, False, True]


@pytest.mark.parametrize("page_size", [2000, 1])
def test_a_sweep_finds_conversions(page_size: int) -> None:
    """One call asks for all of them, be they told page by page; without a selection none does."""
    calls = {}
    for selection in (MARKED, Selection()):
        world = a_world(selection, page_size=page_size)
        leads = [world.lead(f"{number}@example.com") for number in range(3)]
        world.wait()
        world.pull()
        for lead in leads:
            world.org.edit(world.org.convert(lead), {"Sync_to_Counterpart__c": True})

        calls[selection.mode] = world.sweep().api_calls

        assert [has_met(contact) for contact in world.everybody()] == [True] * 3
    pages = 1 if page_size > 1 else 3
    assert calls[SelectionMode.MARKED] - calls[SelectionMode.ALL] == pages


@pytest.mark.parametrize(
    "entry",
    [
        InboundObject(selection=Selection(mode=SelectionMode.NONE)),
        InboundObject(enabled=False, selection=MARKED),
    ],
)
def test_contacts_do_not_come_in(entry: InboundObject) -> None:
    """Nobody has to be asked who is chosen, and none is."""
    world = a_world(MARKED)
    lead = world.lead()
    world.pull()
    objects = {**world.settings.current().inbound.objects, SObject.CONTACT: entry}
    world.change(inbound=Inbound(objects=objects))
    contact_id = world.org.convert(lead)
    world.org.edit(contact_id, {"Sync_to_Counterpart__c": True})

    report = world.sweep()

    # For what is there, for what was said in the lead before it went, and for the Contact.
    assert report.api_calls == 3
    assert not has_met(world.of(contact_id))


@pytest.mark.failure("F26")
def test_criteria_that_salesforce_does_not_take() -> None:
    """They stop their own object alone; the link of the lead moves all the same."""
    world = a_world(BROKEN)
    lead = world.lead()
    world.pull()
    world.wait()
    contact_id = world.org.convert(lead)
    world.wait()

    report = world.pull()

    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    assert world.of(contact_id).counterpart
    assert not has_met(world.of(contact_id))


def test_salesforce_gives_up_on_the_question() -> None:
    """That says nothing of who is chosen; the page is applied again."""
    world = a_world(MARKED)
    person = world.person()
    (record,) = world.salesforce.read({SObject.CONTACT: {person}}, ()).values()
    world.person("bob@example.com")
    world.salesforce.most_looked_at = 1

    with pytest.raises(TransientError, match="Contact"):
        FreshRecords(world.salesforce, world.settings.current()).chosen([record])
