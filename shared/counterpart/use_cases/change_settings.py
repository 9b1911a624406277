"""Change the settings: each change is a version of its own, built on the newest one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.new_mappings import news_of, with_read_only
from counterpart.domain.selection import SelectionMode
from counterpart.domain.selection_document import selection_to_document
from counterpart.domain.settings_document import from_document
from counterpart.domain.switching import switched
from counterpart.errors import InputError, StaleVersionError, TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import ErrandRunner, SettingsRepository


def change_settings(
    document: Mapping[str, object],
    *,
    changed_by: str,
    now: datetime,
    settings: SettingsRepository,
    checked_by: ErrandRunner | None = None,
) -> SyncSettings:
    """Store what *document* changes as the next version; return the newest one.

    What was switched on remembers this moment. A document that changes nothing makes no version.

    Args:
        document: What is to change.
        changed_by: Who asks for it.
        now: By our clock.
        settings: Where they are kept.
        checked_by: Holds new selections and mappings against what the org knows; `None` takes them
            as they are.

    Raises:
        InputError: something is wrong with the document, Salesforce would not take a criterion or a
            mapping, or it could not be asked; nothing was changed.
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

    if checked_by:
        wanted = _mapped(before, wanted, document, checked_by)
    after = switched(before, wanted, now=now)
    if replace(after, version=before.version) == before:
        return before
    if checked_by:
        _check(before, after, checked_by)
    settings.save(after, changed_by=changed_by, changed_at=now)
    return after


def _check(before: SyncSettings, after: SyncSettings, checked_by: ErrandRunner) -> None:
    """Have criteria and checkboxes that are new looked at where Salesforce can be asked."""
    news = {
        str(sobject): selection_to_document(wanted.selection)
        for sobject, wanted in after.inbound.objects.items()
        if wanted.selection.mode in {SelectionMode.CRITERIA, SelectionMode.MARKED}
        and wanted.selection != before.inbound.objects[sobject].selection
    }
    if news:
        _complain(_asked({"check_criteria": news}, checked_by))


def _mapped(
    before: SyncSettings,
    wanted: SyncSettings,
    document: Mapping[str, object],
    checked_by: ErrandRunner,
) -> SyncSettings:
    """Return *wanted* with the mode that suits each field for which none was chosen.

    Fields that are new or mapped in another way are looked at where Salesforce can be asked.
    """
    news = news_of(before, wanted, document)
    if not news:
        return wanted
    told = _asked({"check_mapping": news}, checked_by)
    _complain(told)
    read_only = told.get("read_only")
    return with_read_only(wanted, read_only if isinstance(read_only, list) else ())


def _asked(errand: Mapping[str, object], checked_by: ErrandRunner) -> Mapping[str, object]:
    """Return what came of an errand to Salesforce."""
    try:
        return checked_by.run(errand)
    except TransientError as exc:
        raise InputError(
            f"Salesforce could not be asked whether it takes this ({exc}); nothing was "
            "changed. Try again, or add ?unchecked=true and run the preflight later",
            field="unchecked",
        ) from exc


def _complain(told: Mapping[str, object]) -> None:
    """Refuse what was complained of."""
    complaints = told.get("complaints")
    if isinstance(complaints, list) and complaints:
        first, others = complaints[0], len(complaints) - 1
        more = f" (and {others} more)" if others else ""
        raise InputError(f"{first['message']}{more}", field=first["field"])
