"""Laws at rest about the field that members of campaigns have on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.mapping import ConflictPolicy
from tests.convergence.campaign_chronicle import NEVER
from tests.convergence.fields import TABLE
from tests.convergence.structure import MARGIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.members import Member
    from tests.convergence.campaign_chronicle import CampaignChronicle, Entered
    from tests.convergence.campaign_scene import Scene


def the_later_value_wins(scene: Scene, known: CampaignChronicle) -> Iterator[str]:
    """The field of a member has on both sides what somebody entered last."""
    policy = scene.world.settings.current().conflict_policy
    if policy is not ConflictPolicy.THREE_WAY or known.outbound_off:
        return
    for member in scene.members.values():
        held = member.counterpart
        row = scene.rows.get(held.record_id) if held else None
        given = known.our_tables.get(member.key, ())
        # What it had before it was removed, and came again, is over.
        ours = [each for each in given if each.at >= member.created_at]
        if row is None or not ours or member.contact_id in scene.merged:
            continue
        if len(scene.rows_of(member.contact_id)) > 1:
            continue
        theirs = known.their_tables.get(row["Id"], ())
        last, their_last = ours[-1], theirs[-1] if theirs else None
        moved = max(scene.upheaved(member.contact_id, known), known.chosen[member.campaign_id])
        # Where both meet for the first time, the row is as new as its last change, be it ours.
        touched = max(known.touched[row["Id"]], row["CreatedDate"])
        if _blank_meeting(member, (last, *theirs[-1:])):
            continue
        if _came_with_its_row(member, row, last, known):
            continue
        # To put back what the other side had seen last looks like no edit to it.
        stands = last.at > max(touched, moved) + MARGIN and not (last.back and their_last)
        if stands and row[TABLE] != last.value and not _gave_way(scene, member, last):
            yield f"{member.key} was given {last} here, and {row['Id']} has {row[TABLE]}"
        heard = their_last if their_last and not their_last.back else None
        if heard and heard.at > max(last.at, moved) + MARGIN and row[TABLE] != heard.value:
            yield f"{row['Id']} was given {heard}, and has {row[TABLE]}"


def _gave_way(scene: Scene, member: Member, last: Entered) -> bool:
    """Return whether a member met a row that we had written since for whoever followed it then.

    As with the records of contacts, that makes all of the row newer, be it another field; what
    gives way to it is told.
    """
    held = member.counterpart
    return (
        held is not None
        and any(
            last.at < call.at + MARGIN and call.at < held.linked_at + MARGIN
            for call in scene.world.campaigns.calls.written
            if call.record_id == held.record_id and member.key not in call.keys
        )
        and scene.is_told(member.key, str(last.value), since=last.at, field="table")
    )


def _came_with_its_row(member: Member, row: Row, last: Entered, known: CampaignChronicle) -> bool:
    """Return whether a member has got a row later, with what another one was given since."""
    held = member.counterpart
    return (
        held is not None
        and held.linked_at > last.at
        and any(
            each.value == row[TABLE] and each.at > last.at
            for key, given in known.our_tables.items()
            if key.campaign_id == member.campaign_id and key != member.key
            for each in given
        )
    )


def _blank_meeting(member: Member, last: Iterable[Entered]) -> bool:
    """Whether a member met its row when one side had cleared the field, which is no opinion then.

    It may be a row of our own making, whose answer was lost.
    """
    met = member.counterpart.linked_at + MARGIN if member.counterpart else NEVER
    return any(each.value is None and each.at <= met for each in last)
