"""Links in a DynamoDB table, one item for each Salesforce id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from counterpart.adapters.dynamodb.attributes import MomentAttribute
from counterpart.adapters.dynamodb.table import Table
from counterpart.domain.links import Link, LinkedBy, LinkState
from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pynamodb.expressions.condition import Condition

    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.table import TransactionPart
    from counterpart.ports import LinkClaim


class _LinkItem(Model):
    record_id = UnicodeAttribute(hash_key=True)
    object = UnicodeAttribute()
    state = UnicodeAttribute()
    subject_id = UnicodeAttribute(null=True)
    linked_at = MomentAttribute(null=True)
    linked_by = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    modstamp = MomentAttribute(null=True)


class DynamoLinkRepository:
    """Links; a conditional write on their key keeps a counterpart unique."""

    def __init__(self, table_name: str, database: Database) -> None:
        self._table = Table(_LinkItem, table_name, database)

    def get_many(self, record_ids: Collection[str]) -> Mapping[str, Link]:
        return {item.record_id: _to_link(item) for item in self._table.get_many(record_ids)}

    def claim_many(self, claims: Sequence[LinkClaim]) -> Collection[str]:
        stored = self._table.put_each(
            [(self._to_item(claim.link), _unchanged(claim.expected)) for claim in claims]
        )
        return {
            claim.link.record_id for claim, done in zip(claims, stored, strict=True) if not done
        }

    def claiming(self, claim: LinkClaim) -> TransactionPart:
        """Return what stores a link within a transaction, unless it changed since."""
        return self._table.putting(self._to_item(claim.link), _unchanged(claim.expected))

    def _to_item(self, link: Link) -> _LinkItem:
        return self._table.model(
            record_id=link.record_id,
            object=link.object.value,
            state=link.state.value,
            subject_id=link.subject_id,
            linked_at=link.linked_at,
            linked_by=link.linked_by.value if link.linked_by else None,
            reason=link.reason,
            modstamp=link.modstamp,
        )


def _to_link(item: _LinkItem) -> Link:
    return Link(
        record_id=item.record_id,
        object=SObject(item.object),
        state=LinkState(item.state),
        subject_id=item.subject_id,
        linked_at=item.linked_at,
        linked_by=LinkedBy(item.linked_by) if item.linked_by else None,
        reason=item.reason,
        modstamp=item.modstamp,
    )


def _unchanged(expected: Link | None) -> Condition:
    if expected is None:
        return _LinkItem.record_id.does_not_exist()
    subject = (
        _LinkItem.subject_id.does_not_exist()
        if expected.subject_id is None
        else _LinkItem.subject_id == expected.subject_id
    )
    unchanged: Condition = (_LinkItem.state == expected.state.value) & subject
    return unchanged
