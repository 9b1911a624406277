"""Requests cost money: how many each call takes."""

from collections import Counter
from collections.abc import Callable

import pytest

from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
from counterpart.adapters.dynamodb.database import Database
from counterpart.adapters.dynamodb.links import DynamoLinkRepository
from counterpart.adapters.dynamodb.runs import DynamoRunRepository
from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
from counterpart.adapters.dynamodb.streams import DynamoStreamRepository
from counterpart.domain.outcomes import Action, Outcome, Reason, Run, RunKind, RunStatus
from counterpart.domain.streams import StreamState
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.waiting import Lane
from counterpart.ports import LinkClaim
from tests.aws import create_table
from tests.contracts.stores.samples import ACCOUNT_ID, LEAD_ID, MINUTE, NOON, a_contact, a_link

Cost = Callable[[Callable[[], object]], dict[str, int]]


@pytest.fixture
def cost(database: Database) -> Cost:
    """Return what tells the requests that something takes."""

    def cost_of(act: Callable[[], object]) -> dict[str, int]:
        before = Counter(database.requests)
        act()
        return dict(Counter(database.requests) - before)

    return cost_of


def test_reading_takes_one_request_for_a_hundred(
    contacts: DynamoContactRepository, cost: Cost
) -> None:
    """However often an id is named."""
    ids = [f"contact-{number}" for number in range(201)]

    assert cost(lambda: contacts.get_many([*ids, *ids])) == {"BatchGetItem": 3}
    assert cost(lambda: contacts.get_many([])) == {}


def test_writing_takes_one_request_for_each(contacts: DynamoContactRepository, cost: Cost) -> None:
    """A condition cannot travel in a batch."""
    some = [a_contact(f"contact-{number}") for number in range(20)]

    assert cost(lambda: contacts.save_many(some)) == {"PutItem": 20}
    assert cost(lambda: contacts.delete(a_contact("contact-1", version=1))) == {"DeleteItem": 1}


def test_finding_takes_one_request_for_each_address(
    contacts: DynamoContactRepository, cost: Cost
) -> None:
    """And one for a hundred contacts found; none if there were none."""
    contacts.save_many([a_contact(name, email="ada@example.com") for name in ("a", "b", "c")])

    assert cost(lambda: contacts.find_by_email(["ada@example.com", "bob@example.com"])) == {
        "Query": 2,
        "BatchGetItem": 1,
    }
    assert cost(lambda: contacts.find_by_email(["bob@example.com"])) == {"Query": 1}


def test_asking_who_waits_takes_one_request_for_each_account(
    contacts: DynamoContactRepository, cost: Cost
) -> None:
    """However many wait, and whether anybody does; nobody is read for it."""
    contacts.save_many([a_contact(name, account_id=ACCOUNT_ID) for name in ("a", "b", "c")])

    assert cost(lambda: contacts.awaiting([ACCOUNT_ID, "001AB00000other0AA"], limit=2)) == {
        "Query": 2
    }


def test_looking_at_a_lane_takes_one_request_for_each_shard(
    contacts: DynamoContactRepository, cost: Cost
) -> None:
    """Four, whether anything waits or not."""
    assert cost(lambda: contacts.waiting(Lane.FRESH, until=NOON, limit=9)) == {"Query": 4}
    assert cost(lambda: contacts.oldest_wait(Lane.FRESH)) == {"Query": 4}


def test_a_page_takes_one_request(contacts: DynamoContactRepository, cost: Cost) -> None:
    """However long the table."""
    contacts.save_many([a_contact(name) for name in ("a", "b", "c")])

    assert cost(lambda: contacts.page(limit=2)) == {"Scan": 1}


def test_claiming_takes_one_request_for_each_link(
    table_name: str, database: Database, cost: Cost
) -> None:
    """Reading takes one for a hundred."""
    links = DynamoLinkRepository(table_name, database)
    create_table(links._table)

    assert cost(lambda: links.claim_many([LinkClaim(link=a_link())])) == {"PutItem": 1}
    assert cost(lambda: links.get_many([LEAD_ID])) == {"BatchGetItem": 1}


def test_a_stream_takes_one_request_for_each_step(
    table_name: str, database: Database, cost: Cost
) -> None:
    """Nothing is read before it is written."""
    streams = DynamoStreamRepository(table_name, database)
    create_table(streams._table)

    assert cost(lambda: streams.acquire("Lead", now=NOON, lasts=MINUTE)) == {"UpdateItem": 1}
    assert cost(lambda: streams.get("Lead")) == {"GetItem": 1}
    lease = streams.acquire("Lead", now=NOON + MINUTE, lasts=MINUTE)
    assert lease
    assert cost(lambda: streams.save(StreamState(stream="Lead"), lease)) == {"UpdateItem": 1}
    assert cost(lambda: streams.release(lease)) == {"UpdateItem": 1}
    assert cost(lambda: streams.discard(lease)) == {"DeleteItem": 1}


def test_settings_take_one_request_to_read(table_name: str, database: Database, cost: Cost) -> None:
    """And two to write: what is newest, and the next."""
    settings = DynamoSettingsRepository(table_name, database)
    create_table(settings._table)

    def save() -> None:
        settings.save(SyncSettings(version=1), changed_by="ada", changed_at=NOON)

    assert cost(save) == {"Query": 1, "PutItem": 1}
    assert cost(settings.current) == {"Query": 1}


def test_a_run_takes_one_request_and_one_for_25_outcomes(
    table_name: str, database: Database, cost: Cost
) -> None:
    """An idle run is one write."""
    runs = DynamoRunRepository(table_name, database)
    create_table(runs._runs)
    run = Run(
        id="run",
        kind=RunKind.PULL,
        status=RunStatus.COMPLETED,
        started_at=NOON,
        finished_at=NOON,
        summary="",
    )
    outcome = Outcome(action=Action.SKIPPED, reason=Reason.NO_EMAIL, at=NOON)

    assert cost(lambda: runs.record(run)) == {"UpdateItem": 1}
    assert cost(lambda: runs.record(run, [outcome] * 26)) == {"UpdateItem": 1, "BatchWriteItem": 2}
    assert cost(lambda: runs.page(limit=9)) == {"Query": len(RunKind)}
    assert cost(lambda: runs.page(kind=RunKind.PULL, limit=9)) == {"Query": 1}
    assert cost(lambda: runs.outcomes("run", limit=9)) == {"Query": 1}
    assert cost(lambda: runs.get("run")) == {"GetItem": 1}


@pytest.mark.parametrize("nobody", ["", "x" * 2049, "ä" * 1025, "\ud800"])
def test_a_key_that_no_item_can_have_costs_nothing(
    contacts: DynamoContactRepository, cost: Cost, nobody: str
) -> None:
    """Whatever is sent in place of an id or an address is nobody's, where DynamoDB would refuse."""
    contacts.save_many([a_contact("ada")])

    assert contacts.get_many(["ada", nobody]).keys() == {"ada"}
    assert cost(lambda: contacts.get_many([nobody])) == {}
    assert cost(lambda: contacts.find_by_email([nobody])) == {}


def test_a_run_that_cannot_be_costs_nothing(
    table_name: str, database: Database, cost: Cost
) -> None:
    """The same goes for what is read one by one."""
    runs = DynamoRunRepository(table_name, database)

    assert cost(lambda: runs.get("x" * 2049)) == {}
