"""Whose a member is whose record moves to another contact, or counts otherwise, while rows rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from counterpart.domain.inbound_settings import Inbound, OnRemoteDelete
from counterpart.domain.links import LinkedBy, LinkState, Move
from counterpart.domain.members import Unsettled
from counterpart.domain.records import SObject
from counterpart.ports import LinkClaim
from counterpart.use_cases.claimed_links import claim_links
from counterpart.use_cases.creation_ports import claim_record
from counterpart.use_cases.outsiders import Outsiders
from tests.use_cases.storytelling import Story, followed
from tests.use_cases.world import PowerCutError

QUARTER = 15


@pytest.fixture
def world() -> Story:
    """Return a world at noon."""
    return Story()


def noted(world: Story) -> list[Move]:
    """Return the records that are noted as moving."""
    return [Move(one.contact_id, one.moved) for one in world.people.unsettled() if one.moved]


def link_alone(world: Story) -> tuple[str, str]:
    """Return a contact, and the record whose link to it was written before a crash."""
    ada = world.add("ada@example.com")
    first = world.person("ada@example.com")
    world.wait()
    world.cut_the_power_after(1)
    with pytest.raises(PowerCutError):
        world.pull(ids=(first,))
    world.start_again()
    assert world.links.get_many([first])[first].subject_id == ada
    return ada, first


def half_linked(world: Story) -> tuple[str, str, str]:
    """Return a contact and its record, of which the link alone is stored; and its row."""
    ada, first = link_alone(world)
    row_id = world.their_member(followed(world), first, "Registered")
    # Past every overlap.
    for _ in range(3):
        world.wait(30)
        world.sync()
    assert world.row_followed(ada) == row_id
    return ada, first, row_id


@pytest.mark.parametrize("writes", range(12))
def test_a_record_becomes_another_contacts_and_the_process_dies(world: Story, writes: int) -> None:
    """Its row, which nothing touches, is that one's from then on, and nobody else follows it."""
    ada, first, row_id = half_linked(world)
    second = world.person("ada@example.com")
    world.wait()
    world.pull(ids=(second,))
    assert world.record_of(ada) == second

    world.cut_the_power_after(writes)
    try:
        world.pull(ids=(first,))
        world.wait()
        world.sync()
    except PowerCutError:
        pass
    finally:
        world.start_again()
    world.wait()
    world.pull(ids=(first,))
    world.rest(apart=QUARTER)

    other = world.of(first).id
    assert other != ada
    assert world.members_here() == {other: "Registered"}
    assert world.row_followed(other) == row_id
    assert world.people.unsettled() == []


def test_the_former_contact_was_merged_away_meanwhile(world: Story) -> None:
    """What it was a member of has gone along; the rows of its record are looked for there."""
    ada, first, row_id = half_linked(world)
    second = world.person("ada@example.com")
    eve = world.add("eve@example.com")
    world.wait()
    world.pull(ids=(second,))
    world.pull(ids=(first,))
    world.merge(eve, ada)
    assert world.members_here() == {eve: "Registered"}

    world.rest(apart=QUARTER)

    other = world.of(first).id
    assert world.members_here() == {other: "Registered"}
    assert world.row_followed(other) == row_id


def test_somebody_has_read_the_link_before(world: Story) -> None:
    """Whoever makes the former contact a member afterwards is seen to in the end."""
    ada, first, row_id = half_linked(world)
    second = world.person("ada@example.com")
    world.wait()
    world.pull(ids=(second,))
    stale = world.member("launch", ada)
    world.pull(ids=(first,))
    assert noted(world) == [Move(ada, first)]
    for _ in range(2):
        world.wait(3)
        world.sync()
    other = world.of(first).id
    assert world.members_here() == {other: "Registered"}
    world.people.save_many([replace(stale, version=0)])
    assert len(world.members_here()) == 2
    assert noted(world) == [Move(ada, first)]

    world.wait(QUARTER)
    world.sync()

    assert noted(world) == []
    assert world.members_here() == {other: "Registered"}
    assert world.row_followed(other) == row_id


def test_rows_are_read_at_first_and_in_the_end(world: Story) -> None:
    """Not by each run in between, as each reading costs API calls."""
    ada, first, _ = half_linked(world)
    world.people.unsettle_moved([Move(ada, first)], now=world.now)
    calls = []
    for _ in range(6):
        world.wait(4)
        before = world.salesforce.usage().calls
        world.sync()
        calls.append(world.salesforce.usage().calls - before)

    usual = calls[-1]
    assert [each > usual for each in calls] == [True, False, False, True, False, False]


def test_a_further_record_becomes_the_counterpart(world: Story) -> None:
    """Its row, which nothing touches, counts more than that of another further record."""
    emails = (f"{name}@example.com" for name in ("ada", "bob", "eve"))
    (ada, counterpart), (bob, bobs), (eve, eves) = world.linked(*emails)
    record_id = followed(world)
    bobs_row = world.their_member(record_id, bobs, "Registered")
    world.wait()
    world.merge(ada, bob)
    world.rest()
    assert world.row_followed(ada) == bobs_row
    eves_row = world.their_member(record_id, eves, "Registered")
    world.rest()
    world.merge(ada, eve)
    world.rest(apart=30)
    assert world.row_followed(ada) == bobs_row
    world.org.merge(eves, counterpart)
    world.wait()
    world.pull()
    assert world.record_of(ada) == eves

    world.rest(apart=QUARTER)

    assert world.row_followed(ada) == eves_row


def test_a_creation_meets_a_record_that_was_anothers(world: Story) -> None:
    """That is noted as well."""
    ((ada, there),) = world.linked("ada@example.com")
    held = world.links.get_many([there])[there]
    gone = LinkClaim(link=replace(held, state=LinkState.DELETED_THERE), expected=held)
    assert not claim_links([gone], world.create_ports)
    assert noted(world) == []
    bob = world.add("bob@example.com")

    assert claim_record(
        world.create_ports,
        record_id=there,
        sobject=SObject.CONTACT,
        subject_id=bob,
        by=LinkedBy.EMAIL,
        now=world.now - timedelta(minutes=4),
    )

    # By the moment of the write, however long ago its batch began.
    assert list(world.people.unsettled()) == [
        Unsettled(contact_id=ada, noted_at=world.now, moved=there)
    ]


def test_an_ordinary_pull_notes_nothing(world: Story) -> None:
    """Who comes, changes, is converted or merged into somebody new costs no write more."""
    lead_id = world.lead("ada@example.com")
    other, loser = world.person("bob@example.com"), world.person("eve@example.com")
    world.wait()
    world.pull()
    world.org.convert(lead_id)
    world.org.edit(other, {"Title": "Director"})
    world.org.merge(world.person("di@example.com"), loser)
    world.wait()
    world.pull()
    world.org.delete(other)
    world.wait()
    world.pull()

    assert world.writes_of("links.claim") > 0
    assert world.writes_of("unsettled.save") == 0


def test_the_contact_of_a_link_is_deleted_before_the_record_is_read_to_its_end(
    world: Story,
) -> None:
    """The link leads to nobody; who is a member there is awaited, whoever that will be."""
    ada, first = link_alone(world)
    world.delete(ada)
    world.their_member(followed(world), first, "Registered")

    world.rest(apart=QUARTER)

    assert world.members_here() == {}
    assert Outsiders(world.people, world.clock).known("launch", [first]) == {first}


def test_a_row_is_applied_once_whose_contact_has_ended_there(world: Story) -> None:
    """It stays that of the lead, by whom the member is; nothing looks at it time and again.

    What was called off while outbound was off would wait anew each time.
    """
    lead_id = world.lead()
    world.wait()
    world.pull()
    ada = world.of(lead_id).id
    record_id = followed(world)
    row_id = world.their_member(record_id, lead_id, "Registered")
    world.wait()
    world.sync()
    world.org.delete(record_id)
    contact_id = world.org.convert(lead_id)
    world.wait()
    world.pull()
    world.org.undelete(record_id)
    world.org.delete(contact_id)
    world.wait()
    world.pull()
    world.switch_outbound(on=False)
    world.wish(ada, status="Attended")
    world.rest(apart=QUARTER)
    before = world.member("launch", ada)

    world.rest(apart=10 * QUARTER)

    assert world.row_followed(ada) == row_id
    assert (before.status, before.waiting) == ("Attended", None)
    assert world.member("launch", ada) == before


def test_a_contact_goes_whose_row_has_stayed_with_its_lead(world: Story) -> None:
    """The row does not go with the Contact; whoever that becomes on its return is a member."""
    world.change(inbound=Inbound(on_remote_delete=OnRemoteDelete.DELETE))
    lead_id = world.lead("ada@example.com")
    world.wait()
    world.pull()
    record_id = followed(world)
    row_id = world.their_member(record_id, lead_id, "Registered")
    world.rest()
    world.org.delete(record_id)
    person_id = world.org.convert(lead_id)
    world.org.undelete(record_id)
    world.wait()
    world.pull()
    world.org.delete(person_id)
    world.wait()
    world.pull()
    assert world.everybody() == []
    world.rest(apart=QUARTER)
    assert world.members_here() == {}

    world.org.undelete(person_id)
    world.wait()
    world.pull()
    # As late as those are looked at who have waited for long.
    world.rest(apart=60)

    ada = world.of(person_id).id
    assert world.members_here() == {ada: "Registered"}
    assert world.row_followed(ada) == row_id
