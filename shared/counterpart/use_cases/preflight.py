"""Preflight: what stands in the way of the sync, and what to do in Setup, before the first failure.

It reads and changes nothing. Every finding is `ok`, a `warning` (something will be left out) or a
`problem` (something will fail), and says where in Salesforce's Setup it is mended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.outgoing_fields import goes_out
from counterpart.domain.records import SObject
from counterpart.domain.selection import SelectionMode
from counterpart.errors import (
    AuthenticationError,
    ConfigurationError,
    HaltError,
    TransientError,
)
from counterpart.use_cases.check_criteria import check_criteria
from counterpart.use_cases.findings import (
    OBJECT_SETTINGS,
    PERMISSION_SET,
    Finding,
    Status,
)
from counterpart.use_cases.preflight_campaigns import campaigns
from counterpart.use_cases.preflight_fields import mapped_fields
from counterpart.use_cases.preflight_opportunities import opportunities

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import ObjectFacts, OrgSurvey, SettingsRepository
    from counterpart.use_cases.known_objects import Complaint

# Our key on each object (salesforce/, objects).
EXTERNAL_ID = "Counterpart_Id__c"
_DEPLOY = "deploy the metadata in salesforce/ (docs/salesforce-setup.md)"
# What a new record is given without any mapping.
_FILLED = {
    SObject.LEAD: frozenset({"LastName", "Company"}),
    SObject.CONTACT: frozenset({"LastName"}),
    SObject.ACCOUNT: frozenset({"Name", "Website"}),
}
_TIGHT_PERCENT, _SPENT_PERCENT = 80, 95


def preflight(
    *, survey: OrgSurvey, settings: SettingsRepository, api_version: str
) -> dict[str, object]:
    """Return what was found, and the worst of it as `status`."""
    findings = list(_findings(survey, settings.current(), api_version))
    worst = max((one.status for one in findings), key=list(Status).index)
    return {
        "status": worst.value,
        "problems": sum(one.status is Status.PROBLEM for one in findings),
        "warnings": sum(one.status is Status.WARNING for one in findings),
        "findings": [one.answer() for one in findings],
    }


def _findings(survey: OrgSurvey, settings: SyncSettings, api_version: str) -> Iterator[Finding]:
    connection = yield from _connection(survey, api_version)
    if not connection:
        return
    for sobject in SObject:
        facts = survey.object(sobject)
        if facts is None:
            yield Finding(
                check=f"permissions.{sobject}",
                status=Status.PROBLEM,
                message=f"our user does not see the object {sobject}",
                fix=f"{OBJECT_SETTINGS} > {sobject}: tick Read, Create and Edit",
            )
            continue
        yield _object_rights(sobject, facts)
        yield _external_id(sobject, facts)
        yield from by_settings(sobject, facts, settings)
    yield from by_criteria(survey, settings)
    yield from campaigns(survey, settings)
    yield from opportunities(survey, settings)
    yield _duplicate_rules(survey, settings)


def by_settings(sobject: SObject, facts: ObjectFacts, settings: SyncSettings) -> Iterator[Finding]:
    """Yield what stands in the way of these very settings on one object."""
    yield from mapped_fields(sobject, facts, settings.fields_of(sobject))
    yield _required(sobject, facts, settings)


def _connection(survey: OrgSurvey, api_version: str) -> Generator[Finding, None, bool]:
    """Yield what is found of the connection; return whether there is one."""
    try:
        usage = survey.allowance()
    except AuthenticationError as exc:
        yield Finding(
            check="connection",
            status=Status.PROBLEM,
            message=f"Salesforce does not accept our credentials: {exc}",
            fix=(
                "compare the secret with Setup > External Client App Manager > your app > Settings "
                "(consumer key, certificate), and under Policies see that our user is pre-approved"
            ),
        )
        return False
    except ConfigurationError as exc:
        yield Finding(
            check="api_version",
            status=Status.PROBLEM,
            message=f"the org does not serve version {api_version} of the REST API: {exc}",
            fix=(
                "deploy with another SalesforceApiVersion, and see that Setup > Permission Sets > "
                f"{PERMISSION_SET} > System Permissions has API Enabled"
            ),
        )
        return False
    except (TransientError, HaltError) as exc:
        yield Finding(
            check="connection",
            status=Status.PROBLEM,
            message=f"Salesforce could not be asked: {exc}",
            fix="try again; https://status.salesforce.com tells of outages",
        )
        return False
    yield Finding(check="connection", status=Status.OK, message="signed in, and answered")
    yield Finding(
        check="api_version", status=Status.OK, message=f"the org serves version {api_version}"
    )
    percent = 100 * usage.used // usage.allowed if usage.allowed else 0
    status = Status.OK
    if percent >= _TIGHT_PERCENT:
        status = Status.PROBLEM if percent >= _SPENT_PERCENT else Status.WARNING
    yield Finding(
        check="api_allowance",
        status=status,
        message=f"{usage.used} of {usage.allowed} calls in the last 24 hours ({percent} %)",
        fix=""
        if status is Status.OK
        else "see Setup > Company Information > API Requests, Last 24 Hours; find who spends them",
    )
    return True


def _object_rights(sobject: SObject, facts: ObjectFacts) -> Finding:
    rights = {"Read": facts.queryable, "Create": facts.createable, "Edit": facts.updateable}
    missing = [name for name, granted in rights.items() if not granted]
    if not missing:
        return Finding(
            check=f"permissions.{sobject}", status=Status.OK, message="read, create and edit"
        )
    return Finding(
        check=f"permissions.{sobject}",
        status=Status.PROBLEM,
        message=f"our user lacks {', '.join(missing)} on {sobject}",
        fix=f"{OBJECT_SETTINGS} > {sobject}: tick {', '.join(missing)}",
    )


def _external_id(sobject: SObject, facts: ObjectFacts) -> Finding:
    check = f"external_id.{sobject}"
    field = facts.fields.get(EXTERNAL_ID)
    if field is None:
        return Finding(
            check=check,
            status=Status.PROBLEM,
            message=(
                f"{sobject}.{EXTERNAL_ID} is missing or hidden; creations look before they insert, "
                "and two at once may make one record twice"
            ),
            fix=f"{_DEPLOY}, or {OBJECT_SETTINGS} > {sobject}: tick Edit Access of the field",
        )
    where = f"Setup > Object Manager > {sobject} > Fields & Relationships > {field.label}"
    lacks = [
        word
        for word, there in (("External ID", field.external_id), ("Unique", field.unique))
        if not there
    ]
    if lacks:
        return Finding(
            check=check,
            status=Status.PROBLEM,
            message=f"{sobject}.{EXTERNAL_ID} is not marked as {' and '.join(lacks)}",
            fix=f"{where} > Edit: tick {' and '.join(lacks)}",
        )
    if not (field.createable and field.updateable):
        return Finding(
            check=check,
            status=Status.PROBLEM,
            message=f"our user may not write {sobject}.{EXTERNAL_ID}",
            fix=f"{OBJECT_SETTINGS} > {sobject}: tick Edit Access of {field.label}",
        )
    return Finding(check=check, status=Status.OK, message="there, an external id, and unique")


def _required(sobject: SObject, facts: ObjectFacts, settings: SyncSettings) -> Finding:
    """Return what Salesforce insists on at a creation and nobody fills."""
    check = f"required_fields.{sobject}"
    insists = {
        field.path
        for field in facts.fields.values()
        if field.createable and not (field.nillable or field.defaulted or field.type == "boolean")
    }
    open_ = insists - _FILLED[sobject]
    mapped = {
        mapping.paths[sobject]
        for mapping in settings.fields_of(sobject)
        if mapping.writes_to(sobject) and goes_out(mapping)
    }
    # Accounts are made from a name and a domain; their mapping plays no part in that.
    nobody = sorted(open_ if sobject is SObject.ACCOUNT else open_ - mapped)
    if nobody:
        return Finding(
            check=check,
            status=Status.PROBLEM,
            message=f"{sobject} requires {', '.join(nobody)}, which nobody fills",
            fix=(
                f"Setup > Object Manager > {sobject} > Fields & Relationships: give them a Default "
                "Value or untick Required, or map a field of ours to them"
            ),
        )
    sometimes = sorted(open_ & mapped)
    if sometimes and sobject is not SObject.ACCOUNT:
        return Finding(
            check=check,
            status=Status.WARNING,
            message=f"{sobject} requires {', '.join(sometimes)}; contacts without it are refused",
            fix=(
                f"Setup > Object Manager > {sobject} > Fields & Relationships: give them a Default "
                "Value, or see to it that every contact has a value"
            ),
        )
    return Finding(check=check, status=Status.OK, message="all that is required is filled")


def _marker(sobject: SObject, marker: str, complaints: Sequence[Complaint]) -> Finding:
    check = f"marker.{sobject}"
    if not complaints:
        return Finding(check=check, status=Status.OK, message=f"{marker} is a checkbox")
    return Finding(
        check=check,
        status=Status.PROBLEM,
        message=f"records of {sobject} are selected by {marker}, which is no checkbox that we see",
        fix=f"{_DEPLOY}, or Setup > Object Manager > {sobject} > Fields & Relationships > New",
    )


def by_criteria(survey: OrgSurvey, settings: SyncSettings) -> Iterator[Finding]:
    """Yield what Salesforce would not take of the selections; one is enough to stop a pull."""
    for sobject, wanted in settings.inbound.objects.items():
        if wanted.selection.mode not in {SelectionMode.CRITERIA, SelectionMode.MARKED}:
            continue
        complaints = check_criteria({sobject: wanted.selection}, survey=survey)
        if wanted.selection.mode is SelectionMode.MARKED:
            yield _marker(sobject, wanted.selection.marker, complaints)
            continue
        for each in complaints:
            yield Finding(
                check=f"criteria.{sobject}",
                status=Status.PROBLEM,
                message=f"{each.field}: {each.message}",
                fix=(
                    "change the criteria in the settings, or "
                    f"{OBJECT_SETTINGS} > {sobject}: tick Read Access of the field"
                ),
            )
        if not complaints:
            yield Finding(
                check=f"criteria.{sobject}",
                status=Status.OK,
                message="Salesforce knows the fields of the criteria, and how they are compared",
            )


def _duplicate_rules(survey: OrgSurvey, settings: SyncSettings) -> Finding:
    rules: Sequence[tuple[str, str]] | None = survey.duplicate_rules()
    if rules is None:
        return Finding(
            check="duplicate_rules",
            status=Status.OK,
            message="not visible to our user; a refusal tells of them when it comes",
        )
    ours = [f"{label} ({name})" for name, label in rules if name in set(SObject)]
    if not ours:
        return Finding(check="duplicate_rules", status=Status.OK, message="none is active")
    return Finding(
        check="duplicate_rules",
        status=Status.WARNING,
        message=(
            f"active: {', '.join(sorted(ours))}; creation.on_duplicate is "
            f"{settings.creation.on_duplicate}"
        ),
        fix="Setup > Duplicate Rules: let them warn (Allow with Alert), or leave our user out",
    )
