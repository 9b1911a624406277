"""What a push writes over that no pull has seen: it is told before it is lost, and told once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.mapping import Mode
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.refusals import Refusal
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import TransientError
from tests.use_cases.world import PowerCutError, World, with_mode

if TYPE_CHECKING:
    from collections.abc import Callable

TWO_WAY = SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title", "city"))
BY_JOB = replace(TWO_WAY, outbound=Outbound(bulk_above=2))
ONCE = [("job_title", "ours", "Director")]


def written_over(settings: SyncSettings = TWO_WAY, count: int = 1) -> tuple[World, list[str]]:
    """Return a world in which somebody edits here what was just edited there, and whom."""
    world = World(settings)
    people = world.analysts(count)
    for contact_id in people:
        world.org.edit(world.record_of(contact_id), {"Title": "Director"})
    world.wait()
    for contact_id in people:
        world.edit(contact_id, job_title="VP")
    world.wait()
    world.written.clear()
    return world, people


def told(world: World, contact_id: str) -> list[tuple[str | None, str | None, str | None]]:
    """Return of each conflict of a contact the field, whose value stands, and the one lost."""
    return [
        (each.field, each.kept, each.lost)
        for each in world.outcomes()
        if each.reason is Reason.BOTH_CHANGED and each.subject_id == contact_id
    ]


@pytest.mark.failure("F23")
@pytest.mark.failure("F51")
@pytest.mark.parametrize("between", [World.push, World.pull])
def test_a_row_that_is_locked_again_and_again(between: Callable[[World], object]) -> None:
    """No further try tells it once more, and no pull that sees the record meanwhile."""
    world, (ada,) = written_over()
    world.org.locked.add(world.record_of(ada))
    for _ in range(3):
        world.push()
        world.wait(10)
        between(world)
        world.wait(10)
    world.org.locked.clear()

    world.settle(2)

    assert world.row_of(ada)["Title"] == "VP"
    assert told(world, ada) == ONCE


@pytest.mark.failure("F51")
@pytest.mark.parametrize("fields", [(), ("Title",)])
def test_a_row_that_is_refused(fields: tuple[str, ...]) -> None:
    """Ours stands here, as where a pull had come first, and the refusal says where it does not."""
    world, (ada,) = written_over()
    world.edit(ada, city="Basel")
    refusal = Refusal(code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="No.", fields=fields)
    world.org.refusals[world.record_of(ada)] = refusal

    world.push()
    world.settle(2)

    assert (world.contact(ada).ledger.values["job_title"], world.row_of(ada)["Title"]) == (
        "VP",
        "Director",
    )
    assert world.contact(ada).parked
    assert told(world, ada) == ONCE


@pytest.mark.failure("F36")
@pytest.mark.parametrize("arrived", [True, False])
def test_no_answer(monkeypatch: pytest.MonkeyPatch, *, arrived: bool) -> None:
    """Nobody knows whether it was replaced; it was told, and is not told again."""
    world, (ada,) = written_over()
    with monkeypatch.context() as outage:
        if arrived:
            world.salesforce.lose_answers()
        else:
            outage.setattr(world.salesforce, "update", _fails)
        world.push()
    assert world.row_of(ada)["Title"] == ("VP" if arrived else "Director")
    world.wait(2)

    world.push()
    world.settle(2)

    assert world.row_of(ada)["Title"] == "VP"
    assert told(world, ada) == ONCE


def _fails(_: object) -> None:
    raise TransientError("503")


@pytest.mark.failure("F23")
@pytest.mark.failure("F51")
def test_rows_of_a_job() -> None:
    """Also of the one that is locked in the job, and by the other way after it."""
    world, people = written_over(BY_JOB, 3)
    world.org.locked.add(world.record_of(people[0]))
    world.push()
    assert world.writes_of("jobs.open") == 1
    assert world.waits(people[0])
    world.org.locked.clear()
    world.wait(10)

    world.push()
    world.settle(2)

    assert [world.row_of(each)["Title"] for each in people] == ["VP"] * 3
    assert [told(world, each) for each in people] == [ONCE] * 3


@pytest.mark.failure("F67")
def test_a_dry_run() -> None:
    """It says what would be replaced, and stores nothing."""
    world, (ada,) = written_over()

    report = world.push(dry_run=True)

    (outcome,) = report.outcomes
    assert (outcome.action, outcome.kept, outcome.lost) == (Action.CONFLICTED, "ours", "Director")
    assert world.written == []
    assert told(world, ada) == []


@pytest.mark.failure("F51")
@pytest.mark.parametrize("settings", [TWO_WAY, BY_JOB])
def test_a_power_cut(settings: SyncSettings) -> None:
    """Wherever it happens, what was replaced was told; of a few somebody may read twice."""
    for writes in range(60):
        world, people = written_over(settings, 3)
        world.cut_the_power_after(writes)
        try:
            world.push()
        except PowerCutError:
            world.start_again()
            world.settle(4)
            assert [set(told(world, each)) for each in people] == [set(ONCE)] * 3, writes
        else:
            assert writes > 5
            return
    pytest.fail("the push never came to its end")
