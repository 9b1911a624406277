"""What every repository of runs does."""

from collections import Counter
from dataclasses import fields, replace

import pytest

from counterpart.domain.outcomes import Action, Outcome, Reason, Run, RunKind, RunStatus
from counterpart.errors import InputError
from counterpart.ports import RunRepository
from tests.contracts.stores.samples import LEAD_ID, MINUTE, NOON


def a_run(run_id: str = "run", *, minute: int = 0, kind: RunKind = RunKind.PULL) -> Run:
    """Return a run that began some minutes after noon."""
    return Run(
        id=run_id,
        kind=kind,
        status=RunStatus.COMPLETED,
        started_at=NOON + minute * MINUTE,
        finished_at=NOON + minute * MINUTE + MINUTE,
        summary="Done.",
    )


def an_outcome(number: int = 0) -> Outcome:
    """Return an outcome that bears a number."""
    return Outcome(
        action=Action.SKIPPED, reason=Reason.NO_EMAIL, at=NOON, message=f"Number {number}"
    )


def test_a_run_comes_back_whole(runs: RunRepository) -> None:
    """Nothing of it is lost or changed, and nothing that happens to its parts reaches it."""
    lead = Counter(read=7, created=2)
    run = replace(
        a_run(),
        started_at=NOON.replace(microsecond=1),
        status=RunStatus.FAILED,
        counts={"Lead": lead},
        skipped={"no_email": 3},
        api_calls=4,
        settings_version=5,
        error="It broke",
    )

    runs.record(run)
    lead["read"] = 8

    expected = replace(run, counts={"Lead": {"read": 7, "created": 2}})
    assert runs.get("run") == expected
    assert runs.page(limit=9).items == [expected]
    assert runs.get("unknown") is None


def test_a_newer_state_replaces_the_older(runs: RunRepository) -> None:
    """A run is recorded when it begins and when it ends, and listed once."""
    runs.record(replace(a_run(), status=RunStatus.FAILED, error="It broke"))

    runs.record(a_run())

    assert runs.get("run") == a_run()
    assert list(runs.page(limit=9).items) == [a_run()]


def test_an_outcome_comes_back_whole(runs: RunRepository) -> None:
    """Nothing of it is lost or changed."""
    whole = Outcome(
        action=Action.CONFLICTED,
        reason=Reason.BOTH_CHANGED,
        at=NOON.replace(microsecond=2),
        object="Lead",
        record_id=LEAD_ID,
        subject_id="ada",
        field="city",
        message="Both sides changed it",
        code="CODE",
        kept="ours",
        lost="",
    )
    assert all(getattr(whole, each.name) is not None for each in fields(whole))
    bare = Outcome(action=Action.LINKED, reason=Reason.CREATED, at=NOON)

    runs.record(a_run(), [whole, bare])

    assert list(runs.outcomes("run", limit=9).items) == [whole, bare]


def test_outcomes_keep_their_order_over_several_records(runs: RunRepository) -> None:
    """Those of a later record follow those of an earlier one; other runs keep theirs."""
    runs.record(a_run(), [an_outcome(number) for number in range(30)])
    runs.record(a_run("other"), [an_outcome(99)])
    runs.record(a_run(), [an_outcome(number) for number in range(30, 33)])

    seen: list[Outcome] = []
    after = None
    while True:
        listing = runs.outcomes("run", limit=10, after=after)
        assert len(listing.items) <= 10
        seen += listing.items
        after = listing.next
        if after is None:
            break

    assert seen == [an_outcome(number) for number in range(33)]
    assert list(runs.outcomes("unknown", limit=9).items) == []


def test_the_last_full_page_has_no_next(runs: RunRepository) -> None:
    """A list that ends with its page says so."""
    runs.record(a_run(), [an_outcome(1), an_outcome(2)])

    assert runs.outcomes("run", limit=2).next is None
    assert runs.page(limit=1).next is None


def test_runs_newest_first(runs: RunRepository) -> None:
    """All kinds are merged by the time they began, page by page; each run comes once."""
    kinds = list(RunKind)
    recorded = [a_run(f"run-{n}", minute=n // 2, kind=kinds[n % len(kinds)]) for n in range(11)]
    for run in recorded:
        runs.record(run)

    seen: list[Run] = []
    after = None
    while True:
        listing = runs.page(limit=4, after=after)
        assert len(listing.items) <= 4
        seen += listing.items
        after = listing.next
        if after is None:
            break

    newest_first = sorted(recorded, key=lambda run: (run.started_at, run.id), reverse=True)
    assert seen == newest_first


def test_runs_of_one_kind(runs: RunRepository) -> None:
    """The others are left out, on every page."""
    for number in range(6):
        kind = RunKind.PUSH if number % 2 else RunKind.PULL
        runs.record(a_run(f"run-{number}", minute=number, kind=kind))

    first = runs.page(kind=RunKind.PUSH, limit=2)
    second = runs.page(kind=RunKind.PUSH, limit=2, after=first.next)

    assert [run.id for run in (*first.items, *second.items)] == ["run-5", "run-3", "run-1"]
    assert second.next is None


@pytest.mark.parametrize(
    "token", ["", "nonsense", "eyJwbGFjZSI6Ii0xIn0=", "eyJwbGFjZSI6MX0=", "eyJpZCI6ImEifQ=="]
)
def test_a_token_that_nobody_gave_out(runs: RunRepository, token: str) -> None:
    """The caller's mistake is the caller's to mend."""
    with pytest.raises(InputError):
        runs.page(limit=3, after=token)
    with pytest.raises(InputError):
        runs.outcomes("run", limit=3, after=token)


def test_what_was_told_about_somebody(runs: RunRepository) -> None:
    """Newest first, over all runs, with the run that told it; of others there is nothing."""
    ada = [
        replace(an_outcome(number), subject_id="ada", at=NOON + number * MINUTE)
        for number in range(4)
    ]
    bob = replace(an_outcome(9), subject_id="bob", at=NOON + 9 * MINUTE)
    runs.record(a_run("first"), [ada[0], bob, ada[2], an_outcome(5)])
    runs.record(a_run("second"), [ada[1], ada[3]])

    told = runs.about("ada", limit=3)

    assert [(one.run_id, one.outcome) for one in told] == [
        ("second", ada[3]),
        ("first", ada[2]),
        ("second", ada[1]),
    ]
    assert list(runs.about("eve", limit=3)) == []
