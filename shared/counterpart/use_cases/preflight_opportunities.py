"""Whether opportunities can come in: our user's rights, and the fields that are mapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.mapping_checks import opportunity_complaint
from counterpart.domain.opportunities import CURRENCY, FIXED, OPPORTUNITY, ROLE
from counterpart.use_cases.findings import OBJECT_SETTINGS, Finding, Status
from counterpart.use_cases.known_objects import KnownObjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from counterpart.domain.opportunities import OpportunityField
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import OrgSurvey

_SETTINGS = f"{OBJECT_SETTINGS} > Opportunities"


def opportunities(survey: OrgSurvey, settings: SyncSettings) -> Iterator[Finding]:
    """Yield what is found of our user's rights, and of each field, if opportunities come in."""
    if settings.opportunities.enabled:
        known = KnownObjects(survey)
        yield opportunity_rights(known)
        yield from _fields(known, settings.opportunities.fields)


def opportunity_rights(known: KnownObjects) -> Finding:
    """Return what our user may not read of opportunities."""
    check = f"permissions.{OPPORTUNITY}"
    unread = [
        name
        for name in (OPPORTUNITY, ROLE)
        if not ((facts := known.object(name)) and facts.queryable)
    ]
    if unread:
        return Finding(
            check=check,
            status=Status.PROBLEM,
            message=f"our user may not read {' and '.join(unread)}; no opportunity comes in",
            fix=f"{_SETTINGS}: tick Read, as for Contacts; or switch opportunities off",
        )
    hidden = [
        path
        for path in FIXED
        # Orgs of one currency have no field for it.
        if path != CURRENCY and isinstance(known.field(OPPORTUNITY, path), str)
    ]
    if hidden:
        return Finding(
            check=check,
            status=Status.WARNING,
            message=f"{OPPORTUNITY}: {', '.join(hidden)} hidden from our user, so not known here",
            fix=f"{_SETTINGS}: tick Read Access of the fields",
        )
    return Finding(
        check=check,
        status=Status.OK,
        message="our user may read opportunities, and the parts that Contacts have in them",
    )


def _fields(known: KnownObjects, fields: Iterable[OpportunityField]) -> Iterator[Finding]:
    """Yield what is wrong with the mapping of opportunities, field by field."""
    for mapped in fields:
        check = f"fields.{OPPORTUNITY}.{mapped.path}"
        field = known.field(OPPORTUNITY, mapped.path)
        if isinstance(field, str):
            yield Finding(
                check=check,
                status=Status.PROBLEM,
                message=f"{mapped.name} is mapped to {OPPORTUNITY}.{mapped.path}: {field}",
                fix=f"{_SETTINGS}: tick Read Access, or change the mapping",
            )
        elif wrong := opportunity_complaint(mapped, field.place):
            yield Finding(
                check=check,
                status=Status.PROBLEM,
                message=f"{mapped.name}: {wrong.what}",
                fix=wrong.advice,
            )
