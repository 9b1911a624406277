"""Campaigns in Salesforce as the product sees them: each call is a point, and writes are noted."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.records import CampaignObject

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.members import Member, MemberKey
    from counterpart.domain.records import PlainRecord
    from counterpart.ports import (
        ApiUsage,
        Clock,
        FieldFacts,
        Json,
        PlainQuery,
        Poll,
        RecordChange,
        RowAnswer,
        WriteAnswer,
    )
    from tests.convergence.hands import Hands
    from tests.convergence.watch import Watch

# What a call takes, in seconds.
_CALL = 0.4


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
class Deleted:
    """A row that we asked Salesforce to delete; *keys* are the members that followed it."""

    record_id: str
    keys: tuple[MemberKey, ...]
    at: datetime


class WatchedCampaigns:
    """The two ports of campaigns in an org, with points before and after each call.

    Args:
        hands: The org.
        watch: Whose points they are.
        clock: Ours.
        pass_time: Lets time pass.
        members: Returns all members here.
    """

    def __init__(
        self,
        hands: Hands,
        watch: Watch,
        clock: Clock,
        pass_time: Callable[[float], None],
        members: Callable[[], Sequence[Member]],
    ) -> None:
        self._hands, self._watch, self._clock, self._pass_time = hands, watch, clock, pass_time
        self._members = members
        self.writes = 0
        self.sent: list[StatusSent] = []
        self.deleted: list[Deleted] = []
        # Campaigns there to which we added statuses, and when we last did.
        self.worded: dict[str, datetime] = {}

    @contextmanager
    def _call(self) -> Iterator[None]:
        self._watch.pass_point()
        self._pass_time(_CALL)
        yield
        self._watch.pass_point()

    # --- PlainReader ----------------------------------------------------------------------------

    def poll_plain(self, queries: Sequence[PlainQuery]) -> Poll[PlainRecord]:
        """Pass it on."""
        with self._call():
            answer = self._hands.plain.poll_plain(queries)
        return answer  # noqa: RET504 - a point lies in between

    def read_plain(
        self, sobject: str, paths: Sequence[str], *, among: Mapping[str, Collection[str]]
    ) -> Sequence[PlainRecord]:
        """Pass it on, unless it asks for nothing."""
        if not all(among.values()):
            return []
        with self._call():
            rows = self._hands.plain.read_plain(sobject, paths, among=among)
        return rows  # noqa: RET504 - a point lies in between

    def describe(self, sobject: str) -> Mapping[str, FieldFacts]:
        """Pass it on."""
        return self._hands.plain.describe(sobject)

    def usage(self) -> ApiUsage:
        """Pass it on."""
        return self._hands.plain.usage()

    # --- CampaignWriter -------------------------------------------------------------------------

    def make_campaign(self, campaign_id: str, values: Mapping[str, Json]) -> RowAnswer:
        """Pass it on, and take note."""
        self.writes += 1
        with self._call():
            answer = self._hands.campaigns.make_campaign(campaign_id, values)
        return answer  # noqa: RET504 - a point lies in between

    def insert(self, sobject: CampaignObject, rows: Sequence[Mapping[str, Json]]) -> WriteAnswer:
        """Pass it on, and take note."""
        self.writes += len(rows)
        if sobject is CampaignObject.STATUS:
            self.worded |= {str(row["CampaignId"]): self._clock() for row in rows}
        with self._call():
            answer = self._hands.campaigns.insert(sobject, rows)
        return answer  # noqa: RET504 - a point lies in between

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
        with self._call():
            answer = self._hands.campaigns.update(changes)
        return answer  # noqa: RET504 - a point lies in between

    def delete(self, record_ids: Sequence[str]) -> WriteAnswer:
        """Pass it on, and take note."""
        self.writes += len(record_ids)
        self.deleted += [
            Deleted(record_id=each, keys=self._followers(each), at=self._clock())
            for each in record_ids
            if each.startswith("00v")
        ]
        with self._call():
            answer = self._hands.campaigns.delete(record_ids)
        return answer  # noqa: RET504 - a point lies in between

    def _followers(self, record_id: str) -> tuple[MemberKey, ...]:
        return tuple(
            member.key
            for member in self._members()
            if member.counterpart and member.counterpart.record_id == record_id
        )
