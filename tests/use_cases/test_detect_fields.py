"""Custom fields that join the mapping by themselves, where the settings wish it."""

from dataclasses import replace
from datetime import datetime

import pytest

from counterpart.adapters.memory import InMemorySettingsRepository
from counterpart.domain.mapping import Mode
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from tests.use_cases.world import World

PATH = "Customer_Segment__c"


def world_with(*, wanted: bool = True) -> World:
    """Return a world whose org has a custom field, and a lead with a value in it."""
    world = World(SyncSettings(auto_detect_custom_fields=wanted))
    for sobject in (SObject.LEAD, SObject.CONTACT):
        world.org.add_field(sobject, PATH, "picklist")
    world.lead(**{PATH: "Gold"})
    return world


def test_a_custom_field_joins_the_mapping() -> None:
    """As a version of the settings that says who made it, and a line in the run."""
    world = world_with()

    report = world.pull(scheduled=True)

    (version,) = world.settings.versions
    assert version.changed_by == "auto-detection"
    (field,) = [one for one in version.settings.fields if one.name == "customer_segment"]
    assert field.mode is Mode.PREFER_SALESFORCE
    assert field.paths == dict.fromkeys((SObject.CONTACT, SObject.LEAD), PATH)
    told = {each.message for each in report.outcomes if each.reason is Reason.FIELD_DETECTED}
    assert f"Lead.{PATH} is mapped to customer_segment from now on" in told


def test_a_detected_field_is_not_backfilled() -> None:
    """Whoever is read afterwards brings it; what was read before stays as it is."""
    world = world_with()
    world.pull(scheduled=True)
    world.wait(5)
    world.pull(scheduled=True)
    world.wait(30)
    first = world.the_contact().ledger.values.get("customer_segment")

    new = world.lead("bob@example.com", **{PATH: "Silver"})
    world.wait(1)
    world.pull(scheduled=True)

    assert first in {None, "Gold"}
    assert world.of(new).ledger.values["customer_segment"] == "Silver"


def test_a_custom_field_that_has_no_room() -> None:
    """It stays outside, and each look says so; the settings stay as they are."""
    world = World(SyncSettings(auto_detect_custom_fields=True))
    for number in range(500):
        world.org.add_field(SObject.LEAD, f"Field{number}__c", "string")
    world.pull(scheduled=True)
    world.wait(61)
    (version,) = world.settings.versions

    report = world.pull(scheduled=True)

    (told,) = [one for one in report.outcomes if one.reason is Reason.NO_ROOM_IN_MAPPING]
    left_out = len(SyncSettings().fields)
    assert told.message.startswith(f"left outside: {left_out} custom fields (Field")
    assert world.settings.versions == [version]


def test_nothing_is_detected_unless_it_is_wished() -> None:
    """A custom field does not flow in by itself."""
    world = world_with(wanted=False)

    world.pull(scheduled=True)

    assert world.settings.versions == []


def test_looking_for_fields_costs_no_call() -> None:
    """It rides along with the poll, once an hour, and a poll that finds nothing stays idle."""
    world = world_with()
    calls = []
    for _ in range(20):
        world.wait(5)
        calls.append(world.pull(scheduled=True).api_calls)

    assert set(calls) == {1}
    assert len(world.settings.versions) == 1
    # What the overlap reads once more was applied before the field was mapped.
    assert len(world.runs.page(limit=100).items) == 1
    assert "customer_segment" not in world.the_contact().ledger.values


@pytest.mark.parametrize("minutes", [30, 70])
def test_a_field_that_appears_later(minutes: int) -> None:
    """It is noticed within an hour or so."""
    world = World(SyncSettings(auto_detect_custom_fields=True))
    world.pull(scheduled=True)
    world.org.add_field(SObject.LEAD, PATH, "picklist")
    world.wait(minutes)

    world.pull(scheduled=True)

    assert len(world.settings.versions) == (1 if minutes > 60 else 0)


def test_a_dry_run_maps_nothing() -> None:
    """It writes nothing at all, not even settings."""
    world = world_with()

    world.pull(dry_run=True)

    assert world.settings.versions == []


class RacedSettings(InMemorySettingsRepository):
    """Settings that an operator changes just before somebody else saves them, once."""

    raced = False

    def save(self, settings: SyncSettings, *, changed_by: str, changed_at: datetime) -> None:
        if not self.raced:
            self.raced = True
            theirs = replace(self.current(), version=1, outbound=Outbound(max_waiting=7))
            super().save(theirs, changed_by="operator", changed_at=changed_at)
        super().save(settings, changed_by=changed_by, changed_at=changed_at)


def test_somebody_changes_the_settings_meanwhile() -> None:
    """They go first, and nothing of theirs is undone; the next poll finds the field again."""
    world = world_with()
    world.settings = RacedSettings(world.settings.current())

    world.pull(scheduled=True)
    world.wait(5)
    world.pull(scheduled=True)

    assert [version.changed_by for version in world.settings.versions] == [
        "operator",
        "auto-detection",
    ]
    after = world.settings.current()
    assert after.outbound.max_waiting == 7
    assert "customer_segment" in {field.name for field in after.fields}


def test_what_was_detected_crosses_in_both_directions() -> None:
    """It is a field like any other from then on."""
    world = world_with()
    world.pull(scheduled=True)
    world.wait(5)
    lead_id = world.lead("bob@example.com")
    world.pull(scheduled=True)

    world.edit(world.of(lead_id).id, customer_segment="Bronze")
    world.push()

    assert world.org.row(lead_id)[PATH] == "Bronze"
