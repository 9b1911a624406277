"""Creating, together with pulling and pushing: who was there, what comes back, what is left."""

from typing import Any

import pytest

from counterpart.domain.account_choice import company_id_for
from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import Creation, OnExistingMatch
from counterpart.domain.links import LinkState
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.outcomes import Action, Reason, RunKind, RunStatus
from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from counterpart.errors import AuthenticationError, TransientError
from counterpart.ports import LookUp, PageQuery
from tests.use_cases.world import PowerCutError, World, with_mode

CONTACTS = SyncSettings(creation=Creation(create_as=CreateAs.CONTACT, create_accounts=True))


@pytest.mark.failure("F59")
def test_a_batch_costs_two_calls() -> None:
    """One looks, one makes; Accounts and people go together."""
    world = World(CONTACTS)
    for number in range(20):
        world.add(f"{number}@company{number % 5}.example", sync=True)

    result = world.create()

    assert result.report.api_calls == 2
    assert result.report.counts["Contact"] == {"created": 20}
    assert result.report.counts["Account"] == {"created": 5}


@pytest.mark.failure("F49")
@pytest.mark.parametrize("create_as", CreateAs)
def test_a_new_record_coming_back(create_as: CreateAs) -> None:
    """Its echo makes no write: nothing of it is news."""
    world = World()
    contact_id = world.add(sync=True, create_as=create_as, job_title="VP")
    world.create()
    world.written.clear()

    world.wait()
    report = world.pull(scheduled=True)
    world.wait(10)
    world.push(scheduled=True)

    assert sum(counts["read"] for counts in report.counts.values()) == 1
    assert world.writes_of("contacts", "links", "salesforce") == 0
    assert world.contact(contact_id).waiting is None


@pytest.mark.failure("F59")
def test_two_people_of_one_new_company() -> None:
    """They share one Account and one company, and nothing is left to do after one pull."""
    world = World(CONTACTS)
    people = [world.add(f"{name}@acme.example", sync=True) for name in ("ada", "bob")]
    world.create()
    world.settle(1)
    world.written.clear()

    world.settle(2)

    (company,) = world.all_companies()
    assert {world.contact(each).company_id for each in people} == {company.id}
    assert len({world.row_of(each)["AccountId"] for each in people}) == 1
    assert len(world.org.rows(SObject.ACCOUNT)) == 1
    assert world.writes_of("contacts", "companies", "links", "salesforce") == 0


# --- Who is there already ------------------------------------------------------------------------


@pytest.mark.failure("F39")
@pytest.mark.failure("F40")
def test_somebody_who_is_there_as_a_lead_and_as_a_contact() -> None:
    """Nothing is made; the Contact is linked, and the lead is mentioned."""
    world = World()
    world.lead()
    contact_record = world.person()
    contact_id = world.add(sync=True)

    result = world.create()

    assert world.row_of(contact_id)["Id"] == contact_record
    assert result.report.counts == {"Contact": {"linked": 1}}
    assert Reason.AMBIGUOUS_MATCH in {each.reason for each in result.report.outcomes}


def test_somebody_who_is_there_with_a_company() -> None:
    """The contact belongs to the company of that Contact at once."""
    world = World()
    account_id = world.account(Website="acme.example")
    world.person(AccountId=account_id)
    world.wait()
    world.pull(objects=(SObject.ACCOUNT,))
    (company,) = world.all_companies()
    contact_id = world.add(sync=True)

    world.create()

    contact = world.contact(contact_id)
    assert (contact.account_id, contact.company_id) == (account_id, company.id)


@pytest.mark.parametrize(
    ("mode", "title"),
    [
        (Mode.ALWAYS_OURS, "VP"),
        (Mode.TWO_WAY, "VP"),
        (Mode.PREFER_SALESFORCE, "Analyst"),
        (Mode.ALWAYS_SALESFORCE, "Analyst"),
    ],
)
def test_a_first_meeting_on_request(mode: Mode, title: str) -> None:
    """The modes decide as at any first meeting, and what they send goes out."""
    world = World(SyncSettings(fields=with_mode(mode, "job_title")))
    world.lead(Title="Analyst")
    world.wait()
    contact_id = world.add(sync=True, job_title="VP")

    world.create()
    world.push()

    assert world.row_of(contact_id)["Title"] == title
    told = [(one.kept, one.lost) for one in world.outcomes() if one.reason is Reason.BOTH_CHANGED]
    assert told == ([("ours", "Analyst")] if mode is Mode.TWO_WAY else [])


def test_a_record_that_does_not_show_a_field_when_it_is_met() -> None:
    """It is linked all the same; what no pull would bring by itself is told, and comes later."""
    world = World()
    record_id = world.person(Title="Analyst", Phone="1")
    world.wait()
    world.pull(objects=(SObject.ACCOUNT,))
    world.org.hidden = {(SObject.CONTACT, "Title")}
    contact_id = world.add(sync=True)

    world.create()

    told = [each for each in world.outcomes() if each.reason is Reason.FIELD_UNAVAILABLE]
    assert [(each.field, each.record_id, each.subject_id) for each in told] == [
        ("job_title", record_id, contact_id)
    ]
    assert "backfill" in told[0].message
    assert world.contact(contact_id).ledger.values["phone"] == "1"
    world.org.hidden = set()
    world.org.edit(record_id, {"Phone": "2"})
    world.wait()
    world.pull()
    assert world.contact(contact_id).ledger.values["job_title"] == "Analyst"


def test_a_record_that_holds_a_value_of_another_type_when_it_is_met() -> None:
    """It is linked all the same, and the field is told by the reason by which a pull tells it."""
    world = World()
    score = FieldMapping(
        name="score",
        type=FieldType.NUMBER,
        mode=Mode.TWO_WAY,
        paths={SObject.CONTACT: "Title"},
    )
    others = [field for field in CONTACT_FIELDS if field.name != "job_title"]
    world.change(fields=(*others, score))
    world.person(Title="Analyst")
    world.add(sync=True)

    world.create()

    assert [(each.reason, each.field) for each in world.outcomes()] == [
        (Reason.LINKED_BY_EMAIL, None),
        (Reason.UNREADABLE_VALUE, "score"),
    ]


def test_somebody_who_was_deleted_here_and_asked_for_again() -> None:
    """The new contact gets the record that is there, instead of a second one."""
    world = World()
    lead_id = world.lead()
    world.wait()
    world.pull()
    world.delete(world.the_contact().id)
    assert world.links.get_many([lead_id])[lead_id].state is LinkState.DELETED_HERE
    contact_id = world.add(sync=True)

    world.create()

    assert world.row_of(contact_id)["Id"] == lead_id
    assert len(world.org.rows(SObject.LEAD)) == 1


@pytest.mark.failure("F40")
@pytest.mark.parametrize("policy", OnExistingMatch)
def test_somebody_of_the_address_whose_deletion_broke_off(policy: OnExistingMatch) -> None:
    """The record is of the one that is still there, and is not given to another as well."""
    world = World(SyncSettings(creation=Creation(on_existing_match=policy)))
    lead_id = world.lead()
    world.wait()
    world.pull()
    first = world.the_contact().id
    world.cut_the_power_after(1)
    with pytest.raises(PowerCutError):
        world.delete(first)
    world.start_again()
    assert world.links.get_many([lead_id])[lead_id].state is LinkState.DELETED_HERE
    second = world.add(sync=True, last_name="Byron")

    world.create()

    assert world.record_of(first) == lead_id
    counterpart = world.contact(second).counterpart
    if policy is OnExistingMatch.CREATE:
        assert counterpart
        assert counterpart.record_id != lead_id
    else:
        assert counterpart is None
        assert Reason.EXISTING_MATCH in world.reasons()


@pytest.mark.failure("F40")
@pytest.mark.parametrize("policy", OnExistingMatch)
def test_two_contacts_of_one_address(policy: OnExistingMatch) -> None:
    """One gets the record that is there, the other its own or none; neither is linked twice."""
    world = World(SyncSettings(creation=Creation(on_existing_match=policy)))
    lead_id = world.lead()
    world.wait()
    people = [world.add(sync=True) for _ in range(2)]

    world.create()
    world.settle(2)

    held = [contact.counterpart for contact in map(world.contact, people)]
    ids = {one.record_id for one in held if one}
    assert lead_id in ids
    assert len(ids) == len(world.org.rows(SObject.LEAD))
    assert len(ids) == (2 if policy is OnExistingMatch.CREATE else 1)
    assert len(world.everybody()) == 2


# --- Rows on their own ---------------------------------------------------------------------------


@pytest.mark.failure("F27")
def test_a_poisoned_job_among_many() -> None:
    """It is parked with Salesforce's words; its neighbours are created."""
    world = World()
    people = [world.add(f"{number}@example.com", sync=True) for number in range(10)]
    world.org.refusals[people[3]] = Refusal(
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="Not on Sundays."
    )

    result = world.create()

    assert result.report.counts["Lead"] == {"created": 9, "refused": 1}
    assert result.report.status is RunStatus.COMPLETED_WITH_ERRORS
    assert not result.failed
    ((job, words),) = world.queue.parked
    assert job.contact_id == people[3]
    assert words == "FIELD_CUSTOM_VALIDATION_EXCEPTION: Not on Sundays."
    request = world.contact(people[3]).creation
    assert request
    assert request.refusal == words


@pytest.mark.failure("F21")
def test_everybody_is_refused() -> None:
    """That is no success."""
    world = World()
    for number in range(3):
        contact_id = world.add(f"{number}@example.com", sync=True)
        world.org.refusals[contact_id] = Refusal(
            code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="Not on Sundays."
        )

    report = world.create().report

    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    assert report.counts == {"Lead": {"refused": 3}}


@pytest.mark.failure("F42")
def test_an_address_that_salesforce_does_not_take() -> None:
    """Nobody is made without it, however often somebody looks: the request is set aside, once."""
    world = World()
    contact_id = world.add(sync=True)
    refusal = Refusal(
        code="INVALID_EMAIL_ADDRESS", message="Email: invalid email address", fields=("Email",)
    )
    world.org.rules.append(lambda _, row: refusal if row.get("Email") else None)

    for _ in range(4):
        world.create()
        world.wait(16)
        world.push(scheduled=True)

    assert world.org.rows(SObject.LEAD) == []
    ((job, words),) = world.queue.parked
    assert (job.contact_id, words) == (
        contact_id,
        "INVALID_EMAIL_ADDRESS: Email: invalid email address",
    )


@pytest.mark.failure("F19")
def test_fields_that_cannot_cross() -> None:
    """Each is left out with a warning, however many; the record is made with the rest."""
    world = World()
    contact_id = world.add(
        sync=True, job_title="x" * 200, first_name="y" * 100, last_name="Lovelace"
    )

    result = world.create()

    assert world.row_of(contact_id)["LastName"] == "Lovelace"
    assert world.row_of(contact_id)["Title"] is None
    warned = [each.field for each in result.report.outcomes if each.action is Action.WARNED]
    assert sorted(map(str, warned)) == ["first_name", "job_title"]


@pytest.mark.failure("F19")
@pytest.mark.parametrize("create_as", CreateAs)
def test_a_field_that_refers_to_what_is_gone(create_as: CreateAs) -> None:
    """Salesforce names the field, so the record is made without it, be there an Account or not."""
    world = World(SyncSettings(creation=Creation(create_as=create_as)))
    account = world.account(Website="acme.example")
    world.pull()
    refusal = Refusal(
        code="INVALID_CROSS_REFERENCE_KEY", message="invalid cross reference id", fields=("Title",)
    )
    world.org.rules.append(lambda _, row: refusal if row.get("Title") == "gone" else None)
    contact_id = world.add("ada@acme.example", sync=True, job_title="gone", last_name="Lovelace")

    result = world.create()

    row = world.row_of(contact_id)
    assert (row["Title"], row["LastName"]) == (None, "Lovelace")
    assert create_as is CreateAs.LEAD or row["AccountId"] == account
    assert not result.failed
    assert world.queue.parked == []


@pytest.mark.failure("F59")
def test_a_field_that_cannot_cross_and_a_new_account() -> None:
    """The second try names the Account, and does not name it anew."""
    world = World(CONTACTS)
    people = [
        world.add(f"{name}@acme.example", sync=True, company_name=name, job_title=name * 200)
        for name in ("acme", "umbrella")
    ]

    result = world.create()

    (account,) = world.org.rows(SObject.ACCOUNT)
    (company,) = world.all_companies()
    assert account["Name"] == company.ledger.values["name"]
    assert result.report.counts["Account"] == {"created": 1}
    assert {world.contact(each).account_id for each in people} == {account["Id"]}


@pytest.mark.failure("F23")
@pytest.mark.failure("F60")
def test_an_account_that_is_locked() -> None:
    """The Contact waits for it, and comes with the next delivery; it is never made without."""
    world = World(CONTACTS)
    contact_id = world.add("ada@acme.example", sync=True)
    locked = Refusal(code="UNABLE_TO_LOCK_ROW", message="unable to obtain exclusive access")
    world.org.refusals[company_id_for("acme.example")] = locked

    first = world.create()
    world.org.refusals.clear()
    world.create()

    assert list(first.failed) == [contact_id]
    assert world.row_of(contact_id)["AccountId"]
    assert len(world.org.rows(SObject.ACCOUNT)) == 1


# --- Between request and record ------------------------------------------------------------------


def test_an_edit_while_the_record_is_made() -> None:
    """It goes out as an edit, with the next look."""
    world = World(SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title")))
    contact_id = world.add(sync=True, job_title="VP")

    def promote() -> None:
        world.wait()
        world.edit(contact_id, job_title="CEO")

    world.on_write["salesforce.create"] = promote
    world.create()
    assert world.row_of(contact_id)["Title"] == "VP"

    world.push()

    assert world.row_of(contact_id)["Title"] == "CEO"
    assert world.contact(contact_id).waiting is None


@pytest.mark.parametrize("answered", [True, False])
def test_a_name_that_was_cleared_before_the_record_is_made(*, answered: bool) -> None:
    """Before both meet a blank says nothing; what stands there for it is no value to be cleared."""
    world = World(SyncSettings(fields=with_mode(Mode.TWO_WAY, "last_name")))
    ada = world.add("ada@example.com", last_name="Moreau", sync=True)
    world.edit(ada, last_name=None)
    if not answered:
        world.salesforce.lose_answers()
        with pytest.raises(TransientError):
            world.create()
        world.wait()

    world.create()
    world.wait()
    world.pull()
    world.push()

    assert world.row_of(ada)["LastName"] == "ada"
    assert world.contact(ada).ledger.values["last_name"] == "ada"
    assert (world.waits(ada), world.contact(ada).parked) == (False, None)


def test_a_name_that_is_cleared_while_the_record_is_made() -> None:
    """What was sent was ours, so that is an edit, which Salesforce refuses; it is shown."""
    world = World(SyncSettings(fields=with_mode(Mode.TWO_WAY, "last_name")))
    ada = world.add("ada@example.com", last_name="Moreau", sync=True)
    world.on_write["salesforce.create"] = lambda: world.edit(ada, last_name=None)

    world.create()
    world.wait()
    world.push()

    assert world.contact(ada).ledger.values["last_name"] is None
    assert world.contact(ada).parked


def test_outbound_is_switched_off_before_the_job_runs() -> None:
    """Nothing is made, the request is withdrawn, and it is told."""
    world = World()
    contact_id = world.add(sync=True)
    world.switch_outbound(on=False)

    result = world.create()

    assert len(world.org.rows(SObject.LEAD)) == 0
    assert result.report.skipped == {Reason.OUTBOUND_DISABLED: 1}
    contact = world.contact(contact_id)
    assert (contact.creation, contact.waiting) == (None, None)


def test_outbound_is_switched_off_while_somebody_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is made, and the reason is told."""
    world = World()
    ada = world.add(sync=True)
    look_up = world.salesforce.look_up

    def look_up_slowly(**asked: Any) -> LookUp:  # noqa: ANN401 - passed on
        found = look_up(**asked)
        world.switch_outbound(on=False)
        return found

    monkeypatch.setattr(world.salesforce, "look_up", look_up_slowly)

    report = world.create().report

    assert report.skipped == {Reason.OUTBOUND_DISABLED: 1}
    assert not world.org.rows(SObject.LEAD)
    assert world.contact(ada).creation is None
    assert not world.waits(ada)


def test_a_contact_that_nobody_wants_in_salesforce() -> None:
    """It stays here, whatever becomes of it."""
    world = World()
    contact_id = world.add()
    world.edit(contact_id, job_title="VP")

    world.settle(2)

    assert len(world.org.rows(SObject.LEAD)) == 0
    assert world.contact(contact_id).waiting is None


@pytest.mark.failure("F67")
def test_a_dry_run() -> None:
    """It says what would be made and linked, by one call, and writes nothing at all."""
    world = World(CONTACTS)
    world.lead("there@example.com")
    world.add("there@example.com", sync=True)
    world.add("new@acme.example", sync=True)
    world.written.clear()

    result = world.create(dry_run=True)

    assert world.written == []
    assert result.report.answer()["api_calls"] == 1
    assert result.report.counts == {"Contact": {"would_create": 1}, "Lead": {"linked": 1}}


def test_an_account_that_is_gone() -> None:
    """The job is parked with the reason, instead of being tried for ever."""
    world = World(SyncSettings(creation=Creation(create_as=CreateAs.CONTACT)))
    account = world.account(Website="acme.example")
    world.pull()
    world.org.delete(account)
    contact_id = world.add("ada@acme.example", sync=True)
    world.org.refusals[contact_id] = Refusal(
        code="INVALID_CROSS_REFERENCE_KEY", message="invalid cross reference id"
    )

    result = world.create()

    assert not result.failed
    ((job, words),) = world.queue.parked
    assert job.contact_id == contact_id
    assert words.startswith("its Account is gone: INVALID_CROSS_REFERENCE_KEY")


# --- The API allowance ---------------------------------------------------------------------------


@pytest.mark.failure("F29")
def test_our_share_of_the_allowance_is_used_up() -> None:
    """Nothing is created, no job has failed, and all are created once calls are free again."""
    world = World(SyncSettings(outbound=Outbound(api_share_percent=50)), daily_calls=100)
    while world.salesforce.usage().calls < 50:
        world.pull()
    people = [world.add(f"{number}@example.com", sync=True) for number in range(3)]

    stopped = world.create()

    assert stopped.report.status is RunStatus.BUDGET
    assert stopped.report.more_remains
    assert not stopped.failed
    assert world.salesforce.usage().calls == 50
    world.wait(16)
    world.push(scheduled=True)
    found_out = world.create()

    # What was told is not believed for ever: one call finds out, and nothing is made.
    assert found_out.report.status is RunStatus.BUDGET
    assert found_out.report.api_calls == 1
    assert not world.org.rows(SObject.LEAD)
    world.wait()
    world.push(scheduled=True)
    assert not world.queue.jobs
    world.wait(24 * 60)
    world.push(scheduled=True)
    world.create()

    assert all(world.contact(one).counterpart for one in people)


@pytest.mark.failure("F29")
@pytest.mark.parametrize("calls", [0, 1])
def test_the_allowance_of_the_org_ends_while_records_are_made(calls: int) -> None:
    """It is no failure of a job: nobody is parked for it, and the request waits."""
    world = World(daily_calls=10)
    ada = world.add(sync=True)
    while world.salesforce.usage().calls < 10 - calls:
        world.salesforce.poll([PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=())])
    world.change(outbound=Outbound(api_share_percent=100))
    # Nobody has told this process of it.
    world.wait(16)

    result = world.create()

    assert result.report.status is RunStatus.BUDGET
    assert not result.failed
    assert not world.queue.parked
    assert world.runs.page(kind=RunKind.CREATE, limit=1).items[0].status is RunStatus.BUDGET
    world.wait(24 * 60)
    world.push(scheduled=True)
    world.create()
    assert world.contact(ada).counterpart


@pytest.mark.failure("F33")
def test_salesforce_lets_us_in_no_more() -> None:
    """One clear sentence, no dead letter however long it lasts, and then all are created."""
    world = World()
    ada = world.add(sync=True)
    for _ in range(8):
        world.salesforce.fail(AuthenticationError("invalid_grant revoked"))
        result = world.create()
        world.wait(16)
        world.push(scheduled=True)

        assert (result.report.status, result.report.error) == (
            RunStatus.FAILED,
            "invalid_grant revoked",
        )
        assert result.report.more_remains
        assert not result.failed
    assert not world.queue.parked

    world.create()

    assert world.contact(ada).counterpart
    assert world.runs.page(kind=RunKind.CREATE, limit=10).items[-1].status is RunStatus.FAILED


@pytest.mark.failure("F26")
def test_an_object_that_people_are_looked_up_in_is_hidden() -> None:
    """Nobody is made twice unseen, nothing ends as a dead letter, and later all are created."""
    world = World()
    ada = world.add(sync=True)
    world.org.hidden_objects.add(SObject.LEAD)
    for _ in range(8):
        result = world.create()
        world.wait(16)
        world.push(scheduled=True)

        assert result.report.status is RunStatus.FAILED
        assert "Lead" in str(result.report.error)
        assert result.report.more_remains
        assert not result.failed
    world.org.hidden_objects.clear()

    world.create()

    assert world.contact(ada).counterpart
    assert world.runs.page(kind=RunKind.CREATE, limit=10).items[-1].status is RunStatus.FAILED
