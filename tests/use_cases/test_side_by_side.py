"""Side by side: two invocations at once, one between two writes of the other."""

from collections.abc import Callable

import pytest

from counterpart.domain.mapping import Mode
from counterpart.domain.outcomes import RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import TransientError
from tests.use_cases.world import HOUR, World, with_mode

TWO_WAY = SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title", "city"))


def linked(world: World, email: str = "ada@example.com") -> tuple[str, str]:
    """Pull a lead; return its id and its contact's."""
    lead_id = world.lead(email, Title="Analyst", City="Bern")
    world.wait()
    world.pull()
    world.wait()
    return lead_id, world.of(lead_id).id


def nothing_is_left_to_do(world: World) -> bool:
    """Return whether two more rounds change nothing, on either side."""
    world.settle(1)
    world.written.clear()
    world.settle(2)
    return world.writes_of("contacts", "links", "salesforce") == 0


@pytest.mark.failure("F38")
def test_two_pulls_of_one_new_record() -> None:
    """They make one contact: who comes second finds the link."""
    world = World()
    lead_id = world.lead()
    world.on_write["links.claim"] = lambda: world.pull(ids=(lead_id,))

    report = world.pull()

    assert report.status is RunStatus.COMPLETED
    assert world.the_contact().id == world.of(lead_id).id
    assert nothing_is_left_to_do(world)


@pytest.mark.failure("F38")
def test_an_edit_between_the_plan_of_a_page_and_its_save() -> None:
    """Both stand after that very run: who loses the write is planned again on what is there."""
    world = World(TWO_WAY)
    lead_id, ada = linked(world)
    world.org.edit(lead_id, {"City": "Basel"})
    world.wait()
    titles = ["VP"]

    def edit(write: str) -> None:
        if write == "contacts.save" and titles:
            world.edit(ada, job_title=titles.pop())

    world.rival = edit
    world.pull()
    world.rival = None

    values = world.contact(ada).ledger.values
    assert (values["job_title"], values["city"]) == ("VP", "Basel")
    world.settle(1)
    assert (world.org.row(lead_id)["Title"], world.org.row(lead_id)["City"]) == ("VP", "Basel")
    assert nothing_is_left_to_do(world)


@pytest.mark.failure("F38")
def test_a_creation_links_its_record_between_the_plan_of_a_page_and_its_save() -> None:
    """The page would have made somebody of that record; it is one contact's already."""
    world = World()
    contact_id = world.add(sync=True)
    world.salesforce.lose_answers()
    with pytest.raises(TransientError):
        world.create()
    (lead,) = world.org.rows(SObject.LEAD)
    world.org.edit(lead["Id"], {"Email": "other@example.com"})
    world.wait()

    def create(write: str) -> None:
        if write == "links.claim" and not world.contact(contact_id).counterpart:
            world.create()

    world.rival = create
    world.pull()
    world.rival = None

    assert world.the_contact().id == world.of(lead["Id"]).id == contact_id
    assert nothing_is_left_to_do(world)


def test_a_pull_between_our_write_and_its_settlement() -> None:
    """It sees the new value first, and both agree that nothing is left."""
    world = World(TWO_WAY)
    lead_id, ada = linked(world)
    world.edit(ada, job_title="VP")
    world.on_write["salesforce.update"] = world.pull

    world.push()

    contact = world.contact(ada)
    assert contact.ledger.values["job_title"] == contact.ledger.shadows["job_title"] == "VP"
    assert world.org.row(lead_id)["Title"] == "VP"
    assert nothing_is_left_to_do(world)


def test_a_push_between_the_reading_of_a_page_and_its_application() -> None:
    """The page shows the record as it was before our write, so it does not count."""
    world = World(TWO_WAY)
    lead_id, ada = linked(world)
    world.org.edit(lead_id, {"City": "Basel"})
    world.edit(ada, job_title="VP")
    world.lead("bob@example.com")
    world.wait()

    def push() -> None:
        world.wait()
        world.push()

    world.on_write["links.claim"] = push
    world.pull()
    assert world.contact(ada).ledger.values["job_title"] == "VP"
    world.wait()
    world.pull()

    values = world.contact(ada).ledger.values
    assert (values["job_title"], values["city"]) == ("VP", "Basel")
    assert (world.org.row(lead_id)["Title"], world.org.row(lead_id)["City"]) == ("VP", "Basel")
    assert nothing_is_left_to_do(world)


def test_two_pushes_of_one_contact() -> None:
    """By name there is no lease: the value is written twice at most, and settled once."""
    world = World(TWO_WAY)
    lead_id, ada = linked(world)
    world.edit(ada, job_title="VP")
    world.on_write["salesforce.update"] = lambda: world.push(contact_ids=(ada,))

    report = world.push()

    assert report.status is RunStatus.COMPLETED
    assert world.contact(ada).waiting is None
    assert world.org.row(lead_id)["Title"] == "VP"
    assert nothing_is_left_to_do(world)


@pytest.mark.parametrize(("times", "status"), [(5, RunStatus.COMPLETED), (6, RunStatus.FAILED)])
def test_a_contact_that_somebody_keeps_editing(times: int, status: RunStatus) -> None:
    """What was written is settled between two edits, or the run says that it was not."""
    world = World(TWO_WAY)
    lead_id, ada = linked(world)
    world.edit(ada, job_title="VP")
    cities = iter([f"city {number}" for number in range(times)])

    def edit(write: str) -> None:
        city = next(cities, None) if write == "contacts.save" else None
        if city:
            world.edit(ada, city=city)

    world.rival = edit
    report = world.push()

    assert report.status is status
    assert world.contact(ada).waiting
    world.rival = None
    world.push()
    assert world.org.row(lead_id)["City"] == f"city {times - 1}"
    assert nothing_is_left_to_do(world)


def test_a_lead_that_is_converted_while_it_is_written() -> None:
    """The contact follows, with the edit that went out just before."""
    world = World(TWO_WAY)
    lead_id, ada = linked(world)
    world.edit(ada, job_title="VP")
    converted = []

    def convert() -> None:
        world.wait()
        converted.append(world.org.convert(lead_id))
        world.wait()
        world.pull()

    world.on_write["salesforce.update"] = convert
    world.push()
    world.settle(1)

    counterpart = world.contact(ada).counterpart
    assert counterpart
    assert counterpart.record_id == converted[0]
    assert world.org.row(converted[0])["Title"] == "VP"
    assert nothing_is_left_to_do(world)


@pytest.mark.failure("F38")
@pytest.mark.parametrize("step", [World.pull, World.create], ids=["pull", "create"])
def test_a_creation_and_somebody_else(step: Callable[[World], object]) -> None:
    """A pull, or a second worker, comes between upsert and link: one record, one contact."""
    world = World()
    contact_id = world.add(sync=True)
    jobs = list(world.queue.jobs)

    def come_between() -> None:
        world.queue.jobs[:] = jobs
        step(world)
        world.queue.jobs.clear()

    world.on_write["salesforce.create"] = come_between
    world.create()

    (lead,) = world.org.rows(world.contact(contact_id).counterpart.object)  # type: ignore[union-attr] # it is linked
    assert lead["Counterpart_Id__c"] == contact_id
    assert world.the_contact().id == contact_id
    assert world.contact(contact_id).creation is None
    assert nothing_is_left_to_do(world)


@pytest.mark.failure("F17")
def test_three_days_without_a_run() -> None:
    """The next run goes on where the last one ended, with all that changed and vanished since."""
    world = World(TWO_WAY)
    lead_id, ada = linked(world)
    deleted_id, bob = linked(world, "bob@example.com")
    world.now += 24 * HOUR
    world.org.edit(lead_id, {"Title": "Director"})
    world.now += 24 * HOUR
    world.org.delete(deleted_id)
    world.lead("new@example.com")
    world.now += 24 * HOUR

    world.pull(scheduled=True)

    assert world.contact(ada).ledger.values["job_title"] == "Director"
    assert world.contact(bob).counterpart is None
    assert len(world.everybody()) == 3
