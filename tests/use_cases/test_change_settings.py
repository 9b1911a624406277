"""Changing the settings, each time by a version of its own."""

from datetime import UTC, datetime
from typing import Any

import pytest

from counterpart.adapters.memory import InMemorySettingsRepository
from counterpart.domain.records import SObject
from counterpart.domain.settings_document import to_document
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import InputError, StaleVersionError
from counterpart.use_cases.change_settings import change_settings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def change(settings: InMemorySettingsRepository, document: dict[str, Any]) -> SyncSettings:
    """Change the settings at noon."""
    return change_settings(document, changed_by="ops", now=NOON, settings=settings)


def test_a_change_is_the_next_version() -> None:
    """It is stored with who made it, and when."""
    settings = InMemorySettingsRepository()

    changed = change(settings, {"version": 0, "outbound": {"max_waiting": 7}})

    (version,) = settings.versions
    assert changed == settings.current() == version.settings
    assert (changed.version, changed.outbound.max_waiting) == (1, 7)
    assert (version.changed_by, version.changed_at) == ("ops", NOON)


def test_what_was_read_is_written_back() -> None:
    """A document that changes nothing makes no version."""
    settings = InMemorySettingsRepository()

    change(settings, to_document(settings.current()))

    assert settings.versions == []


def test_switching_on_remembers_the_moment() -> None:
    """What changed while an object was off stays outside; the system alone sets the moment."""
    settings = InMemorySettingsRepository()
    off: dict[str, Any] = {"objects": {"Lead": {"enabled": False}}}
    on: dict[str, Any] = {
        "objects": {"Lead": {"enabled": True, "enabled_at": "2020-01-01T00:00:00Z"}}
    }

    change(settings, {"version": 0, "inbound": off})
    changed = change(settings, {"version": 1, "inbound": on})

    assert changed.inbound.objects[SObject.LEAD].enabled_at == NOON


def test_a_change_that_builds_on_an_old_version() -> None:
    """Nobody overwrites what they have not seen."""
    settings = InMemorySettingsRepository()
    change(settings, {"version": 0, "outbound": {"max_waiting": 7}})

    with pytest.raises(StaleVersionError) as refusal:
        change(settings, {"version": 0, "outbound": {"max_waiting": 8}})

    assert refusal.value.field == "version"
    assert settings.current().outbound.max_waiting == 7


def test_a_change_that_names_no_version() -> None:
    """It has to say what it builds on."""
    with pytest.raises(InputError) as refusal:
        change(InMemorySettingsRepository(), {"outbound": {"max_waiting": 8}})

    assert refusal.value.field == "version"
