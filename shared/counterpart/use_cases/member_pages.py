"""Pages of campaigns and of their members: where they come from, and where they go."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.member_rows import member_paths, member_row
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import CampaignObject
from counterpart.domain.streams import read_since, without_paths
from counterpart.domain.windows import lower_bound
from counterpart.ports import PlainQuery, Poll

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import MemberRow
    from counterpart.domain.passes import Pass
    from counterpart.domain.records import PlainRecord
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.errors import MissingFieldError
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.pull_members import MemberPuller
    from counterpart.use_cases.pulled_streams import PulledStream, PulledStreams
    from counterpart.use_cases.turning import Step
    from counterpart.use_cases.unlink_campaigns import CampaignUnlinker

# What to do if campaigns, their members or their statuses are not there for our user.
MARKETING_USER = (
    "Tick Marketing User for our user in Salesforce, and give it the permission set; the preflight "
    "says what else is missing."
)
# More campaigns than a statement can name are read without naming them.
_MOST_NAMED = 2000


class MemberPages:
    """Reads and applies the pages of one stream.

    Attributes:
        followed: The campaigns of the stream, by their ids in Salesforce; one that turns out to be
            gone is left out from then on.

    Args:
        ports: The world.
        settings: What is read.
        puller: Applies members.
        unlinker: Ends the link of a campaign that is gone.
        notes: What became of it is noted here.
        dry_run: Plan for real and write nothing.
    """

    def __init__(
        self,
        ports: CampaignPorts,
        settings: SyncSettings,
        followed: Sequence[Followed],
        *,
        puller: MemberPuller,
        unlinker: CampaignUnlinker,
        notes: Notes,
        dry_run: bool,
    ) -> None:
        self.followed = {each.record_id: each for each in followed}
        self._named = sorted(self.followed)
        self._ports = ports
        self._settings = settings
        self._puller = puller
        self._unlinker = unlinker
        self._notes = notes
        self._dry_run = dry_run

    def poll(self, steps: Sequence[Step]) -> Poll[PlainRecord]:
        """Return the next page of each pass.

        Raises:
            MissingFieldError: a field that is read does not exist for our user.
        """
        return self._ports.reader.poll_plain([self._query(stream, step) for stream, step in steps])

    def beginning(self, step: Step) -> datetime | None:
        """Return where the whole window begins; that of campaigns never seen is without bound."""
        stream, _ = step
        watermark = read_since(stream.state)
        if watermark is None:
            joined = [each.counterpart.followed_from for each in self.followed.values()]
            watermark = min((at for at in joined if at), default=None) if all(joined) else None
        overlap = timedelta(minutes=self._settings.inbound.overlap_minutes)
        return lower_bound(watermark=watermark, overlap=overlap, not_before=None)

    def apply(self, step: Step, records: Sequence[PlainRecord], asked_at: datetime) -> None:
        """Apply one page."""
        stream, reading = step
        if reading.object is CampaignObject.CAMPAIGN:
            self._apply_campaigns(records)
            return
        fields = self.fields(stream)
        rows = [member_row(record, fields) for record in records]
        self._tell_nobodies(rows, told_before=stream.state.watermark)
        self._puller.apply(
            rows,
            followed=self.followed,
            fields=fields,
            asked_at=asked_at,
            first_time=stream.state.watermark is None
            and not any(each.counterpart.followed_from for each in self.followed.values()),
        )

    def set_aside(self, streams: Sequence[PulledStream], exc: MissingFieldError) -> None:
        """Go on without the fields that the org does not show us, and say so once.

        Raises:
            MissingFieldError: no field that crosses is missing.
        """
        found_any = False
        for stream in streams:
            paths = [each.paths[CampaignObject.MEMBER] for each in self.fields(stream)]
            hidden = self._ports.reader.hidden(CampaignObject.MEMBER, paths)
            missing = [
                each for each in self.fields(stream) if each.paths[CampaignObject.MEMBER] in hidden
            ]
            if not missing:
                continue
            found_any = True
            paths = [each.paths[CampaignObject.MEMBER] for each in missing]
            stream.state = without_paths(stream.state, paths, now=self._ports.clock())
            for each in missing:
                self._notes.tell_of(
                    CampaignObject.MEMBER,
                    Action.WARNED,
                    Reason.FIELD_UNAVAILABLE,
                    name=each.name,
                    message=exc.message,
                )
        if not found_any:
            raise exc

    def tell_hidden(self, streams: PulledStreams) -> None:
        """Note that members could not be read, if that is so."""
        for message in streams.hidden.values():
            self._notes.tell_of(
                CampaignObject.MEMBER,
                Action.FAILED,
                Reason.OBJECT_UNAVAILABLE,
                message=f"{message.rstrip('.')}. {MARKETING_USER}",
            )

    def fields(self, stream: PulledStream) -> tuple[FieldMapping, ...]:
        """Return the mapped fields that a stream reads."""
        return tuple(
            each
            for each in self._settings.fields_of_members()
            if each.paths[CampaignObject.MEMBER] not in stream.state.set_aside
        )

    def _query(self, stream: PulledStream, step: Pass) -> PlainQuery:
        window = stream.window(step, self.beginning((stream, step)))
        is_campaign = step.object is CampaignObject.CAMPAIGN
        among = {"Id" if is_campaign else "CampaignId": self._named}
        return PlainQuery(
            object=step.object,
            paths=[] if is_campaign else member_paths(self.fields(stream)),
            among=among if len(self._named) <= _MOST_NAMED else {},
            lower=window.lower,
            upper=window.upper,
            after=window.after,
        )

    def _tell_nobodies(self, rows: Sequence[MemberRow], *, told_before: datetime | None) -> None:
        """Note members that are no people, such as Accounts: none of them ever comes in."""
        for row in rows:
            if row.person_ids or row.deleted or row.campaign_id not in self.followed:
                continue
            self._notes.count(CampaignObject.MEMBER, "read")
            self._notes.skip(Reason.NOT_A_CONTACT)
            # Windows overlap: what changed before is read once more.
            if told_before is None or row.modstamp >= told_before:
                self._notes.tell_of(
                    CampaignObject.MEMBER,
                    Action.SKIPPED,
                    Reason.NOT_A_CONTACT,
                    record_id=row.id,
                    message="The member is neither a Contact nor a Lead, and stays outside.",
                )

    def _apply_campaigns(self, records: Sequence[PlainRecord]) -> None:
        for record in records:
            gone = self.followed.get(record.id)
            if gone is None or not record.deleted:
                continue
            del self.followed[record.id]
            if not self._dry_run:
                self._unlinker.unlink(gone.campaign)
