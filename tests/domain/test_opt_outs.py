"""Opt-outs that wait for outbound: whose, and until when they were held."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.contacts import Contact
from counterpart.domain.links import Secondary
from counterpart.domain.mapping import OPTED_OUT, Mode
from counterpart.domain.opt_outs import (
    due_opt_outs,
    held_opt_out,
    mark_when_met,
    owes_opt_out,
)
from counterpart.domain.outbound_settings import Outbound, OutboundObject
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from counterpart.domain.waiting import Lane, Waiting
from tests.domain.samples import (
    HOUR,
    MINUTE,
    NOON,
    a_contact,
    a_counterpart,
    a_field,
    a_ledger,
    record_id,
)

if TYPE_CHECKING:
    from datetime import datetime

BOX = a_field(OPTED_OUT, Mode.RESTRICTIVE_WINS, FieldType.BOOLEAN)
OFF = SyncSettings(fields=(BOX,), outbound=Outbound(enabled=False))


def refusing(*, seen: bool | None = False, ours: bool = True) -> Contact:
    """Return a linked contact that has opted out here, and what was seen there."""
    ledger = replace(a_ledger({OPTED_OUT: ours}), shadows={OPTED_OUT: seen})
    return a_contact(ledger=ledger, counterpart=a_counterpart())


@pytest.mark.parametrize("paused_at", [None, NOON - HOUR])
@pytest.mark.parametrize("seen", [False, None])
def test_an_opt_out_that_salesforce_does_not_know(
    seen: bool | None,  # noqa: FBT001 - a case
    paused_at: datetime | None,
) -> None:
    """It is held, and found by whoever switches something on from then on."""
    refused = replace(refusing(seen=seen), outbound_paused_at=paused_at)
    held = held_opt_out(refused, OFF, now=NOON)

    assert held
    assert held.lane is Lane.OPT_OUT
    assert NOON - MINUTE <= held.next_push_at <= NOON


@pytest.mark.parametrize(
    ("contact", "settings"),
    [
        (refusing(), replace(OFF, outbound=Outbound())),
        (refusing(seen=True), OFF),
        (refusing(ours=False), OFF),
        (replace(refusing(), counterpart=None), OFF),
        (refusing(), replace(OFF, fields=(a_field(OPTED_OUT, kind=FieldType.BOOLEAN),))),
        (refusing(), replace(OFF, fields=(replace(BOX, paths={SObject.CONTACT: "Box"}),))),
    ],
    ids=["on", "known", "none", "unlinked", "ordinary", "unmapped"],
)
def test_who_has_nothing_to_hold(contact: Contact, settings: SyncSettings) -> None:
    """It may go now, or there is nothing to go."""
    assert held_opt_out(contact, settings, now=NOON) is None


def test_an_opt_out_is_owed_however_it_may_go() -> None:
    """Whether outbound is on, off or paused; not to a record that knows it, or lacks the box."""
    paused = replace(refusing(), outbound_paused_at=NOON)

    assert owes_opt_out(refusing(), OFF)
    assert owes_opt_out(paused, replace(OFF, outbound=Outbound()))
    assert not owes_opt_out(refusing(seen=True), OFF)
    assert not owes_opt_out(replace(refusing(), counterpart=None), OFF)
    elsewhere = replace(BOX, paths={SObject.CONTACT: "Box"})
    assert not owes_opt_out(refusing(), replace(OFF, fields=(elsewhere,)))


def test_a_further_record_that_is_gone_need_not_know() -> None:
    """It learns of a refusal once it is back."""
    gone = Secondary(
        record_id=record_id(2), object=SObject.LEAD, linked_at=NOON, came_from="bob", gone=True
    )
    settings = replace(OFF, outbound=Outbound())

    assert not owes_opt_out(replace(refusing(seen=True), secondaries=(gone,)), settings)
    back = replace(gone, gone=False)
    assert owes_opt_out(replace(refusing(seen=True), secondaries=(back,)), settings)


@pytest.mark.parametrize(
    ("further", "closed", "lane"),
    [
        ((), (), None),
        ((SObject.CONTACT,), (), Lane.FRESH),
        ((SObject.CONTACT,), (SObject.CONTACT,), Lane.OPT_OUT),
        ((SObject.CONTACT,), (SObject.LEAD,), Lane.OPT_OUT),
        # One of them may learn of it now; the push keeps a mark for the other.
        ((SObject.CONTACT, SObject.LEAD), (SObject.CONTACT,), Lane.FRESH),
    ],
    ids=["nobody", "open", "closed", "counterpart closed", "one closed"],
)
def test_a_meeting_after_which_further_records_do_not_know(
    further: tuple[SObject, ...], closed: tuple[SObject, ...], lane: Lane | None
) -> None:
    """They are told if any of them may be, and held otherwise; the counterpart lacks nothing."""
    records = tuple(
        Secondary(
            record_id=record_id(number, sobject),
            object=sobject,
            linked_at=NOON,
            came_from="bob",
            shadows={OPTED_OUT: False},
        )
        for number, sobject in enumerate(further, 2)
    )
    objects = {each: OutboundObject(enabled=each not in closed) for each in SObject}
    settings = replace(OFF, outbound=Outbound(objects=objects))
    contact = replace(refusing(seen=True), secondaries=records)

    waiting = mark_when_met(contact, settings, goes=False, now=NOON)

    assert (waiting.lane if waiting else None) == lane


@pytest.mark.parametrize(("seen", "lane"), [(True, Lane.BULK), (False, Lane.FRESH)])
def test_a_meeting_that_finds_something_to_send(
    seen: bool,  # noqa: FBT001 - a case
    lane: Lane,
) -> None:
    """It is a backlog, unless Salesforce does not know of a refusal."""
    settings = replace(OFF, outbound=Outbound())

    waiting = mark_when_met(refusing(seen=seen), settings, goes=True, now=NOON)

    assert waiting == Waiting(lane=lane, next_push_at=NOON)


def test_until_when_opt_outs_were_held_that_may_go() -> None:
    """Until something that is on now was last switched on."""
    on = OutboundObject(enabled_at=NOON)
    off = OutboundObject(enabled=False, enabled_at=NOON + HOUR)
    objects = {SObject.ACCOUNT: OutboundObject(), SObject.CONTACT: on, SObject.LEAD: off}

    assert due_opt_outs(Outbound()) is None
    assert due_opt_outs(Outbound(objects=objects)) == NOON
    assert due_opt_outs(Outbound(objects=objects, enabled_at=NOON + MINUTE)) == NOON + MINUTE
    assert due_opt_outs(Outbound(objects=objects, enabled=False)) is None
