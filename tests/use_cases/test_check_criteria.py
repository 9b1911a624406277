"""Criteria held against an org of few fields."""

from dataclasses import replace

import pytest

from counterpart.adapters.memory_org import MemoryOrg
from counterpart.adapters.memory_survey import InMemorySurvey
from counterpart.domain.records import SObject
from counterpart.domain.selection import Selection, SelectionMode
from counterpart.ports import ObjectFacts
from counterpart.use_cases.check_criteria import check_criteria
from tests.use_cases.world import NOON

MARK = "Is_Ours__c"


@pytest.mark.parametrize("filterable", [True, False])
def test_a_checkbox_that_no_query_can_be_narrowed_by(*, filterable: bool) -> None:
    """It cannot mark: a formula can be such a one, and each pull would be refused for it."""

    class Survey(InMemorySurvey):
        """Tells of a formula."""

        def object(self, name: str) -> ObjectFacts | None:
            facts = super().object(name)
            assert facts
            mark = replace(facts.fields[MARK], filterable=filterable)
            return replace(facts, fields={**facts.fields, MARK: mark})

    org = MemoryOrg(lambda: NOON)
    org.add_field(SObject.LEAD, MARK, "boolean")
    marked = Selection(mode=SelectionMode.MARKED, marker=MARK)

    told = check_criteria({SObject.LEAD: marked}, survey=Survey(org))

    assert [(each.field, each.message) for each in told] == [
        ("inbound.objects.Lead.selection.marker", f"Salesforce cannot select by {MARK}")
    ] * (not filterable)
