"""What every `RecordJobs` promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from counterpart.domain.records import SObject
from counterpart.ports import JobState, Json, RecordChange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.ports import JobProgress
    from tests.contracts.salesforce.orgs import Org

# What a table of comma-separated values could spoil.
AWKWARD = [
    'a "quoted", word',
    "two\nlines",
    "tab\tand  spaces",
    "a lone\rreturn",
    "émoji 🎉",
    "NA",
    "null",
    "N/A",
    "=1+1",
    "'",
    ",",
    "0012",
    "a \x00 that says nothing",
]


def a_lead(org: Org, **values: Any) -> str:  # noqa: ANN401 - any field
    """Add a lead and return its id."""
    return org.add(SObject.LEAD, LastName="Lovelace", Company="Acme", **values)


def change(record_id: str, **values: Json) -> RecordChange:
    """Return a change of a lead."""
    return RecordChange(object=SObject.LEAD, record_id=record_id, values=values)


def run(
    org: Org, changes: Sequence[RecordChange], sobject: SObject = SObject.LEAD
) -> tuple[str, JobProgress]:
    """Let a job carry *changes*, all of one object, until it has ended."""
    job_id = org.jobs.open(sobject)
    assert job_id
    org.jobs.upload(job_id, changes)
    org.jobs.start(job_id)
    progress = org.jobs.look(job_id)
    while progress.state is JobState.WORKING:
        progress = org.jobs.look(job_id)
    return job_id, progress


@pytest.mark.failure("F48")
def test_the_rows_of_a_job(org: Org) -> None:
    """Each changes in its own fields, and the others stay; a blank clears."""
    ada, bob = a_lead(org, Title="Ms", City="London"), a_lead(org, Title="Mr", City="Bern")
    org.advance(60)

    _, progress = run(org, [change(ada, Title="CTO", City=None), change(bob, City="Basel")])

    assert (progress.state, progress.refused) == (JobState.COMPLETE, 0)
    assert (org.values(ada)["Title"], org.values(ada)["City"]) == ("CTO", None)
    assert (org.values(bob)["Title"], org.values(bob)["City"]) == ("Mr", "Basel")


def test_the_moment_of_a_job_is_no_earlier_than_its_stamps(org: Org) -> None:
    """So that our own write is known when it comes back."""
    ada = a_lead(org)
    org.advance(60)

    _, progress = run(org, [change(ada, Title="CTO")])

    record = org.reader.read({SObject.LEAD: [ada]}, ())[ada]
    assert record.modified_at <= progress.as_of


def test_when_a_job_ended(org: Org) -> None:
    """No earlier than its rows were written, and before whatever was done after it."""
    ada = a_lead(org)
    job_id = org.jobs.open(SObject.LEAD)
    assert job_id
    assert org.jobs.look(job_id).ended_at is None
    org.advance(60)

    job_id, progress = run(org, [change(ada, Title="CTO")])

    written = org.reader.read({SObject.LEAD: [ada]}, ())[ada]
    org.advance(60)
    org.edit(ada, City="Turin")
    edited = org.reader.read({SObject.LEAD: [ada]}, ())[ada]
    assert progress.ended_at
    assert written.modstamp <= progress.ended_at < edited.modstamp
    assert org.jobs.look(job_id).ended_at == progress.ended_at


@pytest.mark.failure("F12")
def test_awkward_texts(org: Org) -> None:
    """They arrive as they would by the other way."""
    by_job = [a_lead(org) for _ in AWKWARD]
    by_collection = [a_lead(org) for _ in AWKWARD]

    run(org, [change(one, Title=text) for one, text in zip(by_job, AWKWARD, strict=True)])
    org.writer.update(
        [change(one, Title=text) for one, text in zip(by_collection, AWKWARD, strict=True)]
    )

    assert [org.values(one)["Title"] for one in by_job] == [
        org.values(one)["Title"] for one in by_collection
    ]


@pytest.mark.failure("F12")
def test_numbers(org: Org) -> None:
    """They arrive as they would by the other way, and a zero is no blank."""
    numbers = [0, 0.0, 7.0, -1.5, 1e6]
    by_job, by_collection = (
        [
            RecordChange(
                object=SObject.ACCOUNT,
                record_id=org.add(SObject.ACCOUNT, Name="Acme", AnnualRevenue=1),
                values={"AnnualRevenue": number},
            )
            for number in numbers
        ]
        for _ in range(2)
    )

    run(org, by_job, SObject.ACCOUNT)
    org.writer.update(by_collection)

    for changes in (by_job, by_collection):
        assert [org.values(one.record_id)["AnnualRevenue"] for one in changes] == numbers


@pytest.mark.parametrize("ticked", [True, False])
def test_a_checkbox(org: Org, ticked: bool) -> None:  # noqa: FBT001 - what is written
    """It is ticked, or not."""
    ada = a_lead(org, HasOptedOutOfEmail=not ticked)

    run(org, [change(ada, HasOptedOutOfEmail=ticked)])

    assert org.values(ada)["HasOptedOutOfEmail"] is ticked


@pytest.mark.failure("F48")
def test_the_word_that_clears(org: Org) -> None:
    """A job cannot carry it as text, and says so."""
    assert not org.jobs.takes(change("00Q", Title="#N/A"))
    assert org.jobs.takes(change("00Q", Title=None, City="N/A"))


@pytest.mark.failure("F19")
def test_one_bad_row_costs_one_row(org: Org) -> None:
    """The others are written; results name each by its record."""
    good, bad, last = (a_lead(org) for _ in range(3))

    job_id, progress = run(
        org, [change(good, Title="CTO"), change(bad, LastName="x" * 81), change(last, Title="CEO")]
    )

    assert (progress.state, progress.refused) == (JobState.COMPLETE, 1)
    results = org.jobs.results(job_id)
    assert (set(results.written), set(results.refused)) == ({good, last}, {bad})


@pytest.mark.failure("F24")
def test_rows_that_were_never_tried(org: Org) -> None:
    """They are in neither result."""
    people = [a_lead(org) for _ in range(4)]
    org.let_jobs_fail_after(3)

    job_id, progress = run(org, [change(one, Title="CTO") for one in people])

    assert progress.state is JobState.FAILED
    results = org.jobs.results(job_id)
    assert set(results.written) == set(people[:3])
    assert not results.refused


def test_a_job_that_was_not_started(org: Org) -> None:
    """It writes nothing, and can be ended."""
    ada = a_lead(org)
    job_id = org.jobs.open(SObject.LEAD)
    assert job_id
    org.jobs.upload(job_id, [change(ada, Title="CTO")])

    assert org.jobs.look(job_id).state is JobState.OPEN
    org.jobs.abort(job_id)

    assert org.jobs.look(job_id).state is JobState.ABORTED
    assert org.values(ada)["Title"] is None


def test_a_job_that_has_ended(org: Org) -> None:
    """To end it once more changes nothing."""
    job_id, progress = run(org, [change(a_lead(org), Title="CTO")])

    org.jobs.abort(job_id)

    assert org.jobs.look(job_id).state is progress.state is JobState.COMPLETE


@pytest.mark.failure("F11")
def test_a_job_that_salesforce_does_not_know(org: Org) -> None:
    """It is gone, which is no error."""
    assert org.jobs.look("750000000000001AAA").state is JobState.GONE
    org.jobs.abort("750000000000001AAA")
