"""The settings document in memory, every version of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.adapters.memory.writes import unwatched
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import StaleVersionError

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.adapters.memory.writes import WriteHook


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingsVersion:
    """One version, by whom and when."""

    settings: SyncSettings
    changed_by: str
    changed_at: datetime


class InMemorySettingsRepository:
    """Settings.

    Args:
        settings: What is current to begin with, at whatever version it bears.
        before_write: Called before each write; what it raises keeps the write from happening.
        after_write: Called after each write that happened.

    Attributes:
        versions: What was saved, oldest first.
    """

    def __init__(
        self,
        settings: SyncSettings | None = None,
        *,
        before_write: WriteHook = unwatched,
        after_write: WriteHook = unwatched,
    ) -> None:
        self._current = settings or SyncSettings()
        self._before_write = before_write
        self._after_write = after_write
        self.versions: list[SettingsVersion] = []

    def current(self) -> SyncSettings:
        return self._current

    def save(self, settings: SyncSettings, *, changed_by: str, changed_at: datetime) -> None:
        self._before_write("settings.save")
        if settings.version != self._current.version + 1:
            raise StaleVersionError(
                f"Version {settings.version} cannot be stored: the settings were changed meanwhile",
                field="version",
            )
        self._current = settings
        self.versions.append(
            SettingsVersion(settings=settings, changed_by=changed_by, changed_at=changed_at)
        )
        self._after_write("settings.save")
