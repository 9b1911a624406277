"""Duplicates, lookalikes, and fields in which both sides go on differing."""

from dataclasses import replace
from typing import Any

import pytest

from counterpart.domain.contacts import Contact
from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.divergence import diverged_fields
from counterpart.domain.likeness import DuplicateKind, Likeness
from counterpart.domain.mapping import EMAIL, Mode
from counterpart.domain.outcomes import Action
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import InputError, NotFoundError
from counterpart.use_cases.diverged_contacts import Side, list_diverged, take_side
from counterpart.use_cases.list_likenesses import (
    Duplicates,
    Lookalike,
    list_duplicates,
    list_lookalikes,
)
from tests.use_cases.world import World, with_mode


def duplicates(world: World, *, limit: int = 3) -> list[Duplicates]:
    """Return all of them, page by page."""
    items: list[Duplicates] = []
    after = None
    while True:
        page = list_duplicates(limit=limit, after=after, contacts=world.contacts)
        assert page.looked_at <= limit
        items += page.items
        after = page.next
        if after is None:
            return items


def lookalikes(world: World) -> list[Lookalike]:
    """Return those of the first page."""
    return list(list_lookalikes(limit=100, after=None, contacts=world.contacts).items)


@pytest.mark.failure("F40")
def test_duplicates_come_once_each() -> None:
    """Whatever pages its contacts stand on; with whom a merge should keep."""
    world = World()
    for number in range(4):
        world.add(f"single-{number}@example.com")
    world.add("local@example.com")
    latest = world.add("LOCAL@example.com")
    world.lead("ada@example.com")
    world.wait()
    world.pull()
    world.person("ada@example.com")
    world.wait()
    world.pull()
    world.edit(latest, city="Bern")

    found = {one.email.lower(): one for one in duplicates(world)}

    assert len(found) == len(duplicates(world)) == 2
    ada, local = found["ada@example.com"], found["local@example.com"]
    assert (ada.kind, ada.count) == (DuplicateKind.LEAD_AND_CONTACT, 2)
    assert ada.survivor.counterpart
    assert ada.survivor.counterpart.object is SObject.CONTACT
    assert (local.kind, local.survivor.id) == (DuplicateKind.NO_RECORD, latest)


def test_duplicates_end_with_their_merge() -> None:
    """A further record is no duplicate."""
    world = World()
    first, second = world.person(), world.lead()
    world.wait()
    world.pull()
    (group,) = duplicates(world)
    loser = next(one for one in group.contacts if one.id != group.survivor.id)

    world.merge(group.survivor.id, loser.id)
    world.settle(1)

    assert duplicates(world) == []
    assert {first, second} == set(world.links.get_many([first, second]))


def test_lookalikes() -> None:
    """The same address, or the same name at the same employer; never by free mail."""
    world = World()
    world.person("ada@acme.example", FirstName="Ada", LastName="Lovelace")
    world.person("bob@gmail.com", FirstName="Bob", LastName="Babbage")
    world.wait()
    world.pull()
    same_address = world.add("Ada@acme.example")
    same_name = world.add("a.lovelace@acme.example", first_name="ADA", last_name="lovelace")
    world.add("a.lovelace@other.example", first_name="ADA", last_name="lovelace")
    world.add("ada@acme2.example", first_name="Ada")
    world.add("b@gmail.com", first_name="Bob", last_name="Babbage")

    found = {one.contact.id: (one.other.email, one.likeness) for one in lookalikes(world)}

    assert found == {
        same_address: ("ada@acme.example", Likeness.SAME_EMAIL),
        same_name: ("ada@acme.example", Likeness.SAME_NAME_AND_DOMAIN),
    }


def a_diverged_title(
    mode: Mode = Mode.PREFER_SALESFORCE,
) -> tuple[World, str, str]:
    """Return a world in which a title of ours was kept from going out, and the two ids."""
    world = World(SyncSettings(fields=with_mode(mode, "job_title")))
    lead_id = world.lead(Title="Analyst", City="Bern")
    world.wait()
    world.pull()
    contact_id = world.the_contact().id
    world.wait(20)
    world.edit(contact_id, job_title="VP")
    world.push()
    return world, contact_id, lead_id


def diverged(world: World) -> list[tuple[str, str, Any, Any]]:
    """Return contact, field and both values of what differs."""
    page = list_diverged(limit=100, after=None, contacts=world.contacts, settings=world.settings)
    return [
        (one.contact.id, field.name, field.ours, field.theirs)
        for one in page.items
        for field in one.fields
    ]


def take(world: World, contact_id: str, side: Side, name: str = "job_title") -> Contact:
    """Take a side."""
    return take_side(
        contact_id,
        name,
        side,
        now=world.now,
        contacts=world.contacts,
        settings=world.settings,
    )


def title(world: World, lead_id: str) -> object:
    """Return what Salesforce holds."""
    row = world.org.find(lead_id)
    assert row is not None
    return row["Title"]


def test_a_protected_value_is_listed() -> None:
    """With both values and the reason; what agrees, or is on its way, is not."""
    world, contact_id, _ = a_diverged_title()

    assert diverged(world) == [(contact_id, "job_title", "VP", "Analyst")]
    (field,) = diverged_fields(world.contact(contact_id), world.settings.current())
    assert field.why == "both filled, different"


def test_an_edit_on_its_way_has_not_diverged() -> None:
    """It goes out by itself; if it was cancelled, it does not, and is listed."""
    world, contact_id, lead_id = a_diverged_title(Mode.TWO_WAY)
    assert diverged(world) == []
    assert title(world, lead_id) == "VP"

    world.edit(contact_id, job_title="CEO")
    assert diverged(world) == []
    world.contacts.save_many([_without_mark(world.contact(contact_id))])

    assert diverged(world) == [(contact_id, "job_title", "CEO", "VP")]


def _without_mark(contact: Contact) -> Contact:
    return replace(contact, waiting=None)


@pytest.mark.parametrize("create_as", CreateAs)
def test_who_was_just_created_has_not_diverged(create_as: CreateAs) -> None:
    """What Salesforce asks for, and what it sets by itself, differs from nothing of ours."""
    world = World()
    contact_id = world.add("local@acme.example", sync=True, create_as=create_as)
    world.create()
    assert world.contact(contact_id).counterpart

    assert diverged(world) == []
    world.settle(1)
    assert diverged(world) == []


def test_taking_theirs() -> None:
    """As if it had been pulled: it stays, and what changes there later comes in."""
    world, contact_id, lead_id = a_diverged_title()

    take(world, contact_id, Side.THEIRS)

    assert diverged(world) == []
    assert world.contact(contact_id).ledger.values["job_title"] == "Analyst"
    world.org.edit(lead_id, {"Title": "Director"})
    world.settle(1)
    assert world.contact(contact_id).ledger.values["job_title"] == "Director"
    assert title(world, lead_id) == "Director"


def test_taking_ours() -> None:
    """It goes out once over what is protected; the next edit is protected against as before."""
    world, contact_id, lead_id = a_diverged_title()

    take(world, contact_id, Side.OURS)
    world.wait()
    world.push()

    assert title(world, lead_id) == "VP"
    assert diverged(world) == []
    assert world.contact(contact_id).ledger.insisted == frozenset()
    world.settle(2)
    world.edit(contact_id, job_title="CEO")
    world.push()
    assert title(world, lead_id) == "VP"


def test_a_rep_edits_before_ours_goes_out() -> None:
    """A newer value is never replaced by an older one, and the insistence is over."""
    world, contact_id, lead_id = a_diverged_title()
    take(world, contact_id, Side.OURS)
    world.wait()
    world.org.edit(lead_id, {"Title": "Director"})

    world.pull()
    world.settle(2)

    assert title(world, lead_id) == "Director"
    assert world.contact(contact_id).ledger.values["job_title"] == "Director"
    assert world.contact(contact_id).ledger.insisted == frozenset()


@pytest.mark.parametrize("mode", [Mode.TWO_WAY, Mode.PREFER_SALESFORCE, Mode.ALWAYS_OURS])
@pytest.mark.parametrize("first", ["push", "pull"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_ours_is_taken_while_a_rep_edits(when: str, first: str, mode: Mode) -> None:
    """Whoever takes ours may have seen theirs before we have; what is later still wins."""
    world = World(SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title")))
    lead_id = world.lead(Title="Analyst", City="Bern")
    world.wait()
    world.pull()
    world.change(fields=with_mode(mode, "job_title"))
    contact_id = world.the_contact().id
    world.wait()

    if when == "before":
        world.org.edit(lead_id, {"Title": "Director"})
        world.wait()
    take(world, contact_id, Side.OURS)
    if when == "after":
        world.wait()
        world.org.edit(lead_id, {"Title": "Director"})
    world.wait()
    getattr(world, first)()
    world.settle(2)

    ours_wins = when == "before" or mode is Mode.ALWAYS_OURS
    expected = "Analyst" if ours_wins else "Director"
    assert title(world, lead_id) == expected
    contact = world.contact(contact_id)
    assert contact.ledger.values["job_title"] == expected
    assert contact.ledger.insisted == frozenset()
    if mode is Mode.TWO_WAY:
        (told,) = [one for one in world.outcomes() if one.action is Action.CONFLICTED]
        assert told.lost == ("Director" if ours_wins else "Analyst")


def test_our_address_is_taken_over_a_blank() -> None:
    """No pull would ever bring the blank, so the push that was asked for sends ours."""
    world = World()
    lead_id = world.lead()
    world.pull()
    world.wait()
    world.org.edit(lead_id, {"Email": None})
    world.wait()

    take(world, world.the_contact().id, Side.OURS, EMAIL)
    world.wait()
    world.push()

    assert world.org.row(lead_id)["Email"] == "ada@example.com"
    assert world.the_contact().ledger.insisted == frozenset()


def test_ours_is_taken_where_both_agree() -> None:
    """There is nothing to send, and nothing to insist on later."""
    world, contact_id, _ = a_diverged_title(Mode.TWO_WAY)
    world.settle(1)

    take(world, contact_id, Side.OURS)
    world.push(everything_waiting=True)

    assert world.contact(contact_id).ledger.insisted == frozenset()


def test_another_edit_is_no_insistence() -> None:
    """Somebody took that very value, not whatever comes after it."""
    world, contact_id, lead_id = a_diverged_title()
    take(world, contact_id, Side.OURS)
    world.edit(contact_id, job_title="CEO")

    world.push()

    assert title(world, lead_id) == "Analyst"


def test_what_cannot_be_taken() -> None:
    """A field that never goes out, one that does not cross, and nobody's field."""
    world, contact_id, _ = a_diverged_title(Mode.ALWAYS_SALESFORCE)
    assert diverged(world) == [(contact_id, "job_title", "VP", "Analyst")]
    local = world.add("local@example.com", job_title="VP")

    with pytest.raises(InputError, match="never goes out"):
        take(world, contact_id, Side.OURS)
    with pytest.raises(InputError, match="goes out by itself"):
        take(world, contact_id, Side.OURS, "opted_out")
    with pytest.raises(InputError, match="does not cross"):
        take(world, contact_id, Side.OURS, "shoe_size")
    with pytest.raises(InputError, match="not linked"):
        take(world, local, Side.THEIRS)
    with pytest.raises(NotFoundError):
        take(world, "nobody", Side.THEIRS)


def test_an_opt_out_is_not_taken_back() -> None:
    """Salesforce's unticked box is no opinion."""
    world = World()
    world.lead()
    world.wait()
    world.pull()
    contact_id = world.the_contact().id
    world.edit(contact_id, opted_out=True)

    with pytest.raises(InputError, match="opt-in"):
        take(world, contact_id, Side.THEIRS, "opted_out")


def test_no_address_is_taken_away() -> None:
    """A blank in Salesforce is one that no pull would bring either."""
    world = World()
    lead_id = world.lead()
    world.wait()
    world.pull()
    world.org.edit(lead_id, {"Email": None})
    world.wait()
    world.pull()
    contact = world.the_contact()
    seen = replace(contact.ledger, shadows={**contact.ledger.shadows, "email": None})
    world.contacts.save_many([replace(contact, ledger=seen)])

    with pytest.raises(InputError, match="no address"):
        take(world, contact.id, Side.THEIRS, "email")

    assert world.the_contact().email == contact.email
