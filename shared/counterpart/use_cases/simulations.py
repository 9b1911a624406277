"""Simulations: what `simulate_settings` found, and how it is told as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.records import SObject
from counterpart.domain.values import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.changed_settings import ChangedSetting
    from counterpart.domain.simulating import CreationChange, Examples, FieldChange
    from counterpart.use_cases.findings import Finding
    from counterpart.use_cases.simulated_effects import Effect
    from counterpart.use_cases.simulated_selection import Group, SelectionChange


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulation:
    """What the proposed settings would do otherwise.

    Attributes:
        settings_version: Of the settings that hold.
        contacts: How many were looked at.
        companies: Likewise, in calls after the last contact.
        linked: Of both, those with a record.
        silence: Why Salesforce could not be asked, if it could not.
        births: What contacts without a record would become, if somebody asked.
        values: Of new records of one kind, the API names that would be filled otherwise.
        problems: What would stand in the way, and does not now.
        changed: Each setting that is proposed otherwise.
        effects: Of settings that are shown nowhere else, what is counted.
        next: Where to go on.
    """

    settings_version: int
    contacts: int
    companies: int
    linked: int
    silence: str | None
    fields: Mapping[FieldChange, Examples]
    births: Mapping[CreationChange, Examples]
    values: Mapping[tuple[str, str], Examples]
    selections: Sequence[SelectionChange]
    problems: Sequence[Finding]
    changed: Sequence[ChangedSetting]
    effects: Sequence[Effect]
    next: str | None

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "settings_version": self.settings_version,
            "looked_at": {
                "contacts": self.contacts,
                "companies": self.companies,
                "linked": self.linked,
                "theirs_from": "shadow" if self.silence else "salesforce",
            },
            "fields": [
                {**change._asdict(), **_told(examples, change.object)}
                for change, examples in self.fields.items()
            ],
            "creation": [
                {**change._asdict(), **_told(examples)} for change, examples in self.births.items()
            ],
            "creation_values": [
                {"becomes": words, "field": path, **_told(examples)}
                for (words, path), examples in self.values.items()
            ],
            "selection": [_selection(change) for change in self.selections],
            "effects": [effect.answer() for effect in self.effects],
            "changed": [one.answer() for one in self.changed],
            "not_counted": [
                {"setting": one.setting, "why": one.telling.why_not}
                for one in self.changed
                if one.telling.why_not
            ],
            "problems": [finding.answer() for finding in self.problems],
            "salesforce_silent": self.silence,
            "next": self.next,
        }


def _told(examples: Examples, sobject: str = "") -> dict[str, object]:
    subject = "company_id" if sobject == SObject.ACCOUNT else "contact_id"
    return {
        "count": examples.count,
        "examples": [
            {subject: one.subject_id, "record_id": one.record_id, "why": one.why}
            for one in examples.first
        ],
    }


def _selection(change: SelectionChange) -> dict[str, object]:
    return {
        "object": change.object.value,
        "of_all": {
            "taken_now": change.totals.now,
            "taken_then": change.totals.then,
            "newly_skipped": change.totals.newly_skipped,
            "newly_admitted": change.totals.newly_admitted,
        },
        "since": format_time(change.since) if change.since else None,
        "until": format_time(change.until) if change.until else None,
        "refused_now": change.refused_now,
        "refused_then": change.refused_then,
        "looked_at": change.looked_at,
        "newly_skipped": _group(change.skipped),
        "newly_admitted": _group(change.admitted),
    }


def _group(group: Group) -> dict[str, object]:
    return {"count": group.count, "linked": group.linked, "examples": list(group.examples)}
