"""Laws at rest about statuses and removals, judged by what people did on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.campaigns import status_key
from counterpart.domain.member_status import in_theirs
from counterpart.domain.members import MemberKey
from counterpart.domain.sync_settings import OnRemoteRemoval
from tests.convergence.campaign_chronicle import NEVER
from tests.convergence.structure import MARGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.domain.contacts import Contact
    from counterpart.domain.members import Member
    from tests.convergence.campaign_chronicle import CampaignChronicle, Given, Moved
    from tests.convergence.campaign_scene import Scene


def ours_is_not_lost(scene: Scene, known: CampaignChronicle) -> Iterator[str]:
    """What somebody here did last of all holds on both sides."""
    chosen_at = known.chosen[scene.home.campaign.id]
    for key, given in known.ours.items():
        contact = scene.contacts.get(key.contact_id)
        if key.campaign_id != scene.home.campaign.id or contact is None or known.outbound_off:
            continue
        if contact.id in scene.merged:
            # What it was given may have been given to another.
            continue
        last, member = given[-1], scene.members.get(key.contact_id)
        if last.at <= max(scene.touched(contact.id, known), chosen_at) + MARGIN:
            continue
        if (member and member.skip) or not scene.is_alive(contact):
            continue
        if not _met_a_row(scene, contact, last):
            yield from _lost(scene, key, last, member, known)


def _met_a_row(scene: Scene, contact: Contact, last: Given) -> bool:
    """Return whether a contact came by its record later, which was a member already.

    The row may be as we wrote it for another contact; it is as new as its last change.
    """
    linked_at = contact.counterpart.linked_at if contact.counterpart else NEVER
    return linked_at > last.at and any(
        scene.owner(row) == contact.id and row["CreatedDate"] < linked_at + MARGIN
        for row in scene.rows.values()
    )


def _lost(
    scene: Scene, key: MemberKey, last: Given, member: Member | None, known: CampaignChronicle
) -> Iterator[str]:
    if last.status is None:
        rows = scene.living.get(key.contact_id, set())
        if rows:
            yield f"{key} was removed at {last.at}, and is a member there by {rows}"
        return
    label = scene.home.kind.resolve(last.status).label
    if member is None or not member.present:
        yield f"{key} was given {label} at {last.at}, and is no member"
        return
    # Which is ours among words that were changed since, nobody can know; but what is lost is told.
    told = scene.worded(known) >= last.at and scene.is_told(key, label, since=last.at)
    if scene.home.kind.resolve(member.status).label != label and not told:
        yield f"{key} was given {label} at {last.at}, and has {member.status}"
    row = scene.rows.get(_row_of(member)) if last.chosen else None
    if row and scene.worded(known) < last.at and not scene.stands(label, row):
        yield f"{key} was given {label} at {last.at}, and {row['Id']} has {row['Status']}"


def _row_of(member: Member) -> str:
    return member.counterpart.record_id if member.counterpart else ""


def theirs_is_not_undone(scene: Scene, known: CampaignChronicle) -> Iterator[str]:
    """A status that somebody there gave a row last, while both sides agreed, is there still."""
    for row_id, last in _last_moves(scene, known):
        member = scene.members.get(last.key.contact_id) if last.key else None
        if last.status is None or member is None or _row_of(member) != row_id:
            # It was deleted, or went over to somebody else.
            continue
        calls = scene.world.campaigns.calls
        sent = [each for each in calls.sent if each.record_id == row_id and each.at > last.at]
        if sent and not _was_in_passing(scene, last, known):
            yield f"{row_id} was given {last.status} at {last.at}, and we sent {sent}"


def _was_in_passing(scene: Scene, last: Moved, known: CampaignChronicle) -> bool:
    """Return whether somebody there gave a row just what ours was before, right after that changed.

    By two clocks it may be our own write, whose answer was lost; so it is told, unless by theirs it
    came before ours changed.
    """
    given = known.ours.get(last.key, ()) if last.key else ()
    if last.key is None or last.status is None or not given or last.at > given[-1].at + MARGIN:
        return False
    by_hand = scene.home.campaign.status_map
    passed = {
        in_theirs(each.status, kind=scene.home.kind, statuses=scene.statuses, by_hand=by_hand).label
        for each in given[:-1]
        if each.status
    }
    looks_older = last.at + scene.world.skew <= given[-1].at
    told = scene.is_told(last.key, last.status, since=last.at)
    return last.status in passed and (looks_older or told)


def their_removals_come_in(scene: Scene, known: CampaignChronicle) -> Iterator[str]:
    """Who was removed there, while both sides agreed, is removed here as the settings say."""
    setting = scene.world.settings.current().campaigns.on_remote_removal
    keeps = setting is OnRemoteRemoval.KEEP
    for _, last in _last_moves(scene, known):
        if last.status is not None or last.key is None or known.kept > last.at:
            continue
        member = scene.members.get(last.key.contact_id)
        # It may be a member by another row.
        if keeps is (member is None) and not scene.living.get(last.key.contact_id):
            yield f"{last.key} was removed there at {last.at}, and keeping is {keeps}: {member}"


def _last_moves(scene: Scene, known: CampaignChronicle) -> Iterator[tuple[str, Moved]]:
    """Yield what people last did to each row, unless something since may have undone it."""
    for row_id, moves in known.theirs.items():
        last = moves[-1]
        if row_id not in scene.rows or last.key is None:
            continue
        campaign_id, contact_id = last.key
        if campaign_id != scene.home.campaign.id or contact_id not in scene.contacts:
            continue
        if contact_id in scene.merged:
            continue
        since = [
            *(each.at for each in known.ours.get(last.key, ())),
            *(each.at for each in known.our_tables.get(last.key, ())),
            scene.upheaved(contact_id, known),
            scene.worded(known),
            known.chosen[campaign_id],
        ]
        if max(since) < last.at:
            yield row_id, last


def nothing_is_sent_that_nobody_said(scene: Scene, known: CampaignChronicle) -> Iterator[str]:
    """A status that we send was given here, or stands for one that was; a fallback never is."""
    home = scene.home
    if known.choices[home.campaign.id] or known.ever_kept:
        # It may have come from another campaign there, or from a row that is gone.
        return
    replacements = {each.replacement for each in home.kind.removals}
    for sent in scene.world.campaigns.calls.sent:
        keys = [key for key in sent.keys if key.campaign_id == home.campaign.id]
        if not keys or sent.record_id not in scene.rows or scene.worded(known) >= sent.at:
            continue
        if any(key.contact_id in scene.merged for key in keys):
            continue
        given = [each for key in keys for each in known.ours.get(key, ()) if each.at <= sent.at]
        said = {each.status for each in given if each.status} | replacements
        allowed = {
            in_theirs(
                home.kind.resolve(label).label,
                kind=home.kind,
                statuses=scene.statuses,
                by_hand=home.campaign.status_map,
            ).label
            for label in said
        }
        if status_key(sent.label) not in map(status_key, allowed):
            yield f"{keys} was sent {sent.label} at {sent.at}, and nobody here has said {allowed}"


def nobody_is_removed_whom_nobody_removed(scene: Scene, known: CampaignChronicle) -> Iterator[str]:
    """A row that we delete is that of somebody who was removed here."""
    campaign_id = scene.home.campaign.id
    if not all(scene.world.deletions.values()):
        # Who was deleted by half names a record that may be another contact's by now.
        return
    for gone in scene.world.campaigns.calls.deleted:
        followers = [key for key in gone.keys if key.campaign_id == campaign_id]
        if gone.record_id not in scene.rows or not followers:
            continue
        if any(key.contact_id in scene.merged for key in followers):
            continue
        # Who was removed may have been its person before a conversion or a merge.
        links = scene.world.links.get_many(scene.persons(scene.rows[gone.record_id])).values()
        before = [MemberKey(campaign_id, each.subject_id or "") for each in links]
        given = [each for key in (*followers, *before) for each in known.ours.get(key, ())]
        if not any(each.status is None and each.at <= gone.at for each in given):
            yield f"we deleted {gone.record_id} of {followers}, whom nobody had removed"


HISTORY_LAWS = (
    ours_is_not_lost,
    theirs_is_not_undone,
    their_removals_come_in,
    nothing_is_sent_that_nobody_said,
    nobody_is_removed_whom_nobody_removed,
)
