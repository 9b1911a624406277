"""Backfill: count first, then read once more, page by page, as calls and time allow.

It is a stream of its own beside those that the schedule moves: their watermarks never notice it.
Whatever ends an invocation, its progress is saved, and the schedule's next tick goes on with it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.backfill import (
    RESUME,
    OpenBackfill,
    check_confirmed,
    chosen_fields,
)
from counterpart.domain.ids import new_id
from counterpart.domain.mapping import Mode
from counterpart.domain.passes import Rows
from counterpart.domain.values import format_time
from counterpart.domain.windows import PAGE_SIZE
from counterpart.errors import InputError, MissingFieldError, TransientError
from counterpart.ports import PageQuery
from counterpart.use_cases.reports import how_many

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.backfill import Backfill, BackfillWanted
    from counterpart.domain.streams import Lease
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.pull_ports import PullPorts

# Among the streams; the objects' own bear their API names.
STREAM = "backfill"
LEASE = timedelta(minutes=3)


def backfill_query(what: Backfill, settings: SyncSettings, upper: datetime | None) -> PageQuery:
    """Return what a backfill reads.

    Rows that are gone move links, which is the ordinary pull's work; and what was changed before
    its object was switched on is the very thing that is wanted here.

    Raises:
        InputError: its object does not come in, or a field is not mapped.
    """
    entry = settings.inbound.objects[what.object]
    if not entry.comes_in:
        message = (
            f"the selection of {what.object} takes nobody; choose another one first"
            if entry.enabled
            else f"{what.object} is switched off in the settings; switch it on first"
        )
        raise InputError(message, field="backfill.object")
    bounds = (what.until, upper)
    return PageQuery(
        object=what.object,
        rows=Rows.LIVE,
        fields=chosen_fields(what, settings.fields_of(what.object)),
        lower=what.since,
        upper=min((bound for bound in bounds if bound), default=None),
        selection=entry.selection,
        ids=what.ids,
    )


def count_backfill(wanted: BackfillWanted, *, ports: PullPorts) -> dict[str, object]:
    """Return how many records a backfill would read and how many calls that costs.

    It writes nothing.

    Raises:
        InputError: it asks for what is not possible, or is too long to be counted.
    """
    counted = _count(wanted.what, ports)
    calls = max(-(-counted // PAGE_SIZE), 1)
    records = how_many(counted, f"{wanted.what.object} record")
    return {
        "status": "counted",
        "summary": (
            f"Would read {records} with {how_many(calls, 'API call')}; {_effect(wanted.what)} "
            f"{_beyond(wanted.what, counted, ports.settings.current())}"
            f'Nothing was written. To begin, ask the same with "confirm": {counted}.'
        ),
        "records": counted,
        "api_calls": calls,
        "confirm": counted,
    }


def start_backfill(wanted: BackfillWanted, *, ports: PullPorts) -> dict[str, object]:
    """Open a backfill whose count was seen, let the next invocation begin, and return its id.

    Raises:
        InputError: it asks for what is not possible, much more was found than confirmed, or
            another one is open.
    """
    counted = _count(wanted.what, ports)
    check_confirmed(wanted.confirm or 0, counted)
    now = ports.pages.clock()
    lease = ports.streams.acquire(STREAM, now=now, lasts=LEASE)
    state = ports.streams.get(STREAM)
    if lease is None or state.backfill:
        if lease:
            ports.streams.release(lease)
        message = 'another one is under way; see {"backfill": "status"}, or cancel it'
        raise InputError(message, field="backfill")
    opened = OpenBackfill(id=new_id(now), what=wanted.what, total=counted)
    ports.streams.save(
        replace(state, backfill=opened, upper=None, progress={}, started_at=now), lease
    )
    ports.streams.release(lease)
    # Should that fail, the schedule's next tick finds it open.
    with suppress(TransientError):
        ports.successor.start(RESUME)
    return {
        "status": "started",
        "summary": (
            f"Reading {how_many(counted, f'{wanted.what.object} record')}; {_effect(wanted.what)}"
        ),
        "id": opened.id,
        "records": counted,
    }


def backfill_status(*, ports: PullPorts) -> dict[str, object]:
    """Return how far the open backfill has come, if there is one, and what holds it."""
    state = ports.streams.get(STREAM)
    if state.backfill is None:
        return {
            "status": "none",
            "summary": "No backfill is open.",
            "last_run": state.last_run,
            "finished_at": format_time(state.finished_at) if state.finished_at else None,
        }
    opened, hold = state.backfill, state.hold
    why = f" {hold.sentence(ports.settings.current().guard)}" if hold else ""
    return {
        "status": "open",
        "summary": f"Read {opened.done} of {opened.total} {opened.what.object} records.{why}",
        "id": opened.id,
        "object": str(opened.what.object),
        "fields": list(opened.what.fields),
        "records": opened.total,
        "done": opened.done,
        "started_at": format_time(state.started_at) if state.started_at else None,
        "last_run": state.last_run,
        "held": hold.id if hold else None,
    }


def cancel_backfill(*, ports: PullPorts) -> dict[str, object]:
    """End the open backfill where it stands; what it wrote stays.

    An invocation that is at work on it loses its lease and ends with its page.

    Raises:
        TransientError: somebody else is ending or starting one.
    """
    opened = ports.streams.get(STREAM).backfill
    if opened is None:
        return {"status": "none", "summary": "No backfill is open."}
    lease = _taken_over(ports)
    ports.streams.discard(lease)
    return {
        "status": "cancelled",
        "summary": f"Cancelled after {how_many(opened.done, 'record')}; what was written stays.",
        "id": opened.id,
        "done": opened.done,
    }


def _taken_over(ports: PullPorts) -> Lease:
    """Return a lease on the stream, whoever holds it now."""
    after_any_lease = ports.pages.clock() + 2 * LEASE
    lease = ports.streams.acquire(STREAM, now=after_any_lease, lasts=LEASE)
    if lease is None:
        raise TransientError("somebody else is cancelling or starting a backfill at this moment")
    return lease


def _count(what: Backfill, ports: PullPorts) -> int:
    query = backfill_query(what, ports.settings.current(), upper=None)
    try:
        counted = ports.pages.salesforce.count(query)
    except MissingFieldError as exc:
        raise unreadable(what, exc) from exc
    if counted is None:
        message = "Salesforce gives up on counting so many; ask for a shorter span of time"
        raise InputError(message, field="backfill")
    return counted


def unreadable(what: Backfill, missing: MissingFieldError) -> InputError:
    """Return what is told where Salesforce does not show what a backfill reads or selects by."""
    return InputError(f"{what.object} cannot be read: {missing}", field="backfill.object")


def _effect(what: Backfill) -> str:
    if what.fields:
        return (
            f"{', '.join(what.fields)} {'is' if len(what.fields) == 1 else 'are'} filled by mode "
            "where a contact or company is linked; nobody is made or linked."
        )
    return "all mapped fields cross by their modes, and records that are not here yet come in."


def _beyond(what: Backfill, counted: int, settings: SyncSettings) -> str:
    """Return what somebody might expect of a backfill that it does not do."""
    outbound = [
        field.name
        for field in settings.fields_of(what.object)
        if field.name in what.fields and field.mode is Mode.ALWAYS_OURS
    ]
    told = ""
    if outbound:
        told += f"By their mode, nothing comes in of {', '.join(outbound)}. "
    if counted < len(what.ids):
        told += (
            f"{len(what.ids) - counted} of the {len(what.ids)} that were named are not among them: "
            f"they are gone, or the selection of {what.object} does not take them. "
        )
    return told
