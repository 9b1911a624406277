"""Merges in DynamoDB, beyond what every repository of merges does."""

import pytest

from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
from counterpart.adapters.dynamodb.database import Database
from counterpart.adapters.dynamodb.links import DynamoLinkRepository
from counterpart.adapters.dynamodb.merges import DynamoMergeRepository
from counterpart.domain.contact_merge_plans import ContactMerge
from counterpart.domain.contacts import Ledger
from counterpart.errors import InputError
from tests.contracts.stores.samples import NOON, a_contact


def test_contacts_too_large_to_be_kept_together(table_name: str, database: Database) -> None:
    """A merge that could not be undone is not made, and its caller learns why."""
    merges = DynamoMergeRepository(
        table_name,
        database,
        contacts=DynamoContactRepository(f"{table_name}-contacts", database),
        links=DynamoLinkRepository(f"{table_name}-links", database),
    )
    values = {"notes": "x" * 100 * 1024}
    ada, bob = (
        a_contact(key, ledger=Ledger(values=values, shadows=values)) for key in ("ada", "bob")
    )
    merge = ContactMerge(survivor=ada, loser=bob, taken={}, merged_at=NOON)

    with pytest.raises(InputError, match="too large"):
        merges.store(merge, survivor=ada, loser=bob, links=[])
