"""Settings: what switching something on means, and what the rules ask of the document."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.inbound_settings import Inbound, InboundObject
from counterpart.domain.mapping import FieldMapping, Mode, synced_fields
from counterpart.domain.opportunities import OpportunitySettings
from counterpart.domain.outbound_settings import Outbound, OutboundObject
from counterpart.domain.records import SObject
from counterpart.domain.selection import Selection, SelectionMode
from counterpart.domain.switching import switched
from counterpart.domain.sync_settings import SyncSettings
from tests.domain.samples import HOUR, NOON, a_field, law, moments

MAYBE = st.none() | moments()
ON_OFF = st.booleans()


def inbound(**lead: object) -> SyncSettings:
    """Return settings with that entry for incoming leads."""
    objects = {each: InboundObject() for each in SObject}
    objects[SObject.LEAD] = InboundObject(**lead)  # type: ignore[arg-type] # what the test says
    return SyncSettings(inbound=Inbound(objects=objects))


def outbound(*, enabled: bool = True, lead: bool = True) -> SyncSettings:
    """Return settings in which edits go out, or don't."""
    objects = {each: OutboundObject() for each in SObject}
    objects[SObject.LEAD] = OutboundObject(enabled=lead)
    return SyncSettings(outbound=Outbound(enabled=enabled, objects=objects))


@law
@given(ON_OFF, ON_OFF, MAYBE, MAYBE)
def test_switching_an_object_on(
    before: bool,  # noqa: FBT001 - drawn by the law
    after: bool,  # noqa: FBT001 - drawn by the law
    enabled_at: datetime | None,
    claimed: datetime | None,
) -> None:
    """The moment is remembered then, and only then; nobody can claim another."""
    old = inbound(enabled=before, enabled_at=enabled_at)

    new = switched(old, inbound(enabled=after, enabled_at=claimed), now=NOON)

    entry = new.inbound.objects[SObject.LEAD]
    assert entry.enabled is after
    assert entry.enabled_at == (NOON if after and not before else enabled_at)
    assert new.inbound.objects[SObject.ACCOUNT] == InboundObject()


@pytest.mark.parametrize(
    ("before", "after", "begins"),
    [
        (SelectionMode.NONE, SelectionMode.ALL, True),
        (SelectionMode.NONE, SelectionMode.CRITERIA, True),
        (SelectionMode.NONE, SelectionMode.NONE, False),
        (SelectionMode.ALL, SelectionMode.NONE, False),
        # What both selections take must not be missed between two polls.
        (SelectionMode.MARKED, SelectionMode.ALL, False),
    ],
)
def test_a_selection_that_begins_to_take_records(
    before: SelectionMode,
    after: SelectionMode,
    begins: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """To select nothing is to be switched off, so ending that counts as switching on."""
    old, new = (
        SyncSettings(
            inbound=Inbound(
                objects={each: InboundObject(selection=Selection(mode=mode)) for each in SObject}
            )
        )
        for mode in (before, after)
    )

    result = switched(old, new, now=NOON)

    assert result.inbound.objects[SObject.LEAD].enabled_at == (NOON if begins else None)


def test_switching_outbound_on() -> None:
    """The whole of it, or one object: each remembers its moment."""
    off = outbound(enabled=False, lead=False)

    whole = switched(off, outbound(lead=False), now=NOON)
    both = switched(whole, outbound(), now=NOON + HOUR)

    assert whole.outbound.enabled_at == NOON
    assert whole.outbound.open_since(SObject.LEAD) == NOON
    assert both.outbound.open_since(SObject.LEAD) == NOON + HOUR
    assert both.outbound.open_since(SObject.CONTACT) == NOON


@law
@given(MAYBE, MAYBE)
def test_since_when_edits_go_out(whole: datetime | None, lead: datetime | None) -> None:
    """The later of two switches counts."""
    settings = Outbound(
        enabled_at=whole, objects={each: OutboundObject(enabled_at=lead) for each in SObject}
    )

    since = settings.open_since(SObject.LEAD)

    assert since == max([at for at in (whole, lead) if at], default=None)


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("lead", [True, False])
def test_whether_edits_go_out(*, enabled: bool, lead: bool) -> None:
    """Both switches have to be on."""
    assert outbound(enabled=enabled, lead=lead).outbound.writes(SObject.LEAD) is (enabled and lead)


@pytest.mark.parametrize(
    ("before", "after", "since"),
    [
        (SelectionMode.ALL, SelectionMode.FROM_NOW_ON, NOON),
        (SelectionMode.FROM_NOW_ON, SelectionMode.FROM_NOW_ON, NOON - HOUR),
        (SelectionMode.FROM_NOW_ON, SelectionMode.MARKED, NOON),
    ],
)
def test_from_now_on(before: SelectionMode, after: SelectionMode, since: datetime) -> None:
    """Now is when the mode was chosen, and stays that."""
    old = inbound(selection=Selection(mode=before, since=NOON - HOUR))

    new = switched(old, inbound(selection=Selection(mode=after)), now=NOON)

    assert new.inbound.objects[SObject.LEAD].selection.since == since


def test_what_comes_in_is_taken_from_the_second_of_the_switch_on() -> None:
    """Salesforce's stamps have no fractions, and would look older than a moment that has them."""
    now = NOON + timedelta(milliseconds=700)
    off = replace(inbound(enabled=False), outbound=Outbound(enabled=False))
    wanted = inbound(selection=Selection(mode=SelectionMode.FROM_NOW_ON))
    opportunities = OpportunitySettings(enabled=True)

    new = switched(off, replace(wanted, opportunities=opportunities), now=now)

    entry = new.inbound.objects[SObject.LEAD]
    assert (entry.enabled_at, entry.selection.since) == (NOON, NOON)
    assert new.opportunities.enabled_at == NOON
    # Edits of ours are stamped by the very clock of the switch.
    assert new.outbound.enabled_at == now


def test_each_change_is_a_version() -> None:
    """It follows the one that it changes, whatever it says of itself."""
    before = replace(SyncSettings(), version=7)

    assert switched(before, replace(before, version=3), now=NOON).version == 8


@pytest.mark.parametrize(
    ("field", "synced"),
    [
        (a_field(), True),
        (a_field(mode=Mode.DO_NOT_SYNC), False),
        (a_field(Contact="Title"), False),
    ],
    ids=["mapped", "not to be synced", "of another object"],
)
def test_which_fields_cross(field: FieldMapping, *, synced: bool) -> None:
    """Those that the object has, and that are to cross."""
    assert synced_fields([field], SObject.LEAD) == ((field,) if synced else ())


@pytest.mark.parametrize("minutes", [0, 5, 60])
def test_an_interval(minutes: int) -> None:
    """None at all means by hand only."""
    interval = InboundObject(interval_minutes=minutes).interval

    assert (interval is None) is (minutes == 0)
