"""What a push gives up because the record is newer, before its own write hides that it was."""

import pytest

from counterpart.domain.contacts import Ledger
from counterpart.domain.mapping import Mode
from counterpart.domain.pushing import Held, plan_push
from counterpart.domain.records import Record
from counterpart.domain.values import Value
from counterpart.domain.yielding import yielded
from tests.domain.samples import MINUTE, NOON, a_field, a_ledger, a_record

EARLIER = NOON - MINUTE


def edited(ours: Value, shadow: Value = "Analyst", *, insisted: bool = False) -> Ledger:
    """Return what is known of a title that somebody here has changed, and that waits to go out."""
    return Ledger(
        values={"job_title": ours},
        times={"job_title": EARLIER},
        shadows={"job_title": shadow},
        insisted=frozenset({"job_title"} if insisted else ()),
    )


def give_up(
    ledger: Ledger, record: Record, mode: Mode, *, is_news: bool = True, echo: bool = False
) -> tuple[Value, dict[str, Value]]:
    """Return what ours is after a push has looked at a record, and what was lost."""
    fields = [a_field(mode=mode)]
    until = record.modified_at if echo else None
    plan = plan_push(ledger, record, fields, open_since=None, written_until=until)
    after, lost = yielded(
        ledger, record, plan, fields, known=ledger, written_until=until, is_news=is_news
    )
    assert not lost or after.times["job_title"] == record.modified_at
    return after.values["job_title"], lost


@pytest.mark.parametrize(
    ("mode", "ours", "shadow"),
    [
        (Mode.PREFER_SALESFORCE, "VP", "Analyst"),
        (Mode.PREFER_SALESFORCE, None, "Analyst"),
        (Mode.ALWAYS_SALESFORCE, "VP", "Analyst"),
        (Mode.ALWAYS_SALESFORCE, "VP", None),
        (Mode.ALWAYS_SALESFORCE, None, "Analyst"),
    ],
)
def test_what_a_mode_keeps_here(mode: Mode, ours: Value, shadow: Value) -> None:
    """A newer record replaces it, as a pull would, whatever was changed in it; no older one."""
    ledger = edited(ours, shadow)

    newer = a_record(values={"job_title": shadow})
    older = a_record(at=EARLIER - MINUTE, values={"job_title": shadow})

    assert give_up(ledger, newer, mode) == (shadow, {"job_title": ours})
    assert give_up(ledger, older, mode) == (ours, {})


@pytest.mark.parametrize("mode", [Mode.PREFER_SALESFORCE, Mode.ALWAYS_SALESFORCE])
def test_what_no_pull_would_take(mode: Mode) -> None:
    """A version that was judged is settled, and our own write coming back speaks against nobody."""
    record = a_record(values={"job_title": "Analyst"})

    assert give_up(edited("VP"), record, mode, is_news=False) == ("VP", {})
    assert give_up(edited("VP"), record, mode, echo=True) == ("VP", {})


def test_what_somebody_there_has_changed() -> None:
    """A pull tells that at any time, so that it is left to it."""
    record = a_record(values={"job_title": "Director"})

    assert give_up(edited("VP"), record, Mode.PREFER_SALESFORCE) == ("VP", {})


@pytest.mark.parametrize(
    ("mode", "ours", "shadow"),
    [
        (Mode.PREFER_SALESFORCE, "VP", None),
        (Mode.ALWAYS_OURS, "VP", "Analyst"),
        (Mode.TWO_WAY, "VP", "Analyst"),
        (Mode.DO_NOT_SYNC, "VP", "Analyst"),
    ],
)
def test_what_goes_out_or_never_comes_in(mode: Mode, ours: Value, shadow: Value) -> None:
    """It stands, however new the record is."""
    record = a_record(values={"job_title": shadow})

    assert give_up(edited(ours, shadow), record, mode) == (ours, {})


def test_what_somebody_insisted_on() -> None:
    """It goes out over what the mode protects, and so is not given up."""
    record = a_record(values={"job_title": "Analyst"})

    kept = give_up(edited("VP", insisted=True), record, Mode.PREFER_SALESFORCE)

    assert kept == ("VP", {})


def test_a_record_that_does_not_show_the_field() -> None:
    """It says nothing of it."""
    assert give_up(edited("VP"), a_record(), Mode.PREFER_SALESFORCE) == ("VP", {})


def test_what_is_as_it_was_seen() -> None:
    """Nothing is lost with what both agree on."""
    ledger = a_ledger(job_title="Analyst", at=EARLIER)
    record = a_record(values={"job_title": "Analyst"})

    assert give_up(ledger, record, Mode.PREFER_SALESFORCE) == ("Analyst", {})


def test_an_edit_from_before_outbound_was_on() -> None:
    """It does not go out, and is judged by the record all the same."""
    ledger, fields = edited("VP"), [a_field(mode=Mode.PREFER_SALESFORCE)]
    record = a_record(values={"job_title": "Analyst"})
    plan = plan_push(ledger, record, fields, open_since=NOON)
    assert plan.held == {"job_title": Held.CLOSED}

    after, lost = yielded(
        ledger, record, plan, fields, known=ledger, written_until=None, is_news=True
    )

    assert (after.values["job_title"], lost) == ("Analyst", {"job_title": "VP"})
