"""What the rows of people and Accounts there tell, whatever asks: acts, and laws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.memory_records import is_gone
from counterpart.domain.records import SObject, object_of

if TYPE_CHECKING:
    from counterpart.adapters.salesforce.rows import Row
    from tests.convergence.hands import Hands


def living(hands: Hands) -> list[Row]:
    """Return the rows that live, in the order of their ids."""
    return sorted((row for row in hands.rows() if not is_gone(row)), key=lambda row: str(row["Id"]))


def people(hands: Hands) -> list[Row]:
    """Return the Leads and Contacts that live, in the order of their ids."""
    return [row for row in living(hands) if object_of(row["Id"]) is not SObject.ACCOUNT]


def is_over(row: Row) -> bool:
    """Return whether a record never comes back as itself: it was converted, or merged away."""
    return bool(row.get("IsConverted") or row["MasterRecordId"])


def heir_of(row: Row) -> str | None:
    """Return the id of the record that another one lives on as, if it does."""
    heir_id: str | None = row.get("ConvertedContactId") or row["MasterRecordId"]
    return heir_id
