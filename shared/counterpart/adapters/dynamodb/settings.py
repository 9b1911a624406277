"""The settings document in a DynamoDB table, one item for each version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from counterpart.adapters.dynamodb.attributes import MomentAttribute
from counterpart.adapters.dynamodb.compact_json import to_json
from counterpart.adapters.dynamodb.table import Table
from counterpart.domain.settings_document import from_document, to_document
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import ConfigurationError, InputError, StaleVersionError

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.adapters.dynamodb.database import Database

_NAME = "sync"


class _SettingsItem(Model):
    name = UnicodeAttribute(hash_key=True)
    version = NumberAttribute(range_key=True)
    document = UnicodeAttribute()
    changed_by = UnicodeAttribute()
    changed_at = MomentAttribute()


class DynamoSettingsRepository:
    """Settings; no version is ever written over."""

    def __init__(self, table_name: str, database: Database) -> None:
        self._table = Table(_SettingsItem, table_name, database)

    def current(self) -> SyncSettings:
        item = self._newest()
        if item is None:
            return SyncSettings()
        try:
            return from_document(json.loads(item.document), base=SyncSettings())
        except InputError as exc:
            raise ConfigurationError(
                f"Version {int(item.version)} of the settings cannot be read: "
                f"{exc.field} {exc.detail}"
            ) from exc

    def save(self, settings: SyncSettings, *, changed_by: str, changed_at: datetime) -> None:
        item = self._newest()
        newest = int(item.version) if item else 0
        stored = settings.version == newest + 1 and self._table.put(
            self._table.model(
                name=_NAME,
                version=settings.version,
                document=to_json(to_document(settings)),
                changed_by=changed_by,
                changed_at=changed_at,
            ),
            _SettingsItem.version.does_not_exist(),
        )
        if not stored:
            raise StaleVersionError(
                f"Version {settings.version} cannot be stored: the settings were changed meanwhile",
                field="version",
            )

    def _newest(self) -> _SettingsItem | None:
        found = self._table.query(_NAME, newest_first=True, limit=1)
        return found[0] if found else None
