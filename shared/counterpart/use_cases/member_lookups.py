"""Whose a CampaignMember is, and by which rows somebody is a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.links import OWNED, LinkState
from counterpart.domain.member_rows import CONVERTED_CONTACT, member_paths, member_row
from counterpart.domain.records import CampaignObject, SObject, object_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.domain.links import Link
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow
    from counterpart.domain.members import Member
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts


def read_member_rows(
    *, ports: CampaignPorts, record_ids: Collection[str], fields: Sequence[FieldMapping]
) -> dict[str, MemberRow]:
    """Return rows by their ids, those in the recycle bin among them."""
    records = ports.reader.read_plain(
        CampaignObject.MEMBER, member_paths(fields), among={"Id": record_ids}
    )
    return {record.id: member_row(record, fields) for record in records}


def read_members_of(
    *,
    ports: CampaignPorts,
    campaign_ids: set[str],
    persons: set[str],
    fields: Sequence[FieldMapping],
) -> list[MemberRow]:
    """Return the live rows by which these people are members of these campaigns."""
    found = {}
    contacts = {each for each in persons if object_of(each) is SObject.CONTACT}
    for path, wanted in (("ContactId", contacts), ("LeadId", persons - contacts)):
        among = {"CampaignId": campaign_ids, path: wanted}
        for record in ports.reader.read_plain(
            CampaignObject.MEMBER, member_paths(fields), among=among
        ):
            if not record.deleted:
                found[record.id] = member_row(record, fields)
    return list(found.values())


def read_members_by_lead(
    *,
    ports: CampaignPorts,
    campaign_ids: set[str],
    persons: Collection[str],
    fields: Sequence[FieldMapping],
) -> list[MemberRow]:
    """Return the live rows that are about leads which have become Contacts among these people.

    A conversion passes by the rows of a campaign that is in the recycle bin.
    """
    contacts = {each for each in persons if object_of(each) is SObject.CONTACT}
    among = {"CampaignId": campaign_ids, CONVERTED_CONTACT: contacts}
    found = ports.reader.read_plain(CampaignObject.MEMBER, member_paths(fields), among=among)
    return [member_row(record, fields) for record in found if not record.deleted]


def read_members_by_any(
    *, ports: CampaignPorts, campaign_id: str, persons: set[str], fields: Sequence[FieldMapping]
) -> list[MemberRow]:
    """Return the live rows by which these people are members, be it by the leads that they were."""
    rows = read_members_of(ports=ports, campaign_ids={campaign_id}, persons=persons, fields=fields)
    unseen = persons - {person_id for row in rows for person_id in row.person_ids}
    return rows + read_members_by_lead(
        ports=ports, campaign_ids={campaign_id}, persons=unseen, fields=fields
    )


def contact_of(row: MemberRow, links: Mapping[str, Link]) -> str | None:
    """Return which contact a row is about, if it is one; be it by a further record.

    The record that counts most decides, whatever lead it came from.
    """
    link = _deciding(row, links)
    return link.subject_id if link else None


def of_others(
    *, ports: CampaignPorts, rows: Mapping[str, MemberRow], whose: Mapping[str, Member]
) -> set[str]:
    """Return the rows that are about other contacts by now than the members who claim them."""
    held = ports.links.get_many({each for row in rows.values() for each in row.person_ids})
    owners = {row_id: contact_of(row, held) for row_id, row in rows.items()}
    return {
        row_id for row_id, owner in owners.items() if owner not in {None, whose[row_id].contact_id}
    }


def further_among(
    rows: Sequence[MemberRow], links: Mapping[str, Link], *, followed: Collection[str] = ()
) -> set[str]:
    """Return which people are nobody's counterpart, such as further records of contacts.

    So is the Contact that a further record has become, before anything is known of it; the record
    of a contact that was about to be deleted when it was merged into another one; and one that was
    deleted or went over, before its contact got another.

    Args:
        rows: That are to be taken.
        links: Of their people, and of those *followed*, as far as there are any.
        followed: By whose rows their contacts are members so far. Who has no link is a Contact
            that a lead has become; if that was the counterpart, no other row counts more anyway.
    """
    known = {each for each, link in links.items() if link.state is not LinkState.LINKED}
    deciding = [(row, _deciding(row, links)) for row in rows]
    became = {
        row.person_ids[0] for row, link in deciding if link and link.state is LinkState.SECONDARY
    }
    return known | became | (set(followed) - links.keys())


def _deciding(row: MemberRow, links: Mapping[str, Link]) -> Link | None:
    """Return the link that says whose a row is."""
    for person_id in row.person_ids:
        link = links.get(person_id)
        if link and link.state in OWNED:
            return link
    return None


def contact_behind(link: Link) -> str | None:
    """Return the contact that a link leads to, if it leads to one; be it by a further record."""
    return link.subject_id if link.state in OWNED else None


def follows(member: Member, record_id: str) -> bool:
    """Return whether a member is linked to this very row."""
    return member.counterpart is not None and member.counterpart.record_id == record_id
