"""The unions that a member has gone through by merges of contacts, one upon the other."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from counterpart.domain.policy import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.domain.campaigns import CampaignType
    from counterpart.domain.contacts import Ledger
    from counterpart.domain.members import Absorbed, Member
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


def _given_by(absorbed: Absorbed) -> str:
    """Return the status that a member had right after a union."""
    if absorbed.took_status or absorbed.before is None:
        return absorbed.loser.status
    return absorbed.before.status
