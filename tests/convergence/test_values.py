"""Laws about values: what they say of one field and its past, without a history to play."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.records import SObject
from counterpart.domain.values import FieldType
from tests.convergence.chronicle import Edit
from tests.convergence.pairs import Pair
from tests.convergence.values import mode_is_kept
from tests.domain.samples import a_counterpart

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_pair(
    mode: Mode, *, ours: str, theirs: str, goes_out: bool = False, written_over: bool = True
) -> Pair:
    """Return a field that we edited at noon, and somebody there a minute later."""
    field = FieldMapping(
        name="job_title", type=FieldType.STRING, mode=mode, paths={SObject.LEAD: "Title"}
    )
    return Pair(
        subject=Contact(
            id="ada",
            ledger=Ledger(values={"job_title": ours}, times={"job_title": NOON + MINUTE}),
            created_at=NOON,
            updated_at=NOON,
        ),
        row={"Id": "00Q", "SystemModstamp": NOON + 2 * MINUTE},
        field=field,
        ours=ours,
        theirs=theirs,
        our_edit=Edit(value="ours", stamped=NOON, seen=NOON),
        their_edit=Edit(value="theirs", stamped=NOON + MINUTE, seen=NOON + MINUTE),
        moved=[NOON + MINUTE],
        goes_out=goes_out,
        opt_out_goes=goes_out,
        relinked=False,
        repeated=False,
        overtaken=written_over,
        written_over=written_over,
        built_upon=False,
        was_hidden=False,
        met_at=None,
        met_without=False,
        lost=False,
        mode_changed=None,
    )


@pytest.mark.parametrize("mode", [Mode.TWO_WAY, Mode.PREFER_SALESFORCE])
def test_a_job_writes_over_what_a_pull_has_brought_and_nothing_goes_out(mode: Mode) -> None:
    """Theirs is here and stays; of two sides that differ otherwise, something is wrong."""
    assert mode_is_kept(a_pair(mode, ours="theirs", theirs="ours")) is None

    assert mode_is_kept(a_pair(mode, ours="theirs", theirs="ours", goes_out=True))
    assert mode_is_kept(a_pair(mode, ours="theirs", theirs="ours", written_over=False))
    assert mode_is_kept(a_pair(mode, ours="ours", theirs="older"))


@pytest.mark.parametrize("later", [False, True])
def test_somebody_there_clears_what_we_have_just_written(*, later: bool) -> None:
    """Within the second it looks like automation; a second later it is to be filled again."""
    cleared = NOON + timedelta(seconds=1 if later else 0)
    filled = a_pair(Mode.PREFER_SALESFORCE, ours="ours", theirs="", goes_out=True)
    written = a_counterpart(1, written_until=NOON + timedelta(seconds=0.5))
    pair = replace(
        filled,
        subject=replace(filled.subject, counterpart=written),
        row={**filled.row, "LastModifiedDate": cleared},
        theirs=None,
        their_edit=Edit(value=None, stamped=cleared, seen=cleared),
    )

    assert (mode_is_kept(pair) is not None) is later
