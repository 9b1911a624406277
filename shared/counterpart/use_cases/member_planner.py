"""The member planner: what rows of CampaignMember do to our members, all of a page together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.member_pull import pull_removal, pull_row
from counterpart.domain.member_steps import Ground
from counterpart.domain.members import MemberKey
from counterpart.domain.outcomes import Reason
from counterpart.domain.passing_statuses import may_be_our_write
from counterpart.use_cases.lost_rows import has_lost, left_by, look_into
from counterpart.use_cases.make_statuses import read_statuses
from counterpart.use_cases.member_drafts import NOBODY, MemberDraft
from counterpart.use_cases.member_lookups import (
    contact_behind,
    contact_of,
    follows,
    further_among,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.links import Link
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow, TheirStatus
    from counterpart.domain.members import Member
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed


class MemberPlanner:
    """Decides row by row, and writes nothing.

    Args:
        ports: The world.
        settings: What a removal does.
    """

    def __init__(self, ports: CampaignPorts, settings: SyncSettings) -> None:
        self._ports = ports
        self._settings = settings
        self._there: dict[str, Sequence[TheirStatus]] = {}

    def plan(
        self,
        rows: Sequence[MemberRow],
        followed: Mapping[str, Followed],
        fields: Sequence[FieldMapping],
        asked_at: datetime,
        *,
        first_time: bool,
        disputed: bool = False,
    ) -> MemberDraft:
        """Return what rows do to our members.

        Args:
            rows: Of campaigns that are followed, in the order they take effect.
            followed: By the id of their campaign in Salesforce.
            fields: What was read of the mapped fields.
            asked_at: By our clock, when the rows were asked for.
            first_time: Nothing is known by its row in this campaign; spares a look for each.
            disputed: A row may be followed by another member as well as by its own.
        """
        links = self._ports.links.get_many({each for row in rows for each in row.person_ids})
        contacts = {row.id: contact_of(row, links) for row in rows}
        keys = _keys_of(rows, contacts, followed)
        members = dict(self._ports.members.get_many(set(keys.values())))
        if absent := self._absent(links.values(), members):
            links = {each: link for each, link in links.items() if link.subject_id not in absent}
            contacts = {row.id: contact_of(row, links) for row in rows}
            keys = _keys_of(rows, contacts, followed)
            if unread := set(keys.values()) - members.keys():
                members |= self._ports.members.get_many(unread)
        strange = {
            row.id: followed[row.campaign_id].campaign.id
            for row in rows
            if disputed
            or not ((one := members.get(keys.get(row.id, NOBODY))) and follows(one, row.id))
        }
        by_record = {} if first_time else self._ports.members.find_by_record(strange, besides=keys)
        instead = _followed_instead(rows, keys, members)
        known = {**links, **self._ports.links.get_many(instead)}
        draft = MemberDraft(
            members={**members, **{one.key: one for one in by_record.values()}},
            places={**keys, **{row_id: one.key for row_id, one in by_record.items()}},
            linked={each for each, link in links.items() if contact_behind(link)},
            further=further_among(rows, known, followed=instead),
        )
        statuses = self._statuses(rows, draft, followed)
        lost = [row for row in rows if has_lost(row, contacts[row.id], draft)]
        gone, others = look_into(lost, draft, ports=self._ports, fields=fields)
        unknown: list[MemberRow] = []
        for row in rows:
            if row.campaign_id in gone:
                draft.verdicts[row.id] = Reason.CAMPAIGN_DELETED
                continue
            home = followed[row.campaign_id]
            ground = Ground(
                campaign=home.campaign,
                kind=home.kind,
                fields=fields,
                on_remote_removal=self._settings.campaigns.on_remote_removal,
                now=self._ports.clock(),
                asked_at=asked_at,
                statuses=statuses.get(row.campaign_id, ()),
                further=draft.further,
            )
            if row.deleted:
                if not self._remove(row, others.get(row.id), ground, draft):
                    unknown.append(row)
                continue
            if (other := others.get(row.id)) and (held := draft.held(row)):
                self._go_on(row, other, held, ground, draft)
            self._take(row, contacts[row.id], ground, draft)
        left = left_by(unknown, followed=followed, ports=self._ports, fields=fields)
        for campaign_id, people in left.items():
            # A contact's may be asked for because of another row, and are seen to by that look.
            draft.inside.setdefault(campaign_id, set()).update(people.difference(draft.linked))
        return draft

    def _absent(self, links: Iterable[Link], members: Collection[MemberKey]) -> set[str]:
        """Return who is no contact here although a link leads to it; whoever is a member is one.

        It went after a creation, or a move, had got as far as the link. Or it was to be born of its
        record, and the run broke off; what becomes of that, a pull will tell.
        """
        newcomers = {contact_id for link in links if (contact_id := contact_behind(link))}
        newcomers -= {key.contact_id for key in members}
        found = self._ports.contacts.get_many(newcomers) if newcomers else {}
        return newcomers - found.keys()

    def _statuses(
        self, rows: Sequence[MemberRow], draft: MemberDraft, followed: Mapping[str, Followed]
    ) -> Mapping[str, Sequence[TheirStatus]]:
        """Return the statuses of campaigns in which a row may have its own from us."""
        concerned = set()
        for row in rows:
            home = followed[row.campaign_id]
            member = draft.members.get(draft.places.get(row.id, NOBODY))
            if member and may_be_our_write(row, member, campaign=home.campaign, kind=home.kind):
                concerned.add(row.campaign_id)
        if unread := concerned - self._there.keys():
            self._there |= read_statuses(self._ports, unread)
        return self._there

    def _take(
        self,
        row: MemberRow,
        contact_id: str | None,
        ground: Ground,
        draft: MemberDraft,
        *,
        because: MemberRow | None = None,
    ) -> None:
        """Take a live row in; *because* is the row that was read, if it is another one."""
        source = because or row
        campaign_id = ground.campaign.id
        held = draft.held(row)
        if held and held.campaign_id == campaign_id and contact_id in {None, held.contact_id}:
            # The row is the one that we know, whatever person it is about by now.
            draft.carry(source, held.key, pull_row(row, held, held.contact_id, ground))
            if contact_id is None or not draft.knows(row.person_ids[0]):
                draft.look_later(row, campaign_id)
            return
        if contact_id is None:
            draft.verdicts[source.id] = Reason.NOT_A_CONTACT
            draft.outside.setdefault(campaign_id, []).append(row)
            return
        if held and held.campaign_id == campaign_id:
            # It went over to somebody else who is a contact here as well.
            draft.carry(source, held.key, pull_removal(row, held, ground))
        key = MemberKey(campaign_id, contact_id)
        member = draft.members.get(key)
        step = pull_row(row, member, contact_id, ground, instead=because is not None)
        draft.carry(source, key, step)
        if (now := draft.members.get(key)) and follows(now, row.id):
            # Otherwise somebody may have asked for a look at the row that is followed instead.
            draft.inside.setdefault(campaign_id, set()).update(row.person_ids)
        if not draft.knows(row.person_ids[0]):
            draft.look_later(row, campaign_id)

    def _remove(
        self, row: MemberRow, other: MemberRow | None, ground: Ground, draft: MemberDraft
    ) -> bool:
        """Take a row that is gone; return whether a member has followed it."""
        held = draft.held(row)
        if held is None or held.campaign_id != ground.campaign.id:
            draft.verdicts[row.id] = Reason.UNKNOWN_RECORD
            return False
        if other:
            self._go_on(row, other, held, ground, draft)
        else:
            draft.carry(row, held.key, pull_removal(row, held, ground))
        return True

    def _go_on(
        self, row: MemberRow, other: MemberRow, held: Member, ground: Ground, draft: MemberDraft
    ) -> None:
        """Let a member that loses its row go on by the other one of its person."""
        self._take(other, held.contact_id, ground, draft, because=row)
        draft.look_later(other, ground.campaign.id)


def _keys_of(
    rows: Sequence[MemberRow],
    contacts: Mapping[str, str | None],
    followed: Mapping[str, Followed],
) -> dict[str, MemberKey]:
    """Return as which members rows may be known here, by their ids."""
    return {
        row.id: MemberKey(followed[row.campaign_id].campaign.id, contact_id)
        for row in rows
        if (contact_id := contacts[row.id])
    }


def _followed_instead(
    rows: Sequence[MemberRow],
    keys: Mapping[str, MemberKey],
    members: Mapping[MemberKey, Member],
) -> set[str]:
    """Return the people whose rows are followed by members who have these rows as well."""
    known = [(row.id, members.get(keys.get(row.id, NOBODY))) for row in rows]
    return {
        one.counterpart.person_id
        for row_id, one in known
        if one and one.counterpart and not follows(one, row_id)
    }
