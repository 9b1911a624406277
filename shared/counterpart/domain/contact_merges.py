"""Merging two contacts here: what the survivor becomes, and what is kept to undo it.

The survivor keeps its id, and its values where it has any; blanks are filled from the loser. An
opt-out of either stands. Salesforce is left alone: where both have a record, the loser's becomes
a further one of the survivor.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.bounces import still_standing
from counterpart.domain.contacts import Lane, LinkedBy, LinkState, Secondary, Waiting
from counterpart.domain.editing import mark, wants_out
from counterpart.domain.mapping import OPTED_OUT
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Contact, Counterpart, CreationRequest, Link
    from counterpart.domain.sync_settings import SyncSettings

# As for any request: until then its job may be on its way.
_JOB_LOST_AFTER = timedelta(minutes=15)


class Choice(StrEnum):
    """Whose value a field of the survivor gets."""

    # The survivor's, or the loser's where that is blank.
    SURVIVOR = "survivor"
    LOSER = "loser"
    NEWEST = "newest"


class MergeState(StrEnum):
    """Whether a merge stands."""

    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactMerge:
    """A merge as it is kept: known by the loser's id, which it leads on from, and can be undone.

    Attributes:
        loser: As it was.
        survivor: As it was.
        taken: Fields that the survivor got from the loser, with the time they bear since.
    """

    loser: Contact
    survivor: Contact
    taken: Mapping[str, datetime]
    merged_at: datetime
    state: MergeState = MergeState.DONE
    undone_at: datetime | None = None

    @property
    def id(self) -> str:
        """Return the id of the contact that is no more."""
        return self.loser.id


@dataclass(frozen=True, kw_only=True, slots=True)
class MergePlan:
    """What a merge, or undoing one, writes; all of it or nothing.

    Attributes:
        links: Each with what it replaces.
        kept: What could not be undone, for people.
    """

    merge: ContactMerge
    survivor: Contact
    loser: Contact
    links: Sequence[tuple[Link, Link | None]]
    kept: tuple[str, ...] = ()


def plan_merge(
    survivor: Contact,
    loser: Contact,
    links: Mapping[str, Link],
    *,
    choices: Mapping[str, Choice],
    otherwise: Choice,
    settings: SyncSettings,
    now: datetime,
) -> MergePlan:
    """Return what merging *loser* into *survivor* writes.

    Args:
        survivor: Keeps its id.
        loser: Goes.
        links: What the records of the loser mean to us, by Salesforce id.
        choices: Whose value single fields get.
        otherwise: Whose value all others get.
        settings: By which it is decided what has to go out.
        now: By our clock.

    Raises:
        InputError: a choice names a field that there is none to choose for.
    """
    _check(choices, survivor, loser)
    taken = dict(_taken(survivor, loser, choices, otherwise, now))
    held = [one for one in _records_of(loser) if is_held(links.get(one.record_id), loser)]
    moves = survivor.counterpart is None and loser.counterpart in held
    after = _joined(survivor, loser, taken, now=now)
    if moves and loser.counterpart:
        counterpart = replace(
            loser.counterpart,
            linked_at=now,
            linked_by=LinkedBy.LOCAL_MERGE,
            origin=loser.counterpart.began_by,
        )
        after = replace(
            after,
            ledger=replace(after.ledger, shadows=loser.ledger.shadows),
            counterpart=counterpart,
            former=None,
            account_id=loser.account_id,
            company_id=loser.company_id,
        )
    else:
        after = replace(after, former=after.former or _former_of(after, loser))
    further = [_secondary(one, loser) for one in held if not (moves and one is loser.counterpart)]
    after = replace(after, secondaries=(*survivor.secondaries, *further))
    after = _waiting(after, survivor, loser, settings, now)
    merge = ContactMerge(loser=loser, survivor=survivor, taken=taken, merged_at=now)
    return MergePlan(
        merge=merge,
        survivor=after,
        loser=loser,
        links=list(_moved_links(after, loser, links, now)),
    )


def record_ids_of(contact: Contact) -> list[str]:
    """Return the Salesforce ids of all records that a contact has, or had before a deletion."""
    former = [contact.former.record_id] if contact.former else []
    return [*(one.record_id for one in _records_of(contact)), *former]


def _records_of(contact: Contact) -> list[Counterpart | Secondary]:
    own = [contact.counterpart] if contact.counterpart else []
    return [*own, *contact.secondaries]


def is_held(link: Link | None, contact: Contact) -> bool:
    """Return whether a record is there, and belongs to *contact*."""
    owned = {LinkState.LINKED, LinkState.SECONDARY}
    return link is not None and link.subject_id == contact.id and link.state in owned


def _check(choices: Mapping[str, Choice], survivor: Contact, loser: Contact) -> None:
    known = {*survivor.ledger.values, *loser.ledger.values} - {OPTED_OUT}
    for name in choices:
        if name == OPTED_OUT:
            raise InputError("is not to be chosen: a refusal of either stands", field="fields")
        if name not in known:
            allowed = ", ".join(sorted(known))
            message = f"neither contact has {name!r}; there are {allowed}"
            raise InputError(message, field="fields")


def _taken(
    survivor: Contact,
    loser: Contact,
    choices: Mapping[str, Choice],
    otherwise: Choice,
    now: datetime,
) -> Iterator[tuple[str, datetime]]:
    """Yield the fields that come from the loser, each with the time that it bears then."""
    ours, theirs = survivor.ledger, loser.ledger
    for name in dict.fromkeys((*theirs.values, *choices)):
        value, time = theirs.values.get(name), theirs.times.get(name, loser.created_at)
        mine, since = ours.values.get(name), ours.times.get(name)
        choice = choices.get(name, otherwise)
        if name == OPTED_OUT:
            if value is True and mine is not True:
                yield name, time
        elif value == mine:
            continue
        elif choice is Choice.LOSER:
            # Somebody chose it just now; no record from before that may take it back.
            yield name, max(now, since or now)
        elif choice is Choice.NEWEST:
            if since is None or time > since:
                yield name, time
        elif mine is None:
            yield name, time


def _joined(
    survivor: Contact, loser: Contact, taken: Mapping[str, datetime], *, now: datetime
) -> Contact:
    ledger = survivor.ledger
    values = {name: loser.ledger.values.get(name) for name in taken}
    tags = dict.fromkeys((*survivor.tags, *loser.tags))
    joined = replace(
        survivor,
        ledger=replace(
            ledger,
            values={**ledger.values, **values},
            times={**ledger.times, **taken},
            insisted=ledger.insisted - taken.keys(),
        ),
    )
    return replace(
        joined,
        # The address that it has now may be the one of either.
        bounce=still_standing(survivor.bounce, joined.email)
        or still_standing(loser.bounce, joined.email),
        outbound_paused_at=survivor.outbound_paused_at or loser.outbound_paused_at,
        tags=tuple(tags),
        account_id=survivor.account_id or (None if survivor.counterpart else loser.account_id),
        company_id=survivor.company_id or (None if survivor.counterpart else loser.company_id),
        merged=(*survivor.merged, loser.id),
        updated_at=now,
    )


def _former_of(after: Contact, loser: Contact) -> Counterpart | None:
    return None if after.counterpart else loser.former


def _secondary(record: Counterpart | Secondary, loser: Contact) -> Secondary:
    if isinstance(record, Secondary):
        return replace(record, came_from=loser.id)
    return Secondary(
        record_id=record.record_id,
        object=record.object,
        linked_at=record.linked_at,
        came_from=loser.id,
        modstamp=record.modstamp,
        shadows=loser.ledger.shadows,
    )


def _waiting(
    after: Contact, survivor: Contact, loser: Contact, settings: SyncSettings, now: datetime
) -> Contact:
    """Return the contact with its creation request, and the mark that it waits."""
    if after.counterpart:
        own = survivor.waiting
        waiting = own if own and own.lane is not Lane.CREATE else None
        if any(wants_out(after, field, settings) for field in settings.fields):
            waiting = mark(waiting, lane=Lane.FRESH, now=now)
        return replace(after, creation=None, waiting=waiting)
    creation = _request(survivor.creation, loser.creation)
    if creation is None or creation.refusal is not None:
        return replace(after, creation=creation, waiting=None)
    waiting = Waiting(lane=Lane.CREATE, next_push_at=now + _JOB_LOST_AFTER)
    return replace(after, creation=creation, waiting=waiting)


def _request(own: CreationRequest | None, other: CreationRequest | None) -> CreationRequest | None:
    """Return the request that stands: an open one before one that was parked."""
    if own and (own.refusal is None or other is None or other.refusal is not None):
        return own
    return other


def _moved_links(
    after: Contact, loser: Contact, links: Mapping[str, Link], now: datetime
) -> Iterator[tuple[Link, Link]]:
    """Yield each link of the loser as it leads to the survivor, with what it replaces."""
    counterpart_id = after.counterpart.record_id if after.counterpart else None
    for record_id in record_ids_of(loser):
        link = links.get(record_id)
        if link is None or link.subject_id != loser.id:
            continue
        moved = replace(link, subject_id=after.id)
        if is_held(link, loser):
            own = record_id == counterpart_id
            moved = replace(
                moved,
                state=LinkState.LINKED if own else LinkState.SECONDARY,
                linked_at=now,
                linked_by=LinkedBy.LOCAL_MERGE,
            )
        yield moved, link
