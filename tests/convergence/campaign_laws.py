"""Laws at rest about campaigns: who is a member of what, and what both sides have agreed upon."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import SyncOption
from counterpart.domain.links import LinkState
from counterpart.domain.member_status import in_ours
from counterpart.domain.members import MemberKey, against
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import CampaignObject
from counterpart.use_cases.outsiders import aside
from tests.convergence.campaign_end_laws import members_outlive_their_campaign
from tests.convergence.campaign_fields import the_later_value_wins
from tests.convergence.campaign_scene import Scene, homes
from tests.convergence.campaign_values import HISTORY_LAWS
from tests.convergence.fields import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Link
    from counterpart.domain.members import Member, MemberCounterpart
    from tests.convergence.campaign_chronicle import CampaignChronicle
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.world import World

_GIVEN_UP = {Reason.REFUSED, Reason.GAVE_UP}


def essences(world: World) -> object:
    """Return campaigns and members without what tells when somebody is looked at again."""
    side = world.campaigns
    members = [replace(each, waiting=None, version=0) for each in side.members()]
    campaigns = [replace(each, version=0) for each in side.all()]
    return sorted(members, key=lambda each: each.key), campaigns


def left(world: World) -> Iterator[str]:
    """Yield what has still to be done about campaigns."""
    outbound = world.settings.current().outbound.enabled
    there = {row["Id"] for row in world.campaigns.rows(CampaignObject.CAMPAIGN)}
    for campaign in world.campaigns.all():
        if not campaign.syncs or (campaign.counterpart and campaign.counterpart.followed_from):
            continue
        record_id = campaign.sync.record_id
        if outbound if record_id is None else record_id in there:
            yield f"campaign {campaign.id} is to be linked: {campaign.sync}"
    rows = {row["Id"]: row for row in world.hands.rows()}
    for home in homes(world):
        scene = Scene(home, world, rows)
        for member in scene.members.values():
            contact = scene.contacts.get(member.contact_id)
            held = against(member, home.record_id).counterpart
            may_go = held or (contact and scene.is_alive(contact))
            # Who waits for a record bears that as the reason, since somebody looked.
            if member.waiting and (may_go or not member.skip):
                yield f"{member.key} waits: {member.waiting}"
        outside = aside(home.campaign.id)
        waiting = {key.contact_id for key in world.members._members if key.campaign_id == outside}
        for link in world.links.get_many(waiting).values():
            if link.state is LinkState.LINKED and link.subject_id in scene.contacts:
                yield f"{link.record_id} is kept aside, and is a contact by now"


def choices_are_carried_out(world: World, _: Chronicle, __: dict[str, Row]) -> Iterator[str]:
    """Each campaign follows what somebody chose for it, as far as that is there."""
    rows = {row["Id"]: row for row in world.hands.campaign_rows(CampaignObject.CAMPAIGN)}
    followed: dict[str, str] = {}
    told = {one.subject_id for one in world.all_outcomes() if one.object == "Campaign"}
    for campaign in world.campaigns.all():
        held = campaign.counterpart.record_id if campaign.counterpart else None
        if held in followed:
            yield f"{held} is followed by {campaign.id} and by {followed[held]}"
        if held:
            followed[held] = campaign.id
            if rows[held]["IsDeleted"]:
                yield f"campaign {campaign.id} follows {held}, which was deleted"
            if campaign.sync.option is SyncOption.EXISTING and held != campaign.sync.record_id:
                yield f"campaign {campaign.id} follows {held}, and chose {campaign.sync}"
        if held and not campaign.syncs:
            yield f"campaign {campaign.id} follows {held}, which nobody wants"
        if campaign.sync.refusal and campaign.id not in told:
            yield f"campaign {campaign.id} was refused, and nobody was told"


def members_are_in_step(world: World, chronicle: Chronicle, rows: dict[str, Row]) -> Iterator[str]:
    """Members and their rows agree, and nobody is missing on either side."""
    known = chronicle.campaigns
    for home in homes(world):
        scene = Scene(home, world, rows, chronicle.merged, chronicle.owners)
        for contact_id in sorted(scene.living.keys() - scene.members.keys()):
            yield f"{contact_id} is a member of {home.record_id}, and not of {home.campaign.id}"
        for member in scene.members.values():
            for wrong in _wrong_with(member, scene, chronicle):
                yield f"{member.key} ({member.status}) {wrong}"
        yield from _strangers(scene)
        for law in (*HISTORY_LAWS, the_later_value_wins):
            yield from law(scene, known)


def _wrong_with(member: Member, scene: Scene, chronicle: Chronicle) -> Iterator[str]:
    known = chronicle.campaigns
    contact = scene.contacts.get(member.contact_id)
    held = against(member, scene.home.record_id).counterpart
    if contact is None:
        yield "is a member, and no contact"
    elif member.skip and member.skip.reason in _GIVEN_UP:
        told = {(one.subject_id, one.reason) for one in scene.world.all_outcomes()}
        if (member.contact_id, member.skip.reason) not in told:
            yield f"was given up, and nobody was told: {member.skip}"
    elif not member.present or held is None:
        # It may have been cancelled, or kept.
        if not (known.outbound_off or (known.ever_kept and member.present)):
            yield from _outside(member, contact, scene)
    elif held.record_id in scene.rows:
        yield from _disagreement(member, held, scene.rows[held.record_id], scene, known)
    elif not chronicle.lineage(held.person_id) & chronicle.purged:
        yield f"follows {held.record_id}, which is nowhere"


def _outside(member: Member, contact: Contact, scene: Scene) -> Iterator[str]:
    if not member.present:
        yield "was removed, and that has not crossed"
    elif scene.is_alive(contact):
        yield "has not gone out"
    elif not (member.waiting and member.skip and member.skip.reason is Reason.NOT_LINKED):
        yield f"is outside without a reason: {member.skip}"


def _disagreement(
    member: Member,
    held: MemberCounterpart,
    row: Row,
    scene: Scene,
    known: CampaignChronicle,
) -> Iterator[str]:
    own = scene.living.get(member.contact_id, set())
    if row["IsDeleted"]:
        yield f"follows {row['Id']}, which was deleted"
        return
    # A row whose person is nobody's counterpart any more goes on being what it was.
    # One that came with a contact which was deleted by half may be another's by now.
    by_half = not own and not all(scene.world.deletions.values())
    if row["Id"] not in own and (own or scene.owner(row)) and not by_half:
        yield f"follows {row['Id']} of {scene.owner(row)}, and is {own}"
    yield from _statuses_apart(member, held, row, scene, known)
    if held.responded != row["HasResponded"]:
        yield f"does not know of the response: {row['HasResponded']}"
    table = member.ledger.values.get("table")
    if member.ledger.shadows.get("table") != row[TABLE]:
        yield f"has another shadow than {row[TABLE]}"
    elif table != row[TABLE] and not known.outbound_off:
        yield f"has table {table}, and there it is {row[TABLE]}"


def _statuses_apart(
    member: Member,
    held: MemberCounterpart,
    row: Row,
    scene: Scene,
    known: CampaignChronicle,
) -> Iterator[str]:
    today = scene.home.kind.resolve(member.status).label
    agreed = held.agreed
    if known.outbound_off and (agreed is None or member.passing or agreed.ours != today):
        # What was cancelled stays as it is.
        pass
    elif agreed is None or agreed.theirs != row["Status"]:
        yield f"has agreed upon {agreed}, and there it is {row['Status']}"
    elif member.passing:
        yield f"has still to cross, since it was {member.passing}"
    elif agreed.ours != today:
        yield f"has moved on from {agreed}"
    elif not _in_our_second(held, row, known) and not _fit(member, held, row, scene, known):
        yield f"stands for nothing like {row['Status']}"


def _in_our_second(held: MemberCounterpart, row: Row, known: CampaignChronicle) -> bool:
    """Return whether somebody gave a row its status in the second in which we had written it.

    Stamps count seconds, so nobody can tell that from what Salesforce has made of ours.
    """
    moves = known.theirs.get(row["Id"])
    written = held.written_until.replace(microsecond=0) if held.written_until else None
    return bool(moves) and written == row["LastModifiedDate"]


def _fit(
    member: Member, held: MemberCounterpart, row: Row, scene: Scene, known: CampaignChronicle
) -> bool:
    """Return whether one status stands for the other, be it as a fallback.

    What was agreed upon in former words, nobody has to say in today's; nor if that was by another
    row, which is gone. Whoever is added again before a removal has crossed goes on with the row,
    and with what was agreed upon.
    """
    alone = len(scene.rows_of(member.contact_id)) == 1
    made_at = row["CreatedDate"] - scene.world.skew
    begun = min(member.created_at, held.linked_at)
    if alone:
        begun = max(begun, made_at)
    if scene.worded(known) >= begun:
        return True
    home, by_hand = scene.home, scene.home.campaign.status_map
    today = home.kind.resolve(member.status).label
    fallback = in_ours(row["Status"], kind=home.kind, by_hand=by_hand)
    return today == fallback.label or scene.stands(today, row)


def _is_somebodys(link: Link, scene: Scene) -> bool:
    """Return whether a record is a further one of somebody here.

    Or whose contact was merged into somebody while it was about to be deleted, which broke off.
    """
    if link.state is LinkState.DELETED_HERE:
        return link.subject_id in scene.contacts
    return link.state is LinkState.SECONDARY


def _strangers(scene: Scene) -> Iterator[str]:
    """Who is no contact here is kept aside, and is a member once it is one."""
    followed = {each.counterpart.record_id for each in scene.members.values() if each.counterpart}
    for row in scene.rows.values():
        if row["IsDeleted"] or row["Id"] in followed or scene.owner(row):
            continue
        outside = aside(scene.home.campaign.id)
        keys = {MemberKey(outside, person) for person in scene.persons(row)}
        links = scene.world.links.get_many(scene.persons(row))
        if any(_is_somebodys(link, scene) for link in links.values()):
            continue
        if not any(scene.may_live(person) for person in scene.persons(row)):
            # It was in the bin with its campaign when its lead was converted, and stayed behind
            # when the Contact was merged away: it is about nobody who will ever come in.
            continue
        if not scene.world.members.get_many(keys):
            yield f"{row['Id']} is about a stranger, whom nobody awaits: {scene.persons(row)}"


CAMPAIGNS = (choices_are_carried_out, members_are_in_step, members_outlive_their_campaign)
