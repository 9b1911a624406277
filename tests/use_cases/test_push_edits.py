"""Pushing: our edits go out, together, field by field, each row on its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from counterpart.domain.inbound_settings import Inbound, OnRemoteDelete
from counterpart.domain.mapping import Mode
from counterpart.domain.outbound_settings import Outbound, OutboundObject, Pace
from counterpart.domain.outcomes import Action, Reason, RunKind, RunStatus
from counterpart.domain.records import Record, SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.sync_settings import Guard, SyncSettings
from counterpart.domain.waiting import Lane, Waiting
from counterpart.errors import (
    AuthenticationError,
    QuotaExhaustedError,
    ThrottledError,
    TransientError,
)
from counterpart.ports import RecordChange, WriteAnswer
from counterpart.use_cases.allowance import RUNS_LOW
from tests.use_cases.world import HOUR, MINUTE, NOON, SECOND, World, with_mode

TWO_WAY = SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title", "city", "first_name"))
VALIDATION = Refusal(code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="Titles are for kings.")


def reasons(world: World) -> list[tuple[str, str]]:
    """Return what all runs have told."""
    return [(each.action, each.reason) for each in world.outcomes()]


# --- When it goes --------------------------------------------------------------------------------


@pytest.mark.failure("F15")
def test_a_look_that_finds_nothing() -> None:
    """It costs no call, and leaves no trace."""
    world = World(TWO_WAY)
    world.analysts()

    report = world.push(scheduled=True)

    assert report.api_calls == 0
    assert world.written == []


def test_ten_minutes() -> None:
    """One edit waits for them, and then goes."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")

    world.wait(9)
    assert world.push(scheduled=True).api_calls == 0
    world.wait(1)
    world.push(scheduled=True)

    assert world.row_of(ada)["Title"] == "VP"
    assert world.contact(ada).waiting is None


def test_a_hundred_contacts() -> None:
    """They go at once, in one reading and one write."""
    world = World(TWO_WAY)
    people = world.analysts(100)
    for contact_id in people[:99]:
        world.edit(contact_id, job_title="VP")
    assert world.push(scheduled=True).api_calls == 0

    world.edit(people[99], job_title="VP")
    report = world.push(scheduled=True)

    assert report.api_calls == 2
    assert report.counts["Lead"] == {"updated": 100}


def test_near_real_time() -> None:
    """Each look takes what there is."""
    world = World(replace(TWO_WAY, outbound=Outbound(pace=Pace.NEAR_REAL_TIME)))
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")

    world.push(scheduled=True)

    assert world.row_of(ada)["Title"] == "VP"


def test_several_edits_of_one_contact() -> None:
    """They are one push, of the fields that have to change."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    for title in ("VP", "SVP", "CEO"):
        world.edit(ada, job_title=title)
    world.edit(ada, city="Basel")
    world.edit(ada, city="Bern")

    report = world.push()

    assert report.counts["Lead"] == {"updated": 1}
    assert world.row_of(ada)["Title"] == "CEO"
    assert world.contact(ada).ledger.shadows["job_title"] == "CEO"


def test_an_edit_that_was_taken_back() -> None:
    """Nothing differs any more, so nothing is written, and nothing waits."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.edit(ada, job_title="Analyst")

    world.push()

    assert world.writes_of("salesforce") == 0
    assert world.contact(ada).waiting is None


@pytest.mark.failure("F65")
def test_a_backlog_and_a_fresh_edit() -> None:
    """Thousands wait for their turn; the fresh one goes with the first of them."""
    world = World(replace(TWO_WAY, outbound=Outbound(bulk_above=0)))
    people = world.analysts(5002)
    for contact_id in people[:-1]:
        world.edit(contact_id, job_title="VP", lane=Lane.BULK)
    world.wait()
    world.edit(people[-1], job_title="VP")
    world.seconds_per_call = 60
    world.deadline = world.now + 7 * MINUTE

    report = world.push()

    assert world.row_of(people[-1])["Title"] == "VP"
    assert report.more_remains


@pytest.mark.failure("F65")
def test_time_that_runs_short_in_the_middle_of_a_round() -> None:
    """Nothing is begun that the invocation may not live to finish; the rest keeps its mark."""
    world = World(replace(TWO_WAY, outbound=Outbound(bulk_above=0)))
    people = world.analysts(3500)
    for contact_id in people:
        world.edit(contact_id, job_title="VP", lane=Lane.BULK)
    world.seconds_per_call = 60
    world.deadline = world.now + 5.5 * MINUTE

    report = world.push()

    assert world.now <= world.deadline - 2 * MINUTE
    assert report.counts["Lead"] == {"updated": 2000}
    assert report.more_remains
    assert sum(map(world.waits, people)) == 1500


@pytest.mark.failure("F65")
def test_an_edit_of_somebody_whose_turn_it_was_in_a_long_look() -> None:
    """It goes with the same look, which may last for a quarter of an hour."""
    world = World(replace(TWO_WAY, outbound=Outbound(bulk_above=0)))
    people = world.analysts(5002)
    for contact_id in people:
        world.edit(contact_id, job_title="VP", lane=Lane.BULK)
    world.wait()
    world.seconds_per_call = 20
    world.on_write["salesforce.update"] = lambda: world.edit(people[0], job_title="CEO")

    world.push(scheduled=True)

    assert world.row_of(people[0])["Title"] == "CEO"
    assert not any(world.waits(each) for each in people)


def test_a_dry_run_that_takes_its_time() -> None:
    """Everybody goes on waiting, and is counted once."""
    world = World(replace(TWO_WAY, outbound=Outbound(bulk_above=0)))
    people = world.analysts(5002)
    for contact_id in people:
        world.edit(contact_id, job_title="VP")
    world.wait()
    world.seconds_per_call = 60
    world.deadline = world.now + HOUR

    report = world.push(everything_waiting=True, dry_run=True)

    assert report.counts["Lead"] == {"would_update": 5002}


# --- Rows on their own ---------------------------------------------------------------------------


@pytest.mark.failure("F19")
def test_one_refused_row_among_many() -> None:
    """Its neighbours are written; it is told with Salesforce's words and both ids."""
    world = World(TWO_WAY)
    people = world.analysts(20)
    for contact_id in people:
        world.edit(contact_id, job_title="VP")
    bad = world.row_of(people[7])
    world.org.refusals[str(bad["Id"])] = VALIDATION

    report = world.push()

    assert report.counts["Lead"] == {"updated": 19, "refused": 1}
    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    (outcome,) = report.outcomes
    assert (outcome.action, outcome.reason) == (Action.REFUSED, Reason.REFUSED)
    assert (outcome.record_id, outcome.subject_id) == (bad["Id"], people[7])
    assert (outcome.code, outcome.message) == (VALIDATION.code, VALIDATION.message)
    # It is not tried for ever: the next edit of the contact tries again.
    assert not world.waits(people[7])


@pytest.mark.failure("F21")
def test_every_row_is_refused() -> None:
    """That is no success."""
    world = World(TWO_WAY)
    for contact_id in world.analysts(3):
        world.edit(contact_id, job_title="VP")
        world.org.refusals[world.record_of(contact_id)] = VALIDATION

    report = world.push()

    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    assert report.counts["Lead"] == {"refused": 3}


@pytest.mark.failure("F19")
def test_fields_that_cannot_cross() -> None:
    """Each is set aside with a warning, however many; the rest of the record crosses."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="x" * 200, first_name="y" * 100, city="Basel")

    report = world.push()

    assert world.row_of(ada)["City"] == "Basel"
    assert world.row_of(ada)["Title"] == "Analyst"
    assert report.counts["Lead"] == {"updated": 1}
    assert sorted((each.field, each.reason) for each in report.outcomes) == [
        ("first_name", Reason.FIELD_SET_ASIDE),
        ("job_title", Reason.FIELD_SET_ASIDE),
    ]
    assert world.contact(ada).ledger.values["job_title"] == "x" * 200


@pytest.mark.failure("F62")
def test_a_choice_that_the_org_does_not_know() -> None:
    """It costs its field alone, with a warning, and ours stays as it is."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, city="Basel", state="Atlantis")
    lead_id = world.record_of(ada)
    world.org.refusals[lead_id] = Refusal(
        code="FIELD_INTEGRITY_EXCEPTION", message="no such state", fields=("State",)
    )
    world.on_write["salesforce.update"] = world.org.refusals.clear

    report = world.push()

    assert (world.row_of(ada)["City"], world.row_of(ada)["State"]) == ("Basel", None)
    assert [(each.action, each.reason, each.field) for each in report.outcomes] == [
        (Action.WARNED, Reason.FIELD_SET_ASIDE, "state")
    ]
    assert world.contact(ada).ledger.values["state"] == "Atlantis"


@pytest.mark.failure("F33")
def test_salesforce_does_not_let_us_in_for_a_day() -> None:
    """Each run says so and stops; what waited goes out afterwards, and nothing was parked."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    bob = world.add("bob@example.com", sync=True)
    for _ in range(24):
        world.wait(60)
        for run in (world.push, world.pull):
            world.salesforce.fail(AuthenticationError("invalid_grant revoked"))
            with pytest.raises(AuthenticationError):
                run()
        world.salesforce.fail(AuthenticationError("invalid_grant revoked"))
        assert world.create().report.error == "invalid_grant revoked"
    assert (world.waits(ada), world.contact(ada).parked) == (True, None)
    new = world.lead("new@example.com")
    world.org.edit(world.record_of(ada), {"City": "Basel"})
    # Requests are sent again every quarter of an hour.
    world.wait(16)

    world.settle(2)

    assert world.row_of(ada)["Title"] == "VP"
    assert world.contact(ada).ledger.values["city"] == "Basel"
    assert world.row_of(bob)["Email"] == "bob@example.com"
    assert world.of(new).email == "new@example.com"


def test_a_field_that_cannot_cross_is_not_tried_at_each_poll() -> None:
    """It is tried again when somebody changes the contact or the record."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="x" * 200, city="Basel")
    world.push()
    world.written.clear()

    for _ in range(4):
        world.wait(5)
        world.pull(scheduled=True)
        world.wait(10)
        world.push(scheduled=True)

    assert world.writes_of("salesforce", "contacts") == 0


@pytest.mark.failure("F23")
def test_rows_of_one_account_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each write locks the Account; side by side, two collections would wait for one another."""
    world = World(TWO_WAY)
    accounts = [world.account(f"Acme {number}") for number in range(3)]
    for number in range(12):
        world.person(f"{number}@example.com", AccountId=accounts[number % 3])
    world.pull()
    world.wait()
    for contact in world.everybody():
        world.edit(contact.id, job_title="VP")
    parents: list[str] = []
    update = world.salesforce.update

    def watched(changes: Sequence[RecordChange]) -> WriteAnswer:
        parents.extend(str(world.org.row(change.record_id)["AccountId"]) for change in changes)
        return update(changes)

    monkeypatch.setattr(world.salesforce, "update", watched)
    world.push()

    assert parents == sorted(parents)
    assert len(parents) == 12


@pytest.mark.failure("F23")
def test_locked_rows() -> None:
    """Only they are tried again, each at a moment of its own; the run has not failed."""
    world = World(TWO_WAY)
    people = world.analysts(20)
    for contact_id in people:
        world.edit(contact_id, job_title="VP")
    locked = {world.record_of(contact_id) for contact_id in people[:5]}
    world.org.locked |= locked

    report = world.push()
    marks = [mark for each in people if (mark := world.contact(each).waiting)]

    assert report.counts["Lead"] == {"updated": 15, "retried_later": 5}
    assert report.status is RunStatus.COMPLETED
    assert report.outcomes == []
    assert len({mark.next_push_at for mark in marks}) == len(marks) == 5
    assert world.push(scheduled=True).api_calls == 0

    world.org.locked.clear()
    world.wait(1)
    report = world.push(scheduled=True)

    assert report.counts["Lead"] == {"updated": 5}


@pytest.mark.failure("F19")
@pytest.mark.failure("F23")
def test_a_row_that_stays_locked() -> None:
    """After so many attempts it is given up, and shown."""
    world = World(replace(TWO_WAY, outbound=Outbound(max_attempts=3)))
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.org.locked.add(world.record_of(ada))
    attempts = 0
    while world.waits(ada):
        world.push()
        world.wait(60)
        attempts += 1

    assert attempts == 3
    assert reasons(world) == [(Action.FAILED, Reason.GAVE_UP)]
    world.org.locked.clear()
    world.push(contact_ids=(ada,))
    assert world.row_of(ada)["Title"] == "VP"


def test_an_edit_of_a_row_that_is_put_off() -> None:
    """The fresh edit takes it along at once."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.org.locked.add(world.record_of(ada))
    world.push()
    world.org.locked.clear()

    world.edit(ada, city="Basel")
    world.push()

    assert (world.row_of(ada)["Title"], world.row_of(ada)["City"]) == ("VP", "Basel")


@pytest.mark.failure("F25")
def test_a_field_that_the_org_hides_on_leads_alone() -> None:
    """It is held back there, with a warning; on Contacts it crosses as before."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    bob_id = world.person("bob@example.com", Title="Analyst")
    world.pull()
    world.wait()
    bob = world.of(bob_id).id
    world.org.hidden.add((SObject.LEAD, "Title"))
    world.edit(ada, job_title="VP", first_name="Ada")
    world.edit(bob, job_title="VP")

    report = world.push()

    assert world.row_of(ada)["Title"] == "Analyst"
    assert world.row_of(ada)["FirstName"] == "Ada"
    assert world.row_of(bob)["Title"] == "VP"
    assert [(each.field, each.reason) for each in report.outcomes] == [
        ("job_title", Reason.FIELD_UNAVAILABLE)
    ]


# --- Two-way -------------------------------------------------------------------------------------


@pytest.mark.failure("F49")
@pytest.mark.parametrize("minutes", [1, 120])
def test_our_own_write_coming_back(minutes: int) -> None:
    """The next pull makes no write, also hours later."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.push()
    world.written.clear()

    world.wait(minutes)
    report = world.pull(scheduled=True)
    world.push(scheduled=True)

    assert report.counts["Lead"]["read"] == 1
    assert world.writes_of("contacts", "links", "runs", "salesforce") == 0


@pytest.mark.failure("F49")
@pytest.mark.parametrize("mode", [Mode.TWO_WAY, Mode.ALWAYS_OURS, Mode.PREFER_SALESFORCE])
def test_salesforce_rewrites_what_we_wrote(mode: Mode) -> None:
    """It settles within one round, in whatever mode: nothing goes to and fro."""
    world = World(SyncSettings(fields=with_mode(mode, "job_title")))
    (ada,) = world.analysts()
    row = world.row_of(ada)
    world.org.edit(str(row["Id"]), {"Title": None})
    world.wait()
    world.pull()
    world.wait()
    world.edit(ada, job_title="vp")
    world.on_write["salesforce.update"] = lambda: world.org.edit(str(row["Id"]), {"Title": "VP"})
    world.push()
    world.settle(2)
    world.written.clear()

    world.settle(3)

    assert world.writes_of("salesforce", "contacts") == 0
    assert world.row_of(ada)["Title"] == "VP"
    ours = "vp" if mode is Mode.ALWAYS_OURS else "VP"
    assert world.contact(ada).ledger.values["job_title"] == ours


@pytest.mark.failure("F49")
def test_salesforce_rewrites_what_we_wrote_beside_a_blank_that_stays() -> None:
    """Ours is older there than outbound, so that it fills no blank, and asks for no push either."""
    modes = with_mode(Mode.ALWAYS_OURS, "job_title")
    world = World(SyncSettings(fields=modes, outbound=Outbound(enabled=False)))
    (ada,) = world.analysts()
    world.edit(ada, phone="1234")
    world.wait()
    world.change(outbound=Outbound())
    world.wait()
    world.edit(ada, job_title="vp")
    world.automate(world.record_of(ada), {"Title": "VP"})
    world.settle(2)
    world.written.clear()

    world.settle(3)

    assert world.writes_of("salesforce", "contacts") == 0
    row = world.row_of(ada)
    assert (row["Title"], row["Phone"]) == ("VP", None)


@pytest.mark.failure("F49")
@pytest.mark.parametrize("mode", [Mode.TWO_WAY, Mode.ALWAYS_OURS, Mode.PREFER_SALESFORCE])
def test_salesforce_clears_what_we_wrote(mode: Mode) -> None:
    """As often as it is written: it does not go again and again, also if the mode fills blanks."""
    world = World(SyncSettings(fields=with_mode(mode, "phone")))
    (ada,) = world.analysts()
    world.edit(ada, phone="12")
    world.automate(world.record_of(ada), {"Phone": None})
    world.settle(2)
    world.written.clear()

    world.settle(3)

    assert world.writes_of("salesforce", "contacts") == 0
    assert world.row_of(ada)["Phone"] is None


@pytest.mark.failure("F48")
def test_a_blank_that_no_pull_has_seen_is_filled_along_with_an_edit() -> None:
    """The push reads the record before it writes; afterwards nobody could tell the two apart."""
    world = World(SyncSettings(fields=with_mode(Mode.PREFER_SALESFORCE, "city")))
    (ada,) = world.analysts()
    world.wait()
    world.org.edit(world.record_of(ada), {"City": None})
    world.wait()
    world.edit(ada, phone="12")

    world.push()

    row = world.row_of(ada)
    assert (row["City"], row["Phone"]) == ("Bern", "12")


@pytest.mark.failure("F51")
def test_each_side_edits_another_field() -> None:
    """Both survive, whichever runs first."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.wait()
    world.org.edit(world.record_of(ada), {"City": "Basel"})
    world.wait()

    world.push()
    world.wait()
    world.pull()

    assert (world.row_of(ada)["Title"], world.row_of(ada)["City"]) == ("VP", "Basel")
    values = world.contact(ada).ledger.values
    assert (values["job_title"], values["city"]) == ("VP", "Basel")


@pytest.mark.failure("F51")
@pytest.mark.parametrize("push_first", [True, False])
@pytest.mark.parametrize(("ours_after", "winner"), [(1, "VP"), (-1, "CEO")])
def test_both_sides_edit_one_field(ours_after: int, winner: str, *, push_first: bool) -> None:
    """The later edit wins on both sides within two rounds, and the loser is told."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    record_id = world.record_of(ada)
    world.wait(5)
    edits: list[Callable[[], None]] = [
        lambda: world.org.edit(record_id, {"Title": "CEO"}),
        lambda: world.edit(ada, job_title="VP"),
    ]
    for edit in edits[::ours_after]:
        world.wait()
        edit()
    world.wait()
    for _ in range(2):
        for step in [world.push, world.pull][:: 1 if push_first else -1]:
            step()
            world.wait()

    assert world.row_of(ada)["Title"] == winner
    assert world.contact(ada).ledger.values["job_title"] == winner
    conflicts = [each for each in world.outcomes() if each.action is Action.CONFLICTED]
    assert [(each.reason, each.lost) for each in conflicts] == [
        (Reason.BOTH_CHANGED, "CEO" if winner == "VP" else "VP")
    ]


@pytest.mark.failure("F52")
@pytest.mark.parametrize("mode", [Mode.TWO_WAY, Mode.ALWAYS_OURS, Mode.ALWAYS_SALESFORCE])
def test_automation_touches_a_record_again_and_again(mode: Mode) -> None:
    """Its stamp alone moves, so nothing is written, not even where it holds another value."""
    world = World(SyncSettings(fields=with_mode(mode, "job_title")))
    (ada,) = world.analysts()
    record_id = world.record_of(ada)
    world.edit(ada, job_title="vp", city="Basel")
    world.automate(record_id, {"Title": "VP"})
    world.settle(2)
    world.written.clear()

    for _ in range(3):
        world.org.touch(record_id)
        world.settle(1)

    assert world.writes_of("salesforce", "contacts") == 0


@pytest.mark.failure("F52")
def test_automation_changes_another_field_after_our_write() -> None:
    """It is pulled, and nothing is written back."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    record_id = world.record_of(ada)
    world.edit(ada, job_title="VP")
    world.on_write["salesforce.update"] = lambda: world.org.edit(record_id, {"City": "Basel"})
    world.push()
    world.settle(2)
    world.written.clear()
    world.settle(2)

    assert world.contact(ada).ledger.values["city"] == "Basel"
    assert world.writes_of("salesforce", "contacts") == 0


def test_an_edit_while_the_push_is_under_way() -> None:
    """What was written is settled; the edit keeps its mark and goes with the next look."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.on_write["salesforce.update"] = lambda: world.edit(ada, job_title="SVP", city="Basel")

    world.push()

    assert world.row_of(ada)["Title"] == "VP"
    assert world.contact(ada).ledger.shadows["job_title"] == "VP"
    assert world.contact(ada).waiting
    world.push()
    assert (world.row_of(ada)["Title"], world.row_of(ada)["City"]) == ("SVP", "Basel")


@pytest.mark.failure("F36")
def test_an_answer_that_was_lost() -> None:
    """The write happened; the next push finds it there, and only settles it."""
    world = World(TWO_WAY)
    people = world.analysts(3)
    for contact_id in people:
        world.edit(contact_id, job_title="VP")
    world.salesforce.lose_answers()

    lost = world.push()
    stamps = [world.row_of(contact_id)["SystemModstamp"] for contact_id in people]
    world.wait()
    world.push()

    assert lost.status is RunStatus.FAILED
    assert [world.row_of(each)["SystemModstamp"] for each in people] == stamps
    assert [world.contact(each).waiting for each in people] == [None] * 3
    assert world.contact(people[0]).ledger.shadows["job_title"] == "VP"


def a_blank_to_fill() -> tuple[World, str, str]:
    """Return a world in which ours is to fill a blank there, whose it is, and the record."""
    world = World()
    (ada,) = world.analysts()
    record_id = world.record_of(ada)
    world.org.edit(record_id, {"Title": None})
    world.wait()
    world.pull()
    world.wait()
    world.edit(ada, job_title="VP")
    return world, ada, record_id


def test_a_rep_fills_the_blank_first() -> None:
    """The fresh reading decides, not what we last saw; and it is told."""
    world, ada, record_id = a_blank_to_fill()
    world.org.edit(record_id, {"Title": "Director"})

    report = world.push()

    assert world.row_of(ada)["Title"] == "Director"
    assert [(each.action, each.field) for each in report.outcomes] == [
        (Action.PROTECTED, "job_title")
    ]


@pytest.mark.failure("F51")
def test_a_rep_fills_the_blank_between_our_reading_and_our_write() -> None:
    """If a pull has brought it just then, it goes back over ours, which was to fill a blank."""
    world, ada, record_id = a_blank_to_fill()

    def be_quick(name: str) -> None:
        if name == "salesforce.update":
            world.rival = None
            world.wait(0.25)
            world.org.edit(record_id, {"Title": "Director"})
            world.wait(0.25)
            world.pull()

    world.rival = be_quick
    world.push()
    assert world.row_of(ada)["Title"] == "VP"
    world.settle(2)

    assert world.row_of(ada)["Title"] == "Director"
    assert world.contact(ada).ledger.values["job_title"] == "Director"
    assert not world.contact(ada).waiting


# --- Vanished records ----------------------------------------------------------------------------


@pytest.mark.failure("F55")
@pytest.mark.failure("F56")
@pytest.mark.parametrize("fate", ["merged", "converted"])
def test_a_record_that_lives_on_as_another(fate: str) -> None:
    """The contact moves there, and the edit goes there with the next look."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    lead_id = world.record_of(ada)
    world.edit(ada, job_title="VP")
    if fate == "merged":
        heir = world.lead("other@example.com")
        world.org.merge(heir, lead_id)
    else:
        heir = world.org.convert(lead_id)

    world.push()
    assert world.contact(ada).waiting
    world.push()

    assert world.org.row(heir)["Title"] == "VP"
    assert world.row_of(ada)["Id"] == heir
    assert len(world.everybody()) == 1


@pytest.mark.failure("F54")
@pytest.mark.parametrize("how", ["delete", "purge"])
def test_a_record_that_is_gone(how: str) -> None:
    """The contact is unlinked, its edit stays here, and nothing waits."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    getattr(world.org, how)(world.record_of(ada))

    report = world.push()

    contact = world.contact(ada)
    assert (contact.counterpart, contact.waiting) == (None, None)
    assert contact.ledger.values["job_title"] == "VP"
    assert report.counts["Lead"] == {"unlinked": 1}


@pytest.mark.failure("F54")
def test_a_deletion_that_is_ignored() -> None:
    """The edit cannot go anywhere; it does not ask for calls at each look."""
    world = World(replace(TWO_WAY, inbound=Inbound(on_remote_delete=OnRemoteDelete.IGNORE)))
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.org.delete(world.record_of(ada))
    world.push()

    world.wait(20)
    report = world.push(scheduled=True)

    assert report.api_calls == 0
    assert world.contact(ada).waiting is None
    assert world.contact(ada).counterpart
    assert (Action.SKIPPED, Reason.DELETED_THERE) in reasons(world)


@pytest.mark.failure("F54")
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("by", ["push", "pull"])
def test_a_record_that_was_merged_into_one_that_is_nowhere(by: str, *, known: bool) -> None:
    """It counts as deleted: nothing took over, be that another contact's record so far or not."""
    world = World(TWO_WAY)
    ada, bob = world.analysts(2)
    heir = world.record_of(bob) if known else world.lead("other@example.com")
    world.edit(ada, job_title="VP")
    world.org.merge(heir, world.record_of(ada))
    world.org.purge(heir)
    world.wait()

    getattr(world, by)()

    assert world.contact(ada).counterpart is None
    assert world.contact(ada).former
    assert not {Reason.RELINKED_BY_MERGE, Reason.DUPLICATE_AFTER_MERGE} & set(world.reasons())


@pytest.mark.failure("F56")
def test_a_record_that_lives_on_out_of_our_sight() -> None:
    """The contact moves there all the same: what our user may not read is not gone."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    heir = world.org.convert(world.record_of(ada))
    world.org.hidden_objects.add(SObject.CONTACT)

    world.push()

    assert world.record_of(ada) == heir


@pytest.mark.failure("F54")
def test_a_merge_into_one_that_is_nowhere_while_deletions_are_ignored() -> None:
    """The edit cannot go anywhere, and waits for nobody; nothing is left for a pull to be held."""
    inbound = Inbound(on_remote_delete=OnRemoteDelete.IGNORE)
    world = World(replace(TWO_WAY, inbound=inbound, guard=Guard(share_percent=0, minimum=1)))
    ada, bob = world.analysts(2)
    heir = world.record_of(bob)
    world.edit(ada, job_title="VP")
    world.org.merge(heir, world.record_of(ada))
    world.org.purge(heir)

    world.push()

    assert world.contact(ada).waiting is None
    assert world.contact(ada).counterpart
    assert (Action.SKIPPED, Reason.DELETED_THERE) in reasons(world)


@pytest.mark.failure("F55")
@pytest.mark.failure("F56")
@pytest.mark.parametrize("fate", ["merged", "converted"])
def test_a_record_that_vanishes_between_reading_and_writing(fate: str) -> None:
    """Salesforce refuses the row, and its heir is found."""
    world = World(TWO_WAY)
    ada, bob = world.analysts(2)
    lead_id = world.record_of(ada)
    other = world.lead("other@example.com")
    world.edit(ada, job_title="VP")
    world.edit(bob, job_title="VP")
    heirs: list[str] = []

    def vanish(write: str) -> None:
        if write != "salesforce.update" or heirs:
            return
        if fate == "merged":
            world.org.merge(other, lead_id)
        heirs.append(other if fate == "merged" else world.org.convert(lead_id))

    world.rival = vanish
    world.push()
    world.push()

    (heir,) = heirs
    assert world.record_of(ada) == heir
    assert world.org.row(heir)["Title"] == "VP"
    assert world.row_of(bob)["Title"] == "VP"


def test_a_reference_that_is_gone() -> None:
    """The record itself is there, so it is tried again and not unlinked."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    lead_id = world.record_of(ada)
    world.org.refusals[lead_id] = Refusal(code="INVALID_CROSS_REFERENCE_KEY", message="invalid")

    world.push()

    contact = world.contact(ada)
    assert contact.counterpart
    assert contact.waiting
    assert contact.waiting.lane is Lane.RETRY


@pytest.mark.failure("F19")
@pytest.mark.parametrize("code", ["INVALID_CROSS_REFERENCE_KEY", "ENTITY_IS_DELETED"])
def test_a_field_that_refers_to_what_is_gone(code: str) -> None:
    """Salesforce names the field, so it is the field that stays here; the rest crosses at once."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    refusal = Refusal(code=code, message="invalid cross reference id", fields=("Title",))
    world.org.rules.append(lambda _, row: refusal if row["Title"] == "gone" else None)
    world.edit(ada, job_title="gone", city="Basel")

    world.push()

    assert (world.row_of(ada)["Title"], world.row_of(ada)["City"]) == ("Analyst", "Basel")
    (told,) = world.outcomes()
    assert (told.action, told.field, told.code) == (Action.WARNED, "job_title", code)
    waiting = world.contact(ada).waiting
    assert waiting
    assert waiting.lane is Lane.PARKED


# --- Switches ------------------------------------------------------------------------------------


def test_outbound_is_switched_off() -> None:
    """What waits is cancelled with the reason; a request to be created stays."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    new = world.add("new@example.com", sync=True)
    world.switch_outbound(on=False)

    report = world.push(scheduled=True)

    assert report.skipped == {Reason.OUTBOUND_DISABLED: 1}
    assert [(each.reason, each.subject_id) for each in report.outcomes] == [
        (Reason.OUTBOUND_DISABLED, ada)
    ]
    assert world.contact(ada).waiting is None
    assert world.contact(new).creation
    assert world.row_of(ada)["Title"] == "Analyst"


@pytest.mark.parametrize("lagging_index", [True, False])
def test_switching_off_with_an_index_that_lags(*, lagging_index: bool) -> None:
    """It comes to an end: each contact is counted, written and told once."""
    world = World(TWO_WAY, lagging_index=lagging_index)
    people = world.analysts(5)
    for contact_id in people:
        world.edit(contact_id, job_title="VP")
    world.contacts.catch_up()
    world.switch_outbound(on=False)
    world.written.clear()

    report = world.push(scheduled=True)

    assert report.skipped == {Reason.OUTBOUND_DISABLED: 5}
    assert world.writes_of("contacts.save") == 5
    assert world.reasons() == [Reason.OUTBOUND_DISABLED] * 5


def test_two_looks_at_many_that_wait_while_outbound_is_off() -> None:
    """One of them cancels; the other would tell each reason a second time."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.switch_outbound(on=False)
    lease = world.streams.acquire("push", now=world.now, lasts=5 * MINUTE)
    assert lease

    assert not world.push(scheduled=True).outcomes
    world.streams.release(lease)
    report = world.push(scheduled=True)

    assert report.skipped == {Reason.OUTBOUND_DISABLED: 1}
    assert world.contact(ada).waiting is None


def test_switching_off_where_an_index_still_names_an_edit() -> None:
    """By now a creation waits there, and that stays."""
    world = World(TWO_WAY, lagging_index=True)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.contacts.catch_up()
    request = Waiting(lane=Lane.CREATE, next_push_at=world.now + 15 * MINUTE)
    asked = replace(world.contact(ada), counterpart=None, waiting=request)
    world.contacts.save_many([asked])
    world.switch_outbound(on=False)

    world.push()

    assert world.contact(ada).waiting == request


def test_outbound_is_switched_off_for_one_object() -> None:
    """Edits of leads are cancelled, those of Contacts go."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    bob_id = world.person("bob@example.com")
    world.pull()
    world.wait()
    bob = world.of(bob_id).id
    world.edit(ada, job_title="VP")
    world.edit(bob, job_title="VP")
    objects = {each: OutboundObject(enabled=each is not SObject.LEAD) for each in SObject}
    world.change(outbound=Outbound(objects=objects))

    report = world.push()

    assert world.row_of(ada)["Title"] == "Analyst"
    assert world.row_of(bob)["Title"] == "VP"
    assert report.skipped == {Reason.OUTBOUND_DISABLED: 1}


def test_outbound_is_switched_off_during_a_push() -> None:
    """The next batch does not go any more."""
    world = World(TWO_WAY)
    people = world.analysts(1500)
    for contact_id in people:
        world.edit(contact_id, job_title="VP")
    world.on_write["salesforce.update"] = lambda: world.switch_outbound(on=False)

    report = world.push()

    assert report.counts["Lead"] == {"updated": 1000}
    assert report.skipped == {Reason.OUTBOUND_DISABLED: 500}
    assert not any(world.contact(each).waiting for each in people)


@pytest.mark.parametrize("batch", [1, 1000])
def test_outbound_is_off_for_a_moment_during_a_push(
    monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """Whoever has not gone by then does not go any more, but for who opts out, and is told of."""
    monkeypatch.setattr("counterpart.use_cases.row_writer.WRITE_SIZE", batch)
    world = World(TWO_WAY)
    people = world.analysts(3)
    for contact_id in people:
        world.edit(contact_id, job_title="VP")
    world.edit(people[2], opted_out=True)
    world.wait()

    def off_and_on() -> None:
        for on in (False, True):
            world.switch_outbound(on=on)
            world.wait(0.25)

    if batch == 1:
        world.on_write["salesforce.update"] = off_and_on
    else:
        read = world.salesforce.read

        def read_slowly(*asked: Any) -> Mapping[str, Record]:  # noqa: ANN401 - passed on
            monkeypatch.setattr(world.salesforce, "read", read)
            found = read(*asked)
            off_and_on()
            return found

        monkeypatch.setattr(world.salesforce, "read", read_slowly)
    world.push()
    world.wait(11)
    world.push(scheduled=True)

    went = [each for each in people if world.row_of(each)["Title"] == "VP"]
    assert len(went) == (1 if batch == 1 else 0)
    assert world.row_of(people[2])["HasOptedOutOfEmail"]
    told = [each for each in world.outcomes() if each.reason is Reason.OUTBOUND_DISABLED]
    assert {(each.subject_id, each.field) for each in told} == {
        (each, "job_title") for each in people if each not in went
    }
    assert not any(world.contact(each).waiting for each in people)


@pytest.mark.parametrize("of_all", [True, False])
@pytest.mark.parametrize("locked", [True, False])
def test_outbound_is_off_for_a_moment_between_two_looks(*, of_all: bool, locked: bool) -> None:
    """What waited does not go any more, and does not disappear without a word."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    if locked:
        world.org.locked.add(world.record_of(ada))
        world.push()
        world.org.locked.clear()
    for on in (False, True):
        world.wait(0.25)
        objects = {each: OutboundObject(enabled=on) for each in SObject}
        before = world.settings.current().outbound
        world.change(
            outbound=replace(before, enabled=on) if of_all else replace(before, objects=objects)
        )
    world.wait()
    world.edit(ada, city="Basel")
    world.wait(11)

    world.push(scheduled=True)
    world.wait(11)
    world.push(scheduled=True)

    assert (world.row_of(ada)["Title"], world.row_of(ada)["City"]) == ("Analyst", "Basel")
    told = [each for each in world.outcomes() if each.reason is Reason.OUTBOUND_DISABLED]
    assert [(each.subject_id, each.field) for each in told] == [(ada, "job_title")]


def test_switching_on_sends_nothing_from_before() -> None:
    """An edit that was made while outbound was off stays here; the next one goes."""
    world = World(replace(TWO_WAY, outbound=Outbound(enabled=False)))
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.wait()
    world.change(outbound=Outbound())
    world.settle(2)
    assert world.row_of(ada)["Title"] == "Analyst"

    world.edit(ada, city="Basel")
    world.push()

    assert (world.row_of(ada)["Title"], world.row_of(ada)["City"]) == ("Analyst", "Basel")


@pytest.mark.failure("F67")
def test_a_dry_run() -> None:
    """It says what would go, and what it cost to find out, and writes nothing at all."""
    world = World(TWO_WAY)
    people = world.analysts(3)
    for contact_id in people[:2]:
        world.edit(contact_id, job_title="VP")
    world.org.delete(str(world.row_of(people[1])["Id"]))
    world.written.clear()

    report = world.push(dry_run=True, everything_waiting=True)

    assert world.written == []
    assert report.answer()["api_calls"] == 1
    assert report.counts["Lead"] == {"would_update": 1}


def test_by_name() -> None:
    """Contacts go whether they wait or not; who cannot is told with the reason."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    local = world.add("local@example.com")
    world.edit(ada, job_title="VP")

    report = world.push(contact_ids=(ada, local, "nobody"))

    assert world.row_of(ada)["Title"] == "VP"
    assert report.skipped == {Reason.NOT_LINKED: 1, Reason.NO_SUCH_CONTACT: 1}


# --- Leases, time, allowance ---------------------------------------------------------------------


def test_another_push_is_under_way() -> None:
    """The look leaves at once."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.wait(11)
    assert world.streams.acquire("push", now=world.now, lasts=5 * MINUTE)

    report = world.push(scheduled=True)

    assert report.api_calls == 0
    assert report.notes == ["Another push is under way; it takes what waits along."]
    assert world.contact(ada).waiting


def test_a_push_that_is_short_of_time() -> None:
    """It leaves the rest to the next look, and says so."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.deadline = world.now + 60 * SECOND

    report = world.push()

    assert report.more_remains
    assert report.api_calls == 0
    world.deadline = None
    world.push()
    assert world.row_of(ada)["Title"] == "VP"


@pytest.mark.failure("F29")
def test_an_allowance_that_runs_low() -> None:
    """Fresh edits go; what was put off and what is bulk waits; then nothing goes."""
    world = World(replace(TWO_WAY, outbound=Outbound(api_share_percent=100)), daily_calls=20)
    fresh, bulk, late = world.analysts(3)
    world.edit(bulk, job_title="VP", lane=Lane.BULK)
    while world.salesforce.usage().calls < 16:
        world.pull()
    world.edit(fresh, job_title="VP")

    report = world.push()
    assert world.row_of(fresh)["Title"] == "VP"
    assert world.row_of(bulk)["Title"] == "Analyst"
    assert (report.more_remains, report.notes) == (True, [RUNS_LOW])

    while world.salesforce.usage().calls < 20:
        world.pull()
    world.edit(late, job_title="VP")
    report = world.push()

    assert report.status is RunStatus.BUDGET
    assert world.contact(late).waiting


@pytest.mark.failure("F29")
@pytest.mark.parametrize("dry_run", [False, True])
def test_somebody_who_is_named_while_our_share_is_used_up(*, dry_run: bool) -> None:
    """Nobody is looked up for them either: that is a call like any other."""
    world = World(replace(TWO_WAY, outbound=Outbound(api_share_percent=50)), daily_calls=10)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    while world.salesforce.usage().calls < 5:
        world.pull()

    report = world.push(contact_ids=(ada,), dry_run=dry_run)

    assert (report.status, report.api_calls, report.more_remains) == (RunStatus.BUDGET, 0, True)
    assert world.waits(ada)


@pytest.mark.failure("F29")
def test_the_list_of_runs_while_our_share_is_used_up() -> None:
    """It names each run that found out, and not every look that stopped at once."""
    world = World(replace(TWO_WAY, outbound=Outbound(api_share_percent=50)), daily_calls=10)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    while world.salesforce.usage().calls < 5:
        world.pull()
    world.wait(16)

    for _ in range(32):
        world.push(scheduled=True)
        world.wait()

    runs = world.runs.page(kind=RunKind.PUSH, limit=100).items
    assert [(run.status, run.api_calls) for run in runs] == [(RunStatus.BUDGET, 1)] * 2


@pytest.mark.failure("F29")
def test_a_day_at_the_limit() -> None:
    """Our share is passed by no more than the looks that find out; then all goes on by itself."""
    share, daily = 50, 200
    outbound = Outbound(api_share_percent=share, pace=Pace.NEAR_REAL_TIME)
    world = World(replace(TWO_WAY, outbound=outbound), daily_calls=daily)
    ada, bulk = world.analysts(2)
    spent: list[int] = []
    states = set()
    for step in range(32 * 12):
        world.edit(ada, job_title=f"VP {step}")
        if step == 45:
            world.edit(bulk, job_title="VP", lane=Lane.BULK)
        report = world.push(scheduled=True)
        states.add((report.status, world.row_of(bulk)["Title"] == "VP"))
        spent.append(report.api_calls)
        world.wait(5)

    of_a_day = [sum(spent[start : start + 288]) for start in range(len(spent) - 288)]
    # A look each quarter of an hour costs one call, which is what tells that there are none left.
    assert max(of_a_day) <= daily * share / 100 + 24 * 4
    # Stopped while the bulk edit waited, and again after it had gone on the next day.
    assert {(RunStatus.BUDGET, False), (RunStatus.COMPLETED, True)} <= states
    world.wait(24 * 60)
    world.push()
    assert world.row_of(ada)["Title"] == f"VP {32 * 12 - 1}"
    assert not world.waits(ada)


@pytest.mark.failure("F30")
def test_too_many_long_requests_at_once() -> None:
    """That is no spent allowance: the next look, a minute later, goes on."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.salesforce.fail(ThrottledError("ConcurrentPerOrgLongTxn Limit exceeded."))

    assert world.push().status is RunStatus.FAILED
    world.wait()
    assert world.push().status is RunStatus.COMPLETED

    assert world.row_of(ada)["Title"] == "VP"


@pytest.mark.failure("F29")
def test_the_allowance_is_spent() -> None:
    """The run is no success, and what waits goes on waiting."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.salesforce.fail(QuotaExhaustedError("TotalRequests Limit exceeded."))

    report = world.push()

    assert report.status is RunStatus.BUDGET
    assert report.more_remains
    assert world.contact(ada).waiting
    world.push()
    assert world.row_of(ada)["Title"] == "VP"


@pytest.mark.failure("F30")
def test_salesforce_does_not_answer() -> None:
    """The run has failed, and the next one does it."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.salesforce.fail(TransientError("503"))

    report = world.push()

    assert report.status is RunStatus.FAILED
    assert report.more_remains
    assert world.streams.acquire("push", now=world.now, lasts=MINUTE)
    world.wait(2)
    world.push()
    assert world.row_of(ada)["Title"] == "VP"


# --- Requests whose job got lost -----------------------------------------------------------------


@pytest.mark.failure("F38")
def test_a_creation_job_that_got_lost() -> None:
    """The look finds the request after a while, and sends the job again, once."""
    world = World()
    contact_id = world.add("new@example.com", sync=True)
    world.queue.jobs.clear()

    world.wait(14)
    world.push(scheduled=True)
    assert world.queue.jobs == []
    world.wait(1)
    world.push(scheduled=True)
    world.push(scheduled=True)

    assert [job.contact_id for job in world.queue.jobs] == [contact_id]
    world.create()
    assert world.contact(contact_id).counterpart


@pytest.mark.parametrize(
    ("mode", "title"), [(Mode.ALWAYS_OURS, "Analyst"), (Mode.PREFER_SALESFORCE, None)]
)
def test_a_pull_was_quicker_than_the_creation(mode: Mode, title: str | None) -> None:
    """The contact was linked meanwhile; what it has to send goes out although the job is lost."""
    world = World(SyncSettings(fields=with_mode(mode, "job_title")))
    contact_id = world.add("ada@example.com", sync=True, job_title="VP")
    world.queue.jobs.clear()
    world.lead(Title=title)
    world.wait()
    world.pull()
    assert world.contact(contact_id).counterpart

    world.wait(15)
    world.push(scheduled=True)
    world.wait(15)
    world.push(scheduled=True)

    assert world.row_of(contact_id)["Title"] == "VP"
    assert world.contact(contact_id).creation is None
    assert world.contact(contact_id).waiting is None


def test_an_index_that_still_names_a_request() -> None:
    """The contact was created and edited since; its edit keeps its mark."""
    world = World(TWO_WAY, lagging_index=True)
    contact_id = world.add("ada@example.com", sync=True)
    world.contacts.catch_up()
    world.create()
    world.edit(contact_id, job_title="VP")
    world.wait(16)

    world.push(scheduled=True)

    assert world.contact(contact_id).waiting
    world.contacts.catch_up()
    world.push(scheduled=True)
    assert world.row_of(contact_id)["Title"] == "VP"


# --- Companies -----------------------------------------------------------------------------------


def test_a_company_fills_a_blank_of_its_account() -> None:
    """Companies are pushed as contacts are."""
    world = World()
    account_id = world.account(Website="acme.example", Phone="1")
    world.wait()
    world.pull()
    (company,) = world.all_companies()
    values = {**company.ledger.values, "industry": "Mining"}
    times = {**company.ledger.times, "industry": world.now}
    ledger = replace(company.ledger, values=values, times=times)
    world.companies.save_many([replace(company, ledger=ledger)])
    world.wait()
    world.org.edit(account_id, {"Phone": "2"})
    world.wait()
    world.pull()

    world.push(contact_ids=())
    assert world.org.row(account_id)["Phone"] == "2"


def test_who_is_put_off_comes_before_noon_tomorrow() -> None:
    """A person who asks for everything means what was put off, too."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP")
    world.org.locked.add(world.record_of(ada))
    for _ in range(8):
        world.push()
    world.org.locked.clear()
    waiting = world.contact(ada).waiting

    world.push()

    assert waiting
    assert waiting.next_push_at - NOON > HOUR
    assert world.row_of(ada)["Title"] == "VP"


@pytest.mark.failure("F26")
def test_an_object_that_our_user_may_not_read_any_more() -> None:
    """Its records are not taken for deleted: their edits wait, and the others' go."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    contact_id = world.person("bob@example.com", Title="Analyst")
    world.pull()
    bob = world.of(contact_id).id
    world.edit(ada, job_title="VP")
    world.edit(bob, job_title="CTO")
    world.org.hidden_objects.add(SObject.LEAD)

    report = world.push()

    assert world.org.row(contact_id)["Title"] == "CTO"
    assert world.contact(ada).counterpart
    assert world.contact(ada).waiting
    assert report.counts["Lead"] == {"retried_later": 1}
    world.org.hidden_objects.clear()
    world.push()
    assert world.row_of(ada)["Title"] == "VP"


def test_a_contact_that_is_deleted_here() -> None:
    """Its record stays in Salesforce, whatever waited, was parked or was under way for it."""
    world = World(replace(TWO_WAY, outbound=Outbound(bulk_above=2)))
    waiting, parked, *under_way = world.analysts(6)
    world.edit(parked, job_title="x" * 200)
    world.push()
    world.salesforce.jobs.work = 5 * MINUTE
    for contact_id in under_way:
        world.edit(contact_id, job_title="VP", lane=Lane.BULK)
    world.push()
    world.edit(waiting, job_title="VP")
    people = [waiting, parked, *under_way]
    records = [world.record_of(contact_id) for contact_id in people]
    for contact_id in people:
        world.delete(contact_id)

    world.settle(3)

    assert [world.org.row(record_id)["IsDeleted"] for record_id in records] == [False] * 6
    assert world.everybody() == []
