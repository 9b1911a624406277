"""Settings that change are about what happens afterwards, also while polls read once more."""

import pytest

from counterpart.domain.mapping import Mode
from counterpart.domain.sync_settings import SyncSettings
from tests.use_cases.test_backfill import TITLES, backfill, with_title, without
from tests.use_cases.world import World, with_mode


def test_a_field_that_is_mapped_within_the_overlap() -> None:
    """What was read before stays as it is, until the record changes or somebody asks."""
    world = World(without("job_title"))
    lead_id = world.lead(Title="Director")
    world.wait()
    world.pull()
    world.change(fields=with_title())

    told = world.explain(world.the_contact().id)["contact"]["next_pull"]
    world.wait()
    world.pull()

    assert (told["reason"], told["does"]) == ("no_change", "no_change")
    assert "job_title" not in world.the_contact().ledger.values
    world.org.edit(lead_id, {"City": "Bern"})
    world.wait()
    world.pull()
    assert world.the_contact().ledger.values["job_title"] == "Director"


def test_a_field_that_is_mapped_within_the_overlap_and_backfilled() -> None:
    """Somebody asked for it, so it comes."""
    world = World(without("job_title"))
    world.lead(Title="Director")
    world.wait()
    world.pull()
    world.change(fields=with_title())
    world.wait()
    world.pull()

    backfill(world, TITLES)

    assert world.the_contact().ledger.values["job_title"] == "Director"


@pytest.mark.parametrize("mode", [Mode.ALWAYS_SALESFORCE, Mode.PREFER_SALESFORCE, Mode.TWO_WAY])
def test_a_mode_that_is_changed_within_the_overlap(mode: Mode) -> None:
    """Nothing is rewritten on either side before the next change."""
    world = World(SyncSettings(fields=with_mode(Mode.ALWAYS_OURS, "job_title")))
    lead_id = world.lead(Title="Analyst")
    world.wait()
    world.pull()
    contact_id = world.the_contact().id
    world.edit(contact_id, job_title="VP")
    world.push()
    world.wait()
    world.org.edit(lead_id, {"Title": "Director"})
    world.wait()
    world.pull()
    world.change(fields=with_mode(mode, "job_title"))

    world.wait()
    world.settle(2)

    assert world.contact(contact_id).ledger.values["job_title"] == "VP"
    assert world.org.row(lead_id)["Title"] == "Director"
    world.org.edit(lead_id, {"Title": "CEO"})
    world.wait()
    world.settle(2)
    assert world.contact(contact_id).ledger.values["job_title"] == "CEO"
