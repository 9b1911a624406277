"""What every repository of settings does: versions follow one another, and none is lost."""

from dataclasses import replace

import pytest

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import Creation
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import StaleVersionError
from counterpart.ports import SettingsRepository
from tests.contracts.stores.samples import NOON


def save(settings: SettingsRepository, document: SyncSettings) -> None:
    """Store a document in somebody's name."""
    settings.save(document, changed_by="ada@example.com", changed_at=NOON)


def test_before_any_change_the_defaults_hold(settings: SettingsRepository) -> None:
    """They are version 0."""
    assert settings.current() == SyncSettings()


def test_the_newest_version_holds(settings: SettingsRepository) -> None:
    """The document comes back whole, and the eleventh version is newer than the second."""
    document = SyncSettings(creation=Creation(create_as=CreateAs.CONTACT, create_accounts=True))

    for version in range(1, 12):
        save(settings, replace(document, version=version))

    assert settings.current() == replace(document, version=11)


@pytest.mark.parametrize("version", [0, 1, 2, 4])
def test_only_the_next_version_is_taken(settings: SettingsRepository, version: int) -> None:
    """Who builds on an old version is told, and nothing is written over."""
    for number in (1, 2):
        save(settings, SyncSettings(version=number))

    with pytest.raises(StaleVersionError):
        save(settings, SyncSettings(version=version, creation=Creation(create_accounts=True)))

    assert settings.current() == SyncSettings(version=2)
