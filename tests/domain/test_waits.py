"""Waits: what is told of an edit that was tried in vain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.patience import parked_for
from counterpart.domain.refusals import Refusal
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.waiting import Lane, Parked, Waiting
from counterpart.domain.waits import what_waits
from tests.domain.samples import NOON, a_contact, a_counterpart

if TYPE_CHECKING:
    from counterpart.domain.contacts import Contact

LOCKED = Refusal(code="UNABLE_TO_LOCK_ROW", message="locked")


def tried(attempts: int, before: Parked | None = None) -> Parked:
    """Return what is set aside after so many attempts, and what was set aside before."""
    mark = Waiting(lane=Lane.RETRY, next_push_at=NOON, attempts=attempts - 1)
    return parked_for(before, mark, LOCKED, fields=(), now=NOON, run_id="run")


@pytest.mark.parametrize(
    ("lane", "on_the_mark", "parked", "attempts"),
    [
        pytest.param(Lane.RETRY, 2, None, 2, id="failed in passing"),
        pytest.param(Lane.PARKED, 0, tried(4), 4, id="set aside"),
        pytest.param(Lane.RETRY, 0, tried(4), 4, id="sent again"),
        pytest.param(Lane.RETRY, 2, tried(4), 6, id="sent again, and failed in passing"),
        pytest.param(Lane.PARKED, 0, tried(3, before=tried(4)), 7, id="set aside once more"),
    ],
)
def test_how_often_it_was_tried(
    lane: Lane, on_the_mark: int, parked: Parked | None, attempts: int
) -> None:
    """All tries count, though the mark begins anew when something is set aside or sent again."""
    mark = Waiting(lane=lane, next_push_at=NOON, attempts=on_the_mark)
    ada = a_contact(counterpart=a_counterpart(), waiting=mark, parked=parked)

    wait = what_waits(ada, SyncSettings(), hold=None)

    assert wait is not None
    assert wait.attempts == attempts
    assert lane is Lane.PARKED or f"tried {attempts} times in vain" in wait.message


def test_a_row_that_was_not_tried_yet() -> None:
    """It waits for a pull to follow its record, and nothing was in vain."""
    mark = Waiting(lane=Lane.RETRY, next_push_at=NOON)
    ada = a_contact(counterpart=a_counterpart(), waiting=mark)

    wait = what_waits(ada, SyncSettings(), hold=None)

    assert wait is not None
    assert "in vain" not in wait.message


@pytest.mark.parametrize(
    ("contact", "outbound", "why"),
    [
        pytest.param(a_contact(), Outbound(), "not linked to a record", id="no record"),
        pytest.param(
            a_contact(counterpart=a_counterpart(), outbound_paused_at=NOON),
            Outbound(),
            "sync tag was taken away",
            id="paused",
        ),
        pytest.param(
            a_contact(counterpart=a_counterpart()),
            Outbound(enabled=False),
            "outbound is switched off for Lead",
            id="switched off",
        ),
    ],
)
def test_an_edit_that_may_not_go(contact: Contact, outbound: Outbound, why: str) -> None:
    """Whoever asks learns what keeps it here, rather than that something does."""
    marked = replace(contact, waiting=Waiting(lane=Lane.FRESH, next_push_at=NOON))

    wait = what_waits(marked, SyncSettings(outbound=outbound), hold=None)

    assert wait is not None
    assert (wait.goes_at, why in wait.message) == (None, True)
