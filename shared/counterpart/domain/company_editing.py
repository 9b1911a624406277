"""Editing a company: what somebody's wish does to it, and to the mark that it waits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.editing import changes, ledger_with
from counterpart.domain.marking import mark
from counterpart.domain.notices import notices_of_company
from counterpart.domain.outgoing_fields import is_due
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from counterpart.domain.contacts import Company
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.notices import Notice
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.values import Value
    from counterpart.domain.waiting import Lane

# Salesforce makes no Account without it.
_NAME = "name"
_WEBSITE = "website"


@dataclass(frozen=True, kw_only=True, slots=True)
class EditedCompany:
    """What became of a company; the very same object if the edit changed nothing."""

    company: Company
    notices: tuple[Notice, ...] = ()


def edited_company(
    company: Company,
    values: Mapping[str, Value],
    *,
    settings: SyncSettings,
    lane: Lane,
    registrable: Callable[[str], str | None],
    now: datetime,
) -> EditedCompany:
    """Return *company* with these values; only what really changed gets a new time.

    Args:
        company: As it is stored.
        values: In normal form, by field name; `None` clears.
        settings: By which modes they go out.
        lane: In which line they wait.
        registrable: Returns the registrable domain of a website, by which companies are matched.
        now: By our clock.

    Raises:
        InputError: it would be left without a name.
    """
    changed = changes(company.ledger, values)
    if not changed:
        return EditedCompany(company=company)
    if _NAME in changed and changed[_NAME] is None:
        raise InputError("cannot be cleared", field=f"fields.{_NAME}")

    ledger = ledger_with(
        company.ledger, changed, now=now, is_linked=company.counterpart is not None
    )
    after = replace(company, ledger=ledger, updated_at=now)
    if _WEBSITE in changed:
        website = changed[_WEBSITE]
        domain = registrable(website) if isinstance(website, str) else None
        after = replace(after, domain=domain)
    fields = [mapped for mapped in settings.company_fields if mapped.name in changed]
    if any(_wants_out(after, mapped, settings) for mapped in fields):
        after = replace(after, waiting=mark(after.waiting, lane=lane, now=now))
    return EditedCompany(company=after, notices=notices_of_company(after, fields, settings))


def _wants_out(company: Company, mapped: FieldMapping, settings: SyncSettings) -> bool:
    counterpart = company.counterpart
    if counterpart is None or not settings.outbound.writes(counterpart.object):
        return False
    return is_due(company.ledger, mapped, counterpart.object)
