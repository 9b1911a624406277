"""Rows that are gone: whether that says anything of their people, who may have another row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.contact_merge_plans import records_of
from counterpart.domain.member_pull import weight_of
from counterpart.domain.records import CampaignObject
from counterpart.use_cases.member_lookups import (
    contact_of,
    further_among,
    read_members_by_any,
    read_members_by_lead,
    read_members_of,
)
from counterpart.use_cases.outsiders import Outsiders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow
    from counterpart.domain.members import Member
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.member_drafts import MemberDraft


def has_lost(row: MemberRow, contact_id: str | None, draft: MemberDraft) -> bool:
    """Return whether the member that follows a row loses it: it is gone, or somebody else's."""
    held = draft.held(row)
    return held is not None and (row.deleted or contact_id not in {None, held.contact_id})


def look_into(
    concerned: Sequence[MemberRow],
    draft: MemberDraft,
    *,
    ports: CampaignPorts,
    fields: Sequence[FieldMapping],
) -> tuple[set[str], dict[str, MemberRow]]:
    """Return campaigns that are gone, and by which other row people are members still."""
    if not concerned:
        return set(), {}
    reader = ports.reader
    campaign_ids = {row.campaign_id for row in concerned}
    campaigns = reader.read_plain(CampaignObject.CAMPAIGN, [], among={"Id": campaign_ids})
    live = {record.id for record in campaigns if not record.deleted}
    persons = {each for row in concerned for each in row.person_ids} | _persons_of(
        [held for row in concerned if (held := draft.held(row))], ports
    )
    found = [
        *read_members_of(ports=ports, campaign_ids=live, persons=persons, fields=fields),
        *read_members_by_lead(ports=ports, campaign_ids=live, persons=persons, fields=fields),
    ]
    rows = list({row.id: row for row in found}.values())
    others: dict[str, MemberRow] = {}
    homes: dict[str, str] = {}
    links = ports.links.get_many({each for row in rows for each in row.person_ids})
    draft.further |= further_among(rows, links)
    # Of several, the one that counts most comes last.
    rows.sort(key=lambda each: weight_of(each.person_ids[0], draft.further))
    owners = {each.id: contact_of(each, links) for each in rows}
    for row in concerned:
        held = draft.held(row)
        for other in rows:
            owner = owners[other.id]
            if held is None or owner not in {None, held.contact_id}:
                continue
            # Whoever has a row now that went over is not who had it.
            alike = row.deleted and set(other.person_ids) & set(row.person_ids)
            same_person = owner is not None or alike
            if other.campaign_id == row.campaign_id and other.id != row.id and same_person:
                others[row.id] = other
                homes[other.id] = held.campaign_id
    followers = ports.members.find_by_record(homes)
    for record_id, follower in followers.items():
        draft.places.setdefault(record_id, follower.key)
        draft.members.setdefault(follower.key, follower)
    return campaign_ids - live, others


def left_by(
    rows: Sequence[MemberRow],
    *,
    followed: Mapping[str, Followed],
    ports: CampaignPorts,
    fields: Sequence[FieldMapping],
) -> dict[str, set[str]]:
    """Return who is kept aside and is a member no longer, by campaign.

    Windows overlap, and one that broke off is read again to where it ended: a row may be met that
    was deleted long before its person got another one, and that one need not be met again.

    Args:
        rows: They were deleted, and no member follows them.
        followed: Their campaigns, by their ids in Salesforce.
        ports: The world.
        fields: Of members, those that are read.
    """
    outsiders = Outsiders(ports.members, ports.clock)
    left: dict[str, set[str]] = {}
    for record_id in {row.campaign_id for row in rows}:
        campaign_id = followed[record_id].campaign.id
        # The Contact that its lead has become may be outside by a row of its own.
        people = {row.person_ids[-1] for row in rows if row.campaign_id == record_id}
        awaited = outsiders.known(campaign_id, people)
        if not awaited:
            continue
        living = read_members_by_any(
            ports=ports, campaign_id=record_id, persons=awaited, fields=fields
        )
        left[campaign_id] = awaited - {each for row in living for each in row.person_ids}
    return left


def _persons_of(members: Sequence[Member], ports: CampaignPorts) -> set[str]:
    """Return whom members are linked to by now, be it since a merge or a conversion."""
    contacts = ports.contacts.get_many([each.contact_id for each in members])
    return {record.record_id for each in contacts.values() for record in records_of(each)}
