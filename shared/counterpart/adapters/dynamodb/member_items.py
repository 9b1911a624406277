"""How a member looks as an item, and where the indexes have it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from counterpart.adapters.dynamodb.attributes import (
    MomentAttribute,
    TextsAttribute,
    ValuesAttribute,
)
from counterpart.adapters.dynamodb.compact_json import to_json
from counterpart.adapters.dynamodb.member_documents import counterpart_of, counterpart_text
from counterpart.adapters.dynamodb.subject_documents import ledger_of, ledger_text
from counterpart.domain.campaigns import status_key
from counterpart.domain.members import (
    Absorbed,
    ChangedBy,
    Member,
    Skip,
)
from counterpart.domain.outcomes import Reason
from counterpart.domain.waiting import Lane, Waiting

if TYPE_CHECKING:
    from counterpart.domain.members import MemberCounterpart


class _ByContactIndex(GlobalSecondaryIndex["MemberItem"]):  # type: ignore[no-untyped-call] # PynamoDB has no types here
    class Meta:
        index_name = "by_contact"
        projection = KeysOnlyProjection()

    contact_id = UnicodeAttribute(hash_key=True)
    campaign_id = UnicodeAttribute(range_key=True)


class _ByRecordIndex(GlobalSecondaryIndex["MemberItem"]):  # type: ignore[no-untyped-call] # PynamoDB has no types here
    """Members that are linked to a CampaignMember."""

    class Meta:
        index_name = "by_record"
        projection = KeysOnlyProjection()

    record_id = UnicodeAttribute(hash_key=True)


class _ByStatusIndex(GlobalSecondaryIndex["MemberItem"]):  # type: ignore[no-untyped-call] # PynamoDB has no types here
    """Members that were not removed, by campaign and status."""

    class Meta:
        index_name = "by_status"
        projection = KeysOnlyProjection()

    standing = UnicodeAttribute(hash_key=True)
    contact_id = UnicodeAttribute(range_key=True)


class _ByWaitingIndex(GlobalSecondaryIndex["MemberItem"]):  # type: ignore[no-untyped-call] # PynamoDB has no types here
    """What waits to go out, by campaign and lane; what does not wait is not in it."""

    class Meta:
        index_name = "by_waiting"
        projection = KeysOnlyProjection()

    waiting = UnicodeAttribute(hash_key=True)
    next_push_at = MomentAttribute(range_key=True)


class MemberItem(Model):
    """A member.

    `status`, `fields` and ids are there to be read and queried by people; `ledger` and
    `counterpart` are JSON for us alone.
    """

    campaign_id = UnicodeAttribute(hash_key=True)
    contact_id = UnicodeAttribute(range_key=True)
    status = UnicodeAttribute()
    status_changed_at = MomentAttribute()
    changed_by = UnicodeAttribute()
    passing = TextsAttribute(null=True)
    standing = UnicodeAttribute(null=True)
    fields = ValuesAttribute()
    ledger = UnicodeAttribute()
    record_id = UnicodeAttribute(null=True)
    counterpart = UnicodeAttribute(null=True)
    waiting = UnicodeAttribute(null=True)
    next_push_at = MomentAttribute(null=True)
    attempts = NumberAttribute(null=True)
    skip_reason = UnicodeAttribute(null=True)
    skipped_since = MomentAttribute(null=True)
    skip_message = UnicodeAttribute(null=True)
    removed_at = MomentAttribute(null=True)
    absorbed = UnicodeAttribute(null=True)
    created_at = MomentAttribute()
    updated_at = MomentAttribute()
    version = NumberAttribute()

    by_contact = _ByContactIndex()
    by_record = _ByRecordIndex()
    by_status = _ByStatusIndex()
    by_waiting = _ByWaitingIndex()


def to_item(member: Member, model: type[MemberItem]) -> MemberItem:
    """Return *member* as it is stored next."""
    counterpart, waiting, skip = member.counterpart, member.waiting, member.skip
    return model(
        campaign_id=member.campaign_id,
        contact_id=member.contact_id,
        status=member.status,
        status_changed_at=member.status_changed_at,
        changed_by=member.changed_by.value,
        passing=member.passing or None,
        standing=standing(member.campaign_id, member.status) if member.present else None,
        fields=member.ledger.values,
        ledger=ledger_text(member.ledger),
        record_id=counterpart.record_id if counterpart else None,
        counterpart=counterpart_text(counterpart) if counterpart else None,
        waiting=queue(member.campaign_id, waiting.lane) if waiting else None,
        next_push_at=waiting.next_push_at if waiting else None,
        attempts=waiting.attempts if waiting else None,
        skip_reason=skip.reason.value if skip else None,
        skipped_since=skip.since if skip else None,
        skip_message=(skip.message or None) if skip else None,
        removed_at=member.removed_at,
        absorbed=_absorbed_text(member.absorbed, model) if member.absorbed else None,
        created_at=member.created_at,
        updated_at=member.updated_at,
        version=member.version + 1,
    )


def to_member(item: MemberItem) -> Member:
    """Return what an item holds."""
    return Member(
        campaign_id=item.campaign_id,
        contact_id=item.contact_id,
        status=item.status,
        status_changed_at=item.status_changed_at,
        changed_by=ChangedBy(item.changed_by),
        passing=item.passing or (),
        ledger=ledger_of(item.fields, item.ledger),
        counterpart=_to_counterpart(item),
        waiting=_to_waiting(item),
        skip=_to_skip(item),
        removed_at=item.removed_at,
        absorbed=_to_absorbed(item.absorbed, type(item)) if item.absorbed else (),
        created_at=item.created_at,
        updated_at=item.updated_at,
        version=int(item.version),
    )


def _to_counterpart(item: MemberItem) -> MemberCounterpart | None:
    if not item.record_id or not item.counterpart:
        return None
    return counterpart_of(item.record_id, item.counterpart)


def _to_waiting(item: MemberItem) -> Waiting | None:
    if not item.waiting:
        return None
    return Waiting(
        lane=Lane(item.waiting.rpartition("#")[2]),
        next_push_at=item.next_push_at,
        attempts=int(item.attempts),
    )


def _to_skip(item: MemberItem) -> Skip | None:
    if not item.skip_reason:
        return None
    return Skip(
        reason=Reason(item.skip_reason), since=item.skipped_since, message=item.skip_message or ""
    )


def _absorbed_text(absorbed: tuple[Absorbed, ...], model: type[MemberItem]) -> str:
    """Return what a member was united with, each as an item within the item."""

    def content(member: Member | None) -> object:
        if member is None:
            return None
        return {"version": member.version, "item": to_item(member, model).serialize()}

    return to_json(
        [
            {
                "loser": content(each.loser),
                "before": content(each.before),
                "took_status": each.took_status,
            }
            for each in absorbed
        ]
    )


def _to_absorbed(text: str, model: type[MemberItem]) -> tuple[Absorbed, ...]:
    def member(content: dict[str, Any] | None) -> Member | None:
        if content is None:
            return None
        item = model.from_raw_data(content["item"])
        return replace(to_member(item), version=content["version"])

    return tuple(
        Absorbed(loser=loser, before=member(each["before"]), took_status=each["took_status"])
        for each in json.loads(text)
        if (loser := member(each["loser"]))
    )


def standing(campaign_id: str, label: str) -> str:
    """Return what an index has the members of a campaign with one status under."""
    return f"{campaign_id}#{status_key(label)}"


def queue(campaign_id: str, lane: Lane) -> str:
    """Return what an index has the members of a campaign that wait in one lane under."""
    return f"{campaign_id}#{lane.value}"
