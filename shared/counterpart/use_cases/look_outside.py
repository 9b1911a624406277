"""Another look at people who were no contacts when they were members already, and may be by now.

Also at the rows of contacts whose record has moved, be it from one contact to another, which
nothing else would have read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.links import LinkState
from counterpart.domain.members import MemberKey, against
from counterpart.use_cases.member_lookups import (
    contact_behind,
    read_member_rows,
    read_members_by_any,
)
from counterpart.use_cases.outgoing_members import row_gone

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow
    from counterpart.domain.members import Member
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.outsiders import Outsiders
    from counterpart.use_cases.pull_members import MemberPuller

# What a link says of a record that has come to its end there.
_ENDED = frozenset({LinkState.CONVERTED, LinkState.MERGED, LinkState.DELETED_THERE})


def look_outside(
    home: Followed,
    fields: Sequence[FieldMapping],
    *,
    ports: CampaignPorts,
    puller: MemberPuller,
    outsiders: Outsiders,
    until: datetime,
    limit: int,
) -> None:
    """Let people in who are contacts by now, those first who have waited longest.

    Args:
        home: Their campaign.
        fields: Of members, those that cross and that the org shows us.
        ports: The world.
        puller: Takes their rows.
        outsiders: Where they are kept aside.
        until: Who is due later is for another run.
        limit: As many people at most.
    """
    campaign_id = home.campaign.id
    person_ids = outsiders.due(campaign_id, until=until, limit=limit)
    if not person_ids:
        return
    links = ports.links.get_many(person_ids)
    subjects = {link.subject_id for link in links.values() if link.subject_id}
    there = ports.contacts.get_many(subjects)
    # Where a run broke off, a link may lead to somebody who is not there yet, or went since.
    linked = {each for each, link in links.items() if contact_behind(link) in there}
    ended = {each for each, link in links.items() if link.state in _ENDED}
    asked_at = ports.clock()
    rows = read_members_by_any(
        ports=ports, campaign_id=home.record_id, persons=linked | ended, fields=fields
    )
    # Also of somebody whose record is gone: its row may have gone before it was followed.
    followed = _followed_by(home, subjects, ports)
    rows += _besides(followed, rows, fields, ports)
    # One that is as it was last applied says nothing of a person who stays outside.
    rows = [
        row
        for row in rows
        if row.person_ids[0] in linked or not _was_applied(row, followed.get(row.id))
    ]
    puller.apply(
        rows,
        followed={home.record_id: home},
        fields=fields,
        asked_at=asked_at,
        # A run that had read the links before may have let somebody else follow one of them.
        disputed=True,
    )
    # Who has a row of its own in spite of that, as after an undeletion, stays outside.
    still = {row.person_ids[0] for row in rows if not row.deleted} & ended
    passed = linked | (ended - still)
    outsiders.forget(campaign_id, passed)
    outsiders.look_later(campaign_id, set(person_ids) - passed)


def _followed_by(
    home: Followed, contact_ids: Collection[str], ports: CampaignPorts
) -> dict[str, Member]:
    """Return these contacts as members, by the rows that they follow."""
    keys = [MemberKey(home.campaign.id, each) for each in contact_ids]
    return {
        held.record_id: one
        for one in ports.members.get_many(keys).values()
        if (held := against(one, home.record_id).counterpart)
    }


def _besides(
    followed: Mapping[str, Member],
    rows: Sequence[MemberRow],
    fields: Sequence[FieldMapping],
    ports: CampaignPorts,
) -> list[MemberRow]:
    """Return the rows that members follow and that are not among *rows*.

    A row may have been deleted while nobody followed it, as that of a contact that was merged
    away and is back.
    """
    known = {each.id for each in rows}
    missing = {row_id: one for row_id, one in followed.items() if row_id not in known}
    if not missing:
        return []
    found = read_member_rows(ports=ports, record_ids=missing, fields=fields)
    return [found.get(each) or row_gone(member) for each, member in missing.items()]


def _was_applied(row: MemberRow, member: Member | None) -> bool:
    """Return whether the row that a member follows is still as that has seen it."""
    held = member.counterpart if member else None
    if held is None or row.deleted:
        return False
    return (held.modstamp, held.person_id) == (row.modstamp, row.person_ids[0])
