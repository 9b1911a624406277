"""What every `OrgSurvey` promises, and what a preflight finds by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from counterpart.adapters.memory import InMemorySettingsRepository
from counterpart.domain.records import SObject
from counterpart.use_cases.preflight import preflight
from tests.contracts.salesforce.orgs import SimulatedOrg

if TYPE_CHECKING:
    from counterpart.ports import OrgSurvey
    from tests.contracts.salesforce.orgs import Org


def look(survey: OrgSurvey) -> dict[str, Any]:
    """Return what a preflight finds, by check."""
    told: dict[str, Any] = preflight(
        survey=survey, settings=InMemorySettingsRepository(), api_version="66.0"
    )
    return {one["check"]: one for one in told["findings"]}


def test_our_fields_are_as_the_metadata_says(org: Org) -> None:
    """An external id, unique, and ours to write."""
    for sobject in SObject:
        facts = org.survey.object(sobject)
        assert facts
        key = facts.fields["Counterpart_Id__c"]
        assert (key.external_id, key.unique, key.createable, key.updateable) == (True,) * 4


def test_what_is_required_is_known(org: Org) -> None:
    """A field that is required and defaulted asks nothing of us."""
    lead = org.survey.object("Lead")

    assert lead
    assert not lead.fields["LastName"].nillable
    assert not lead.fields["Company"].nillable
    assert lead.fields["Email"].nillable


def test_a_preflight_of_a_sound_org(org: Org) -> None:
    """No problem, whatever the org is made of."""
    found = look(org.survey)

    assert {one["check"]: one for one in found.values() if one["status"] == "problem"} == {}
    assert found["external_id.Lead"]["status"] == "ok"


def test_a_preflight_of_an_org_that_hides_our_key(org: Org) -> None:
    """Said before the first creation has to do without."""
    org.hide(SObject.LEAD, "Counterpart_Id__c")

    assert look(org.survey)["external_id.Lead"]["status"] == "problem"


def test_a_user_who_is_no_marketing_user() -> None:
    """Only an org with rights can tell."""
    org = SimulatedOrg()
    org.control("features", {"marketing_user": False})

    assert look(org.survey)["marketing_user"]["status"] == "warning"
