"""The unions that a member has gone through by merges of contacts, one upon the other."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from counterpart.domain.members import unlinked
from counterpart.domain.passing_statuses import passed
from counterpart.domain.policy import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from counterpart.domain.campaigns import CampaignType
    from counterpart.domain.contacts import Ledger
    from counterpart.domain.members import Absorbed, Member, MemberCounterpart
    from counterpart.domain.values import Value


def absorbed_from(member: Member, loser_id: str) -> Absorbed | None:
    """Return what a member was united with when that contact was merged into its own."""
    found = (each for each in member.absorbed if each.loser.contact_id == loser_id)
    return next(found, None)


def was_member(absorbed: Absorbed) -> bool:
    """Return whether the contact that stayed was a member before a union."""
    return absorbed.before is not None and absorbed.before.present


def filled_by(absorbed: Absorbed) -> Mapping[str, Value]:
    """Return the fields that a member got by a union, having had none of its own."""
    own = absorbed.before.ledger.values if absorbed.before else {}
    return {
        name: value
        for name, value in absorbed.loser.ledger.values.items()
        if value is not None and own.get(name) is None
    }


def changed_since(member: Member, absorbed: Absorbed, kind: CampaignType) -> bool:
    """Return whether something else than a union has changed the status since this one."""
    chain = member.absorbed[member.absorbed.index(absorbed) :]
    found = [*(following.before for _, following in pairwise(chain)), member]
    return any(
        before is None or kind.resolve(before.status) != kind.resolve(_given_by(each))
        for each, before in zip(chain, found, strict=True)
    )


def without(member: Member, absorbed: Absorbed, kind: CampaignType) -> tuple[Absorbed, ...]:
    """Return the other unions of a member, as they would have been without this one."""
    place = member.absorbed.index(absorbed)
    told = list(member.absorbed[:place])
    former = absorbed.before
    given: str | None = _given_by(absorbed)
    for each in member.absorbed[place + 1 :]:
        before = each.before
        if before and given is not None and kind.resolve(before.status) == kind.resolve(given):
            given = _given_by(each)
            before = replace(before, status=former.status) if former else None
            took = each.loser.present and (
                before is None or kind.rank(each.loser.status) > kind.rank(before.status)
            )
            each = replace(each, before=before, took_status=took)  # noqa: PLW2901 - the same union
            former = each.loser if took else before
        else:
            # Somebody has changed it in between; what was before that is of no account.
            given = None
        told.append(each)
    return tuple(told)


def has_row_of_loser(member: Member, absorbed: Absorbed) -> bool:
    """Return whether *member* is linked to the very row that the loser had."""
    row, own = member.counterpart, absorbed.loser.counterpart
    return row is not None and own is not None and row.record_id == own.record_id


def row_of_loser(
    member: Member,
    absorbed: Absorbed,
    *,
    loser_ids: Collection[str],
    survivor_ids: Collection[str],
) -> MemberCounterpart | None:
    """Return the row that *member* is linked to, if it is about the loser by these records."""
    row = member.counterpart
    if row is None:
        return None
    if row.person_id in loser_ids:
        return row
    # Its person may have another record by now, as a lead that was converted has.
    same = has_row_of_loser(member, absorbed)
    return row if same and row.person_id not in survivor_ids else None


def joined_there(member: Member, absorbed: Absorbed) -> bool:
    """Return whether somebody in Salesforce made *member* one by a row of its own since a union."""
    row = member.counterpart
    if row is None or row.made_here:
        return False
    if any(has_row_of_loser(member, each) for each in member.absorbed):
        return False
    if absorbed.before is None:
        return True
    # Salesforce has a person in a campaign once, so what was removed here is another, former row.
    former = absorbed.before.counterpart
    return (
        former is not None
        and former.person_id == row.person_id
        and former.record_id != row.record_id
    )


def caught_up(member: Member, absorbed: Absorbed) -> Ledger:
    """Return the loser's ledger after what its row has brought since the merge."""
    before, now = absorbed.loser.ledger, member.ledger
    survivors = absorbed.before.ledger.values if absorbed.before else {}
    news = {
        name: value
        for name, value in now.shadows.items()
        if before.shadows.get(name, UNKNOWN) != value
        and now.values.get(name) == value
        # The survivor's own, sent to it meanwhile, are no news: the loser's go out again.
        and survivors.get(name, UNKNOWN) != value
    }
    times = {name: now.times[name] for name in news if name in now.times}
    return replace(
        before,
        values={**before.values, **news},
        times={**before.times, **times},
        shadows=now.shadows,
    )


def emptied(ledger: Ledger, absorbed: Absorbed, now: datetime) -> Ledger:
    """Return a ledger without what came from the loser and nobody changed since."""
    own = absorbed.before.ledger.values if absorbed.before else {}
    values, times = dict(ledger.values), dict(ledger.times)
    for name, value in filled_by(absorbed).items():
        if values.get(name) != value:
            continue
        if name in own or name in ledger.shadows:
            # Given back now, so that no row from before the undoing brings the other one.
            values[name], times[name] = own.get(name), now
        else:
            del values[name]
            times.pop(name, None)
    return replace(ledger, values=values, times=times)


def still_removed(before: Member, after: Member, kind: CampaignType) -> Member:
    """Return who was removed before a union, with the row that it has after it, and what that held.

    The one that it had may be gone: a run has read that while both were one, and none would again.
    """
    gone = unlinked(before) if before.counterpart else before
    gone = replace(gone, absorbed=after.absorbed, version=after.version)
    if after.counterpart is None:
        return gone
    return replace(
        gone,
        counterpart=after.counterpart,
        ledger=replace(before.ledger, shadows=after.ledger.shadows),
        passing=tuple(each for each in passed(after, kind) if each != before.status),
    )


def _given_by(absorbed: Absorbed) -> str:
    """Return the status that a member had right after a union."""
    if absorbed.took_status or absorbed.before is None:
        return absorbed.loser.status
    return absorbed.before.status
