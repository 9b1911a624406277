"""Simulate a change of settings on real data, and write nothing.

A call looks at some contacts, reads their records afresh, and says what a pull, a push or a
creation would do otherwise; the first one also looks at what selections would take. Whoever wants
to know it of all contacts goes on with `next`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.creation import AccountMatch
from counterpart.domain.explaining import last_seen
from counterpart.domain.records import SObject
from counterpart.domain.settings_document import from_document
from counterpart.domain.simulating import (
    CreationChange,
    Example,
    Examples,
    FieldChange,
    Sight,
    birth_of,
    field_changes,
)
from counterpart.domain.sync_settings import switched
from counterpart.errors import HaltError, TransientError
from counterpart.use_cases.employers import Employers
from counterpart.use_cases.findings import Status
from counterpart.use_cases.fresh_records import FreshRecords
from counterpart.use_cases.preflight import by_criteria, by_settings
from counterpart.use_cases.simulated_selection import Selections, simulate_selections
from counterpart.use_cases.simulations import Simulation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.contacts import Contact
    from counterpart.domain.records import Record
    from counterpart.domain.simulation_request import SimulationRequest
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import OrgSurvey, SettingsRepository
    from counterpart.use_cases.apply_page import PagePorts
    from counterpart.use_cases.findings import Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatePorts:
    """What simulating needs of the world."""

    pages: PagePorts
    settings: SettingsRepository
    survey: OrgSurvey


def simulate_settings(request: SimulationRequest, *, ports: SimulatePorts) -> Simulation:
    """Return what the proposed settings would do otherwise than those that hold.

    Raises:
        InputError: something is wrong with the document, or nobody here gave out such a `next`.
    """
    current = ports.settings.current()
    wanted = from_document(request.document, base=current)
    proposed = switched(current, wanted, now=ports.pages.clock())
    return _Run(ports, current, proposed).go(request)


class _Run:
    """One call."""

    def __init__(self, ports: SimulatePorts, current: SyncSettings, proposed: SyncSettings) -> None:
        self._ports = ports
        self._current = current
        self._proposed = proposed
        self._silence: str | None = None
        self._fields: dict[FieldChange, Examples] = defaultdict(Examples)
        self._births: dict[CreationChange, Examples] = defaultdict(Examples)
        self._values: dict[tuple[str, str], Examples] = defaultdict(Examples)

    def go(self, request: SimulationRequest) -> Simulation:
        page = self._ports.pages.contacts.page(limit=request.limit, after=request.after)
        linked = [contact for contact in page.items if contact.counterpart]
        alone = [contact for contact in page.items if contact.counterpart is None]
        self._look_at_fields(linked)
        self._look_at_births(alone)
        problems: Sequence[Finding] = ()
        selections = Selections()
        if request.after is None:
            # These concern the org, and are the same for every call.
            problems = self._problems()
            sound = [
                sobject
                for sobject in SObject
                if not any(finding.check == f"criteria.{sobject}" for finding in problems)
            ]
            selections = simulate_selections(
                self._current, self._proposed, sound, pages=self._ports.pages
            )
        return Simulation(
            settings_version=self._current.version,
            looked_at=len(page.items),
            linked=len(linked),
            silence=self._silence or selections.silence,
            fields=self._fields,
            births=self._births,
            values=self._values,
            selections=selections.objects,
            problems=problems,
            next=page.next,
        )

    # --- Linked contacts ------------------------------------------------------------------------

    def _look_at_fields(self, contacts: Sequence[Contact]) -> None:
        before = self._read(contacts, self._current)
        after = before
        if self._current.fields != self._proposed.fields:
            after = self._read(contacts, self._proposed)
        for contact in contacts:
            sight = Sight(current=_seen(contact, before), proposed=_seen(contact, after))
            changes = field_changes(contact, sight, current=self._current, proposed=self._proposed)
            for change, example in changes:
                self._fields[change].add(example)

    def _read(
        self, contacts: Sequence[Contact], settings: SyncSettings
    ) -> Mapping[str, Record] | None:
        """Return counterparts by id; `None` if Salesforce did not answer."""
        if self._silence is not None:
            return None
        try:
            return FreshRecords(self._ports.pages.salesforce, settings).read(contacts)
        except (TransientError, HaltError) as exc:
            self._silence = str(exc)
            return None

    # --- Contacts without a record --------------------------------------------------------------

    def _look_at_births(self, contacts: Sequence[Contact]) -> None:
        domains = {
            settings.version: Employers(settings.creation, self._ports.pages.domains)
            for settings in (self._current, self._proposed)
        }
        accounts = self._accounts(
            {each.of(one.email)[0] for one in contacts for each in domains.values()}
        )
        for contact in contacts:
            births = [
                birth_of(
                    contact,
                    settings,
                    domain=(domain := domains[settings.version].of(contact.email)[0]),
                    accounts=accounts.get(domain or "", ()),
                )
                for settings in (self._current, self._proposed)
            ]
            before, after = births
            example = Example(contact_id=contact.id)
            if before.words != after.words:
                self._births[CreationChange(before.words, after.words)].add(example)
            else:
                for path in sorted({*before.values, *after.values}):
                    if before.values.get(path) != after.values.get(path):
                        self._values[after.words, path].add(example)

    def _accounts(self, domains: set[str | None]) -> Mapping[str, Sequence[AccountMatch]]:
        """Return the Accounts of domains, as far as pulls have seen them."""
        known = self._ports.pages.companies.find_by_domain([one for one in domains if one])
        return {
            domain: [
                AccountMatch(account_id=company.counterpart.record_id, exact=True)
                for company in companies
                if company.counterpart
            ]
            for domain, companies in known.items()
        }

    # --- The org --------------------------------------------------------------------------------

    def _problems(self) -> list[Finding]:
        """Return what would stand in the way of the proposed settings, and does not now."""
        found: list[Finding] = []
        for sobject in SObject:
            try:
                facts = self._ports.survey.object(sobject)
            except (TransientError, HaltError) as exc:
                self._silence = str(exc)
                break
            if facts is not None:
                before = list(by_settings(sobject, facts, self._current))
                found += [
                    finding
                    for finding in by_settings(sobject, facts, self._proposed)
                    if finding.status is not Status.OK and finding not in before
                ]
        else:
            found += self._complaints()
        return found

    def _complaints(self) -> list[Finding]:
        """Return what Salesforce would not take of the proposed criteria."""
        try:
            before = list(by_criteria(self._ports.survey, self._current))
            return [
                finding
                for finding in by_criteria(self._ports.survey, self._proposed)
                if finding.status is not Status.OK and finding not in before
            ]
        except (TransientError, HaltError) as exc:
            self._silence = str(exc)
            return []


def _seen(contact: Contact, records: Mapping[str, Record] | None) -> Record | None:
    """Return a counterpart as it is, or as last seen; `None` if it is gone."""
    if records is None or contact.counterpart is None:
        return last_seen(contact)
    record = records.get(contact.counterpart.record_id)
    return None if record is None or record.deleted or record.conversion else record
