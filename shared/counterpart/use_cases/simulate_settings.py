"""Simulate a change of settings on real data, and write nothing.

A call looks at some contacts, reads their records afresh, and says what a pull, a push or a
creation would do otherwise; the first one also looks at what selections would take. Whoever wants
to know it of all contacts goes on with `next`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.changed_settings import changed_settings
from counterpart.domain.explaining import last_seen
from counterpart.domain.new_mappings import mapping_wanted, news_of, with_read_only
from counterpart.domain.records import SObject
from counterpart.domain.settings_document import from_document
from counterpart.domain.simulating import (
    Examples,
    FieldChange,
    Sight,
    field_changes,
)
from counterpart.domain.subjects import Subject
from counterpart.domain.switching import switched
from counterpart.errors import HaltError, InputError, TransientError
from counterpart.use_cases.check_mapping import check_mapping
from counterpart.use_cases.fresh_records import FreshRecords
from counterpart.use_cases.places import KnownPlaces, placed
from counterpart.use_cases.simulated_births import Births
from counterpart.use_cases.simulated_effects import Effects
from counterpart.use_cases.simulated_problems import problems_of, sound
from counterpart.use_cases.simulated_selection import Selections, simulate_selections
from counterpart.use_cases.simulations import Simulation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.records import Record
    from counterpart.domain.simulation_request import SimulationRequest
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import OrgSurvey, SettingsRepository, StreamRepository
    from counterpart.use_cases.apply_page import PagePorts
    from counterpart.use_cases.findings import Finding
    from counterpart.use_cases.known_objects import Complaint

# What a `next` begins with that goes on with companies, after the last contact.
_COMPANIES = "companies:"


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatePorts:
    """What simulating needs of the world."""

    pages: PagePorts
    settings: SettingsRepository
    survey: OrgSurvey
    streams: StreamRepository


def simulate_settings(request: SimulationRequest, *, ports: SimulatePorts) -> Simulation:
    """Return what the proposed settings would do otherwise than those that hold.

    Raises:
        InputError: something is wrong with the document, or nobody here gave out such a `next`.
    """
    current = ports.settings.current()
    wanted = from_document(request.document, base=current)
    wanted, complaints = _with_modes(current, wanted, request.document, ports.survey)
    proposed = switched(current, wanted, now=ports.pages.clock())
    reader = ports.pages.salesforce
    run = _Run(ports, placed(current, reader), placed(proposed, reader), complaints)
    try:
        return run.go(request)
    except InputError as exc:
        # What a list knows as its own token is here whatever the call before has answered.
        raise InputError(exc.detail, field="next") from exc


def _with_modes(
    current: SyncSettings,
    wanted: SyncSettings,
    document: Mapping[str, object],
    survey: OrgSurvey,
) -> tuple[SyncSettings, Sequence[Complaint]]:
    """Return *wanted* with the modes that a change would give, and what it would be refused for.

    Without an answer of Salesforce it is returned as it is.
    """
    news = news_of(current, wanted, document)
    if not news:
        return wanted, ()
    try:
        checked = check_mapping(mapping_wanted(news), survey=survey)
    except (TransientError, HaltError):
        return wanted, ()
    return with_read_only(wanted, checked.read_only), checked.complaints


class _Run:
    """One call."""

    def __init__(
        self,
        ports: SimulatePorts,
        current: SyncSettings,
        proposed: SyncSettings,
        complaints: Sequence[Complaint],
    ) -> None:
        self._ports = ports
        self._complained = complaints
        self._changed = changed_settings(current, proposed)
        self._effects = Effects(self._changed, current, proposed, streams=ports.streams)
        self._current = current
        self._proposed = proposed
        self._silence: str | None = None
        self._places = KnownPlaces(ports.pages.salesforce)
        self._fields: dict[FieldChange, Examples] = defaultdict(Examples)

    def go(self, request: SimulationRequest) -> Simulation:
        if request.after and request.after.startswith(_COMPANIES):
            return self._of_companies(request)
        page = self._ports.pages.contacts.page(limit=request.limit, after=request.after)
        linked = [contact for contact in page.items if contact.counterpart]
        alone = [contact for contact in page.items if contact.counterpart is None]
        self._look_at_fields(linked)
        self._effects.look_at_contacts(page.items)
        births = Births()
        births.look_at(alone, self._current, self._proposed, pages=self._ports.pages)
        problems: Sequence[Finding] = ()
        selections = Selections()
        if request.after is None:
            # These concern the org, and are the same for every call.
            problems = self._problems()
            self._effects.look_at_holds()
            selections = simulate_selections(
                self._current, self._proposed, sound(problems), pages=self._ports.pages
            )
        return Simulation(
            settings_version=self._current.version,
            contacts=len(page.items),
            companies=0,
            linked=len(linked),
            silence=self._silence or selections.silence,
            fields=self._fields,
            births=births.changes,
            values=births.values,
            selections=selections.objects,
            problems=problems,
            changed=self._changed,
            effects=self._effects.found,
            next=page.next or (_COMPANIES if self._concerns_companies() else None),
        )

    def _of_companies(self, request: SimulationRequest) -> Simulation:
        """Look at companies, once all contacts were."""
        after = (request.after or "").removeprefix(_COMPANIES) or None
        page = self._ports.pages.companies.page(limit=request.limit, after=after)
        linked = [company for company in page.items if company.counterpart]
        self._look_at_fields(linked)
        return Simulation(
            settings_version=self._current.version,
            contacts=0,
            companies=len(page.items),
            linked=len(linked),
            silence=self._silence,
            fields=self._fields,
            births={},
            values={},
            selections=(),
            problems=(),
            changed=self._changed,
            effects=self._effects.found,
            next=_COMPANIES + page.next if page.next else None,
        )

    def _concerns_companies(self) -> bool:
        """Return whether what happens to Accounts may change at all."""
        account = SObject.ACCOUNT
        held = [
            (
                settings.fields_of(account),
                settings.inbound.objects[account].enabled,
                settings.outbound.writes(account),
                settings.outbound.open_since(account),
                settings.inbound.on_remote_delete,
            )
            for settings in (self._current, self._proposed)
        ]
        return held[0] != held[1]

    # --- Linked contacts, or companies ----------------------------------------------------------

    def _look_at_fields(self, subjects: Sequence[Subject]) -> None:
        before = self._read(subjects, self._current)
        after = before
        if any(
            self._current.fields_of(sobject) != self._proposed.fields_of(sobject)
            for sobject in SObject
        ):
            after = self._read(subjects, self._proposed)
        self._effects.look_at_records(subjects, before)
        for subject in subjects:
            if subject.counterpart is None:
                continue
            sight = Sight(current=_seen(subject, before), proposed=_seen(subject, after))
            changes = field_changes(
                subject,
                sight,
                current=self._current,
                proposed=self._proposed,
                places=self._places.places_on(subject.counterpart.object),
            )
            for change, example in changes:
                self._fields[change].add(example)

    def _read(
        self, subjects: Sequence[Subject], settings: SyncSettings
    ) -> Mapping[str, Record] | None:
        """Return counterparts by id; `None` if Salesforce did not answer."""
        if self._silence is not None:
            return None
        try:
            return FreshRecords(self._ports.pages.salesforce, settings).read(subjects)
        except (TransientError, HaltError) as exc:
            self._silence = str(exc)
            return None

    # --- The org --------------------------------------------------------------------------------

    def _problems(self) -> Sequence[Finding]:
        """Return what would stand in the way of the proposed settings, and does not now."""
        found = problems_of(
            self._proposed, self._complained, than=self._current, survey=self._ports.survey
        )
        self._silence = self._silence or found.silence
        self._effects.look_at_objects(found.facts)
        return found.findings


def _seen(subject: Contact | Company, records: Mapping[str, Record] | None) -> Record | None:
    """Return a counterpart as it is, or as last seen; `None` if it is gone."""
    if records is None or subject.counterpart is None:
        return last_seen(subject)
    record = records.get(subject.counterpart.record_id)
    return None if record is None or record.deleted or record.conversion else record
