"""Opportunities in a DynamoDB table, one item each, and one for each role that people have."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from counterpart.adapters import tokens
from counterpart.adapters.dynamodb.attributes import MomentAttribute, ValuesAttribute
from counterpart.adapters.dynamodb.table import Table
from counterpart.domain.opportunities import ContactRole, Opportunity
from counterpart.ports import Listing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pynamodb.expressions.condition import Condition

    from counterpart.adapters.dynamodb.database import Database


class _ByAccountIndex(GlobalSecondaryIndex["_OpportunityItem"]):  # type: ignore[no-untyped-call] # PynamoDB has no types here
    """Opportunities that belong to an Account; roles, and those of nobody, are not in it."""

    class Meta:
        index_name = "by_account"
        projection = KeysOnlyProjection()

    account_id = UnicodeAttribute(hash_key=True)


class _ByContactIndex(GlobalSecondaryIndex["_OpportunityItem"]):  # type: ignore[no-untyped-call] # as above
    """Roles, by the Contact in Salesforce whose they are."""

    class Meta:
        index_name = "by_contact"
        projection = KeysOnlyProjection()

    contact_record_id = UnicodeAttribute(hash_key=True)


class _OpportunityItem(Model):
    """An opportunity, or a role; their Salesforce ids tell which."""

    id = UnicodeAttribute(hash_key=True)
    modstamp = MomentAttribute()
    deleted = BooleanAttribute()
    # Opportunities.
    modified_at = MomentAttribute(null=True)
    name = UnicodeAttribute(null=True)
    stage = UnicodeAttribute(null=True)
    account_id = UnicodeAttribute(null=True)
    # A text, so that 10.50 does not come back as 10.5.
    amount = UnicodeAttribute(null=True)
    currency = UnicodeAttribute(null=True)
    close_date = UnicodeAttribute(null=True)
    closed = BooleanAttribute(null=True)
    won = BooleanAttribute(null=True)
    fields = ValuesAttribute(null=True)
    # Roles.
    opportunity_id = UnicodeAttribute(null=True)
    contact_record_id = UnicodeAttribute(null=True)
    role = UnicodeAttribute(null=True)
    primary = BooleanAttribute(null=True)

    by_account = _ByAccountIndex()
    by_contact = _ByContactIndex()


class DynamoOpportunityRepository:
    """Opportunities and roles, found by id, by Account and by Contact."""

    def __init__(self, table_name: str, database: Database) -> None:
        self._table = Table(_OpportunityItem, table_name, database)

    def get_many(self, opportunity_ids: Collection[str]) -> Mapping[str, Opportunity]:
        return {item.id: _to_opportunity(item) for item in self._table.get_many(opportunity_ids)}

    def get_roles(self, role_ids: Collection[str]) -> Mapping[str, ContactRole]:
        return {item.id: _to_role(item) for item in self._table.get_many(role_ids)}

    def of_accounts(self, account_ids: Collection[str]) -> Sequence[Opportunity]:
        found = self.get_many(self._ids("by_account", account_ids))
        # The index may still have one under an Account that it has left.
        return [found[each] for each in sorted(found) if found[each].account_id in account_ids]

    def roles_of(self, contact_record_ids: Collection[str]) -> Sequence[ContactRole]:
        found = self.get_roles(self._ids("by_contact", contact_record_ids))
        return [
            found[each]
            for each in sorted(found)
            if found[each].contact_record_id in contact_record_ids
        ]

    def page(self, *, limit: int, after: str | None = None) -> Listing[Opportunity | ContactRole]:
        key = tokens.decode(after, keys=["id"])["id"] if after is not None else None
        items, last = self._table.scan(limit=limit, after=key)
        following = tokens.encode({"id": last}) if last else None
        return Listing(
            items=[
                _to_role(item) if item.opportunity_id else _to_opportunity(item) for item in items
            ],
            next=following,
        )

    def save_many(self, opportunities: Sequence[Opportunity]) -> None:
        self._table.put_each(
            [(self._opportunity_item(one), _not_older(one)) for one in opportunities]
        )

    def save_roles(self, roles: Sequence[ContactRole]) -> None:
        self._table.put_each([(self._role_item(role), _not_older(role)) for role in roles])

    def _ids(self, index: str, keys: Collection[str]) -> set[str]:
        found = self._table.query_each(list(dict.fromkeys(keys)), index=index)
        return {item.id for item in found}

    def _opportunity_item(self, one: Opportunity) -> _OpportunityItem:
        return self._table.model(
            id=one.id,
            modstamp=one.modstamp,
            deleted=one.deleted,
            modified_at=one.modified_at,
            name=one.name,
            stage=one.stage,
            account_id=one.account_id,
            amount=None if one.amount is None else str(one.amount),
            currency=one.currency,
            close_date=one.close_date,
            closed=one.closed,
            won=one.won,
            fields=one.fields,
        )

    def _role_item(self, role: ContactRole) -> _OpportunityItem:
        return self._table.model(
            id=role.id,
            modstamp=role.modstamp,
            deleted=role.deleted,
            opportunity_id=role.opportunity_id,
            contact_record_id=role.contact_record_id,
            role=role.role,
            primary=role.primary,
        )


def _to_opportunity(item: _OpportunityItem) -> Opportunity:
    return Opportunity(
        id=item.id,
        modstamp=item.modstamp,
        deleted=item.deleted,
        modified_at=item.modified_at,
        name=item.name,
        stage=item.stage,
        account_id=item.account_id,
        amount=Decimal(item.amount) if item.amount else None,
        currency=item.currency,
        close_date=item.close_date,
        closed=item.closed,
        won=item.won,
        fields=item.fields,
    )


def _to_role(item: _OpportunityItem) -> ContactRole:
    return ContactRole(
        id=item.id,
        modstamp=item.modstamp,
        deleted=item.deleted,
        opportunity_id=item.opportunity_id,
        contact_record_id=item.contact_record_id,
        role=item.role,
        primary=item.primary,
    )


def _not_older(seen: Opportunity | ContactRole) -> Condition:
    condition: Condition = _OpportunityItem.id.does_not_exist() | (
        _OpportunityItem.modstamp <= seen.modstamp
    )
    return condition
