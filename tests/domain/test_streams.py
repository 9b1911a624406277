"""Streams: windows that leave no gap, pages that leave nobody out, a watermark that moves last."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.passes import PASSES, Rows
from counterpart.domain.records import SObject
from counterpart.domain.streams import StreamState, finished_run, is_due
from counterpart.domain.windows import Keyset, PassProgress, after_page, lower_bound, narrowed
from tests.domain.samples import HOUR, MINUTE, NOON, SECOND, a_record, law, moments

MAYBE = st.none() | moments()
INTERVALS = st.sampled_from([5, 60, 1440]).map(lambda minutes: timedelta(minutes=minutes))


@law
@given(MAYBE, st.integers(0, 60), MAYBE)
def test_a_window_begins_before_the_last_one_ended(
    watermark: datetime | None, overlap: int, not_before: datetime | None
) -> None:
    """No gap: it overlaps as far as the object was switched on."""
    lower = lower_bound(
        watermark=watermark, overlap=timedelta(minutes=overlap), not_before=not_before
    )

    if lower is None:
        assert watermark is None
    elif not_before is None or lower > not_before:
        assert watermark is not None
        assert lower == watermark - timedelta(minutes=overlap)
    else:
        assert lower == not_before


@pytest.mark.failure("F09")
def test_the_first_window() -> None:
    """It has no beginning: records older than any look-back come, too."""
    assert lower_bound(watermark=None, overlap=15 * MINUTE, not_before=None) is None


def test_switching_on_after_a_pause() -> None:
    """What changed while an object was off does not come in."""
    lower = lower_bound(watermark=NOON - 9 * HOUR, overlap=15 * MINUTE, not_before=NOON)

    assert lower == NOON


@law
@given(st.lists(moments(), min_size=1, max_size=8), MAYBE)
def test_a_watermark_only_moves_forwards(uppers: list[datetime], start: datetime | None) -> None:
    """Monotone, whatever Salesforce's clock says, and it ends at the latest end of a window."""
    state = StreamState(stream="Lead", watermark=start)
    for number, upper in enumerate(uppers):
        before = state.watermark
        state = finished_run(
            StreamState(stream="Lead", watermark=state.watermark, upper=upper),
            now=NOON + number * MINUTE,
            run_id=str(number),
        )
        assert state.watermark is not None
        assert before is None or state.watermark >= before

    assert state.watermark == max([*uppers, *([start] if start else [])])


def test_a_run_that_ended() -> None:
    """Nothing of it is left but the watermark, and when and which it was."""
    running = StreamState(
        stream="Lead",
        upper=NOON,
        progress={"Lead:live": PassProgress(finished=True)},
        started_at=NOON,
        set_aside=("Title",),
    )

    assert finished_run(running, now=NOON + MINUTE, run_id="r") == StreamState(
        stream="Lead",
        watermark=NOON,
        started_at=NOON,
        finished_at=NOON + MINUTE,
        last_run="r",
        set_aside=("Title",),
    )


@pytest.mark.failure("F02")
def test_many_rows_of_one_stamp() -> None:
    """Progress is the pair of stamp and id, so a tie across pages neither repeats nor skips."""
    page = [a_record(number, at=NOON) for number in range(1, 4)]

    after = after_page(page, finished=False, before=PassProgress(), upper=NOON + HOUR)

    assert after == PassProgress(after=Keyset(modstamp=NOON, record_id=page[-1].id), finished=False)


@law
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 50)), max_size=20), st.booleans())
def test_progress_is_the_last_row_that_was_applied(
    rows: list[tuple[int, int]],
    finished: bool,  # noqa: FBT001 - drawn by the law
) -> None:
    """A page moves it to its end; an empty page leaves it where it is."""
    records = [a_record(number, at=NOON + second * SECOND) for second, number in sorted(rows)]
    before = PassProgress(after=Keyset(modstamp=NOON - HOUR, record_id="a"))

    after = after_page(records, finished=finished, before=before, upper=NOON + HOUR)

    assert after.finished is finished
    if records:
        last = records[-1]
        assert after.after == Keyset(modstamp=last.modstamp, record_id=last.id)
    else:
        assert after.after == before.after


@pytest.mark.failure("F10")
@law
@given(MAYBE, st.lists(st.booleans(), max_size=60), moments())
def test_a_window_that_salesforce_gives_up_on(
    lower: datetime | None, given_up: list[bool], upper: datetime
) -> None:
    """Its parts follow one another without a gap, each non-empty, up to the window's end."""
    progress = PassProgress()
    read_until = lower
    for gave_up in [*given_up, *[False] * 60]:
        if progress.finished:
            break
        assert progress.since is None or read_until is None or progress.since <= read_until
        narrower = narrowed(progress, lower=lower, upper=upper) if gave_up else None
        if narrower:
            assert narrower.since is not None
            assert narrower.until is not None
            assert narrower.since < narrower.until < (progress.until or upper)
            progress = narrower
        else:
            read_until = progress.until or upper
            progress = after_page([], finished=True, before=progress, upper=upper)

    assert progress.finished
    assert read_until == upper


def test_a_second_that_salesforce_gives_up_on() -> None:
    """There is nothing left to halve."""
    assert narrowed(PassProgress(), lower=NOON, upper=NOON + SECOND) is None


def test_a_stream_by_hand_only() -> None:
    """The schedule leaves it alone, even in the middle of a run."""
    assert not is_due(StreamState(stream="Lead", upper=NOON), now=NOON, interval=None)


@law
@given(INTERVALS, st.integers(0, 100_000))
def test_an_interval_that_passed(interval: timedelta, seconds: int) -> None:
    """A tick that comes a little early counts, or it would cost a whole interval."""
    state = StreamState(stream="Lead", started_at=NOON)
    due = is_due(state, now=NOON + seconds * SECOND, interval=interval)

    if timedelta(seconds=seconds) >= interval:
        assert due
    if timedelta(seconds=seconds) < interval - MINUTE:
        assert not due


@pytest.mark.parametrize(
    "state",
    [
        StreamState(stream="Lead"),
        StreamState(stream="Lead", started_at=NOON, upper=NOON),
    ],
    ids=["never ran", "was cut short"],
)
def test_a_stream_that_has_work_left(state: StreamState) -> None:
    """It is due at every tick."""
    assert is_due(state, now=NOON + SECOND, interval=24 * HOUR)


def test_the_passes() -> None:
    """One call carries them all; what is gone is read apart from what lives, and before it."""
    assert len(PASSES) <= 5
    assert len({step.name for step in PASSES}) == len(PASSES)
    for sobject in (SObject.CONTACT, SObject.LEAD):
        order = [step.rows for step in PASSES if step.object is sobject]
        assert order == [Rows.GONE, Rows.LIVE]
