"""Pushing by jobs: many rows go out in the background, and each is settled by what became of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from counterpart.domain.divergence import diverged_fields, with_ours
from counterpart.domain.mapping import Mode
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.outcomes import Reason, RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.waiting import Lane
from counterpart.errors import ConfigurationError, CounterpartError, TransientError
from counterpart.ports import JobProgress
from counterpart.use_cases.reports import Report
from tests.use_cases.world import HOUR, MINUTE, PowerCutError, World, with_mode

MANY = 6
BY_JOB = SyncSettings(
    fields=with_mode(Mode.TWO_WAY, "job_title", "city", "first_name"),
    outbound=Outbound(bulk_above=3),
)
VALIDATION = Refusal(code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="Titles are for kings.")


def edited(world: World, count: int = MANY, *, lane: Lane = Lane.BULK) -> list[str]:
    """Pull that many leads, edit all of them, and return the ids of their contacts."""
    people = world.analysts(count)
    for contact_id in people:
        world.edit(contact_id, job_title="VP", lane=lane)
    world.written.clear()
    return people


def titles(world: World, people: Sequence[str]) -> list[object]:
    """Return what Salesforce holds."""
    return [world.row_of(contact_id)["Title"] for contact_id in people]


def settled(world: World, people: Sequence[str]) -> bool:
    """Return whether nothing waits and nothing is under way any more."""
    return not any(world.waits(one) or world.contact(one).in_flight for one in people)


def look(world: World, minutes: float = 1) -> Report:
    """Let time pass, and the schedule look."""
    world.wait(minutes)
    return world.push(scheduled=True)


def test_many_rows_of_one_object() -> None:
    """They go by one job: opened, uploaded, started, looked at, and read once before."""
    world = World(BY_JOB)
    people = edited(world)

    report = world.push()

    assert titles(world, people) == ["VP"] * MANY
    assert report.counts["Lead"] == {"updated": MANY}
    assert report.api_calls == 5
    assert world.writes_of("jobs.open") == 1
    assert world.writes_of("salesforce.update") == 0
    assert settled(world, people)
    assert {world.contact(one).ledger.shadows["job_title"] for one in people} == {"VP"}


@pytest.mark.parametrize("above", [0, MANY])
def test_no_more_rows_than_the_setting_says(above: int) -> None:
    """They go by collections; with zero, all always do."""
    world = World(replace(BY_JOB, outbound=Outbound(bulk_above=above)))
    people = edited(world)

    world.push()

    assert titles(world, people) == ["VP"] * MANY
    assert world.writes_of("jobs") == 0


@pytest.mark.failure("F65")
def test_a_few_fresh_edits_beside_a_backlog() -> None:
    """They do not wait for its job."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.work = 10 * MINUTE
    world.edit(people[0], city="Basel")

    world.push()

    assert world.row_of(people[0])["City"] == "Basel"
    assert world.row_of(people[1])["Title"] == "Analyst"


def test_our_own_writes_by_a_job_coming_back() -> None:
    """The next pulls make no write."""
    world = World(BY_JOB)
    edited(world)
    world.push()
    world.settle(1)
    world.written.clear()

    world.settle(2)

    assert world.writes_of("contacts", "salesforce", "jobs") == 0


@pytest.mark.failure("F11")
def test_a_job_that_takes_its_time() -> None:
    """The wait for it has an end; a later invocation resumes it by its id and settles its rows."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.work = 5 * MINUTE

    first = world.push()
    between = look(world)

    assert first.more_remains
    assert first.counts.get("Lead") is None
    assert between.more_remains
    assert not settled(world, people)

    report = look(world, 5)

    assert report.counts["Lead"] == {"updated": MANY}
    assert settled(world, people)
    assert world.writes_of("jobs.open") == 1
    assert world.writes_of("salesforce.update") == 0


@pytest.mark.failure("F11")
@pytest.mark.parametrize("lagging", [False, True])
def test_a_crash_at_any_moment(lagging: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """What was pushed is settled or pushed again; nothing is lost."""
    writes = 0
    while True:
        world = World(BY_JOB, lagging_index=lagging)
        world.contacts.catch_up()
        people = edited(world)
        world.contacts.catch_up()
        world.cut_the_power_after(writes)
        try:
            world.push()
        except PowerCutError:
            world.start_again()
            for _ in range(5):
                world.contacts.catch_up()
                look(world, 2)
            world.contacts.catch_up()
            world.settle(2)
        else:
            break
        assert titles(world, people) == ["VP"] * MANY, writes
        assert settled(world, people), writes
        assert {world.contact(one).ledger.shadows["job_title"] for one in people} == {"VP"}
        writes += 1
    assert writes > 2 * MANY


@pytest.mark.failure("F11")
@pytest.mark.parametrize("step", [1, 2])
def test_a_lost_answer_of_a_job(step: int) -> None:
    """The next look finds out how far it came."""
    world = World(BY_JOB)
    people = edited(world)
    act = "jobs.open" if step == 1 else "jobs.upload"
    world.on_write[act] = world.salesforce.jobs.lose_answers

    assert world.push().status is RunStatus.FAILED
    look(world)
    look(world)

    assert titles(world, people) == ["VP"] * MANY
    assert settled(world, people)


@pytest.mark.failure("F19")
def test_a_row_that_a_job_refuses() -> None:
    """It goes once more by itself, to hear the words; then it is parked, and told."""
    world = World(BY_JOB)
    people = edited(world)
    world.org.refusals[str(world.row_of(people[2])["Id"])] = VALIDATION

    report = world.push()

    assert report.counts["Lead"] == {"updated": MANY - 1, "refused": 1}
    (outcome,) = report.outcomes
    assert (outcome.subject_id, outcome.code) == (people[2], VALIDATION.code)
    parked = world.contact(people[2]).parked
    assert parked
    assert (parked.code, parked.message) == (VALIDATION.code, VALIDATION.message)
    assert settled(world, people)


@pytest.mark.failure("F19")
def test_rows_that_a_job_refuses_while_the_index_lags() -> None:
    """Nobody goes again whom the index goes on naming; it would be for as long as it lags."""
    world = World(replace(BY_JOB, outbound=Outbound(bulk_above=1)), lagging_index=True)
    world.seconds_per_call = 1
    people = world.analysts(MANY)
    for contact_id in people:
        world.edit(contact_id, job_title="VP")
    world.contacts.catch_up()
    world.written.clear()
    world.deadline = world.now + 10 * MINUTE
    refused = {world.record_of(one) for one in people[:2]}
    world.org.rules.append(lambda _, row: VALIDATION if row["Id"] in refused else None)

    world.push()

    assert titles(world, people) == ["Analyst"] * 2 + ["VP"] * (MANY - 2)
    assert world.writes_of("jobs.open") == 1
    assert all(world.contact(one).parked for one in people[:2])


@pytest.mark.failure("F19")
def test_a_field_that_a_job_cannot_carry_over() -> None:
    """It alone is set aside."""
    world = World(BY_JOB)
    people = edited(world)
    world.edit(people[0], job_title="x" * 200, city="Basel", lane=Lane.BULK)

    report = world.push()

    assert world.row_of(people[0])["City"] == "Basel"
    assert [(each.field, each.reason) for each in report.outcomes] == [
        ("job_title", Reason.FIELD_SET_ASIDE)
    ]


@pytest.mark.failure("F11")
def test_a_job_that_somebody_aborts() -> None:
    """Its rows go with another one, once."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.work = timedelta(minutes=5)
    world.push()

    world.salesforce.jobs.abort("750000000000000001")
    world.salesforce.jobs.work = timedelta(0)
    look(world)
    look(world)

    assert titles(world, people) == ["VP"] * MANY
    assert settled(world, people)
    assert world.writes_of("jobs.open") == 2


@pytest.mark.failure("F24")
def test_rows_that_a_job_never_tried() -> None:
    """They are queued again and go with a new job; those that it wrote are settled."""
    world = World(BY_JOB)
    people = edited(world, 8)
    world.salesforce.jobs.tries = 3

    report = world.push()

    assert report.counts["Lead"] == {"updated": 3}
    assert report.more_remains
    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    (told,) = report.outcomes
    assert (told.reason, told.object) == (Reason.JOB_ENDED_EARLY, SObject.LEAD)
    assert told.message == "750000000000000001: failed. 3 rows were tried."
    assert sum(world.waits(one) for one in people) == 5

    world.salesforce.jobs.tries = None
    look(world)

    assert titles(world, people) == ["VP"] * 8
    assert settled(world, people)
    assert world.writes_of("jobs.open") == 2


@pytest.mark.failure("F11")
def test_jobs_that_fail_again_and_again() -> None:
    """One is made anew, once; then the rows go by collections."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.tries = 0

    world.push()
    look(world)
    look(world)

    assert titles(world, people) == ["VP"] * MANY
    assert world.writes_of("jobs.open") == 2
    assert settled(world, people)


@pytest.mark.failure("F11")
def test_a_job_that_is_lost() -> None:
    """Its rows are read afresh and go again."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()
    world.salesforce.jobs.forget()
    world.salesforce.jobs.work = timedelta(0)

    look(world)
    look(world)

    assert titles(world, people) == ["VP"] * MANY
    assert settled(world, people)


def test_jobs_that_are_lost_leave_their_ids_to_nobody() -> None:
    """What the next job writes is not taken for what an earlier one was to."""
    jobs = World(BY_JOB).salesforce.jobs
    first = jobs.open(SObject.LEAD)
    jobs.forget()

    assert jobs.open(SObject.LEAD) != first


@pytest.mark.failure("F11")
def test_a_job_that_never_ends() -> None:
    """It is ended after two hours, and made anew."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.work = 100 * HOUR
    world.push()
    assert not settled(world, people)

    world.salesforce.jobs.work = timedelta(0)
    look(world, 121)
    look(world)

    assert titles(world, people) == ["VP"] * MANY
    assert settled(world, people)


@pytest.mark.failure("F11")
@pytest.mark.parametrize("trouble", [TransientError("503"), ConfigurationError("not for you")])
def test_a_job_of_which_nothing_can_be_learned(
    trouble: CounterpartError, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds up nobody but the rows that it carries, and the report says so."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()
    lead_id = world.lead("ada@example.com")
    world.wait()
    world.pull()
    ada = world.of(lead_id).id
    world.wait()
    world.edit(ada, city="Basel")
    asked = 0

    def be_silent(_: str) -> JobProgress:
        nonlocal asked
        asked += 1
        raise trouble

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(world.salesforce.jobs, "look", be_silent)
        report = look(world, 11)

    assert world.row_of(ada)["City"] == "Basel"
    assert asked == 1
    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    assert report.error
    assert str(trouble) in report.error
    assert report.more_remains
    assert all(world.contact(one).in_flight for one in people)
    look(world)
    assert settled(world, people)


@pytest.mark.failure("F11")
def test_a_job_that_we_may_not_look_at_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """After two hours its rows are read afresh and go the other way."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()

    def refuse(_: object) -> JobProgress:
        raise ConfigurationError("not for you")

    monkeypatch.setattr(world.salesforce.jobs, "look", refuse)
    world.salesforce.jobs.available = False
    look(world, 110)
    assert not settled(world, people)
    look(world, 15)
    look(world)

    assert titles(world, people) == ["VP"] * MANY
    assert settled(world, people)


def test_an_org_without_jobs() -> None:
    """All rows go by collections."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.available = False

    report = world.push()

    assert report.status is RunStatus.COMPLETED
    assert titles(world, people) == ["VP"] * MANY


def test_no_job_can_be_opened_at_present(monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows go by collections; neither they nor anybody else waits for it."""
    world = World(BY_JOB)
    people = edited(world)

    def be_silent(_: SObject) -> str:
        raise TransientError("503")

    monkeypatch.setattr(world.salesforce.jobs, "open", be_silent)

    report = world.push()

    assert report.status is RunStatus.COMPLETED
    assert titles(world, people) == ["VP"] * MANY


@pytest.mark.failure("F38")
@pytest.mark.parametrize("value", ["CEO", "Analyst"])
@pytest.mark.parametrize("pulls", [False, True])
def test_an_edit_of_a_row_that_is_under_way(value: str, pulls: bool) -> None:  # noqa: FBT001 - as above
    """It keeps its mark and goes after the job, also back to what it was; it is never undone."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()
    world.wait(2)
    world.edit(people[0], job_title=value)
    # No other path writes the row before the job has.
    world.push(contact_ids=(people[0],))
    assert world.row_of(people[0])["Title"] == "Analyst"

    world.wait(4)
    world.salesforce.jobs.look(next(iter(jobs_of(world))))
    assert world.row_of(people[0])["Title"] == "VP"
    if pulls:
        world.pull()
    world.settle(3)

    assert world.row_of(people[0])["Title"] == value
    assert world.contact(people[0]).ledger.values["job_title"] == value
    assert settled(world, people)
    # What the job wrote there is ours, so nothing of theirs is replaced.
    assert Reason.BOTH_CHANGED not in world.reasons()


def a_job_that_fills_blanks() -> tuple[World, list[str]]:
    """Return a world whose job is to fill a blank of many people, and those."""
    world = World(replace(BY_JOB, fields=with_mode(Mode.PREFER_SALESFORCE, "job_title")))
    leads = [world.lead(f"{number}@example.com") for number in range(MANY)]
    world.wait()
    world.pull()
    people = [world.of(lead_id).id for lead_id in leads]
    for contact_id in people:
        world.edit(contact_id, job_title="VP", lane=Lane.BULK)
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()
    return world, people


def test_an_edit_of_a_row_whose_job_ended_unseen() -> None:
    """What the job wrote is protected as the mode says, but is no value of theirs."""
    world, people = a_job_that_fills_blanks()
    world.wait(2)
    world.edit(people[0], job_title="Founder")

    for _ in range(2):
        world.wait(5)
        world.push()
    assert titles(world, people) == ["VP"] * MANY
    world.settle(3)

    assert world.contact(people[0]).ledger.values["job_title"] == "Founder"


@pytest.mark.failure("F11")
@pytest.mark.failure("F51")
@pytest.mark.parametrize("seen_again", [False, True])
def test_a_rep_fills_a_blank_while_the_job_is_on_its_way_to_it(*, seen_again: bool) -> None:
    """If a pull has brought it before the job writes, it goes back; nobody wished ours there."""
    world, people = a_job_that_fills_blanks()
    world.wait(1)
    world.org.edit(world.record_of(people[0]), {"Title": "Director"})
    world.wait(1)
    world.pull()
    assert world.contact(people[0]).ledger.values["job_title"] == "Director"

    world.wait(5)
    world.salesforce.jobs.look(next(iter(jobs_of(world))))
    assert titles(world, people) == ["VP"] * MANY
    if seen_again:
        world.pull()
    world.push()
    world.settle(2)

    assert titles(world, people) == ["Director", *["VP"] * (MANY - 1)]
    assert world.contact(people[0]).ledger.values["job_title"] == "Director"
    assert not any(world.contact(one).ledger.insisted for one in people)
    assert settled(world, people)


def test_somebody_insists_on_another_value_while_the_job_is_under_way() -> None:
    """That is not what the job has written, and goes after it."""
    world, people = a_job_that_fills_blanks()
    world.wait(1)
    world.edit(people[0], job_title="Founder")
    settings = world.settings.current()
    ours = with_ours(world.contact(people[0]), "job_title", settings=settings, now=world.now)
    world.contacts.save_many([ours])

    world.settle(3)

    assert titles(world, people) == ["Founder", *["VP"] * (MANY - 1)]
    assert not world.contact(people[0]).ledger.insisted


def jobs_of(world: World) -> list[str]:
    """Return the ids of the jobs that are under way."""
    return [job.job_id for job in world.streams.get("push").jobs.values() if job.job_id]


@pytest.mark.parametrize("object_only", [False, True])
def test_switching_off_while_a_job_is_under_way(object_only: bool) -> None:  # noqa: FBT001 - as above
    """The job is ended at once, and what it has not written is cancelled, with the reason."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()
    before = world.settings.current().outbound
    objects = {
        sobject: replace(each, enabled=sobject is not SObject.LEAD)
        for sobject, each in before.objects.items()
    }
    after = replace(before, objects=objects) if object_only else replace(before, enabled=False)
    world.change(outbound=after)

    look(world)
    world.wait(10)
    look(world)

    assert titles(world, people) == ["Analyst"] * MANY
    assert settled(world, people)
    reasons = {(each.subject_id, each.reason) for each in world.outcomes()}
    assert reasons == {(one, Reason.OUTBOUND_DISABLED) for one in people}


def test_switching_off_while_a_job_carries_an_opt_out() -> None:
    """It goes out by itself as soon as anything does; the edit beside it stays here."""
    world = World(BY_JOB)
    people = edited(world)
    world.edit(people[0], opted_out=True, lane=Lane.BULK)
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()
    world.switch_outbound(on=False)
    for _ in range(2):
        look(world)
        world.wait(10)
    assert not world.row_of(people[0])["HasOptedOutOfEmail"]

    world.switch_outbound(on=True)
    look(world)

    row = world.row_of(people[0])
    assert (row["HasOptedOutOfEmail"], row["Title"]) == (True, "Analyst")
    assert world.contact(people[0]).waiting is None


def test_switching_off_after_a_job_wrote_over_what_a_pull_had_brought() -> None:
    """Theirs is here and cannot go back, which is told, and listed as a difference."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()
    world.wait(1)
    world.org.edit(world.record_of(people[0]), {"Title": "Director"})
    world.wait(1)
    world.pull()
    world.wait(5)
    world.salesforce.jobs.look(next(iter(jobs_of(world))))
    world.switch_outbound(on=False)

    look(world)
    world.settle(2)

    assert titles(world, people) == ["VP"] * MANY
    ada = world.contact(people[0])
    assert ada.ledger.values["job_title"] == "Director"
    told = [each.reason for each in world.outcomes() if each.subject_id == ada.id]
    assert told == [Reason.BOTH_CHANGED, Reason.OUTBOUND_DISABLED]
    (field,) = diverged_fields(ada, world.settings.current())
    assert (field.ours, field.theirs) == ("Director", "VP")
    assert settled(world, people)


@pytest.mark.parametrize("insists", [False, True])
def test_switching_off_after_somebody_edited_what_a_job_has_written(*, insists: bool) -> None:
    """A pull has brought theirs; the job's result, which is looked at late, changes nothing."""
    world = World(BY_JOB)
    people = edited(world)
    if insists:
        ada = world.contact(people[0])
        settings = world.settings.current()
        world.contacts.save_many([with_ours(ada, "job_title", settings=settings, now=world.now)])
    world.salesforce.jobs.work = MINUTE
    world.push()
    world.wait(1)
    world.salesforce.jobs.look(next(iter(jobs_of(world))))
    world.wait(1)
    theirs = {"City": "Turin"} if insists else {"Title": "Director"}
    world.org.edit(world.record_of(people[0]), theirs)
    world.wait(1)
    world.pull()
    world.switch_outbound(on=False)

    for _ in range(2):
        look(world, minutes=30)

    ada = world.contact(people[0])
    title = "VP" if insists else "Director"
    assert world.row_of(ada.id)["Title"] == title
    assert ada.ledger.values["job_title"] == ada.ledger.shadows["job_title"] == title
    assert not ada.ledger.insisted
    assert not diverged_fields(ada, world.settings.current())
    assert settled(world, people)


@pytest.mark.parametrize("while_it", ["contacts.save", "jobs.upload"])
def test_switching_off_before_a_job_is_started(while_it: str) -> None:
    """It is never started, and writes nothing."""
    world = World(BY_JOB)
    people = edited(world)
    world.on_write[while_it] = lambda: world.switch_outbound(on=False)

    report = world.push()

    assert world.writes_of("jobs.start") == 0
    assert world.writes_of("jobs.abort") == 1
    assert titles(world, people) == ["Analyst"] * MANY
    assert report.skipped == {Reason.OUTBOUND_DISABLED: MANY}
    assert settled(world, people)


@pytest.mark.parametrize("while_it", ["contacts.save", "jobs.upload", "jobs.start"])
def test_outbound_is_off_for_a_moment_while_a_job_is_made_or_works(while_it: str) -> None:
    """What it has not written by the next look stays here, but for an opt-out."""
    world = World(BY_JOB)
    people = edited(world)
    world.edit(people[0], opted_out=True, lane=Lane.BULK)
    world.salesforce.jobs.work = 5 * MINUTE

    def off_and_on() -> None:
        for on in (False, True):
            world.wait(0.1)
            world.switch_outbound(on=on)

    world.on_write[while_it] = off_and_on
    world.push()
    for _ in range(2):
        look(world)
        world.wait(10)

    assert world.writes_of("jobs.abort") == 1
    assert not jobs_of(world)
    assert titles(world, people) == ["Analyst"] * MANY
    assert world.row_of(people[0])["HasOptedOutOfEmail"]
    assert settled(world, people)
    reasons = {(each.subject_id, each.reason) for each in world.outcomes()}
    assert reasons == {(one, Reason.OUTBOUND_DISABLED) for one in people}


def test_switching_off_while_others_wait() -> None:
    """The job is ended first, since it goes on writing; cancelling thousands takes a while."""
    world = World(BY_JOB)
    *people, ada = world.analysts(MANY + 1)
    for contact_id in people:
        world.edit(contact_id, job_title="VP", lane=Lane.BULK)
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()
    world.edit(ada, city="Basel", lane=Lane.BULK)
    world.switch_outbound(on=False)
    world.written.clear()

    look(world)

    written = [name for name in world.written if name.startswith(("contacts", "jobs"))]
    assert written[0] == "jobs.abort"
    assert settled(world, [*people, ada])
    assert titles(world, people) == ["Analyst"] * MANY


def test_switching_off_while_salesforce_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks is told that the job goes on; the next look ends it."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()
    world.switch_outbound(on=False)

    def be_silent(_: str) -> None:
        raise TransientError("503")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(world.salesforce.jobs, "abort", be_silent)
        report = look(world)

    assert report.error == "Nothing can be learned of the job of Lead rows: 503"
    assert report.more_remains
    look(world)
    assert titles(world, people) == ["Analyst"] * MANY
    assert settled(world, people)


def test_switching_off_after_a_run_broke_off_with_what_a_job_refused() -> None:
    """The job is gone, and what it left behind is cancelled as everything is."""
    world = World(BY_JOB)
    people = edited(world)
    for contact_id in people:
        world.org.refusals[world.record_of(contact_id)] = VALIDATION
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()
    world.wait(6)
    # The job is looked at and its results are read; then Salesforce does not answer any more.
    world.salesforce.jobs.work = timedelta(0)
    world.on_write["streams.save"] = lambda: world.salesforce.fail(TransientError("down"))
    look(world, 0)
    world.salesforce.fail()
    world.switch_outbound(on=False)

    look(world)

    assert not any(world.waits(one) for one in people)
    reasons = {(each.subject_id, each.reason) for each in world.outcomes()}
    assert reasons >= {(one, Reason.OUTBOUND_DISABLED) for one in people}


@pytest.mark.failure("F48")
def test_a_cleared_value_and_the_word_that_clears() -> None:
    """A job clears the one; the other is text, and goes the other way."""
    world = World(BY_JOB)
    people = edited(world)
    world.edit(people[0], job_title=None, lane=Lane.BULK)
    world.edit(people[1], job_title="#N/A", lane=Lane.BULK)

    world.push()

    assert titles(world, people[:3]) == [None, "#N/A", "VP"]
    assert world.writes_of("jobs.open") == 1
    assert world.writes_of("salesforce.update") == 1


@pytest.mark.failure("F56")
def test_a_record_that_is_converted_while_a_job_is_under_way() -> None:
    """What the job could not write goes to the Contact that the lead has become."""
    world = World(BY_JOB)
    people = edited(world)
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()
    lead = str(world.row_of(people[0])["Id"])
    world.wait()
    contact_id = world.org.convert(lead)

    world.settle(3)

    assert world.org.row(contact_id)["Title"] == "VP"
    assert world.contact(people[0]).counterpart.record_id == contact_id  # type: ignore[union-attr] # linked
    assert settled(world, people)
