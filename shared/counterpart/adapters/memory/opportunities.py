"""Opportunities, and people's roles in them, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.memory.paging import page_of
from counterpart.adapters.memory.writes import unwatched

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.adapters.memory.writes import WriteHook
    from counterpart.domain.opportunities import ContactRole, Opportunity
    from counterpart.ports import Listing


class InMemoryOpportunityRepository:
    """Opportunities and roles.

    Args:
        before_write: Called before each write; what it raises keeps the write from happening.
        after_write: Called after each write that happened.
    """

    def __init__(
        self, *, before_write: WriteHook = unwatched, after_write: WriteHook = unwatched
    ) -> None:
        self._opportunities: dict[str, Opportunity] = {}
        self._roles: dict[str, ContactRole] = {}
        self._before_write = before_write
        self._after_write = after_write

    def get_many(self, opportunity_ids: Collection[str]) -> Mapping[str, Opportunity]:
        known = self._opportunities
        return {one: known[one] for one in opportunity_ids if one in known}

    def get_roles(self, role_ids: Collection[str]) -> Mapping[str, ContactRole]:
        return {one: self._roles[one] for one in role_ids if one in self._roles}

    def of_accounts(self, account_ids: Collection[str]) -> Sequence[Opportunity]:
        found = (one for one in self._opportunities.values() if one.account_id in account_ids)
        return sorted(found, key=lambda one: one.id)

    def roles_of(self, contact_record_ids: Collection[str]) -> Sequence[ContactRole]:
        found = (
            each for each in self._roles.values() if each.contact_record_id in contact_record_ids
        )
        return sorted(found, key=lambda each: each.id)

    def page(self, *, limit: int, after: str | None = None) -> Listing[Opportunity | ContactRole]:
        stored: dict[str, Opportunity | ContactRole] = {**self._opportunities, **self._roles}
        return page_of(stored, stored, limit=limit, after=after)

    def save_many(self, opportunities: Sequence[Opportunity]) -> None:
        for one in opportunities:
            self._before_write("opportunities.save")
            stored = self._opportunities.get(one.id)
            if stored is None or stored.modstamp <= one.modstamp:
                self._opportunities[one.id] = one
                self._after_write("opportunities.save")

    def save_roles(self, roles: Sequence[ContactRole]) -> None:
        for role in roles:
            self._before_write("opportunities.save")
            stored = self._roles.get(role.id)
            if stored is None or stored.modstamp <= role.modstamp:
                self._roles[role.id] = role
                self._after_write("opportunities.save")
