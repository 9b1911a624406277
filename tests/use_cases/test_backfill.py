"""Backfills: counted first, then read beside the ordinary pull, by the same rules."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from counterpart.domain.backfill import RESUME, Backfill, BackfillWanted
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.outcomes import RunKind, RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.selection import Criterion, Group, Junction, Operator, Selection
from counterpart.domain.selection import SelectionMode as By
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.domain.sync_settings import Guard, SyncSettings
from counterpart.domain.waiting import Lane
from counterpart.errors import InputError, ThrottledError, TransientError
from counterpart.use_cases.backfill import (
    STREAM,
    backfill_status,
    cancel_backfill,
    count_backfill,
    start_backfill,
)
from counterpart.use_cases.reports import Report
from counterpart.use_cases.run_backfill import run_backfill
from tests.use_cases.world import MINUTE, PowerCutError, World

LEADS = Backfill(object=SObject.LEAD)
TITLES = Backfill(object=SObject.LEAD, fields=("job_title",))


def without(*names: str) -> SyncSettings:
    """Return settings that do not map these fields."""
    fields = tuple(field for field in CONTACT_FIELDS if field.name not in names)
    return SyncSettings(fields=fields)


def with_title(mode: Mode = Mode.PREFER_SALESFORCE) -> tuple[FieldMapping, ...]:
    """Return the mapping in which the title has a mode."""
    return tuple(
        replace(field, mode=mode) if field.name == "job_title" else field
        for field in CONTACT_FIELDS
    )


def start(world: World, what: Backfill, *, confirm: int = 10_000) -> dict[str, object]:
    """Open a backfill."""
    return start_backfill(BackfillWanted(what=what, confirm=confirm), ports=world.pull_ports)


def run(world: World) -> Report:
    """Let one invocation go on with it."""
    return run_backfill(ports=world.pull_ports, time_left=world.time_left)


def plan(world: World, what: Backfill) -> Report:
    """Plan it and write nothing."""
    return run_backfill(ports=world.pull_ports, time_left=world.time_left, plan=what)


def backfill(world: World, what: Backfill) -> Report:
    """Do it, to its end."""
    start(world, what)
    report = run(world)
    while report.status is RunStatus.CONTINUES:
        world.deadline = None
        report = run(world)
    return report


def switch(world: World, *, enabled: bool) -> None:
    """Switch leads on or off."""
    inbound = world.settings.current().inbound
    leads = replace(inbound.objects[SObject.LEAD], enabled=enabled)
    world.change(inbound=replace(inbound, objects={**inbound.objects, SObject.LEAD: leads}))


def take_directors(world: World) -> None:
    """Let nobody come in but leads with that title."""
    only = Group(
        junction=Junction.ALL,
        members=(Criterion(field="Title", operator=Operator.EQUALS, value="Director"),),
    )
    select(world, Selection(mode=By.CRITERIA, criteria=only))


def select(world: World, selection: Selection) -> None:
    """Choose which leads come in."""
    inbound = world.settings.current().inbound
    leads = replace(inbound.objects[SObject.LEAD], selection=selection)
    world.change(inbound=replace(inbound, objects={**inbound.objects, SObject.LEAD: leads}))


def test_a_new_mapping_is_filled_when_somebody_asks() -> None:
    """The next pull brings nothing; the backfill fills who is linked, with the record's time."""
    world = World(without("job_title"))
    lead = world.lead(Title="Director")
    world.wait()
    world.pull()
    modified_at = world.org.row(lead)["LastModifiedDate"]
    world.wait(60)
    world.pull()
    world.change(fields=with_title())
    placed_at = world.now
    world.wait()
    world.pull()
    before = world.the_contact()

    report = backfill(world, TITLES)

    after = world.the_contact()
    assert "job_title" not in before.ledger.values
    assert after.ledger.values["job_title"] == "Director"
    assert after.ledger.times["job_title"] == modified_at
    # The version counts as applied as before; that the field was seen in its place is new.
    assert after.counterpart
    assert after.counterpart.placed == {"job_title": placed_at}
    assert replace(after.counterpart, placed={}) == before.counterpart
    assert (report.status, report.kind) == (RunStatus.COMPLETED, RunKind.BACKFILL)
    assert report.counts["Lead"] == {"read": 1, "updated": 1}
    assert world.runs.get(report.run_id)


@pytest.mark.failure("F14")
def test_a_backfill_twice() -> None:
    """The second one makes no write to contacts or links."""
    world = World(without("job_title"))
    world.lead(Title="Director")
    world.wait()
    world.pull()
    world.change(fields=with_title())
    world.wait()
    backfill(world, TITLES)
    world.written.clear()

    report = backfill(world, TITLES)

    assert report.skipped == {"no_change": 1}
    assert world.writes_of("contacts", "companies", "links") == 0


@pytest.mark.parametrize(
    ("mode", "ours", "later"),
    [
        (Mode.PREFER_SALESFORCE, "Director", True),
        (Mode.ALWAYS_SALESFORCE, "Director", True),
        (Mode.ALWAYS_OURS, "Clerk", False),
    ],
)
def test_a_field_that_has_a_value_here(mode: Mode, ours: str, later: bool) -> None:  # noqa: FBT001 - a row
    """The mode decides, and the gate: an older record never replaces a later edit of ours."""
    world = World(without("job_title"))
    lead = world.lead(Title="Director")
    world.wait()
    world.pull()
    world.change(fields=with_title(mode))
    world.wait(20)
    world.edit(world.the_contact().id, job_title="Clerk")
    backfill_before_touch = backfill(world, TITLES)
    kept = world.the_contact().ledger.values["job_title"]
    world.wait()
    world.org.edit(lead, {"City": "Paris"})
    world.wait()

    backfill(world, TITLES)

    assert kept == "Clerk"
    assert backfill_before_touch.status is RunStatus.COMPLETED
    assert (world.the_contact().ledger.values["job_title"] == "Director") is later
    assert world.the_contact().ledger.values["job_title"] == ours


def test_who_has_something_to_send_back_waits_behind_fresh_edits() -> None:
    """A blank in Salesforce that ours may fill goes out in the bulk lane."""
    world = World(SyncSettings(fields=with_title(Mode.DO_NOT_SYNC)))
    world.lead()
    world.wait()
    world.pull()
    world.edit(world.the_contact().id, job_title="Clerk")
    world.change(fields=with_title())
    world.contacts.save_many([replace(world.the_contact(), waiting=None)])

    backfill(world, TITLES)

    waiting = world.the_contact().waiting
    assert waiting
    assert waiting.lane is Lane.BULK


def test_a_field_is_filled_for_linked_records_alone() -> None:
    """Of the others, not even an address was read: they stay outside, and say why."""
    world = World()
    stranger = world.lead("new@example.com", Title="Clerk")
    world.add("new@example.com")
    world.wait()

    report = backfill(world, TITLES)

    assert report.skipped == {"not_linked": 1}
    assert world.the_contact().counterpart is None
    assert not world.links.get_many([stranger])


def test_the_next_pull_applies_the_rest_of_a_record_that_was_filled_in_part() -> None:
    """A backfill of one field does not make the others look applied."""
    world = World()
    lead = world.lead(Title="Clerk", City="Paris")
    world.wait()
    world.pull()
    world.wait()
    world.org.edit(lead, {"Title": "Director", "City": "Rome"})
    world.wait()

    backfill(world, TITLES)
    filled = world.the_contact().ledger.values
    world.pull()

    assert (filled["job_title"], filled["city"]) == ("Director", "Paris")
    assert world.the_contact().ledger.values["city"] == "Rome"


def test_what_changed_while_an_object_was_off_comes_in_when_somebody_asks() -> None:
    """That is the point: nothing catches up by itself."""
    world = World()
    known = world.lead("ada@example.com", Title="Clerk")
    world.wait()
    world.pull()
    switch(world, enabled=False)
    world.wait(60)
    world.org.edit(known, {"Title": "Director"})
    world.lead("new@example.com", Title="Analyst")
    world.wait(60)
    switch(world, enabled=True)
    world.wait(60)
    world.pull()
    before = sorted(str(each.ledger.values.get("job_title")) for each in world.everybody())
    watermark = world.streams.get("Lead").watermark

    backfill(world, LEADS)

    after = sorted(str(each.ledger.values.get("job_title")) for each in world.everybody())
    assert before == ["Clerk"]
    assert after == ["Analyst", "Director"]
    assert world.streams.get("Lead").watermark == watermark


def test_a_span_of_time_and_a_list_of_ids() -> None:
    """Only what was asked for is read."""
    world = World()
    early = world.lead("early@example.com")
    world.wait(60)
    since = world.now
    middle = world.lead("middle@example.com")
    world.wait(60)
    until = world.now
    world.lead("late@example.com")
    world.wait(60)

    backfill(world, replace(LEADS, since=since, until=until))
    one = [contact.email for contact in world.everybody()]
    backfill(world, replace(LEADS, ids=(early, middle)))

    assert one == ["middle@example.com"]
    assert sorted(str(each.email) for each in world.everybody()) == [
        "early@example.com",
        "middle@example.com",
    ]


def test_a_backfill_heeds_the_selection() -> None:
    """What the settings leave out stays out, and is not counted."""
    world = World()
    take_directors(world)
    world.lead("in@example.com", Title="Director")
    world.lead("out@example.com", Title="Clerk")
    world.wait()

    counted = count_backfill(BackfillWanted(what=LEADS), ports=world.pull_ports)
    backfill(world, LEADS)

    assert counted["records"] == 1
    assert [contact.email for contact in world.everybody()] == ["in@example.com"]


@pytest.mark.failure("F67")
def test_a_count_comes_first_and_writes_nothing() -> None:
    """It costs one call, and says how many records and calls there will be."""
    world = World()
    for number in range(3):
        world.lead(f"{number}@example.com")
    world.wait()

    counted = count_backfill(BackfillWanted(what=LEADS), ports=world.pull_ports)

    assert (counted["records"], counted["api_calls"], counted["confirm"]) == (3, 1, 3)
    assert world.written == []
    assert world.salesforce.usage().calls == 1
    assert not world.successor.payloads


@pytest.mark.failure("F67")
def test_a_count_says_why_it_is_less_than_was_asked_for() -> None:
    """A record that was deleted is not read, and a field that only goes out is not filled."""
    world = World(replace(SyncSettings(), fields=with_title(Mode.ALWAYS_OURS)))
    there, gone = world.lead(), world.lead("bob@example.com")
    world.org.delete(gone)

    named = Backfill(object=SObject.LEAD, ids=(there, gone), fields=("job_title", "city"))
    told = count_backfill(BackfillWanted(what=named), ports=world.pull_ports)

    assert told["records"] == 1
    assert "nothing comes in of job_title." in str(told["summary"])
    assert "1 of the 2 that were named are not among them" in str(told["summary"])
    plain = str(count_backfill(BackfillWanted(what=LEADS), ports=world.pull_ports)["summary"])
    assert "named" not in plain
    assert "mode, nothing" not in plain


def test_the_next_invocation_cannot_be_asked_for() -> None:
    """The backfill is open all the same, and the next tick asks for it."""

    class Deaf:
        """Starts nobody."""

        def start(self, payload: Mapping[str, object]) -> None:
            raise TransientError(f"nobody is told of {payload}")

    world = World()
    world.lead()
    ports = replace(world.pull_ports, successor=Deaf())

    told = start_backfill(BackfillWanted(what=LEADS, confirm=1), ports=ports)
    world.pull(scheduled=True)

    assert told["status"] == "started"
    assert world.successor.payloads == [RESUME]


def test_more_than_was_confirmed() -> None:
    """It does not begin; whoever confirms the new number has seen it."""
    world = World()
    for number in range(3):
        world.lead(f"{number}@example.com")
    world.wait()

    with pytest.raises(InputError, match="confirm 3"):
        start(world, LEADS, confirm=1)

    assert world.streams.get(STREAM).backfill is None
    assert start(world, LEADS, confirm=3)["status"] == "started"
    assert world.successor.payloads == [RESUME]


def test_a_dry_run_plans_for_real() -> None:
    """The counts are those of the run that would follow, and nothing is written."""
    world = World()
    world.lead()
    world.wait()

    report = plan(world, LEADS)

    assert report.dry_run
    assert report.counts["Lead"] == {"read": 1, "created": 1}
    assert world.written == []


@pytest.mark.parametrize(
    ("what", "field"),
    [
        (replace(LEADS, fields=("shoe_size",)), "backfill.fields"),
        (LEADS, "backfill.object"),
    ],
)
def test_what_the_settings_do_not_allow(what: Backfill, field: str) -> None:
    """A field has to be mapped, and an object to come in at all."""
    world = World()
    switch(world, enabled=bool(what.fields))

    with pytest.raises(InputError) as told:
        count_backfill(BackfillWanted(what=what), ports=world.pull_ports)

    assert told.value.field == field


def test_a_selection_that_takes_nobody() -> None:
    """It is told as that: the object is on."""
    world = World()
    select(world, Selection(mode=By.NONE))

    with pytest.raises(InputError, match="the selection of Lead takes nobody"):
        count_backfill(BackfillWanted(what=LEADS), ports=world.pull_ports)


def test_one_at_a_time() -> None:
    """The second one is told of the first, which goes on."""
    world = World()
    world.lead()
    world.wait()
    start(world, LEADS)

    with pytest.raises(InputError, match="another one is under way"):
        start(world, TITLES)

    assert backfill_status(ports=world.pull_ports)["status"] == "open"
    assert run(world).counts["Lead"]["created"] == 1
    assert backfill_status(ports=world.pull_ports)["status"] == "none"
    assert start(world, TITLES)["status"] == "started"


def test_time_runs_short() -> None:
    """Each invocation goes on after the last page of the one before."""
    world = World(page_size=2)
    for number in range(7):
        world.lead(f"{number}@example.com")
        world.wait()
    start(world, LEADS)
    world.seconds_per_call = 30

    statuses = []
    for _ in range(4):
        world.deadline = world.now + 90 * timedelta(seconds=1)
        statuses.append(run(world).status)

    assert statuses[:-1] == [RunStatus.CONTINUES] * 3 or statuses[-1] is RunStatus.COMPLETED
    world.deadline = None
    while world.streams.get(STREAM).backfill:
        run(world)
    assert len(world.everybody()) == 7
    assert all(payload == RESUME for payload in world.successor.payloads)


@pytest.mark.parametrize("writes", range(1, 9))
def test_the_power_fails(writes: int) -> None:
    """The schedule's next tick finds the backfill open and lets it go on."""
    world = World(page_size=2)
    for number in range(3):
        world.lead(f"{number}@example.com")
        world.wait()
    switch(world, enabled=False)
    switch(world, enabled=True)
    world.wait()
    start(world, LEADS)
    world.successor.payloads.clear()
    world.cut_the_power_after(writes)
    with pytest.raises(PowerCutError):
        run(world)
    world.start_again()

    world.pull(scheduled=True)

    assert world.successor.payloads == [RESUME]
    run(world)
    assert len(world.everybody()) == 3
    assert world.streams.get(STREAM).backfill is None


def test_a_tick_without_an_open_backfill() -> None:
    """Nobody is woken for nothing."""
    world = World()

    world.pull(scheduled=True)

    assert world.successor.payloads == []


def test_calls_run_low() -> None:
    """It stops when four fifths of our share are spent, and fresher work has the rest."""
    world = World(page_size=1, daily_calls=20)
    for number in range(30):
        world.lead(f"{number}@example.com")
        world.wait()
    start(world, LEADS)

    report = run(world)

    assert report.status is RunStatus.BUDGET
    assert report.more_remains
    assert 0 < len(world.everybody()) < 16
    done: Any = backfill_status(ports=world.pull_ports)["done"]
    assert done == len(world.everybody())


def test_salesforce_is_down() -> None:
    """The run says so, and the backfill stays open."""
    world = World()
    world.lead()
    world.wait()
    start(world, LEADS)
    world.salesforce.fail(ThrottledError("slow down"))

    failed = run(world)

    assert failed.status is RunStatus.FAILED
    assert run(world).counts["Lead"]["created"] == 1


@pytest.mark.failure("F10")
def test_salesforce_gives_up_on_the_whole_span() -> None:
    """It is read in parts."""
    world = World()
    for number in range(20):
        world.lead(f"{number}@example.com")
        world.wait(17)
    world.salesforce.most_looked_at = 3
    with pytest.raises(InputError, match="shorter span"):
        start(world, LEADS)
    world.salesforce.most_looked_at = None
    start(world, LEADS)
    world.salesforce.most_looked_at = 3

    run(world)

    assert len(world.everybody()) == 20


def test_a_field_that_the_org_hides() -> None:
    """It is left out with a warning; the rest comes."""
    world = World()
    world.lead(Title="Director", City="Paris")
    world.wait()
    world.org.hidden.add((SObject.LEAD, "Title"))

    report = backfill(world, LEADS)

    assert world.the_contact().ledger.values["city"] == "Paris"
    assert [(told.reason, told.field) for told in report.outcomes] == [
        ("field_unavailable", "job_title")
    ]


@pytest.mark.parametrize(
    "what", [LEADS, Backfill(object=SObject.LEAD, ids=("00Q000000000001EAA",))]
)
def test_a_field_of_the_criteria_that_the_org_hides(what: Backfill) -> None:
    """Whoever asks is told which; one that is open says what to mend, and goes on after that."""
    world = World()
    take_directors(world)
    world.lead(Title="Director")
    world.wait()
    start(world, LEADS)
    world.org.hidden.add((SObject.LEAD, "Title"))

    with pytest.raises(InputError, match=r"Lead cannot be read: .*Title"):
        count_backfill(BackfillWanted(what=what), ports=world.pull_ports)
    with pytest.raises(InputError, match=r"Lead cannot be read: .*Title"):
        plan(world, what)
    report = run(world)

    assert report.status is RunStatus.FAILED
    assert "Title" in (report.error or "")
    world.org.hidden.clear()
    assert run(world).counts["Lead"]["created"] == 1


def test_a_cancelled_backfill() -> None:
    """What it wrote stays, and nothing of it goes on."""
    world = World(page_size=1)
    for number in range(3):
        world.lead(f"{number}@example.com")
        world.wait()
    start(world, LEADS)
    world.on_write["contacts.save"] = lambda: cancel_backfill(ports=world.pull_ports)

    report = run(world)

    assert len(world.everybody()) == 1
    assert any("cancelled" in note for note in report.notes)
    assert backfill_status(ports=world.pull_ports)["status"] == "none"
    assert run(world).counts == {}
    assert cancel_backfill(ports=world.pull_ports)["status"] == "none"


def test_its_object_is_switched_off_meanwhile() -> None:
    """It stays open, and says what to mend."""
    world = World()
    world.lead()
    world.wait()
    start(world, LEADS)
    switch(world, enabled=False)

    report = run(world)

    assert report.status is RunStatus.FAILED
    assert "switched off" in (report.error or "")
    assert backfill_status(ports=world.pull_ports)["last_run"] == report.run_id
    assert world.everybody() == []


def test_while_an_invocation_is_at_work() -> None:
    """Another one leaves at once."""
    world = World()
    world.lead()
    world.wait()
    start(world, LEADS)
    world.streams.acquire(STREAM, now=world.now, lasts=3 * MINUTE)

    report = run(world)

    assert report.api_calls == 0
    assert report.summary == "The backfill is being run at this moment."


@pytest.mark.failure("F67")
@pytest.mark.parametrize("changed", [False, True])
def test_a_backfill_that_would_blank_too_much(changed: bool) -> None:  # noqa: FBT001 - either
    """It is held as a pull would be, and one yes lets it go on; to other settings it is none."""
    title = with_title(Mode.ALWAYS_SALESFORCE)
    fields = tuple(field for field in title if field.name != "job_title")
    world = World(SyncSettings(guard=Guard(minimum=5), fields=fields))
    for number in range(10):
        world.lead(f"{number}@example.com")
    world.wait()
    world.pull()
    world.change(fields=title)
    for contact in world.everybody():
        world.edit(contact.id, job_title="Clerk")
    world.wait()
    for row in world.org.rows(SObject.LEAD):
        world.org.edit(row["Id"], {"City": "Paris"})
    world.wait()

    start(world, TITLES)
    report = run(world)
    again = run(world)

    assert report.status is again.status is RunStatus.HELD
    (hold_id,) = report.held
    waiting = f"Held until somebody says yes: {hold_id}."
    assert again.sentence == f"The backfill stands still. {waiting}"
    told = backfill_status(ports=world.pull_ports)
    assert told["held"] == hold_id
    assert f'To go on, send {{"approve": "{hold_id}"}}' in str(told["summary"])
    assert {contact.ledger.values["job_title"] for contact in world.everybody()} == {"Clerk"}

    if changed:
        world.change(inbound=replace(world.settings.current().inbound, overlap_minutes=20))
        world.approve(hold_id)
        assert run(world).status is RunStatus.HELD
    world.approve(hold_id)
    assert world.successor.payloads[-1] == RESUME
    assert run(world).status is RunStatus.COMPLETED
    assert run(world).summary == "No backfill is open."
    assert {contact.ledger.values["job_title"] for contact in world.everybody()} == {None}
