"""Give a campaign in Salesforce the statuses of our type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.campaigns import CampaignLinkedBy, CampaignType, StatusMap, status_key
from counterpart.domain.member_rows import find_status, short_label, status_paths, their_status
from counterpart.domain.member_status import in_theirs
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import CampaignObject
from counterpart.ports import RecordChange

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from counterpart.domain.campaigns import MemberStatus
    from counterpart.domain.member_rows import TheirStatus
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import Json, WriteAnswer
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.notes import Notes


def read_statuses(
    ports: CampaignPorts, record_ids: Collection[str]
) -> dict[str, list[TheirStatus]]:
    """Return the statuses of these campaigns in Salesforce, in their order."""
    found: dict[str, list[TheirStatus]] = {record_id: [] for record_id in record_ids}
    for record in ports.reader.read_plain(
        CampaignObject.STATUS, status_paths(), among={"CampaignId": record_ids}
    ):
        if not record.deleted:
            status = their_status(record)
            found[status.campaign_id].append(status)
    return {
        record_id: sorted(each, key=lambda one: one.sort_order) for record_id, each in found.items()
    }


class StatusMaker:
    """Makes statuses where the org lets us, and finds the nearest where it does not.

    Args:
        ports: The world.
        settings: Whether statuses are added to campaigns that exist.
        notes: What could not be made is noted here.
    """

    def __init__(self, ports: CampaignPorts, settings: SyncSettings, notes: Notes) -> None:
        self._ports = ports
        self._settings = settings
        self._notes = notes

    def make(self, record_id: str, kind: CampaignType) -> StatusMap:
        """Give a new campaign the statuses of *kind*, in order, and no others.

        Returns:
            What stands for ours where they could not be made; empty if they were.
        """
        there = read_statuses(self._ports, [record_id])[record_id]
        if not self._may_create():
            return self._nearest(record_id, kind, there)
        last = max((each.sort_order for each in there), default=0)
        rows, changes = [], []
        for place, status in enumerate(kind.statuses, last + 1):
            # The first becomes the default with the row, so that there is one at each moment.
            facts: dict[str, Json] = {"HasResponded": status.success, "SortOrder": place}
            if place == last + 1:
                facts["IsDefault"] = True
            known = find_status(status.label, there)
            if known:
                changes.append(
                    RecordChange(
                        object=CampaignObject.STATUS, record_id=known.record_id, values=facts
                    )
                )
            else:
                rows.append(_row(record_id, status, facts))
        writer = self._ports.writer
        if rows:
            self._check(record_id, writer.insert(CampaignObject.STATUS, rows))
        if changes:
            self._check(record_id, writer.update(changes))
        ours = {status_key(short_label(each.label)) for each in kind.statuses}
        unused = [each.record_id for each in there if status_key(each.label) not in ours]
        if unused:
            self._check(record_id, writer.delete(unused))
        return StatusMap()

    def add_missing(self, record_id: str, kind: CampaignType, *, may_write: bool) -> None:
        """Give a campaign that has its own statuses those of *kind* that it lacks.

        Args:
            record_id: The campaign in Salesforce.
            kind: The type of ours.
            may_write: Whether outbound is on; if not, it is said that they are missing.
        """
        there = read_statuses(self._ports, [record_id])[record_id]
        missing = [each for each in kind.statuses if not find_status(each.label, there)]
        if not missing:
            return
        if not may_write:
            self._tell(record_id, "outbound is switched off; no member statuses were added")
            return
        if not self._may_create():
            self._tell(record_id, "the org does not let us create member statuses")
            return
        self._add(record_id, missing, there)

    def completed(self, home: Followed, there: Sequence[TheirStatus]) -> Sequence[TheirStatus]:
        """Return the statuses that a campaign has in Salesforce once it has all that it should.

        Those of our type are made in a campaign that was made for ours, and in others if the
        settings say so.
        """
        ours = home.counterpart.linked_by is CampaignLinkedBy.CREATION
        if not (ours or self._settings.campaigns.create_missing_statuses):
            return there
        by_hand = home.campaign.status_map
        missing = [
            each
            for each in home.kind.statuses
            if not in_theirs(each.label, kind=home.kind, statuses=there, by_hand=by_hand).known
        ]
        if not missing or not self._ports.settings.current().outbound.enabled:
            return there
        if not self._may_create():
            # Who has one of them is told of when it goes out.
            return there
        self._add(home.record_id, missing, there)
        return read_statuses(self._ports, [home.record_id])[home.record_id]

    def _add(
        self, record_id: str, missing: Sequence[MemberStatus], there: Sequence[TheirStatus]
    ) -> None:
        last = max((each.sort_order for each in there), default=0)
        rows = [
            _row(record_id, each, {"HasResponded": each.success, "SortOrder": place})
            for place, each in enumerate(missing, last + 1)
        ]
        self._check(record_id, self._ports.writer.insert(CampaignObject.STATUS, rows))

    def _may_create(self) -> bool:
        facts = self._ports.survey.object(CampaignObject.STATUS)
        return facts is not None and facts.createable

    def _nearest(
        self, record_id: str, kind: CampaignType, there: Sequence[TheirStatus]
    ) -> StatusMap:
        self._tell(record_id, "the org does not let us create member statuses; ours were mapped")
        responded = next((each for each in there if each.responded), None)
        default = next((each for each in there if each.default), None)
        to_theirs = {}
        for status in kind.statuses:
            nearest = responded if status.success else default
            if nearest and not find_status(status.label, there):
                to_theirs[status.label] = nearest.label
        to_ours = {}
        if responded and not kind.find(responded.label):
            success = next(each for each in kind.statuses if each.success)
            to_ours[responded.label] = success.label
        return StatusMap(to_theirs=to_theirs, to_ours=to_ours)

    def _check(self, record_id: str, answer: WriteAnswer) -> None:
        for row in answer.rows:
            if row.refusal and row.refusal.code != "DUPLICATE_VALUE":
                self._tell(record_id, row.refusal.message, code=row.refusal.code)

    def _tell(self, record_id: str, message: str, *, code: str | None = None) -> None:
        self._notes.tell_of(
            CampaignObject.STATUS,
            Action.WARNED,
            Reason.STATUS_NOT_CREATED,
            record_id=record_id,
            code=code,
            message=message,
        )


def _row(record_id: str, status: MemberStatus, facts: dict[str, Json]) -> dict[str, Json]:
    return {"CampaignId": record_id, "Label": short_label(status.label), **facts}
