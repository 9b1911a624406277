"""What every repository of streams does: one run moves a stream, and the next knows how far."""

from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest

from counterpart.domain.backfill import Backfill, OpenBackfill
from counterpart.domain.guard import Danger, Dangers, Hold
from counterpart.domain.records import SObject
from counterpart.domain.streams import BulkJob, Lease, StreamState
from counterpart.domain.sweep_requests import SweepPlace, Swept
from counterpart.domain.windows import Keyset, PassProgress
from counterpart.errors import LeaseLostError
from counterpart.ports import StreamRepository
from tests.contracts.stores.samples import LEAD_ID, MINUTE, NOON

LASTS = timedelta(minutes=3)


def everything() -> StreamState:
    """Return a state in which nothing is at its default."""
    return StreamState(
        stream="Lead",
        watermark=NOON,
        upper=NOON + MINUTE,
        progress={
            "Lead:live": PassProgress(
                after=Keyset(modstamp=NOON.replace(microsecond=9), record_id=LEAD_ID),
                since=NOON - MINUTE,
                until=NOON + MINUTE / 2,
                cleared_by=7,
            ),
            "Lead:gone": PassProgress(finished=True),
        },
        set_aside=("Fax", "Title"),
        aside_since={"Fax": NOON},
        described_at=NOON,
        looked_at=NOON + 2 * MINUTE,
        started_at=NOON + 3 * MINUTE,
        finished_at=NOON + 4 * MINUTE,
        last_run="run",
        backfill=OpenBackfill(
            id="one",
            what=Backfill(
                object=SObject.LEAD,
                fields=("job_title",),
                since=NOON - MINUTE,
                until=NOON,
                ids=(LEAD_ID,),
            ),
            total=7,
            done=3,
        ),
        jobs={
            SObject.LEAD: BulkJob(job_id="750xx0000000001AAA", opened_at=NOON),
            SObject.ACCOUNT: BulkJob(job_id=None, opened_at=NOON + MINUTE, misses=2),
        },
        hold=Hold(
            id="Lead/one",
            step="Lead:gone",
            dangers=Dangers(counts={Danger.UNLINKED: 7}, examples=(LEAD_ID,)),
            of=9,
            complete=False,
            held_at=NOON,
            looked_at=NOON + MINUTE,
            approved=True,
            settings_version=3,
            objects=("Contact", "Lead"),
        ),
        unswept=SweepPlace(start=Swept.COMPANIES, after="c1"),
    )


def acquire(streams: StreamRepository, *, now: datetime = NOON) -> Lease:
    """Return a lease that must be free."""
    lease = streams.acquire("Lead", now=now, lasts=LASTS)
    assert lease
    return lease


def test_a_stream_that_never_ran(streams: StreamRepository) -> None:
    """Its state is fresh."""
    assert streams.get("Lead") == StreamState(stream="Lead")


def test_a_lease_alone_leaves_the_state_fresh(streams: StreamRepository) -> None:
    """Taking a lease says nothing of how far the stream has come."""
    acquire(streams)

    assert streams.get("Lead") == StreamState(stream="Lead")


def test_a_state_comes_back_whole(streams: StreamRepository) -> None:
    """Nothing of it is lost or changed."""
    state = everything()
    fresh = StreamState(stream="Lead")
    untold = [
        each.name
        for each in fields(state)
        if getattr(state, each.name) == getattr(fresh, each.name)
    ]
    assert untold == ["stream"]

    streams.save(state, acquire(streams))

    assert streams.get("Lead") == state


def test_what_became_nothing_is_nothing(streams: StreamRepository) -> None:
    """A later state replaces all of the earlier one."""
    lease = acquire(streams)
    streams.save(everything(), lease)

    streams.save(StreamState(stream="Lead", watermark=NOON), lease)

    assert streams.get("Lead") == StreamState(stream="Lead", watermark=NOON)


def test_one_lease_at_a_time(streams: StreamRepository) -> None:
    """While somebody holds a stream, nobody else gets it; other streams are free."""
    lease = acquire(streams)

    assert streams.acquire("Lead", now=NOON + LASTS - MINUTE, lasts=LASTS) is None
    assert streams.acquire("Contact", now=NOON, lasts=LASTS)
    assert lease.until == NOON + LASTS


def test_a_lease_that_ended_is_granted_anew(streams: StreamRepository) -> None:
    """The next holder's fence is higher, and the first one can write no more."""
    first = acquire(streams)
    second = acquire(streams, now=NOON + LASTS)

    assert second.fence > first.fence
    with pytest.raises(LeaseLostError):
        streams.save(everything(), first)
    assert streams.get("Lead") == StreamState(stream="Lead")
    streams.save(everything(), second)
    assert streams.get("Lead") == everything()


def test_a_lease_that_ended_unnoticed_still_writes(streams: StreamRepository) -> None:
    """As long as no later lease was granted, nobody is harmed."""
    lease = acquire(streams)

    streams.save(everything(), lease)

    assert streams.get("Lead") == everything()


def test_saving_moves_the_end_of_the_lease(streams: StreamRepository) -> None:
    """Who makes progress keeps the stream."""
    lease = acquire(streams)

    streams.save(everything(), replace(lease, until=NOON + 2 * LASTS))

    assert streams.acquire("Lead", now=NOON + LASTS, lasts=LASTS) is None
    assert streams.acquire("Lead", now=NOON + 2 * LASTS, lasts=LASTS)


def test_a_released_stream_is_free_at_once(streams: StreamRepository) -> None:
    """Its state stays, and the next fence is higher."""
    first = acquire(streams)
    streams.save(everything(), first)

    streams.release(first)

    second = acquire(streams)
    assert second.fence > first.fence
    assert streams.get("Lead") == everything()


def test_releasing_a_lost_lease_frees_nothing(streams: StreamRepository) -> None:
    """A late release does not take the stream from its new holder."""
    first = acquire(streams)
    acquire(streams, now=NOON + LASTS)

    streams.release(first)

    assert streams.acquire("Lead", now=NOON + LASTS, lasts=LASTS) is None


def test_a_discarded_stream_is_forgotten(streams: StreamRepository) -> None:
    """Its state is fresh, its lease free; what once held it cannot write to what comes after."""
    first = acquire(streams)
    streams.save(everything(), first)

    streams.discard(first)

    assert streams.get("Lead") == StreamState(stream="Lead")
    with pytest.raises(LeaseLostError):
        streams.save(everything(), first)
    second = acquire(streams, now=NOON + MINUTE)
    assert second.fence > first.fence
    with pytest.raises(LeaseLostError):
        streams.save(everything(), first)


def test_discarding_under_a_lost_lease_forgets_nothing(streams: StreamRepository) -> None:
    """A stream belongs to its latest holder."""
    first = acquire(streams)
    streams.save(everything(), first)
    second = acquire(streams, now=NOON + LASTS)

    streams.discard(first)

    assert streams.get("Lead") == everything()
    streams.save(StreamState(stream="Lead"), second)
