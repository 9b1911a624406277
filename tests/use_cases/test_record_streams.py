"""The streams of records that become contacts: how their pages are taken, by what else is read."""

from datetime import datetime

import pytest

from counterpart.domain.records import SObject
from counterpart.domain.streams import StreamState
from counterpart.use_cases.pulled_streams import PulledStream
from counterpart.use_cases.record_streams import manner_of
from tests.use_cases.world import HOUR, NOON


@pytest.mark.parametrize(
    ("ends", "before_leads"),
    [
        ({SObject.CONTACT: None}, True),
        ({SObject.CONTACT: None, SObject.LEAD: None}, False),
        # What was handed over ends where it began to.
        ({SObject.CONTACT: NOON, SObject.LEAD: NOON}, False),
        ({SObject.CONTACT: NOON, SObject.LEAD: None}, False),
        ({SObject.CONTACT: None, SObject.LEAD: NOON}, True),
        ({SObject.CONTACT: NOON + HOUR, SObject.LEAD: NOON}, True),
    ],
)
def test_contacts_are_read_before_leads(
    ends: dict[SObject, datetime | None], *, before_leads: bool
) -> None:
    """Unless the leads that were converted are read as far as the Contacts are, and first."""
    opened = [
        PulledStream(
            name=name,
            state=StreamState(stream=name, upper=upper),
            lease=None,
            passes=(),
            since=None,
        )
        for name, upper in ends.items()
    ]

    assert manner_of(opened).before_leads is before_leads
