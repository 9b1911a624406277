"""The end of a history: no edits and no faults any more, and everything runs until it is quiet."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING

from counterpart.domain.parked_requests import RedriveParked
from counterpart.domain.subjects import secondaries_of
from counterpart.domain.sweep_requests import SweepRequest, Swept
from counterpart.domain.waiting import Lane
from counterpart.errors import ConflictError
from counterpart.use_cases.backfill import STREAM as BACKFILL
from counterpart.use_cases.delete_contact import delete_contact
from counterpart.use_cases.parked_edits import redrive_parked
from tests.convergence.campaign_laws import CAMPAIGNS, essences, left
from tests.convergence.couples import pairs
from tests.convergence.desk_acts import approve_hold, held_by_guard
from tests.convergence.desk_laws import DESK, DESK_VALUES
from tests.convergence.merge_laws import MERGES
from tests.convergence.opportunity_laws import DEALS, SWEPT_DEALS
from tests.convergence.structure import (
    STRUCTURE,
    a_sweep_finds_the_gone,
    nobody_waits_in_vain,
)
from tests.convergence.sweep_laws import a_sweep_ends_what_was_left
from tests.convergence.values import VALUES
from tests.convergence.world import Mishap
from tests.convergence.write_laws import WRITES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.outbound_settings import Outbound
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.world import World

_ROUNDS = 40
_QUIET = 2
# Past every overlap and lease; later, past every back-off.
_SHORT, _LONG, _SHORT_ROUNDS = 20 * 60, 2 * 3600, 5
_SUBJECTS = (
    "contacts.save",
    "contacts.delete",
    "companies.save",
    "links.claim",
    "opportunities.save",
)


def come_to_rest(world: World, chronicle: Chronicle) -> Iterator[str]:
    """Let everything run until nothing is left to do; say so if there is no end to it."""
    world.hands.heal()
    quiet = 0
    for number in range(_ROUNDS):
        world.pass_time(_SHORT if number < _SHORT_ROUNDS else _LONG)
        before = _written(world)
        if number == _SHORT_ROUNDS:
            # The sweep would mend it from here on.
            yield from _in_vain(world, chronicle)
        _round(world, number)
        quiet = quiet + 1 if _written(world) == before and not _left(world) else 0
        if quiet > _QUIET:
            return
    yield f"no rest after {_ROUNDS} rounds: {_left(world)}"


def _in_vain(world: World, chronicle: Chronicle) -> Iterator[str]:
    """Return who waits in vain without a sweep.

    An index that lags for minutes may hide some; and a pull by hand that broke off between an
    Account and those who wait for it leaves them to the sweep.
    """
    if not world.lagging and not chronicle.broken_off:
        yield from nobody_waits_in_vain(world, chronicle, {})


def _round(world: World, number: int) -> None:
    world.catch_up()
    for hold_id in held_by_guard(world):
        approve_hold(world, hold_id, Mishap())
    if number == 0:
        # Whatever stood against an edit may be over.
        redrive_parked(RedriveParked(), now=world.clock(), stores=world, may_go_on=lambda: True)
    for contact_id, ended in world.deletions.items():
        # Whoever got no answer asks again; what is to be told has been by the second time, or
        # never will be.
        if not ended and world.contacts.get_many([contact_id]):
            with suppress(ConflictError):
                delete_contact(
                    contact_id,
                    contacts=world.contacts,
                    links=world.links,
                    members=world.members,
                    settings=world.settings.current(),
                    now=world.clock(),
                    untold=number > 0,
                )
    while world.successor.payloads:
        world.pull(world.successor.payloads.pop(0), turns=0, mishap=Mishap())
    world.deliveries.deliver(random.Random(number), most=200, mishap=Mishap())
    world.catch_up()
    world.pull({}, turns=0, mishap=Mishap())
    if world.streams.get(BACKFILL).backfill:
        # Whatever stopped it, a tick of the schedule lets it go on.
        world.pull({"scheduled": True}, turns=0, mishap=Mishap())
    world.catch_up()
    world.push({"scheduled": True}, turns=0, mishap=Mishap())
    if number >= _SHORT_ROUNDS:
        # Earlier it would mend what pulls should have seen by themselves.
        world.sweep(mishap=Mishap())
    successor = world.campaigns.successor
    while successor.payloads:
        world.sync_campaigns(successor.payloads.pop(0), turns=0, mishap=Mishap())
    world.catch_up()
    world.sync_campaigns({}, turns=0, mishap=Mishap())
    world.catch_up()


def _written(world: World) -> tuple[int, int, object]:
    writes = sum(world.watch.writes[name] for name in _SUBJECTS)
    there = world.salesforce.writes + world.campaigns.calls.writes
    return writes, there, essences(world)


def _left(world: World) -> list[str]:
    outbound = world.settings.current().outbound
    waiting = [
        f"{subject.id} waits: {subject.waiting}"
        for subject in world.all_subjects()
        if subject.waiting
        and subject.waiting.lane is not Lane.PARKED
        and not (subject.waiting.lane is Lane.OPT_OUT and not _may_go(subject, outbound))
    ]
    # What is behind a hold comes in with the yes of the next round.
    waiting += [f"{hold_id} waits for a yes" for hold_id in held_by_guard(world)]
    waiting += left(world)
    return waiting + [f"{message.job} is queued" for message in world.deliveries.messages]


def _may_go(subject: Contact | Company, outbound: Outbound) -> bool:
    """Return whether nothing is off that a refusal, held for one of its records, may wait for."""
    own = subject.counterpart
    further = [one.object for one in secondaries_of(subject)]
    return own is not None and all(map(outbound.writes, [own.object, *further]))


def _sweep(world: World, looked_for: SweepRequest) -> None:
    """Let the nightly sweep look, and somebody say yes to what it holds.

    Earlier it would find what pulls should have read of by themselves.
    """
    world.sweep(looked_for, mishap=Mishap())
    for hold_id in held_by_guard(world):
        approve_hold(world, hold_id, Mishap())
    world.sweep(looked_for, mishap=Mishap())


def judge(world: World, chronicle: Chronicle) -> Iterator[str]:
    """Return what is wrong at rest."""
    before = _written(world)
    world.pull({}, turns=0, mishap=Mishap())
    world.push({"everything_waiting": True}, turns=0, mishap=Mishap())
    world.sync_campaigns({}, turns=0, mishap=Mishap())
    after = _written(world)
    if after != before:
        here, there = after[0] - before[0], after[1] - before[1]
        members = "" if after[2] == before[2] else ", and changed members"
        yield f"a further pull, push and sync made {here} writes here and {there} there{members}"
    rows = {row["Id"]: row for row in world.hands.rows()}
    for law in (*WRITES, *STRUCTURE, *MERGES, *DESK, *DEALS, *CAMPAIGNS):
        yield from law(world, chronicle, rows)
    yield from _in_vain(world, chronicle)
    # Of deals alone.
    _sweep(world, SweepRequest(start=Swept.OPPORTUNITIES))
    for law in SWEPT_DEALS:
        yield from law(world, chronicle, rows)
    for pair in pairs(world, chronicle, rows):
        for value_law in (*VALUES, *DESK_VALUES):
            wrong = value_law(pair)
            if wrong:
                yield wrong
    _sweep(world, SweepRequest())
    yield from nobody_waits_in_vain(world, chronicle, rows)
    yield from a_sweep_finds_the_gone(world, chronicle, rows)
    yield from a_sweep_ends_what_was_left(world, chronicle, rows)
