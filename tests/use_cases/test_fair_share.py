"""A backlog takes its turns; whoever edits by hand meanwhile does not wait for it."""

from dataclasses import replace

import pytest

from counterpart.domain.mapping import Mode
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.waiting import Lane
from counterpart.use_cases.backlog import backlog
from tests.use_cases.world import MINUTE, SECOND, World, with_mode

BY_JOB = SyncSettings(
    fields=with_mode(Mode.TWO_WAY, "job_title", "city"), outbound=Outbound(bulk_above=20)
)


@pytest.mark.failure("F65")
@pytest.mark.parametrize("above", [0, 20])
def test_edits_in_the_middle_of_a_long_push(above: int) -> None:
    """They are taken along by the same look, be the backlog on its way by a job or not."""
    world = World(replace(BY_JOB, outbound=Outbound(bulk_above=above)))
    *people, ada = world.analysts(61)
    for contact_id in people:
        world.edit(contact_id, job_title="VP", lane=Lane.BULK)
    world.salesforce.jobs.work = 10 * MINUTE
    world.wait(10)
    first_write = "jobs.start" if above else "salesforce.update"
    world.on_write[first_write] = lambda: world.edit(ada, job_title="CEO")

    world.push(scheduled=True)

    assert world.row_of(ada)["Title"] == "CEO"
    assert not world.waits(ada)


@pytest.mark.failure("F65")
@pytest.mark.parametrize("met_by", ["pull", "creation"])
def test_a_crowd_whose_records_were_met(met_by: str) -> None:
    """What is ours and their records lack is a backlog, too, and nobody's edit waits for it."""
    world = World(BY_JOB)
    (ada,) = world.analysts(1)
    people = [
        world.add(f"met{n}@example.com", sync=met_by == "creation", city="Basel") for n in range(30)
    ]
    leads = [world.lead(f"met{n}@example.com") for n in range(30)]
    if met_by == "creation":
        world.create()
    else:
        world.wait()
        world.pull()
    assert all(world.waits(one) for one in people)
    world.edit(ada, city="Genf")
    world.salesforce.jobs.work = 10 * MINUTE

    world.push()

    assert world.row_of(ada)["City"] == "Genf"
    assert world.org.row(leads[0])["City"] is None
    world.wait(11)
    world.push(scheduled=True)
    assert {world.org.row(one)["City"] for one in leads} == {"Basel"}


def test_an_opt_out_that_their_record_lacks() -> None:
    """It goes as a fresh edit does, although a pull has found it."""
    world = World(BY_JOB)
    ada = world.add("ada@example.com", city="Basel")
    world.edit(ada, opted_out=True)
    bob = world.add("bob@example.com", city="Basel")
    world.lead("ada@example.com")
    world.lead("bob@example.com")
    world.wait()

    world.pull()

    waiting = [world.contact(one).waiting for one in (ada, bob)]
    assert [mark.lane for mark in waiting if mark] == [Lane.FRESH, Lane.BULK]


@pytest.mark.failure("F65")
def test_the_backlog_can_be_seen() -> None:
    """How many wait in which line, since when, at what pace they go and when they have gone."""
    world = World(BY_JOB)
    people = world.analysts(40)
    for contact_id in people[:30]:
        world.edit(contact_id, job_title="VP", lane=Lane.BULK)
    world.push()
    world.wait(9)
    for contact_id in people[30:]:
        world.edit(contact_id, job_title="VP")
    world.wait()

    told = backlog(
        now=world.now, contacts=world.contacts, companies=world.companies, runs=world.runs
    )

    assert told.answer() == {
        "waiting": {"fresh": 10, "bulk": 0, "retry": 0, "sent": 0},
        "total": 10,
        "opt_outs_held": 0,
        "parked": 0,
        "oldest_wait_seconds": 60.0,
        "rows_per_minute": 30.0,
        "empty_at": "2026-11-22T12:12:20Z",
    }


def test_a_backlog_without_a_pace() -> None:
    """Nothing has gone out of late, so nobody can say how long it takes."""
    world = World(BY_JOB)
    (ada,) = world.analysts(1)
    world.edit(ada, job_title="VP")

    told = backlog(
        now=world.now, contacts=world.contacts, companies=world.companies, runs=world.runs
    )

    assert (told.total, told.rows_per_minute, told.empty_at) == (1, None, None)


@pytest.mark.failure("F65")
def test_an_edit_beside_a_job_that_has_ended() -> None:
    """It does not wait until all that the job has carried is settled, which takes a while."""
    world = World(BY_JOB)
    *people, ada = world.analysts(61)
    for contact_id in people:
        world.edit(contact_id, job_title="VP", lane=Lane.BULK)
    world.salesforce.jobs.work = 10 * MINUTE
    world.wait(10)
    world.push(scheduled=True)
    world.edit(ada, job_title="CEO")
    world.wait(11)
    world.written.clear()

    world.push(scheduled=True)

    assert world.row_of(ada)["Title"] == "CEO"
    written = [name for name in world.written if name.startswith(("contacts", "salesforce"))]
    assert written[0] == "salesforce.update"


@pytest.mark.failure("F65")
def test_an_edit_of_somebody_whom_a_job_carries() -> None:
    """It goes with the look that sees the job's end, though it was tried before in it."""
    world = World(BY_JOB)
    people = world.analysts(61)
    for contact_id in people:
        world.edit(contact_id, job_title="VP", lane=Lane.BULK)
    world.salesforce.jobs.work = 10 * SECOND
    world.wait(10)
    world.on_write["jobs.start"] = lambda: world.edit(people[0], job_title="CEO")

    world.push(scheduled=True)

    assert world.row_of(people[0])["Title"] == "CEO"
    assert not world.waits(people[0])
