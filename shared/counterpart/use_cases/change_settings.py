"""Change the settings: each change is a version of its own, built on the newest one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.settings_document import from_document
from counterpart.domain.sync_settings import switched
from counterpart.errors import InputError, StaleVersionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import SettingsRepository


def change_settings(
    document: Mapping[str, object],
    *,
    changed_by: str,
    now: datetime,
    settings: SettingsRepository,
) -> SyncSettings:
    """Store what *document* changes as the next version; return the newest one.

    What was switched on remembers this moment. A document that changes nothing makes no version.

    Raises:
        InputError: something is wrong with the document.
        StaleVersionError: it builds on a version that is no longer the newest.
    """
    before = settings.current()
    wanted = from_document(document, base=before)
    if "version" not in document:
        message = f"is required: the version that this change builds on, now {before.version}"
        raise InputError(message, field="version")
    if wanted.version != before.version:
        message = f"the settings have changed: their version is {before.version} by now"
        raise StaleVersionError(message, field="version")

    after = switched(before, wanted, now=now)
    if replace(after, version=before.version) == before:
        return before
    settings.save(after, changed_by=changed_by, changed_at=now)
    return after
