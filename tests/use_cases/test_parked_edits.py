"""Edits that a push has set aside: seen with everything one needs, and sent again by one call."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from counterpart.adapters.memory import InMemoryContactRepository
from counterpart.domain.mapping import Mode
from counterpart.domain.outbound_settings import Outbound, OutboundObject
from counterpart.domain.outcomes import Reason
from counterpart.domain.parked_requests import Narrowing, RedriveParked
from counterpart.domain.records import SObject
from counterpart.domain.refusals import NOT_TRIED, Refusal
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.waiting import Lane
from counterpart.domain.wishes import Wish
from counterpart.ports import CompanyRepository, ContactRepository, SettingsRepository
from counterpart.use_cases.parked_edits import Listed, Redriven, list_parked, redrive_parked
from tests.use_cases.world import HOUR, World, with_mode

TWO_WAY = SyncSettings(
    fields=with_mode(Mode.TWO_WAY, "job_title", "city", "first_name"),
    outbound=Outbound(max_attempts=3),
)
VALIDATION = Refusal(code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="Titles are for kings.")
DAY = 24 * 60


@dataclass(frozen=True)
class Stores:
    """Where parked edits are."""

    contacts: ContactRepository
    companies: CompanyRepository
    settings: SettingsRepository


def stores(world: World) -> Stores:
    """Return those of a world."""
    return Stores(world.contacts, world.companies, world.settings)


def parked(
    world: World, code: str | None = None, limit: int = 100, sobject: SObject | None = None
) -> Listed:
    """List what is parked."""
    narrowing = Narrowing(code=code, object=sobject)
    return list_parked(
        narrowing, limit=limit, now=world.now, stores=stores(world), may_go_on=lambda: True
    )


def again(
    world: World, *ids: str, code: str | None = None, sobject: SObject | None = None
) -> Redriven:
    """Send again: these, those of a code or an object, or all."""
    narrowing = Narrowing(code=code, object=sobject)
    wanted = RedriveParked(ids=ids or None, narrowing=narrowing)
    return redrive_parked(wanted, now=world.now, stores=stores(world), may_go_on=lambda: True)


def refused(world: World, count: int = 1, refusal: Refusal = VALIDATION) -> list[str]:
    """Return contacts whose edits Salesforce has refused."""
    people = world.analysts(count)
    for contact_id in people:
        world.edit(contact_id, job_title="VP")
        world.org.refusals[world.record_of(contact_id)] = refusal
    world.push()
    return people


@pytest.mark.failure("F19")
def test_everything_that_one_needs_to_know() -> None:
    """Both ids, Salesforce's code and words, how often, since when, and the run."""
    world = World(TWO_WAY)
    (ada,) = refused(world)

    (told,) = parked(world).items

    assert (told["id"], told["record_id"]) == (ada, world.record_of(ada))
    assert (told["object"], told["code"], told["message"]) == (
        "Lead",
        VALIDATION.code,
        VALIDATION.message,
    )
    assert (told["fields"], told["attempts"]) == ([], 1)
    assert told["first_at"] == told["last_at"] == "2026-11-22T12:02:00Z"
    assert told["run_id"] == world.runs.page(limit=1).items[0].id


@pytest.mark.failure("F19")
@pytest.mark.failure("F23")
def test_a_row_that_failed_in_passing_too_often() -> None:
    """It is parked with the number of its attempts, and goes when its cause has passed."""
    world = World(TWO_WAY)
    (ada,) = refused(world, refusal=Refusal(code="UNABLE_TO_LOCK_ROW", message="locked"))
    while world.waits(ada):
        world.wait(60)
        world.push()

    (told,) = parked(world).items
    assert (told["code"], told["attempts"]) == ("UNABLE_TO_LOCK_ROW", 3)

    world.org.refusals.clear()
    assert again(world).redriven == 1
    world.push(scheduled=True)

    assert world.row_of(ada)["Title"] == "VP"
    assert parked(world).items == []


@pytest.mark.failure("F19")
def test_a_field_that_was_set_aside() -> None:
    """It is parked by itself; the rest of the record has crossed. A value that fits goes."""
    world = World(TWO_WAY)
    lead_id = world.lead("ada@example.com", City="Bern")
    world.wait()
    world.pull()
    world.wait()
    ada = world.of(lead_id).id
    world.edit(ada, job_title="x" * 200, city="Basel")
    world.push()

    (told,) = parked(world).items
    assert (told["code"], told["fields"]) == ("STRING_TOO_LONG", ["job_title"])
    assert world.org.row(lead_id)["City"] == "Basel"

    world.edit(ada, job_title="VP")
    world.push()

    assert world.row_of(ada)["Title"] == "VP"
    assert world.contact(ada).parked is None


def test_several_things_that_are_wrong_at_once() -> None:
    """The fields that are blamed go aside together, each with its own reason; all are kept."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="VP", city="Rome", first_name="Ada")
    lead_id = world.record_of(ada)
    world.org.refusals[lead_id] = replace(TOO_LONG, others=(BAD_CITY,))
    world.on_write["salesforce.update"] = world.org.refusals.clear
    world.written.clear()

    report = world.push()

    assert world.writes_of("salesforce.update") == 2
    assert world.org.row(lead_id)["FirstName"] == "Ada"
    assert {(each.field, each.code) for each in report.outcomes} == {
        ("job_title", TOO_LONG.code),
        ("city", BAD_CITY.code),
    }
    (told,) = parked(world).items
    assert (told["code"], told["fields"]) == (TOO_LONG.code, ["city", "job_title"])
    assert told["further"] == [{"code": BAD_CITY.code, "message": BAD_CITY.message}]
    assert len(parked(world, code=BAD_CITY.code).items) == 1


TOO_LONG = Refusal(code="STRING_TOO_LONG", message="Title is too long.", fields=("Title",))
BAD_CITY = Refusal(code="FIELD_FILTER_VALIDATION_EXCEPTION", message="No city.", fields=("city",))


def say_in_turn(world: World, lead_id: str, *refusals: Refusal) -> None:
    """Let Salesforce refuse each next write of a lead for the next reason, and then take it."""
    left = iter(refusals)
    world.org.refusals[lead_id] = next(left)

    def go_on() -> None:
        refusal = next(left, None)
        if refusal:
            world.org.refusals[lead_id] = refusal
            world.on_write["salesforce.update"] = go_on
        else:
            world.org.refusals.clear()

    world.on_write["salesforce.update"] = go_on


@pytest.mark.failure("F19")
@pytest.mark.parametrize("last", [BAD_CITY, VALIDATION])
def test_one_refusal_after_another(last: Refusal) -> None:
    """Each is known afterwards, with its words, and found by its code."""
    world = World(TWO_WAY)
    lead_id = world.lead(Title="Analyst", City="Bern", FirstName="Ada")
    world.wait()
    world.pull()
    world.wait()
    ada = world.of(lead_id).id
    world.edit(ada, job_title="VP", city="Basel", first_name="Adam")
    say_in_turn(world, lead_id, TOO_LONG, last)

    world.push()

    (item,) = parked(world).items
    assert (item["code"], item["message"]) == (last.code, last.message)
    assert item["further"] == [{"code": TOO_LONG.code, "message": TOO_LONG.message}]
    whole = last is VALIDATION
    assert item["fields"] == ([] if whole else ["city", "job_title"])
    assert world.org.row(lead_id)["FirstName"] == ("Ada" if whole else "Adam")
    for code in (TOO_LONG.code, last.code):
        assert len(parked(world, code=code).items) == 1
    assert again(world, code=TOO_LONG.code).redriven == 1
    world.wait()
    world.push(scheduled=True)
    row = world.org.row(lead_id)
    assert (row["Title"], row["City"], row["FirstName"]) == ("VP", "Basel", "Adam")
    assert parked(world).items == []


def test_the_same_again_is_counted() -> None:
    """Redriven in vain, it keeps the time of its first failure."""
    world = World(TWO_WAY)
    refused(world)
    world.wait(60)

    again(world)
    world.push()

    (told,) = parked(world).items
    assert (told["attempts"], told["first_at"]) == (2, "2026-11-22T12:02:00Z")
    assert told["last_at"] == "2026-11-22T13:02:00Z"


@pytest.mark.parametrize("refusal", [None, VALIDATION])
def test_a_field_that_is_tried_again_in_vain(refusal: Refusal | None) -> None:
    """It is still known which, be it blamed once more or not, as the rest has crossed before."""
    world = World(TWO_WAY)
    (ada,) = world.analysts()
    world.edit(ada, job_title="x" * 200, city="Basel")
    world.push()
    if refusal:
        world.org.refusals[world.record_of(ada)] = refusal
    world.wait(60)

    again(world)
    world.push()

    (told,) = parked(world).items
    assert told["fields"] == ["job_title"]
    if refusal is None:
        assert (told["attempts"], told["first_at"]) == (2, "2026-11-22T12:02:00Z")
    # Once something else is refused with it, nothing of that has crossed.
    world.edit(ada, city="Rome")
    world.org.refusals[world.record_of(ada)] = VALIDATION
    world.push()
    assert parked(world).items[0]["fields"] == []


@pytest.mark.failure("F19")
@pytest.mark.failure("F25")
def test_it_is_tried_again_by_itself() -> None:
    """After a day, and then ever more rarely, since an org changes without a word to us."""
    world = World(TWO_WAY)
    (ada,) = refused(world)
    calls = []
    for _ in range(10):
        world.wait(DAY)
        calls.append(world.push(scheduled=True).api_calls)
    assert calls == [2, 2, 0, 2, 0, 0, 0, 2, 0, 0]

    world.org.refusals.clear()
    world.wait(7 * DAY)
    world.push(scheduled=True)

    assert world.row_of(ada)["Title"] == "VP"


def test_a_field_that_our_user_may_only_read() -> None:
    """What is known of its place keeps no edit from being refused, shown and sent again."""
    world = World(SyncSettings(fields=with_mode(Mode.ALWAYS_OURS, "job_title")))
    lead_id = world.lead(Title="Analyst")
    world.wait()
    world.pull()
    contact_id = world.of(lead_id).id
    world.org.read_only.add((SObject.LEAD, "Title"))
    world.edit(contact_id, job_title="Countess")

    world.push()

    waiting = world.contact(contact_id).waiting
    assert waiting
    assert waiting.lane is Lane.PARKED
    assert Reason.REFUSED in world.reasons()
    world.org.read_only.clear()
    world.wait(2 * DAY)
    world.push()
    assert world.org.row(lead_id)["Title"] == "Countess"


def test_automation_that_rewrites_one_field_while_another_is_refused() -> None:
    """Our own write does not wake what was refused of it, or there were no end to writing."""
    fields = tuple(
        replace(field, mode=Mode.TWO_WAY) if field.name == "last_name" else field
        for field in with_mode(Mode.ALWAYS_OURS, "job_title")
    )
    world = World(SyncSettings(fields=fields))
    world.seconds_per_call = 1
    lead_id = world.lead()
    world.wait()
    world.pull()
    contact_id = world.of(lead_id).id
    world.org.edit(lead_id, {"Title": "neat"})
    world.automate(lead_id, {"Title": "neat"})
    world.edit(contact_id, job_title="raw", last_name=None)
    world.push()
    written = world.writes_of("salesforce")

    for _ in range(3):
        world.wait(10)
        world.pull()
        world.push()

    waiting = world.contact(contact_id).waiting
    assert waiting
    assert waiting.lane is Lane.PARKED
    assert world.org.row(lead_id)["Title"] == "neat"
    assert world.writes_of("salesforce") == written


def test_what_is_parked_does_not_wait() -> None:
    """No look is made for its sake, and a push of everything leaves it where it is."""
    world = World(TWO_WAY)
    refused(world)
    world.written.clear()

    world.wait(60)
    assert world.push(scheduled=True).api_calls == 0
    assert world.push().api_calls == 0

    assert world.written == ["streams.acquire", "streams.save", "streams.release", "runs.record"]


def test_a_code_and_a_limit() -> None:
    """They narrow the list; more than it shows is said."""
    world = World(TWO_WAY)
    refused(world, 3)

    assert len(parked(world, code=VALIDATION.code).items) == 3
    assert parked(world, code="STRING_TOO_LONG").items == []
    assert parked(world, limit=2).more_remains
    assert not parked(world, limit=3).more_remains


class CountedContacts(InMemoryContactRepository):
    """Contacts whose index counts what it names."""

    named = 0

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        """Return who waits, and count them."""
        found = super().waiting(lane, until=until, limit=limit)
        self.named += len(found)
        return found


def a_crowd(world: World, count: int) -> CountedContacts:
    """Return as many contacts of whom Salesforce has refused an edit."""
    one = world.contact(*refused(world))
    return CountedContacts(
        *(replace(one, id=f"{number:026d}", version=0) for number in range(count))
    )


@pytest.mark.failure("F19")
def test_one_call_for_a_whole_org_that_refused() -> None:
    """All are redriven, however many they are."""
    world = World(TWO_WAY)
    contacts = a_crowd(world, 10_600)
    crowd = Stores(contacts, world.companies, world.settings)

    told = redrive_parked(RedriveParked(), now=world.now, stores=crowd, may_go_on=lambda: True)

    assert (told.redriven, told.more_remains) == (10_600, False)
    assert contacts.count_waiting(Lane.RETRY) == 10_600
    assert contacts.named < 4 * 10_600


def test_looking_for_a_code_that_nobody_has() -> None:
    """A long line is gone through a few times at most."""
    world = World(TWO_WAY)
    contacts = a_crowd(world, 8000)
    crowd = Stores(contacts, world.companies, world.settings)

    listed = list_parked(
        Narrowing(code="NONE"), limit=10, now=world.now, stores=crowd, may_go_on=lambda: True
    )

    assert (listed.items, listed.more_remains) == ([], False)
    assert contacts.named < 4 * 8000


def test_time_that_is_too_short_for_all_that_is_parked() -> None:
    """What was reached goes, and it is said that there may be more."""
    world = World(TWO_WAY)
    contacts = a_crowd(world, 1200)
    crowd = Stores(contacts, world.companies, world.settings)
    looks = iter([True, True])

    told = redrive_parked(
        RedriveParked(), now=world.now, stores=crowd, may_go_on=lambda: next(looks, False)
    )
    listed = list_parked(
        Narrowing(code="NONE"), limit=10, now=world.now, stores=crowd, may_go_on=lambda: False
    )

    assert (told.redriven, told.more_remains) == (1000, True)
    assert contacts.count_waiting(Lane.PARKED) == 200
    assert listed.more_remains


def test_only_those_that_are_named() -> None:
    """The others stay; what has nothing parked is told."""
    world = World(TWO_WAY)
    ada, bob = refused(world, 2)

    told = again(world, ada, "nobody")

    assert (told.redriven, told.not_found) == (1, ["nobody"])
    assert world.waits(ada)
    assert not world.waits(bob)


def test_only_those_of_a_code() -> None:
    """Once their rule is mended."""
    world = World(TWO_WAY)
    ada, _ = refused(world, 2)

    assert again(world, code="STRING_TOO_LONG").redriven == 0
    assert again(world, code=VALIDATION.code).redriven == 2
    assert world.waits(ada)


def test_only_those_of_an_object() -> None:
    """Leads and Contacts are told apart; with a code, both count."""
    world = World(TWO_WAY)
    (ada,) = refused(world)
    grace = world.person("grace@example.com")
    world.pull()
    world.wait()
    world.edit(world.of(grace).id, job_title="VP")
    world.org.refusals[grace] = TOO_LONG
    world.push()

    assert [told["id"] for told in parked(world, sobject=SObject.LEAD).items] == [ada]
    assert again(world, sobject=SObject.ACCOUNT).redriven == 0
    assert again(world, sobject=SObject.LEAD, code=TOO_LONG.code).redriven == 0
    assert again(world, sobject=SObject.CONTACT, code=TOO_LONG.code).redriven == 1
    assert world.waits(world.of(grace).id)
    assert not world.waits(ada)


def test_behind_a_long_line_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of an object that is off are passed by, and not read again and again."""
    monkeypatch.setattr("counterpart.use_cases.parked_edits._BATCH", 2)
    world = World(TWO_WAY)
    refused(world, 40)
    graces = [world.person(f"grace{at}@example.com") for at in range(5)]
    world.pull()
    world.wait()
    for grace in graces:
        world.edit(world.of(grace).id, job_title="VP")
        world.org.refusals[grace] = VALIDATION
    world.push()
    objects = {
        **world.settings.current().outbound.objects,
        SObject.LEAD: OutboundObject(enabled=False),
    }
    world.change(outbound=replace(world.settings.current().outbound, objects=objects))
    read: list[int] = []
    waiting = world.contacts.waiting

    def counted(lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        found = waiting(lane, until=until, limit=limit)
        read.append(len(found))
        return found

    monkeypatch.setattr(world.contacts, "waiting", counted)

    told = again(world)

    assert (told.redriven, told.kept) == (5, {"outbound_disabled": 40})
    assert sum(read) <= 4 * 45


def test_outbound_is_switched_off() -> None:
    """Then nothing is sent again, and that is said."""
    world = World(TWO_WAY)
    refused(world)
    world.switch_outbound(on=False)

    assert again(world).kept == {"outbound_disabled": 1}


@pytest.mark.parametrize("by_hand", [True, False])
@pytest.mark.parametrize("edit", [True, False])
def test_outbound_was_switched_off_meanwhile(*, by_hand: bool, edit: bool) -> None:
    """What was parked before does not go any more, and does not disappear without a word."""
    world = World(TWO_WAY)
    (ada,) = refused(world)
    world.switch_outbound(on=False)
    world.push(scheduled=True)
    world.wait()
    world.switch_outbound(on=True)
    world.org.refusals.clear()
    world.wait()
    if edit:
        world.edit(ada, city="Basel")
    elif by_hand:
        assert again(world).redriven == 1
    world.wait(10 if by_hand or edit else 24 * 60)

    report = world.push(scheduled=True)

    told = [(one.subject_id, one.reason, one.field) for one in report.outcomes]
    assert told == [(ada, Reason.OUTBOUND_DISABLED, "job_title")]
    assert world.row_of(ada)["Title"] == "Analyst"
    assert parked(world).items == []
    # Once is enough.
    world.wait()
    world.edit(ada, city="Genf")
    assert not world.push().outcomes


def test_a_contact_is_paused_meanwhile() -> None:
    """Nothing of it is sent again, which is said, and it stays listed; a refusal goes."""
    world = World(TWO_WAY)
    ada, bob = refused(world, 2)
    world.wait()
    for contact_id in (ada, bob):
        world.write(Wish(contact_id=contact_id, tags=()))
    world.edit(bob, opted_out=True)
    world.push()
    world.wait()

    answers = [again(world), again(world, ada)]

    assert [(one.redriven, dict(one.kept)) for one in answers] == [
        (1, {"outbound_paused": 1}),
        (0, {"outbound_paused": 1}),
    ]
    assert [one["id"] for one in parked(world).items] == [ada]
    world.org.refusals.clear()
    world.push()
    assert world.row_of(bob)["HasOptedOutOfEmail"]


def test_the_pause_of_a_contact_has_ended_meanwhile() -> None:
    """As if outbound had been off, but for the reason."""
    world = World(TWO_WAY)
    (ada,) = refused(world)
    world.wait()
    world.write(Wish(contact_id=ada, tags=()))
    world.wait()
    world.write(Wish(contact_id=ada, add_tags=("created-from-salesforce-lead",)))
    world.org.refusals.clear()
    world.wait(24 * 60)

    report = world.push(scheduled=True)

    assert [one.reason for one in report.outcomes] == [Reason.OUTBOUND_PAUSED]


@pytest.mark.parametrize("title", ["VP", "Chief"])
def test_salesforce_has_settled_what_is_parked(title: str) -> None:
    """Somebody there enters our value, or a later one: nothing is left to be sent, or listed."""
    world = World(TWO_WAY)
    ada, bob = refused(world, 2)
    world.wait()
    world.org.edit(world.record_of(ada), {"Title": title})
    world.wait()
    world.pull()
    world.wait()
    world.push()

    assert [one["id"] for one in parked(world).items] == [bob]
    assert world.contact(ada).waiting is None
    assert world.contact(ada).parked is None
    assert world.row_of(ada)["Title"] == world.contact(ada).ledger.values["job_title"] == title


def test_an_edit_of_what_is_parked() -> None:
    """It goes as any edit does, and takes along what was parked."""
    world = World(TWO_WAY)
    (ada,) = refused(world)
    world.org.refusals.clear()

    world.edit(ada, city="Basel")
    waiting = world.contact(ada).waiting
    assert waiting
    assert (waiting.lane, waiting.attempts) == (Lane.FRESH, 0)
    world.push()

    assert world.row_of(ada)["Title"] == "VP"


def test_a_record_that_is_gone() -> None:
    """What was parked for it is so no longer."""
    world = World(TWO_WAY)
    (ada,) = refused(world)
    world.org.delete(world.record_of(ada))

    world.settle(1)

    assert parked(world).items == []
    assert world.contact(ada).parked is None


@pytest.mark.failure("F28")
@pytest.mark.parametrize(
    "code", ["CANNOT_EXECUTE_FLOW_TRIGGER", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"]
)
def test_code_of_the_org_that_fails(code: str) -> None:
    """Broken code is tried three times within the hour; a lock that it met, as any lock."""
    world = World(replace(TWO_WAY, outbound=Outbound(max_attempts=50)))
    flow = Refusal(code=code, message="The flow failed.")
    (ada,) = refused(world, refusal=flow)
    pushes = 1
    while world.waits(ada):
        assert world.now < world.runs.page(limit=1).items[0].started_at + 2 * HOUR
        world.wait(20)
        pushes += bool(world.push(scheduled=True).api_calls)

    assert pushes == 3
    assert world.reasons() == [Reason.GAVE_UP]

    met_a_lock = replace(flow, message="The flow failed: UNABLE_TO_LOCK_ROW")
    world.org.refusals = dict.fromkeys(world.org.refusals, met_a_lock)
    world.edit(ada, city="Basel")
    for _ in range(4):
        world.push()
    assert world.waits(ada)


@pytest.mark.failure("F20")
def test_a_row_that_was_not_tried() -> None:
    """Where others spoil each batch that it is in, it waits for its turn, however often."""
    world = World(TWO_WAY)
    (ada,) = refused(world, refusal=Refusal(code=NOT_TRIED, message="too many were refused"))

    for _ in range(5):
        world.wait(1)
        assert world.push(scheduled=True).api_calls == 2

    assert parked(world).items == []
    world.org.refusals.clear()
    world.wait(1)
    world.push(scheduled=True)
    assert world.row_of(ada)["Title"] == "VP"
