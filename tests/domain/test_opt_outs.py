"""Opt-outs that wait for outbound: whose, and until when they were held."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.contacts import Contact
from counterpart.domain.mapping import OPTED_OUT, Mode
from counterpart.domain.opt_outs import due_opt_outs, held_opt_out, owes_opt_out
from counterpart.domain.outbound_settings import Outbound, OutboundObject
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from counterpart.domain.waiting import Lane
from tests.domain.samples import HOUR, MINUTE, NOON, a_contact, a_counterpart, a_field, a_ledger

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


def test_until_when_opt_outs_were_held_that_may_go() -> None:
    """Until something that is on now was last switched on."""
    on = OutboundObject(enabled_at=NOON)
    off = OutboundObject(enabled=False, enabled_at=NOON + HOUR)
    objects = {SObject.ACCOUNT: OutboundObject(), SObject.CONTACT: on, SObject.LEAD: off}

    assert due_opt_outs(Outbound()) is None
    assert due_opt_outs(Outbound(objects=objects)) == NOON
    assert due_opt_outs(Outbound(objects=objects, enabled_at=NOON + MINUTE)) == NOON + MINUTE
    assert due_opt_outs(Outbound(objects=objects, enabled=False)) is None
