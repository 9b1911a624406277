"""Jobs that were set aside: listed with their reasons, and sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from counterpart.adapters.memory import InMemoryCreationQueue, InMemoryDeadLetters
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal
from counterpart.ports import CreationJob
from counterpart.use_cases.dead_letters import Redriven, list_dead_letters, redrive
from tests.use_cases.creating import World, job, person


def parked_world() -> World:
    """Return a world in which Ada was refused, and Bob has gone."""
    world = World(person("ada"), person("eve"))
    world.org.refusals["ada"] = Refusal(code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="No!")
    world.create("ada", "eve")
    world.queue.park(job("bob"), reason="gave up")
    return world


def again(world: World, *ids: str, reason: str | None = None) -> Redriven:
    """Redrive these, those of a reason, or all."""
    return redrive(
        ids or None,
        reason=reason,
        now=world.now,
        settings=world.settings.current(),
        letters=InMemoryDeadLetters(world.queue),
        contacts=world.contacts,
        queue=world.queue,
    )


def test_they_are_listed_with_their_reasons() -> None:
    """And stay where they are."""
    world = parked_world()

    listed = list_dead_letters(
        limit=10, letters=InMemoryDeadLetters(world.queue), contacts=world.contacts
    )

    assert {(one.contact_id, one.reason, one.state) for one in listed} == {
        ("ada", "FIELD_CUSTOM_VALIDATION_EXCEPTION: No!", "waiting"),
        ("bob", "gave up", "deleted"),
    }
    assert len(world.queue.parked) == 2


@pytest.mark.failure("F27")
def test_one_is_sent_again() -> None:
    """Once the cause is mended, it succeeds; others stay."""
    world = parked_world()
    world.org.refusals.clear()

    told = again(world, "ada", "nobody")

    assert (told.redriven, told.not_found) == (1, ["nobody"])
    assert [parked.contact_id for parked, _ in world.queue.parked] == ["bob"]
    assert [one.contact_id for one in world.queue.jobs] == ["ada"]
    world.create("ada")
    assert world.contact("ada").counterpart
    assert len(world.live(SObject.LEAD)) == 2


def test_a_request_that_was_set_aside_beside_a_pause() -> None:
    """A merge may bring the pause: no old job breaks it, but whoever sends it again ends it."""
    world = parked_world()
    world.org.refusals.clear()
    world.contacts.save_many([replace(world.contact("ada"), outbound_paused_at=world.now)])

    delivered_again = world.create("ada").report

    assert delivered_again.skipped == {Reason.OUTBOUND_PAUSED: 1}
    assert world.contact("ada").counterpart is None
    again(world, "ada")
    assert world.contact("ada").outbound_paused_at is None
    world.create("ada")
    assert world.contact("ada").counterpart


class HastyQueue(InMemoryCreationQueue):
    """A queue whose worker is at once with a job, and sets it aside again."""

    def send(self, jobs: Sequence[CreationJob]) -> None:
        super().send(jobs)
        for one in self.receive(len(jobs)):
            self.park(one, reason="No!")


@pytest.mark.failure("F27")
@pytest.mark.parametrize("chosen", [(), ("ada",)])
def test_the_cause_is_not_mended(chosen: tuple[str, ...]) -> None:
    """A job is tried once for each time that somebody asks, however soon it fails."""
    world = parked_world()
    queue = HastyQueue()
    queue.parked = list(world.queue.parked)

    told = redrive(
        chosen or None,
        now=world.now,
        settings=world.settings.current(),
        letters=InMemoryDeadLetters(queue),
        contacts=world.contacts,
        queue=queue,
    )

    assert told.redriven == 1
    assert not told.more_remains
    assert ("ada", "No!") in {(parked.contact_id, why) for parked, why in queue.parked}
    listed = list_dead_letters(limit=9, letters=InMemoryDeadLetters(queue), contacts=world.contacts)
    assert "ada" in {one.contact_id for one in listed}


@pytest.mark.failure("F27")
def test_all_are_sent_again() -> None:
    """What nobody needs any more is dropped, and said so."""
    world = parked_world()
    world.queue.park(job("eve"), reason="gave up")

    told = again(world)

    assert told.redriven == 1
    assert told.dropped == {"no_such_contact": 1, "already_linked": 1}
    assert world.queue.parked == []


@pytest.mark.parametrize("told", [True, False])
def test_only_those_of_a_reason(*, told: bool) -> None:
    """Words of it are enough, be they on the letter or, since the queue moved it, the contact."""
    world = parked_world()
    world.org.refusals.clear()
    if not told:
        world.queue.parked = [(one, "") for one, _ in world.queue.parked]
    letters = InMemoryDeadLetters(world.queue)

    listed = list_dead_letters(
        limit=10, letters=letters, contacts=world.contacts, reason="custom_validation"
    )

    assert [one.contact_id for one in listed] == ["ada"]
    assert again(world, reason="STRING_TOO_LONG").redriven == 0
    assert again(world, reason="custom_validation").redriven == 1
    assert [parked.contact_id for parked, _ in world.queue.parked] == ["bob"]
    assert [one.contact_id for one in world.queue.jobs] == ["ada"]


@pytest.mark.parametrize("chosen", [(), ("ada",)])
def test_outbound_is_switched_off(chosen: tuple[str, ...]) -> None:
    """They stay where they are, with their reasons, and go once it is on again."""
    world = parked_world()
    world.org.refusals.clear()
    before = world.settings.current()
    off = replace(before, outbound=replace(before.outbound, enabled=False), version=1)
    world.settings.save(off, changed_by="operator", changed_at=world.now)

    told = again(world, *chosen)

    assert told.redriven == 0
    assert told.kept == {"outbound_disabled": 1}
    assert not world.queue.jobs
    assert "ada" in {parked.contact_id for parked, _ in world.queue.parked}
    on = replace(off, outbound=replace(off.outbound, enabled=True), version=2)
    world.settings.save(on, changed_by="operator", changed_at=world.now)
    assert again(world, "ada").redriven == 1
    world.create("ada")
    assert world.contact("ada").counterpart
