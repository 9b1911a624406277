"""What `make status` says of a stream."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from counterpart.domain.guard import Dangers, Hold
from counterpart.domain.streams import StreamState
from scripts.local.status import what_it_does

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
AT_REST = StreamState(stream="Lead")
HOLD = Hold(
    id="Lead/one",
    step="Lead:gone",
    dangers=Dangers(),
    of=20,
    complete=True,
    held_at=NOON,
    looked_at=NOON,
)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (AT_REST, "rests"),
        (replace(AT_REST, upper=NOON), "runs"),
        (replace(AT_REST, upper=NOON, hold=HOLD), "is held"),
        (replace(AT_REST, hold=HOLD), "is held"),
        (replace(AT_REST, upper=NOON, hold=replace(HOLD, approved=True)), "runs"),
    ],
)
def test_what_a_stream_does(state: StreamState, said: str) -> None:
    """Who waits for a yes is told apart from who is at work."""
    assert what_it_does(state) == said
