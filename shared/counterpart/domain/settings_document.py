"""The settings as a JSON document: how people read them, and how they change them.

What a document leaves out stays as it is, down to single keys; the mappings alone are
replaced as a whole, because leaving a field out is how it is removed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.campaigns_document import campaigns_from_document, campaigns_to_document
from counterpart.domain.creation_document import creation_from_document, creation_to_document
from counterpart.domain.days import zone_of
from counterpart.domain.directions_document import (
    inbound_from_document,
    inbound_to_document,
    outbound_from_document,
    outbound_to_document,
)
from counterpart.domain.document import Section
from counterpart.domain.guard_document import guard_from_document, guard_to_document
from counterpart.domain.inbound_settings import INTERVALS
from counterpart.domain.mapping import ConflictPolicy
from counterpart.domain.mapping_document import (
    check_identity,
    check_members_own,
    mapping_from_document,
    mapping_to_document,
)
from counterpart.domain.opportunity_document import (
    opportunities_from_document,
    opportunities_to_document,
    opportunity_fields_from_document,
    opportunity_fields_to_document,
)
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from counterpart.domain.opportunities import OpportunitySettings
    from counterpart.domain.records import AnyObject

# The section that maps fields of opportunities, which have neither mode nor other objects.
OPPORTUNITY_FIELDS = "opportunity_fields"

_SECTIONS = (
    "version",
    "conflict_policy",
    "time_zone",
    "auto_detect_custom_fields",
    "inbound",
    "outbound",
    "creation",
    "campaigns",
    "guard",
    "fields",
    "company_fields",
    "member_fields",
    "opportunities",
    OPPORTUNITY_FIELDS,
)

_PEOPLE = tuple(sobject for sobject in SObject if sobject.is_person)
_COMPANIES = tuple(sobject for sobject in SObject if not sobject.is_person)

# The sections that map fields of ours, and to which objects.
MAPPED_OBJECTS: Mapping[str, Collection[AnyObject]] = {
    "fields": _PEOPLE,
    "company_fields": _COMPANIES,
    "member_fields": (CampaignObject.MEMBER,),
}


def to_document(settings: SyncSettings) -> dict[str, object]:
    """Return *settings* as JSON."""
    return {
        "version": settings.version,
        "conflict_policy": settings.conflict_policy.value,
        "time_zone": settings.time_zone,
        "auto_detect_custom_fields": settings.auto_detect_custom_fields,
        "inbound": inbound_to_document(settings.inbound),
        "outbound": outbound_to_document(settings.outbound),
        "creation": creation_to_document(settings.creation),
        "campaigns": campaigns_to_document(settings.campaigns),
        "guard": guard_to_document(settings.guard),
        "fields": mapping_to_document(settings.fields),
        "company_fields": mapping_to_document(settings.company_fields),
        "member_fields": mapping_to_document(settings.member_fields),
        "opportunities": opportunities_to_document(settings.opportunities),
        OPPORTUNITY_FIELDS: opportunity_fields_to_document(settings.opportunities.fields),
    }


def from_document(document: object, *, base: SyncSettings) -> SyncSettings:
    """Return the settings that *document* describes, on the ground of *base*.

    The moments that it bears are read, so that a stored document comes back whole. Whoever takes
    a document from outside passes the result through `switched`, which sets them anew.

    Raises:
        InputError: something is wrong; it says where, and what is allowed.
    """
    root = Section(document, path="", allowed=_SECTIONS)
    inbound, outbound, creation = base.inbound, base.outbound, base.creation
    fields, company_fields = base.fields, base.company_fields
    if "inbound" in root:
        inbound = inbound_from_document(root.get("inbound"), base=inbound)
    if "outbound" in root:
        outbound = outbound_from_document(root.get("outbound"), base=outbound)
    if "creation" in root:
        creation = creation_from_document(root.get("creation"), base=creation)
    guard = base.guard
    if "guard" in root:
        guard = guard_from_document(root.get("guard"), base=guard)
    if "fields" in root:
        fields = mapping_from_document(root.get("fields"), objects=_PEOPLE, path="fields")
        check_identity(fields, people=_PEOPLE)
    if "company_fields" in root:
        company_fields = mapping_from_document(
            root.get("company_fields"), objects=_COMPANIES, path="company_fields"
        )
    campaigns = base.campaigns
    if "campaigns" in root:
        campaigns = campaigns_from_document(root.get("campaigns"), base=campaigns)
    member_fields = base.member_fields
    if "member_fields" in root:
        member_fields = mapping_from_document(
            root.get("member_fields"),
            objects=(CampaignObject.MEMBER,),
            path="member_fields",
            least=0,
        )
        check_members_own(member_fields)
    return SyncSettings(
        version=root.whole("version", default=base.version, least=0, most=2**53),
        conflict_policy=root.choice(
            "conflict_policy", ConflictPolicy, default=base.conflict_policy
        ),
        time_zone=_time_zone(root, base.time_zone),
        auto_detect_custom_fields=root.boolean(
            "auto_detect_custom_fields", default=base.auto_detect_custom_fields
        ),
        inbound=inbound,
        outbound=outbound,
        creation=creation,
        campaigns=campaigns,
        guard=guard,
        fields=fields,
        company_fields=company_fields,
        member_fields=member_fields,
        opportunities=_opportunities(root, base.opportunities),
    )


def _time_zone(root: Section, base: str) -> str:
    name = root.text("time_zone", default=base) or base
    try:
        zone_of(name)
    except ValueError as exc:
        message = f"{name!r} is no time zone; write it as Europe/Berlin or UTC"
        raise InputError(message, field=root.where("time_zone")) from exc
    return name


def _opportunities(root: Section, base: OpportunitySettings) -> OpportunitySettings:
    """Return what two sections say of opportunities: how they come in, and with which fields."""
    wanted = base
    if "opportunities" in root:
        wanted = opportunities_from_document(
            root.get("opportunities"), base=base, intervals=INTERVALS
        )
    if OPPORTUNITY_FIELDS in root:
        further = opportunity_fields_from_document(
            root.get(OPPORTUNITY_FIELDS), path=OPPORTUNITY_FIELDS
        )
        wanted = replace(wanted, fields=further)
    return wanted
