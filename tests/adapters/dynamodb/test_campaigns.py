"""Campaigns and members as items: what people see of them, and what each call costs."""

from collections import Counter
from collections.abc import Callable

import pytest

from counterpart.adapters.dynamodb.campaigns import DynamoCampaignRepository
from counterpart.adapters.dynamodb.database import Database
from counterpart.adapters.dynamodb.member_items import to_item
from counterpart.adapters.dynamodb.members import DynamoMemberRepository
from counterpart.domain.contacts import Ledger
from counterpart.domain.members import MemberKey
from counterpart.domain.waiting import Lane
from tests.aws import create_table
from tests.contracts.stores.samples import (
    CAMPAIGN_ID,
    NOON,
    a_campaign,
    a_member,
    a_member_counterpart,
    due,
)


@pytest.fixture
def members(table_name: str, database: Database) -> DynamoMemberRepository:
    """Return an empty repository of members."""
    repository = DynamoMemberRepository(table_name, database)
    create_table(repository._table)
    return repository


@pytest.fixture
def campaigns(table_name: str, database: Database) -> DynamoCampaignRepository:
    """Return an empty repository of campaigns."""
    repository = DynamoCampaignRepository(table_name, database)
    create_table(repository._campaigns)
    return repository


def cost(database: Database, act: Callable[[], object]) -> dict[str, int]:
    """Return the requests that something takes."""
    before = Counter(database.requests)
    act()
    return dict(Counter(database.requests) - before)


def test_a_member_is_readable(members: DynamoMemberRepository) -> None:
    """Status and fields are there to be queried; what is only ours is JSON."""
    member = a_member(
        status="Attended",
        ledger=Ledger(values={"seat": 7}, times={"seat": NOON}),
        counterpart=a_member_counterpart(),
        waiting=due(NOON),
    )

    item = to_item(member, members._table.model).serialize()

    assert item["status"] == {"S": "Attended"}
    assert item["standing"] == {"S": "spring#attended"}
    assert item["waiting"] == {"S": "spring#fresh"}
    assert item["record_id"] == {"S": a_member_counterpart().record_id}
    assert item["fields"] == {"M": {"seat": {"N": "7"}}}
    assert item["counterpart"]["S"].startswith(f'{{"campaign":"{CAMPAIGN_ID}"')


def test_a_bare_member_is_in_no_index_but_two(members: DynamoMemberRepository) -> None:
    """It has no record and does not wait; one that was removed has no status either."""
    bare = to_item(a_member(), members._table.model).serialize()
    gone = to_item(a_member(removed_at=NOON), members._table.model).serialize()

    assert not {"record_id", "waiting", "next_push_at", "counterpart", "passing"} & bare.keys()
    assert "standing" in bare
    assert "standing" not in gone


def test_what_members_cost(members: DynamoMemberRepository, database: Database) -> None:
    """One request for each write, one for a hundred reads, one for a page."""
    some = [a_member(f"contact-{number:03}") for number in range(201)]
    keys = [MemberKey("spring", each.contact_id) for each in some]

    assert cost(database, lambda: members.save_many(some)) == {"PutItem": 201}
    assert cost(database, lambda: members.get_many(keys)) == {"BatchGetItem": 3}
    assert cost(database, lambda: members.page("spring", limit=200)) == {"Query": 1}
    assert cost(database, lambda: members.page_of_status("spring", "Invited", limit=100)) == {
        "Query": 1,
        "BatchGetItem": 1,
    }
    assert cost(database, lambda: members.count(["spring", "autumn"], "Invited")) == {"Query": 2}
    assert cost(database, lambda: members.waiting("spring", Lane.FRESH, until=NOON, limit=9)) == {
        "Query": 1
    }
    assert cost(database, lambda: members.find_by_contact(["nobody"])) == {"Query": 1}
    assert cost(database, lambda: members.delete_many([a_member("contact-000", version=1)])) == {
        "DeleteItem": 1
    }


def test_what_campaigns_cost(campaigns: DynamoCampaignRepository, database: Database) -> None:
    """Looking for those that sync takes one request, however many there are that don't."""
    assert cost(database, lambda: campaigns.save(a_campaign())) == {"PutItem": 1}
    assert cost(database, campaigns.syncing) == {"Query": 1}
    assert cost(database, lambda: campaigns.page(limit=9)) == {"Query": 1}
    assert cost(database, lambda: campaigns.page(type_id="webinar", limit=9)) == {
        "Query": 1,
        "BatchGetItem": 1,
    }
    assert cost(database, lambda: campaigns.claim(CAMPAIGN_ID, campaign_id="spring")) == {
        "PutItem": 1
    }
    assert cost(database, lambda: campaigns.owners([CAMPAIGN_ID])) == {"BatchGetItem": 1}
    assert cost(database, lambda: campaigns.release(CAMPAIGN_ID, campaign_id="spring")) == {
        "DeleteItem": 1
    }
