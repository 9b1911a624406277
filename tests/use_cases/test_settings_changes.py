"""Settings that change are about what happens afterwards, also while polls read once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from counterpart.domain.mapping import Mode
from counterpart.domain.outcomes import RunStatus
from counterpart.domain.requests import PullRequest
from counterpart.domain.sync_settings import SyncSettings
from counterpart.use_cases.pull_records import pull_records
from tests.use_cases.test_backfill import TITLES, backfill, run, start, switch, with_title, without
from tests.use_cases.world import HOUR, World, with_mode

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta


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


def change_after_a_page(world: World, change: Callable[[], None]) -> None:
    """Let somebody change the settings once a page was applied."""
    world.on_write["streams.save"] = change


def edited_leads(world: World) -> list[str]:
    """Return leads that are linked, and of which each was edited since, page after page."""
    leads = [world.lead(f"{number}@example.com", Title="Analyst") for number in range(8)]
    world.wait()
    world.pull()
    world.wait(60)
    for lead_id in leads:
        world.org.edit(lead_id, {"Title": "CTO"})
    world.wait()
    return leads


@pytest.mark.parametrize("mode", [Mode.DO_NOT_SYNC, Mode.ALWAYS_OURS])
def test_a_mode_that_is_changed_between_two_pages(mode: Mode) -> None:
    """The pages that are still to come go by it; those that were applied stay as they are."""
    world = World(page_size=2)
    edited_leads(world)
    change_after_a_page(world, lambda: world.change(fields=with_mode(mode, "job_title")))

    report = world.pull()
    (went_on,) = world.follow()

    assert report.status is RunStatus.CONTINUES
    assert "settings" in report.notes[-1]
    assert (report.settings_version, went_on.settings_version) == (0, 1)
    assert went_on.status is RunStatus.COMPLETED
    assert world.titles() == ["Analyst"] * 6 + ["CTO"] * 2
    world.wait()
    world.pull()
    assert world.titles() == ["Analyst"] * 6 + ["CTO"] * 2


def test_an_object_that_is_switched_off_between_two_pages() -> None:
    """Nothing more of it comes in, also once it is on again."""
    world = World(page_size=2)
    edited_leads(world)
    change_after_a_page(world, lambda: switch(world, enabled=False))

    world.pull()
    world.follow()
    world.wait()
    switch(world, enabled=True)
    world.wait()
    world.pull()

    assert world.titles() == ["Analyst"] * 6 + ["CTO"] * 2


def test_what_a_plan_is_made_by_when_settings_change() -> None:
    """It goes on by those that it began with, to its end: nothing is written by it."""
    world = World(page_size=2)
    edited_leads(world)

    def time_left() -> timedelta:
        world.change(fields=with_mode(Mode.DO_NOT_SYNC, "job_title"))
        return HOUR

    report = pull_records(PullRequest(dry_run=True), ports=world.pull_ports, time_left=time_left)

    assert world.settings.current().version > 1
    assert report.counts["Lead"]["updated"] == 8
    assert world.successor.payloads == []


def test_a_mode_that_is_changed_between_two_pages_of_a_backfill() -> None:
    """The rest of it goes by the new one."""
    world = World(SyncSettings(fields=with_mode(Mode.DO_NOT_SYNC, "job_title")), page_size=2)
    for number in range(8):
        world.lead(f"{number}@example.com", Title="CTO")
    world.wait()
    world.pull()
    world.change(fields=with_mode(Mode.ALWAYS_SALESFORCE, "job_title"))
    start(world, TITLES)
    written = len(world.written)
    changed = with_mode(Mode.ALWAYS_OURS, "job_title")
    world.rival = lambda _: (
        world.change(fields=changed)
        if world.settings.current().version == 1 and "contacts.save" in world.written[written:]
        else None
    )

    report = run(world)
    went_on = run(world)

    assert report.status is RunStatus.CONTINUES
    assert (report.settings_version, went_on.settings_version) == (1, 2)
    assert went_on.status is RunStatus.COMPLETED
    assert world.titles() == ["CTO"] * 2 + ["None"] * 6
