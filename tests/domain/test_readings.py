"""Readings of a counterpart: what is known of it says nothing of a record that was never met."""

from datetime import datetime

import pytest

from counterpart.domain.links import LinkedBy
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.readings import ledger_against
from counterpart.domain.records import SObject
from counterpart.domain.values import FieldType
from tests.domain.samples import NOON, a_contact, a_counterpart, a_ledger, a_record

MAPPING = tuple(
    FieldMapping(name=name, type=FieldType.STRING, mode=Mode.TWO_WAY, paths={SObject.LEAD: path})
    for name, path in {"job_title": "Title", "city": "City", "tier": "Tier__c"}.items()
)


@pytest.mark.failure("F55")
@pytest.mark.parametrize(
    ("linked_by", "modstamp", "shadows"),
    [
        (LinkedBy.MERGE, None, {"city": "Bern", "score": None}),
        # It was met since.
        (
            LinkedBy.MERGE,
            NOON,
            {"job_title": "Analyst", "city": "Bern", "score": None, "tier": "A"},
        ),
        # A Contact gets the standard fields of its lead, so a blank is one that somebody made;
        # of the others, those that the org has mapped.
        (
            LinkedBy.CONVERSION,
            None,
            {"job_title": "Analyst", "city": "Bern", "score": None},
        ),
        (
            LinkedBy.CONVERSION,
            NOON,
            {"job_title": "Analyst", "city": "Bern", "score": None, "tier": "A"},
        ),
    ],
)
def test_what_the_winner_of_a_merge_leaves_blank(
    linked_by: LinkedBy, modstamp: datetime | None, shadows: dict[str, object]
) -> None:
    """Nobody has cleared it: what the loser held there is forgotten."""
    contact = a_contact(
        ledger=a_ledger(job_title="Analyst", city="Bern", score=None, tier="A"),
        counterpart=a_counterpart(linked_by=linked_by, modstamp=modstamp),
    )
    record = a_record(values={"job_title": None, "city": "Basel", "score": None, "tier": None})

    assert ledger_against(contact, record, MAPPING).shadows == shadows
