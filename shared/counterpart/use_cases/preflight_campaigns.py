"""Whether campaigns can be kept in step: our user's rights, our key, statuses, member fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.records import CampaignObject
from counterpart.use_cases.findings import OBJECT_SETTINGS, Finding, Status
from counterpart.use_cases.make_campaigns import EXTERNAL_ID
from counterpart.use_cases.preflight_fields import mapped_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import ObjectFacts, OrgSurvey

_RIGHTS = (
    "Setup > Users > our user > Edit: tick Marketing User, and "
    f"{OBJECT_SETTINGS} > Campaigns: tick Read, Create and Edit"
)


def campaigns(survey: OrgSurvey, settings: SyncSettings) -> Iterator[Finding]:
    """Yield what is found; whoever has no use for campaigns can leave it at that."""
    campaign = survey.object(CampaignObject.CAMPAIGN)
    member = survey.object(CampaignObject.MEMBER)
    if not (campaign and campaign.createable and member and member.createable):
        yield Finding(
            check="marketing_user",
            status=Status.WARNING,
            message=f"our user {_missing(campaign, member)}; nothing else is concerned",
            fix=_RIGHTS,
        )
        return
    yield Finding(
        check="marketing_user",
        status=Status.OK,
        message="our user may create campaigns and their members",
    )
    yield _key(campaign)
    yield _statuses(survey.object(CampaignObject.STATUS))
    fields = settings.fields_of_members()
    if fields:
        yield from mapped_fields(CampaignObject.MEMBER, member, fields)


def _missing(campaign: ObjectFacts | None, member: ObjectFacts | None) -> str:
    if campaign is None or member is None:
        return "sees no campaigns"
    what = "members" if campaign.createable else "campaigns"
    return f"may not create {what}"


def _key(campaign: ObjectFacts) -> Finding:
    field = campaign.fields.get(EXTERNAL_ID)
    check = f"external_id.{CampaignObject.CAMPAIGN}"
    if field and field.external_id and field.createable:
        return Finding(check=check, status=Status.OK, message="there, and an external id")
    return Finding(
        check=check,
        status=Status.WARNING,
        message=(
            f"{CampaignObject.CAMPAIGN}.{EXTERNAL_ID} is missing or hidden; before a campaign is "
            "made, one of its name is looked for"
        ),
        fix="deploy the metadata in salesforce/ (docs/salesforce-setup.md)",
    )


def _statuses(status: ObjectFacts | None) -> Finding:
    check = f"permissions.{CampaignObject.STATUS}"
    if status and status.createable:
        return Finding(check=check, status=Status.OK, message="our user may create statuses")
    return Finding(
        check=check,
        status=Status.WARNING,
        message=(
            "our user may not create member statuses; in a new campaign, the nearest of "
            "Salesforce's own stand for ours"
        ),
        fix=_RIGHTS,
    )
