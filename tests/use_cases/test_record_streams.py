"""The streams of records that become contacts: how their pages are taken, by what else is read."""

from datetime import datetime

import pytest

from counterpart.domain.inbound_settings import Inbound, InboundObject
from counterpart.domain.records import SObject
from counterpart.domain.selection import Selection, SelectionMode
from counterpart.domain.streams import StreamState
from counterpart.use_cases.pulled_streams import PulledStream
from counterpart.use_cases.record_streams import manner_of, wanted_streams
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


@pytest.mark.parametrize(
    ("leads", "others", "told"),
    [
        pytest.param(
            InboundObject(enabled=False), True, "switched off in the settings; only what", id="off"
        ),
        pytest.param(
            InboundObject(selection=Selection(mode=SelectionMode.NONE)),
            True,
            "the selection takes nobody; only what was deleted, merged or converted was read",
            id="none",
        ),
        pytest.param(
            InboundObject(enabled=False), False, "off in the settings; nothing was", id="all off"
        ),
    ],
)
def test_an_object_that_is_named_and_lets_nobody_in(
    leads: InboundObject, told: str, *, others: bool
) -> None:
    """Whoever names it learns why nothing came in; whoever names none knows the settings."""
    rest = dict.fromkeys(SObject, InboundObject(enabled=others))
    inbound = Inbound(objects={**rest, SObject.LEAD: leads})

    wanted, notes = wanted_streams(inbound, only={SObject.LEAD})

    assert [told in note for note in notes] == [True]
    assert bool(wanted) is others
    assert wanted_streams(inbound)[1] == []
