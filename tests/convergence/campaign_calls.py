"""Campaigns in Salesforce as the product sees them: each call is a point, and writes are noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.records import CampaignObject
from tests.convergence.watched import WatchedPlain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.members import Member, MemberKey
    from counterpart.domain.records import PlainRecord
    from counterpart.ports import (
        Clock,
        FieldFacts,
        Json,
        RecordChange,
        RowAnswer,
        WriteAnswer,
    )
    from tests.convergence.hands import Hands
    from tests.convergence.watch import Calls


@dataclass(frozen=True, kw_only=True)
class StatusSent:
    """A status that we asked Salesforce to give a row, whether or not it did.

    Attributes:
        keys: The members here that followed the row then.
    """

    record_id: str
    keys: tuple[MemberKey, ...]
    label: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RowCall:
    """A call of ours about one row; *keys* are the members that followed it then."""

    record_id: str
    keys: tuple[MemberKey, ...]
    at: datetime


class WatchedCampaigns(WatchedPlain):
    """The two ports of campaigns in an org, with points before and after each call.

    Args:
        hands: The org.
        calls: Those to Salesforce.
        clock: Ours.
        members: Returns all members here.
    """

    def __init__(
        self,
        hands: Hands,
        calls: Calls,
        clock: Clock,
        members: Callable[[], Sequence[Member]],
    ) -> None:
        super().__init__(hands, calls)
        self._clock, self._members = clock, members
        self.writes = 0
        self.sent: list[StatusSent] = []
        # Rows that Salesforce changed, be it without an answer; and those that it was to delete.
        self.written: list[RowCall] = []
        self.deleted: list[RowCall] = []
        # Campaigns there to which we added statuses, and when we last did.
        self.worded: dict[str, datetime] = {}

    # --- PlainReader ----------------------------------------------------------------------------

    def read_plain(
        self, sobject: str, paths: Sequence[str], *, among: Mapping[str, Collection[str]]
    ) -> Sequence[PlainRecord]:
        """Pass it on, unless it asks for nothing."""
        if not all(among.values()):
            return []
        return super().read_plain(sobject, paths, among=among)

    def describe(self, sobject: str) -> Mapping[str, FieldFacts]:
        """Pass it on; most of the time it is known already, so there is no point to pass."""
        return self._hands.plain.describe(sobject)

    # --- CampaignWriter -------------------------------------------------------------------------

    def make_campaign(self, campaign_id: str, values: Mapping[str, Json]) -> RowAnswer:
        """Pass it on, and take note."""
        self.writes += 1
        with self._calls.one():
            return self._hands.campaigns.make_campaign(campaign_id, values)

    def insert(self, sobject: CampaignObject, rows: Sequence[Mapping[str, Json]]) -> WriteAnswer:
        """Pass it on, and take note."""
        self.writes += len(rows)
        if sobject is CampaignObject.STATUS:
            self.worded |= {str(row["CampaignId"]): self._clock() for row in rows}
        with self._calls.one():
            return self._hands.campaigns.insert(sobject, rows)

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        """Pass it on, and take note."""
        self.writes += len(changes)
        for change in changes:
            if "Status" in change.values:
                self.sent.append(
                    StatusSent(
                        record_id=change.record_id,
                        keys=self._followers(change.record_id),
                        label=str(change.values["Status"]),
                        at=self._clock(),
                    )
                )
        with self._calls.one():
            try:
                return self._hands.campaigns.update(changes)
            finally:
                self._note_written({change.record_id for change in changes})

    def delete(self, record_ids: Sequence[str]) -> WriteAnswer:
        """Pass it on, and take note."""
        self.writes += len(record_ids)
        self.deleted += [
            RowCall(record_id=each, keys=self._followers(each), at=self._clock())
            for each in record_ids
            if each.startswith("00v")
        ]
        with self._calls.one():
            return self._hands.campaigns.delete(record_ids)

    def _note_written(self, record_ids: Collection[str]) -> None:
        """Take note of the members there that were changed just now."""
        now = self._hands.now()
        self.written += [
            RowCall(record_id=row["Id"], keys=self._followers(row["Id"]), at=self._clock())
            for row in self._hands.campaign_rows(CampaignObject.MEMBER)
            if row["Id"] in record_ids and row["LastModifiedDate"] == now
        ]

    def _followers(self, record_id: str) -> tuple[MemberKey, ...]:
        return tuple(
            member.key
            for member in self._members()
            if member.counterpart and member.counterpart.record_id == record_id
        )
