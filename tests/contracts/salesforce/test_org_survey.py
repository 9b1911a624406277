"""What every `OrgSurvey` promises, and what a preflight finds by it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from counterpart.adapters.memory import InMemorySettingsRepository
from counterpart.domain.opportunities import OpportunityField, OpportunitySettings
from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject
from counterpart.domain.selection import (
    Criterion,
    Group,
    Junction,
    Operator,
    Selection,
    SelectionMode,
)
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from counterpart.errors import MissingFieldError
from counterpart.ports import PageQuery
from counterpart.use_cases.check_criteria import check_criteria
from counterpart.use_cases.preflight import preflight
from tests.contracts.salesforce.orgs import SimulatedOrg

if TYPE_CHECKING:
    from counterpart.ports import OrgSurvey
    from tests.contracts.salesforce.orgs import Org


WITH_DEALS = SyncSettings(
    opportunities=OpportunitySettings(
        enabled=True,
        fields=(
            OpportunityField(name="city", type=FieldType.STRING, path="Account.BillingCity"),
            OpportunityField(name="shoe", type=FieldType.STRING, path="Shoe__c"),
            OpportunityField(name="lost", type=FieldType.STRING, path="IsClosed"),
        ),
    )
)


def look(survey: OrgSurvey, settings: SyncSettings | None = None) -> dict[str, Any]:
    """Return what a preflight finds, by check."""
    told: dict[str, Any] = preflight(
        survey=survey,
        settings=InMemorySettingsRepository(settings or SyncSettings()),
        api_version="66.0",
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


def test_a_preflight_of_an_org_whose_opportunities_come_in(org: Org) -> None:
    """A field that is not there is a problem, and so is one of another type; a parent's is none."""
    found = look(org.survey, WITH_DEALS)

    assert found["permissions.Opportunity"]["status"] == "ok"
    fields = {check for check in found if check.startswith("fields.Opportunity")}
    assert fields == {"fields.Opportunity.Shoe__c", "fields.Opportunity.IsClosed"}


def test_a_preflight_of_an_org_that_hides_our_key(org: Org) -> None:
    """Said before the first creation has to do without."""
    org.hide(SObject.LEAD, "Counterpart_Id__c")

    assert look(org.survey)["external_id.Lead"]["status"] == "problem"


def test_a_user_who_is_no_marketing_user() -> None:
    """Only an org with rights can tell."""
    org = SimulatedOrg()
    org.control("features", {"marketing_user": False})

    assert look(org.survey)["marketing_user"]["status"] == "warning"


def by_criteria(*members: Criterion) -> Selection:
    """Return a selection of what fulfils all of these."""
    group = Group(junction=Junction.ALL, members=members)
    return Selection(mode=SelectionMode.CRITERIA, criteria=group)


def test_criteria_that_an_org_takes(org: Org) -> None:
    """Own fields and a parent's, whatever the case of their letters."""
    selection = by_criteria(
        Criterion(field="Title", operator=Operator.CONTAINS, value="Director"),
        Criterion(field="hasoptedoutofemail", operator=Operator.EQUALS, value=False),
        Criterion(field="Account.Name", operator=Operator.NOT_EQUALS, value="Acme"),
        Criterion(field="CreatedDate", operator=Operator.AT_LEAST, value="2026-01-01T00:00:00Z"),
    )

    assert check_criteria({SObject.CONTACT: selection}, survey=org.survey) == []


def test_criteria_that_an_org_would_refuse(org: Org) -> None:
    """Each is told by its place in the settings, before a pull would fail for it."""
    org.hide(SObject.LEAD, "City")
    selection = by_criteria(
        Criterion(field="Shoe__c", operator=Operator.EQUALS, value="42"),
        Criterion(field="City", operator=Operator.EQUALS, value="Paris"),
        Criterion(field="Shop.Name", operator=Operator.EQUALS, value="Acme"),
        Criterion(field="HasOptedOutOfEmail", operator=Operator.EQUALS, value="perhaps"),
        Criterion(field="CreatedDate", operator=Operator.STARTS_WITH, value="2026"),
    )
    path = "inbound.objects.Lead.selection.criteria.all"

    told = check_criteria({SObject.LEAD: selection}, survey=org.survey)

    assert [each.field for each in told] == [
        f"{path}.0.field",
        f"{path}.1.field",
        f"{path}.2.field",
        f"{path}.3.value",
        f"{path}.4.operator",
    ]


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("Owner.Email", True),
        ("owner.isactive", True),
        ("Owner.Type", True),
        ("Owner.Department", False),
        ("Owner.Manager.Name", False),
    ],
)
def test_criteria_about_an_owner_who_may_be_a_queue(path: str, *, taken: bool) -> None:
    """Of a lead's owner Salesforce can be asked what users and queues have in common, and no more.

    A Contact's owner is a user, of whom everything can be asked.
    """
    org = SimulatedOrg()
    org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")
    org.advance(1)
    blank = Operator.NOT_EQUALS if path == "owner.isactive" else Operator.IS_NOT_BLANK
    value = False if path == "owner.isactive" else None
    selection = by_criteria(Criterion(field=path, operator=blank, value=value))
    query = PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=(), selection=selection)

    told = check_criteria({SObject.LEAD: selection}, survey=org.survey)

    assert [each.field for each in told] == [
        "inbound.objects.Lead.selection.criteria.all.0.field"
    ] * (not taken)
    with nullcontext() if taken else pytest.raises(MissingFieldError):
        assert org.reader.count(query) == 1
    if path != "Owner.Type":
        assert not check_criteria({SObject.CONTACT: selection}, survey=org.survey)


@pytest.mark.parametrize(
    ("sobject", "marker", "wrong"),
    [
        (SObject.LEAD, "Sync_to_Counterpart__c", False),
        (SObject.CONTACT, "sync_to_counterpart__C", False),
        (SObject.ACCOUNT, "Sync_to_Counterpart__c", True),
        (SObject.LEAD, "Title", True),
        (SObject.CONTACT, "Account.Name", True),
    ],
)
def test_the_checkbox_that_marks(org: Org, sobject: SObject, marker: str, *, wrong: bool) -> None:
    """It has to be one, and has to be there on that very object."""
    selection = Selection(mode=SelectionMode.MARKED, marker=marker)

    told = check_criteria({sobject: selection}, survey=org.survey)

    place = f"inbound.objects.{sobject}.selection.marker"
    assert [each.field for each in told] == [place] * wrong


def test_criteria_that_are_too_long_for_a_query(org: Org) -> None:
    """They are told before the first pull would fail for them."""
    names = tuple(f"{number:0250d}" for number in range(200))
    listed = Criterion(field="Title", operator=Operator.IN, value=names)

    told = check_criteria({SObject.LEAD: by_criteria(listed, listed)}, survey=org.survey)

    assert [each.field for each in told] == ["inbound.objects.Lead.selection.criteria"]


def test_a_preflight_of_criteria(org: Org) -> None:
    """A field that was there when the settings were made may be gone by now."""
    selection = by_criteria(Criterion(field="Title", operator=Operator.EQUALS, value="Clerk"))
    before = SyncSettings()
    leads = replace(before.inbound.objects[SObject.LEAD], selection=selection)
    objects = {**before.inbound.objects, SObject.LEAD: leads}
    settings = replace(before, inbound=replace(before.inbound, objects=objects))

    sound = preflight(
        survey=org.survey, settings=InMemorySettingsRepository(settings), api_version="66.0"
    )
    org.hide(SObject.LEAD, "Title")
    broken = preflight(
        survey=org.survey, settings=InMemorySettingsRepository(settings), api_version="66.0"
    )

    assert _of(sound, "criteria.Lead") == ["ok"]
    assert _of(broken, "criteria.Lead") == ["problem"]


def _of(told: Any, check: str) -> list[str]:  # noqa: ANN401 - JSON
    return [each["status"] for each in told["findings"] if each["check"] == check]
