"""Places as an org describes them: what goes there fits, and comes to rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from counterpart.adapters.salesforce.client import SalesforceClient
from counterpart.adapters.salesforce.creator import SalesforceCreator
from counterpart.adapters.salesforce.credentials import ClientCredentials
from counterpart.adapters.salesforce.jobs import SalesforceJobs
from counterpart.adapters.salesforce.plain_reader import SalesforcePlainReader
from counterpart.adapters.salesforce.reader import SalesforceReader
from counterpart.adapters.salesforce.survey import SalesforceSurvey
from counterpart.adapters.salesforce.transport import open_session
from counterpart.adapters.salesforce.writer import SalesforceWriter
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.mapping_checks import MappingWanted
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from counterpart.ports import RecordChange
from counterpart.use_cases.apply_page import PagePorts
from counterpart.use_cases.check_mapping import check_mapping
from simulator import Simulator
from tests.contracts.salesforce.orgs import CREDENTIALS, TOKEN, Loopback
from tests.use_cases.world import World

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = '<?xml version="1.0" encoding="UTF-8"?><CustomField xmlns="http://soap.sforce.com/2006/04/metadata">'
_FIELDS = {
    "Day__c": "<type>Date</type>",
    "Moment__c": "<type>DateTime</type>",
    "Note__c": "<type>Text</type><length>10</length>",
    "Money__c": "<type>Currency</type><precision>18</precision><scale>2</scale>",
    "Price__c": "<type>Currency</type><precision>18</precision><scale>2</scale>",
    "Signed__c": "<type>DateTime</type>",
    "Score__c": "<type>Number</type><precision>5</precision><scale>0</scale><formula>1</formula>",
    "Mood__c": "<type>Picklist</type><valueSet><restricted>true</restricted><valueSetDefinition>"
    "<value><fullName>Hot</fullName></value><value><fullName>Cold</fullName></value>"
    "</valueSetDefinition></valueSet>",
}


def a_field(name: str, kind: FieldType, path: str, **more: Any) -> FieldMapping:  # noqa: ANN401
    """Return a two-way field of leads."""
    details = {"mode": Mode.TWO_WAY, **more}
    return FieldMapping(name=name, type=kind, paths={SObject.LEAD: path}, **details)


FIELDS = (
    a_field("moment_of_day", FieldType.DATETIME, "Day__c"),
    a_field("day_of_moment", FieldType.DATE, "Moment__c"),
    a_field("note", FieldType.STRING, "Note__c", truncate=True),
    a_field("money", FieldType.NUMBER, "Money__c", mode=Mode.ALWAYS_OURS),
    a_field("mood", FieldType.ENUM, "Mood__c", mode=Mode.ALWAYS_OURS),
    a_field("price", FieldType.STRING, "Price__c", mode=Mode.ALWAYS_OURS),
    a_field("signed", FieldType.STRING, "Signed__c", mode=Mode.ALWAYS_OURS),
)


class _Salesforce:
    """All that speaks to one org, under one name."""

    def __init__(self, client: SalesforceClient) -> None:
        self.parts: list[Any] = [
            SalesforceReader(client),
            SalesforceWriter(client),
            SalesforceCreator(client),
            SalesforcePlainReader(client),
        ]
        self.jobs = SalesforceJobs(client)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the parts have
        return next(getattr(part, name) for part in self.parts if hasattr(part, name))


class RealWorld(World):
    """A world whose org is the simulator."""

    def __init__(self, project: Path) -> None:
        super().__init__(SyncSettings(time_zone="Europe/Berlin", fields=(*CONTACT_FIELDS, *FIELDS)))
        self.simulator = Simulator(credentials=CREDENTIALS, access_token=TOKEN, project=project)
        session = open_session()
        session.mount("https://", Loopback(self.simulator))
        session.trust_env = False
        client = SalesforceClient(
            session=session,
            credentials=lambda: ClientCredentials(consumer_key="key", consumer_secret="secret"),
            domain="acme.my",
            api_version="66.0",
            clock=lambda: self.now,
            sleep=lambda _: None,
        )
        self.survey = SalesforceSurvey(client)
        self.salesforce = _Salesforce(client)  # type: ignore[assignment] # the same ports
        self.pages = PagePorts(
            **{name: getattr(self.pages, name) for name in PagePorts.__dataclass_fields__}
            | {"salesforce": self.salesforce}
        )
        self.clock()

    def clock(self) -> Any:  # noqa: ANN401 - a moment
        """Return the time, which is the org's as well."""
        if hasattr(self, "simulator"):
            body = json.dumps({"freeze": self.now.isoformat()})
            self.simulator.handle("POST", "/_simulator/clock", body=body)
        return self.now

    def rest(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Do what a person does."""
        self.clock()
        answer = self.simulator.handle(
            method,
            f"/services/data/v66.0/sobjects/{path}",
            headers={"Authorization": f"Bearer {TOKEN}", "Sforce-Auto-Assign": "FALSE"},
            body=None if body is None else json.dumps(body),
        )
        assert answer.status < 300, answer.body
        told: dict[str, Any] = answer.json() if answer.body else {}
        return told


@pytest.fixture
def world(tmp_path: Path) -> RealWorld:
    """Return a world whose org has a field of each kind besides those of salesforce/."""
    for sobject in ("Lead", "Contact", "Account"):
        folder = tmp_path / f"force-app/main/default/objects/{sobject}/fields"
        folder.mkdir(parents=True)
        fields = _FIELDS if sobject == "Lead" else {}
        for name, body in fields.items():
            text = f"{_HEAD}<fullName>{name}</fullName><label>{name}</label>{body}</CustomField>"
            (folder / f"{name}.field-meta.xml").write_text(text, encoding="utf-8")
    return RealWorld(tmp_path)


def test_what_an_org_tells_of_its_fields(world: RealWorld) -> None:
    """Type, length, scale, choices, and who may write."""
    reader = SalesforceReader(world.salesforce.parts[0]._client)  # type: ignore[attr-defined]

    told = {path: facts.place for path, facts in reader.describe("Lead").items()}

    assert told["Note__c"].length == 10
    assert told["Money__c"].scale == 2
    assert told["Mood__c"].choices == ("Hot", "Cold")
    assert (told["Score__c"].calculated, told["Score__c"].writable) == (True, False)
    assert (told["Day__c"].type, told["Moment__c"].type) == ("date", "datetime")
    assert told["Email"].writable
    assert not told["Email"].calculated


@pytest.mark.failure("F49")
@pytest.mark.parametrize("created", [True, False])
def test_values_that_the_places_keep_otherwise(
    world: RealWorld,
    created: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Created or edited, each is taken, and then there is peace, whatever a rep edits besides."""
    values: dict[str, Any] = {
        "moment_of_day": "2026-06-30T22:30:00Z",
        "day_of_moment": "2026-07-01",
        "note": "The Countess of Lovelace",
        "money": 1.005,
        "mood": "hot",
        "price": "1.50",
        "signed": "2026-06-30T22:30:00Z",
    }
    if created:
        world.add(sync=True, **values)
        world.create()
    else:
        world.rest("POST", "Lead", {"LastName": "x", "Company": "y", "Email": "ada@example.com"})
        world.wait()
        world.pull()
        world.edit(world.the_contact().id, **values)
    world.settle()
    counterpart = world.the_contact().counterpart
    assert counterpart
    row = world.rest("GET", f"Lead/{counterpart.record_id}")

    assert row["Day__c"] == "2026-07-01"
    assert row["Moment__c"] == "2026-06-30T22:00:00.000+0000"
    assert row["Note__c"] == "The Counte"
    assert (row["Money__c"], row["Mood__c"]) == (1.01, "Hot")

    world.rest("PATCH", f"Lead/{counterpart.record_id}", {"Title": "CTO"})
    world.settle()
    contact = world.the_contact()
    assert contact.waiting is None
    assert {name: contact.ledger.values[name] for name in values} == values
    assert contact.ledger.values["job_title"] == "CTO"
    after = world.rest("GET", f"Lead/{counterpart.record_id}")
    assert {**after, "Title": None} | {"SystemModstamp": 0, "LastModifiedDate": 0} == {
        **row,
        "Title": None,
    } | {"SystemModstamp": 0, "LastModifiedDate": 0}
    world.wait()
    world.push(contact_ids=[contact.id])
    assert world.rest("GET", f"Lead/{counterpart.record_id}") == after
    written = [one.reason for one in world.outcomes() if one.reason is Reason.TRUNCATED]
    assert len(written) == 1


def the_calls(world: RealWorld) -> int:
    """Return what a scheduled pull costs, minutes after the last one."""
    world.wait(5)
    return world.pull(scheduled=True).api_calls


def test_an_idle_poll_of_a_cold_process_costs_one_call(world: RealWorld) -> None:
    """Also where days, moments, `truncate` and `always_ours` are mapped: nothing is about to go."""
    assert the_calls(world) == 1


def test_records_with_days_and_moments_come_in_for_the_calls_that_read_them(
    world: RealWorld,
) -> None:
    """A value that comes in says by its form what it is; nobody asks for its place."""
    lead = {"LastName": "x", "Company": "y", "Email": "ada@example.com"}
    made = world.rest(
        "POST", "Lead", {**lead, "Day__c": "2026-07-01", "Moment__c": "2026-07-01T12:00:00Z"}
    )

    assert the_calls(world) == 1

    world.rest("PATCH", f"Lead/{made['id']}", {"Day__c": "2026-07-02"})
    assert the_calls(world) == 1
    assert world.the_contact().ledger.values["moment_of_day"] == "2026-07-01T22:00:00Z"


def test_a_push_asks_for_places_once_and_only_if_such_a_value_goes_out(world: RealWorld) -> None:
    """Two calls read a record and write it; the first value with a place to know costs one more."""
    world.rest("POST", "Lead", {"LastName": "x", "Company": "y", "Email": "ada@example.com"})
    world.wait()
    world.pull()
    costs = []
    edits: list[dict[str, Any]] = [
        {"job_title": "CTO"},
        {"note": "The Countess"},
        {"day_of_moment": "2026-07-01"},
    ]
    for edit in edits:
        world.edit(world.the_contact().id, **edit)
        world.wait()
        costs.append(world.push().api_calls)
        world.wait()
        world.pull()

    assert costs == [2, 3, 2]


def test_a_creation_asks_for_places_only_if_such_a_value_goes_along(world: RealWorld) -> None:
    """One call looks and one makes the record, once it is known that the org lacks our id."""
    world.add(sync=True)
    world.create()
    costs = []
    given: list[dict[str, Any]] = [{}, {"note": "The Countess"}, {"money": 2}]
    for number, values in enumerate(given):
        world.add(f"person.{number}@example.com", sync=True, **values)
        costs.append(world.create().report.api_calls)

    assert costs == [2, 3, 2]


def test_a_mapping_is_held_against_an_org(world: RealWorld) -> None:
    """A formula is one, also to the real adapter."""
    wanted = MappingWanted(
        fields={
            "fields": [
                a_field("score", FieldType.NUMBER, "Score__c"),
                a_field("last_name", FieldType.STRING, "Score__c", mode=Mode.ALWAYS_SALESFORCE),
                a_field("boss", FieldType.STRING, "Owner.Email", mode=Mode.ALWAYS_SALESFORCE),
                a_field("points", FieldType.NUMBER, "Score__c"),
            ]
        },
        modeless=frozenset({"fields.points"}),
    )

    checked = check_mapping(wanted, survey=world.survey)

    assert [one.field for one in checked.complaints] == [
        "fields.score.mode",
        "fields.last_name.salesforce.Lead",
    ]
    assert checked.read_only == ["fields.points"]


@pytest.mark.failure("F20")
def test_a_day_is_no_moment_to_salesforce(world: RealWorld) -> None:
    """So a wrong type is refused at once, rather than stored as another day."""
    made = world.rest("POST", "Lead", {"LastName": "x", "Company": "y"})
    change = RecordChange(
        object=SObject.LEAD, record_id=str(made["id"]), values={"Moment__c": "2026-07-01"}
    )

    (answer,) = world.salesforce.update([change]).rows

    assert answer.refusal
    assert (answer.refusal.code, answer.refusal.fields) == ("JSON_PARSER_ERROR", ("Moment__c",))
