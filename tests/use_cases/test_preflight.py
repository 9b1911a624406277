"""What stands in the way is said before it does, in the words of Setup."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from counterpart.adapters.memory import InMemorySettingsRepository
from counterpart.adapters.memory_org import MemoryOrg
from counterpart.adapters.memory_survey import InMemorySurvey
from counterpart.domain.inbound_settings import InboundObject
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.opportunities import OPPORTUNITY, ROLE, OpportunitySettings
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.selection import Selection, SelectionMode
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from counterpart.ports import ApiUsage
from counterpart.use_cases.preflight import preflight
from tests.use_cases.world import NOON


def look(survey: InMemorySurvey, settings: SyncSettings | None = None) -> dict[str, Any]:
    """Return the findings by check, and the worst status under `status`."""
    told: dict[str, Any] = preflight(
        survey=survey,
        settings=InMemorySettingsRepository(settings or SyncSettings()),
        api_version="66.0",
    )
    return {one["check"]: one for one in told["findings"]} | {"status": told["status"]}


@pytest.fixture
def org() -> MemoryOrg:
    """Return an empty org."""
    return MemoryOrg(lambda: NOON)


@pytest.fixture
def survey(org: MemoryOrg) -> InMemorySurvey:
    """Return what looks it over."""
    return InMemorySurvey(org)


def test_an_org_as_it_should_be(survey: InMemorySurvey) -> None:
    """Everything was looked at, and nothing is wrong."""
    found = look(survey)

    assert found["status"] == "ok"
    assert {"connection", "api_version", "api_allowance", "marketing_user", "duplicate_rules"} | {
        f"{check}.{sobject}"
        for check in ("permissions", "external_id", "fields", "required_fields")
        for sobject in SObject
    } | {"external_id.Campaign", "permissions.CampaignMemberStatus"} == found.keys() - {"status"}


def test_fields_that_are_hidden(org: MemoryOrg, survey: InMemorySurvey) -> None:
    """Our key and a mapped field, each with what to tick."""
    org.hidden |= {(SObject.LEAD, "Counterpart_Id__c"), (SObject.CONTACT, "Title")}

    found = look(survey)

    assert found["external_id.Lead"]["status"] == "problem"
    assert found["fields.Contact.Title"]["status"] == "problem"
    assert "Setup > Permission Sets" in found["fields.Contact.Title"]["fix"]


def test_a_field_of_which_our_user_sees_a_mask(org: MemoryOrg, survey: InMemorySurvey) -> None:
    """What comes in of it is worse than nothing; in a mode in which nothing does, it is sound."""
    org.add_field(SObject.LEAD, "Secret__c", "encryptedstring", masked=True)
    secret = FieldMapping(
        name="secret",
        type=FieldType.STRING,
        mode=Mode.TWO_WAY,
        paths={SObject.LEAD: "Secret__c"},
    )
    usual = SyncSettings()
    found, sound = (
        look(survey, replace(usual, fields=(*usual.fields, replace(secret, mode=mode))))
        for mode in (Mode.TWO_WAY, Mode.ALWAYS_OURS)
    )

    assert found["fields.Lead.Secret__c"]["status"] == "problem"
    assert "View Encrypted Data" in found["fields.Lead.Secret__c"]["fix"]
    assert sound["status"] == "ok"


def test_an_object_that_is_hidden(survey: InMemorySurvey) -> None:
    """It is said once, and not for each of its fields."""
    survey.invisible |= {"Account", "Campaign"}

    found = look(survey)

    assert found["permissions.Account"]["status"] == "problem"
    assert not any(check.startswith("fields.Account") for check in found)
    assert "Marketing User" in found["marketing_user"]["fix"]


WITH_DEALS = SyncSettings(opportunities=OpportunitySettings(enabled=True))


@pytest.mark.parametrize("hidden", [OPPORTUNITY, ROLE])
def test_opportunities_that_our_user_may_not_read(survey: InMemorySurvey, hidden: str) -> None:
    """Nobody is told of it who does not want them."""
    survey.invisible.add(hidden)

    found = look(survey, WITH_DEALS)

    assert found["permissions.Opportunity"]["status"] == "problem"
    assert hidden in found["permissions.Opportunity"]["message"]
    assert "permissions.Opportunity" not in look(survey)


def test_opportunities_of_which_a_field_is_hidden(org: MemoryOrg, survey: InMemorySurvey) -> None:
    """They come in without it; a currency is no field in every org."""
    assert look(survey, WITH_DEALS)["permissions.Opportunity"]["status"] == "ok"
    org.hidden.add((OPPORTUNITY, "Amount"))

    told = look(survey, WITH_DEALS)["permissions.Opportunity"]

    assert told["status"] == "warning"
    assert told["message"] == "Opportunity: Amount hidden from our user, so not known here"


def test_a_required_field_that_nobody_fills(survey: InMemorySurvey) -> None:
    """Said before the first creation is refused for it; a mapping helps."""
    settings = SyncSettings()
    bare = replace(
        settings,
        company_fields=settings.company_fields,
        fields=tuple(one for one in settings.fields if one.name != "email"),
    )
    see = survey.object

    def with_required_email(name: str) -> Any:  # noqa: ANN401 - facts, or none
        facts = see(name)
        if facts and name == "Lead":
            email = replace(facts.fields["Email"], nillable=False)
            return replace(facts, fields={**facts.fields, "Email": email})
        return facts

    survey.object = with_required_email  # type: ignore[method-assign]

    assert look(survey, bare)["required_fields.Lead"]["status"] == "problem"
    assert look(survey, settings)["required_fields.Lead"]["status"] == "warning"


def test_a_marker_that_is_used(org: MemoryOrg, survey: InMemorySurvey) -> None:
    """Only where a selection goes by it."""
    settings = SyncSettings()
    marked = InboundObject(selection=Selection(mode=SelectionMode.MARKED))
    objects = {**settings.inbound.objects, SObject.LEAD: marked}
    using = replace(settings, inbound=replace(settings.inbound, objects=objects))

    assert "marker.Contact" not in look(survey, using)
    assert look(survey, using)["marker.Lead"]["status"] == "ok"
    org.hidden.add((SObject.LEAD, marked.selection.marker))
    assert look(survey, using)["marker.Lead"]["status"] == "problem"


@pytest.mark.parametrize(("used", "status"), [(10, "ok"), (80, "warning"), (96, "problem")])
def test_the_allowance(survey: InMemorySurvey, used: int, status: str) -> None:
    """The org's own figures."""
    survey.usage = ApiUsage(used=used, allowed=100)

    assert look(survey)["api_allowance"]["status"] == status


@pytest.mark.parametrize(
    ("rules", "status"),
    [(None, "ok"), ([], "ok"), ([("Lead", "Standard Lead Duplicate Rule")], "warning")],
)
def test_duplicate_rules(
    survey: InMemorySurvey, rules: list[tuple[str, str]] | None, status: str
) -> None:
    """If they are visible to our user at all."""
    survey.rules = rules

    assert look(survey)["duplicate_rules"]["status"] == status


@pytest.mark.parametrize(
    ("kind", "advice"),
    [("boolean", "type boolean"), ("location", "map its parts"), ("base64", "another field")],
)
def test_a_field_of_another_type(
    org: MemoryOrg, survey: InMemorySurvey, kind: str, advice: str
) -> None:
    """It costs its values and no more, and the finding says what to change."""
    org.types[SObject.LEAD]["Title"] = kind

    finding = look(survey)["fields.Lead.Title"]

    assert finding["status"] == "problem"
    assert f"has the type {kind}" in finding["message"]
    assert advice in finding["fix"]


def test_a_field_that_is_mapped_in_another_case(survey: InMemorySurvey) -> None:
    """API names ignore case."""
    fields = tuple(
        replace(field, paths={name: path.upper() for name, path in field.paths.items()})
        for field in SyncSettings().company_fields
    )

    found = look(survey, SyncSettings(company_fields=fields))

    assert not [check for check in found if check.startswith("fields.Account.")]


def test_campaigns_without_the_rights_for_their_members(survey: InMemorySurvey) -> None:
    """Said once, with the box to tick; nothing else is looked at."""
    survey.invisible.add("CampaignMember")

    found = look(survey)

    assert found["marketing_user"]["status"] == "warning"
    assert "Marketing User" in found["marketing_user"]["fix"]
    assert "external_id.Campaign" not in found


def test_an_org_in_which_campaigns_are_made_by_their_names(
    org: MemoryOrg, survey: InMemorySurvey
) -> None:
    """Without our key, and without the right to make statuses; a member field that is hidden."""
    org.hidden.add(("Campaign", "Counterpart_Id__c"))
    survey.invisible.add("CampaignMemberStatus")
    table = FieldMapping(
        name="table",
        type=FieldType.STRING,
        mode=Mode.TWO_WAY,
        paths={CampaignObject.MEMBER: "Table__c"},
    )

    found = look(survey, replace(SyncSettings(), member_fields=(table,)))

    assert found["external_id.Campaign"]["status"] == "warning"
    assert found["permissions.CampaignMemberStatus"]["status"] == "warning"
    assert found["fields.CampaignMember.Table__c"]["status"] == "problem"
