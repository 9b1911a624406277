"""What no scripted answer can show: an org that has rules of its own, and accidents."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from counterpart.adapters.salesforce.client import SalesforceClient
from counterpart.adapters.salesforce.credentials import ClientCredentials, JwtBearer
from counterpart.adapters.salesforce.reader import SalesforceReader
from counterpart.adapters.salesforce.transport import open_session
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Remedy
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.domain.values import FieldType
from counterpart.domain.windows import Keyset
from counterpart.errors import AuthenticationError, QuotaExhaustedError
from counterpart.ports import Json, NewRecord, PageQuery, RecordChange
from simulator import Simulator
from simulator.credentials import Credentials
from simulator.server import Server
from tests.contracts.salesforce.orgs import SimulatedOrg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.adapters.salesforce.credentials import SalesforceCredentials

LEADS = PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=CONTACT_FIELDS)


@pytest.fixture
def org() -> SimulatedOrg:
    """Return an empty org."""
    return SimulatedOrg()


def a_lead(org: SimulatedOrg, **values: Json) -> str:
    """Create a lead as a person would."""
    return org.add(SObject.LEAD, **{"LastName": "Lovelace", "Company": "Acme", **values})


def change(record_id: str, **values: Json) -> RecordChange:
    """Return a change of a lead."""
    return RecordChange(object=SObject.LEAD, record_id=record_id, values=values)


def new_lead(external_id: str, **values: Json) -> NewRecord:
    """Return a lead to be made."""
    complete = {"LastName": "Lovelace", "Company": "Acme", **values}
    return NewRecord(object=SObject.LEAD, external_id=external_id, values=complete)


# --- Signing in, over a socket ------------------------------------------------------------------


@pytest.fixture(scope="module")
def keys() -> Credentials:
    """Return the credentials of an app, with its key pair."""
    return Credentials.make()


@pytest.fixture
def server(keys: Credentials) -> Iterator[Server]:
    """Return an org that listens on this machine."""
    listening = Server(Simulator(credentials=keys), 0)
    thread = Thread(target=listening.serve_forever)
    thread.start()
    yield listening
    listening.shutdown()
    thread.join()
    listening.server_close()


def client_of(server: Server, credentials: SalesforceCredentials, domain: str) -> SalesforceClient:
    """Return a client that is redirected to a local org."""
    return SalesforceClient(
        session=open_session(endpoint_url=f"http://127.0.0.1:{server.server_port}"),
        credentials=lambda: credentials,
        domain=domain,
        api_version="66.0",
    )


@pytest.mark.enable_socket
@pytest.mark.parametrize("domain", ["login", "test", "acme.my"])
def test_a_signed_assertion_opens_every_door(
    server: Server, keys: Credentials, domain: str
) -> None:
    """The same endpoint answers for all of Salesforce's hosts."""
    credentials = JwtBearer(
        consumer_key=keys.consumer_key,
        username=keys.username,
        private_key=keys.private_key or "",
    )
    reader = SalesforceReader(client_of(server, credentials, domain))

    poll = reader.poll([LEADS])

    assert poll.pages[0].finished
    assert poll.as_of <= datetime.now(UTC)
    assert reader.usage().allowed > reader.usage().used > 0


@pytest.mark.enable_socket
def test_the_apps_own_credentials_open_my_domain_alone(server: Server, keys: Credentials) -> None:
    """Salesforce refuses them on its general hosts, and so tells us of the wrong setting."""
    credentials = ClientCredentials(
        consumer_key=keys.consumer_key, consumer_secret=keys.consumer_secret
    )

    SalesforceReader(client_of(server, credentials, "acme.my")).poll([LEADS])

    with pytest.raises(AuthenticationError):
        SalesforceReader(client_of(server, credentials, "login")).poll([LEADS])


@pytest.mark.enable_socket
def test_a_wrong_secret_is_an_authentication_error(server: Server, keys: Credentials) -> None:
    """F33: asked once, refused once."""
    credentials = ClientCredentials(consumer_key=keys.consumer_key, consumer_secret="wrong")

    with pytest.raises(AuthenticationError):
        SalesforceReader(client_of(server, credentials, "acme.my")).poll([LEADS])


# --- Sessions that end --------------------------------------------------------------------------


@pytest.mark.failure("F31")
def test_workers_whose_sessions_ended_go_on_after_one_sign_in(org: SimulatedOrg) -> None:
    """F31: each gets its answer."""
    org.reader.poll([LEADS])
    before = org.control("calls", method="GET")["logins"]
    org.control("sessions", method="DELETE")

    with ThreadPoolExecutor(8) as pool:
        polls = list(pool.map(org.reader.poll, [[LEADS]] * 8))

    assert all(poll.pages[0].finished for poll in polls)
    assert org.control("calls", method="GET")["logins"] == before + 1


def test_a_session_that_ends_between_two_collections_loses_neither(org: SimulatedOrg) -> None:
    """F31: the second is sent again, the first is not."""
    leads = [a_lead(org) for _ in range(201)]
    fault = {"path": "*/composite/sobjects", "nth": 2}
    org.control("faults", {"match": fault, "when": "before", "do": "status", "status": 401})
    before = org.writer.usage().calls

    answer = org.writer.update([change(lead_id, Title="CTO") for lead_id in leads])

    assert [row.record_id for row in answer.rows] == leads
    assert org.writer.usage().calls - before == 2


# --- Accidents ----------------------------------------------------------------------------------


def test_an_outage_between_two_collections_costs_only_the_second(org: SimulatedOrg) -> None:
    """Its rows are to be tried again."""
    leads = [a_lead(org) for _ in range(201)]
    fault = {"path": "*/composite/sobjects", "nth": 2}
    org.control("faults", {"match": fault, "when": "before", "do": "status", "status": 503})

    answer = org.writer.update([change(lead_id, Title="CTO") for lead_id in leads])

    assert [row.record_id for row in answer.rows[:200]] == leads[:200]
    refusal = answer.rows[200].refusal
    assert refusal
    assert refusal.remedy is Remedy.RETRY


@pytest.mark.failure("F36")
def test_an_answer_lost_after_the_fact_creates_nothing_twice(org: SimulatedOrg) -> None:
    """F36: the repetition finds what the first attempt made."""
    org.lose_answer()

    answer = org.creator.create([new_lead("L1"), new_lead("L2")])

    assert [row.created for row in answer.rows] == [False, False]
    assert len(org.reader.poll([LEADS]).pages[0].records) == 2


@pytest.mark.failure("F29")
def test_a_spent_allowance_is_known_at_once(org: SimulatedOrg) -> None:
    """F29: and it is told from mere crowding."""
    org.reader.poll([LEADS])
    org.control("features", {"daily_limit": 1})

    with pytest.raises(QuotaExhaustedError):
        org.reader.poll([LEADS])


@pytest.mark.failure("F05")
def test_pages_shorter_than_asked_for_are_followed_by_their_keys(org: SimulatedOrg) -> None:
    """F05: all of 450 rows come, each once, though none of the pages is full."""
    leads = [a_lead(org) for _ in range(450)]
    org.control("features", {"page_size": 200})
    seen: list[str] = []
    finished = []
    after = None

    for _ in range(3):
        query = PageQuery(object=SObject.LEAD, rows=Rows.LIVE, fields=(), after=after)
        (page,) = org.reader.poll([query]).pages
        seen += [record.id for record in page.records]
        finished.append(page.finished)
        after = Keyset(modstamp=page.records[-1].modstamp, record_id=page.records[-1].id)

    assert seen == sorted(leads)
    assert finished == [False, False, True]


# --- The org's own rules ------------------------------------------------------------------------


def test_a_lead_that_we_write_keeps_its_owner(org: SimulatedOrg) -> None:
    """Assignment rules would hand it to another, on every update and on creation."""
    lead_id = a_lead(org)
    owner = org.values(lead_id)["OwnerId"]

    org.writer.update([change(lead_id, Title="CTO")])
    made = org.creator.create([new_lead("L1")]).rows[0].record_id

    assert org.values(lead_id)["OwnerId"] == owner
    assert org.values(made or "")["OwnerId"] == org.values(made or "")["CreatedById"]


@pytest.mark.parametrize("rule", ["default", ""])
def test_a_new_lead_goes_to_whom_the_assignment_rule_says(org: SimulatedOrg, rule: str) -> None:
    """If the settings say so; otherwise it stays ours."""
    made = org.creator.create([new_lead("L1")], assignment_rule=rule).rows[0].record_id or ""

    lead = org.values(made)
    assert (lead["OwnerId"] != lead["CreatedById"]) is (rule == "default")


@pytest.mark.failure("F44")
def test_a_duplicate_rule_that_warns_stops_us_unless_we_are_told_otherwise(
    org: SimulatedOrg,
) -> None:
    """F44: what is refused asks to be linked to its match, which the answer may leave out."""
    a_lead(org, Email="ada@acme.example")
    org.control("features", {"duplicate_rule": "alert"})
    twin = new_lead("L1", Email="ada@acme.example")

    refusal = org.creator.create([twin]).rows[0].refusal
    saved = org.creator.create([twin], allow_duplicates=True).rows[0]

    assert refusal
    assert refusal.remedy is Remedy.ADOPT
    assert saved.created


def test_a_duplicate_rule_that_blocks_blocks_all_the_same(org: SimulatedOrg) -> None:
    """F44: no header lifts it."""
    a_lead(org, Email="ada@acme.example")
    org.control("features", {"duplicate_rule": "block"})

    answer = org.creator.create([new_lead("L1", Email="ada@acme.example")], allow_duplicates=True)

    assert answer.rows[0].refusal
    assert answer.rows[0].refusal.code == "DUPLICATES_DETECTED"


def test_our_id_on_another_record_names_that_record(org: SimulatedOrg) -> None:
    """The sentence has a short id, we have the long one."""
    holder = a_lead(org, Counterpart_Id__c="L1")
    other = a_lead(org)

    refusal = org.writer.update([change(other, Counterpart_Id__c="l1")]).rows[0].refusal

    assert refusal
    assert refusal.remedy is Remedy.ADOPT
    assert refusal.matches == (holder,)


@pytest.mark.failure("F20")
def test_a_value_of_the_wrong_type_costs_its_row_alone(org: SimulatedOrg) -> None:
    """F20: whether Salesforce refuses the row or everything that came with it."""
    leads = [a_lead(org) for _ in range(10)]
    changes = [change(lead_id, Title="CTO") for lead_id in leads]
    changes[3] = change(leads[3], NumberOfEmployees="several")

    answer = org.writer.update(changes)

    assert [at for at, row in enumerate(answer.rows) if row.refusal] == [3]
    assert answer.rows[3].refusal
    assert answer.rows[3].refusal.remedy is Remedy.SET_ASIDE


@pytest.mark.failure("F10")
def test_a_query_that_takes_too_long(org: SimulatedOrg) -> None:
    """It says nothing of its rows; the other queries of the poll have their answers."""
    a_lead(org)
    org.advance(1)
    match = {"path": "*/queryAll*", "object": "Lead", "times": 2}
    org.control("faults", {"match": match, "do": "status", "error_code": "QUERY_TIMEOUT"})
    contacts = PageQuery(object=SObject.CONTACT, rows=Rows.LIVE, fields=CONTACT_FIELDS)

    struck = org.reader.poll([LEADS, contacts])
    counted = org.reader.count(LEADS)
    again = org.reader.poll([LEADS])

    assert [page.timed_out for page in struck.pages] == [True, False]
    assert counted is None
    assert not struck.pages[0].finished
    assert [len(page.records) for page in again.pages] == [1]


@pytest.mark.failure("F12")
@pytest.mark.parametrize(
    "text",
    [
        "first line\nsecond line",
        'says "no", and goes',
        "O'Brien \\ 100 % _",
        "Grüße 漢字 🧵",
        "NA",
        "null",
        "#N/A",
        "0.0",
        "=SUM(A1)",
        "<b>&amp;</b>",
    ],
)
def test_a_text_arrives_as_it_is(org: SimulatedOrg, text: str) -> None:
    """No character has a meaning on the way there, by either write, or on the way back."""
    notes = FieldMapping(
        name="notes", type=FieldType.TEXT, mode=Mode.TWO_WAY, paths={SObject.LEAD: "Description"}
    )
    changed = a_lead(org)
    org.writer.update([change(changed, Description=text)])
    (row,) = org.creator.create([new_lead("01JAAAAAAAAAAAAAAAAAAAAAAA", Description=text)]).rows
    assert row.record_id

    read = org.reader.read({SObject.LEAD: [changed, row.record_id]}, [notes])

    assert [record.values["notes"] for record in read.values()] == [text, text]
