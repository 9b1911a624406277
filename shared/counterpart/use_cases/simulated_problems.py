"""What would stand in the way of proposed settings in the org, and does not now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from counterpart.domain.records import SObject
from counterpart.domain.settings_document import OPPORTUNITY_FIELDS
from counterpart.errors import HaltError, TransientError
from counterpart.use_cases.findings import Finding, Status
from counterpart.use_cases.known_objects import KnownObjects
from counterpart.use_cases.preflight import by_criteria, by_settings
from counterpart.use_cases.preflight_opportunities import opportunity_rights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import ObjectFacts, OrgSurvey
    from counterpart.use_cases.known_objects import Complaint

# Sections whose fields are no fields of Leads, Contacts or Accounts.
_OF_NO_RECORD = ("member_fields.", f"{OPPORTUNITY_FIELDS}.")


@dataclass(kw_only=True)
class Problems:
    """What was found.

    Attributes:
        facts: Of the objects that our user sees.
        silence: Why Salesforce could not be asked, if it could not.
    """

    findings: list[Finding]
    facts: dict[SObject, ObjectFacts] = field(default_factory=dict)
    silence: str | None = None


def problems_of(
    proposed: SyncSettings,
    complaints: Sequence[Complaint],
    *,
    than: SyncSettings,
    survey: OrgSurvey,
) -> Problems:
    """Return what stands in the way of settings, and not of others.

    Args:
        proposed: Those that may hold.
        complaints: What a change to them would be refused for.
        than: Those that hold.
        survey: Asks the org, each object once.
    """
    found = Problems(
        findings=[
            Finding(check=one.field, status=Status.PROBLEM, message=one.message)
            for one in complaints
            # Those of records are found below, as a preflight finds them.
            if one.field.startswith(_OF_NO_RECORD)
        ]
    )
    try:
        for sobject in SObject:
            facts = survey.object(sobject)
            if facts is not None:
                found.facts[sobject] = facts
                before = list(by_settings(sobject, facts, than))
                found.findings += _new(list(by_settings(sobject, facts, proposed)), before)
        criteria = list(by_criteria(survey, than))
        found.findings += _new(list(by_criteria(survey, proposed)), criteria)
        if proposed.opportunities.enabled and not than.opportunities.enabled:
            found.findings += _new([opportunity_rights(KnownObjects(survey))], ())
    except (TransientError, HaltError) as exc:
        found.silence = str(exc)
    return found


def sound(findings: Sequence[Finding]) -> list[SObject]:
    """Return the objects of whose proposed selection nothing was found."""
    checks = {each.check for each in findings}
    return [each for each in SObject if not {f"criteria.{each}", f"marker.{each}"} & checks]


def _new(after: Sequence[Finding], before: Sequence[Finding]) -> list[Finding]:
    return [each for each in after if each.status is not Status.OK and each not in before]
