"""Making and changing types of campaigns: which statuses are allowed, and how one goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import CampaignType, MemberStatus, Removal, status_key
from counterpart.domain.document import one_line
from counterpart.errors import ConflictError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

LONGEST_NAME = 80
_LONGEST_DESCRIPTION = 2000
_MOST_STATUSES = 100
# Each is a hundred bytes of an item of 400 KB, and none is ever forgotten.
_MOST_REMOVALS = 1000

# CampaignMember.Status, where a label arrives, is shorter than a CampaignMemberStatus' Label.
LONGEST_LABEL = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeEdit:
    """What somebody wants of a type; what is `None` stays.

    Attributes:
        statuses: All of them, in order.
        replacements: For statuses that are left out, who has them gets which instead, by label.
    """

    name: str | None = None
    description: str | None = None
    statuses: Sequence[MemberStatus] | None = None
    replacements: Mapping[str, str] | None = None


def new_type(
    type_id: str,
    *,
    name: str,
    description: str,
    statuses: Sequence[MemberStatus],
    request_key: str | None,
    now: datetime,
) -> CampaignType:
    """Return a new type.

    Raises:
        InputError: the name or the statuses are not allowed.
    """
    return CampaignType(
        id=type_id,
        name=one_line(name, longest=LONGEST_NAME, field="name"),
        description=_description(description),
        statuses=_checked(statuses),
        request_key=request_key,
        created_at=now,
        updated_at=now,
    )


def left_out(campaign_type: CampaignType, edit: TypeEdit) -> tuple[MemberStatus, ...]:
    """Return the statuses that *edit* takes away and names no replacement for."""
    if edit.statuses is None:
        return ()
    kept = {status_key(each.label) for each in edit.statuses}
    replaced = {status_key(label) for label in edit.replacements or {}}
    return tuple(
        each for each in campaign_type.statuses if status_key(each.label) not in kept | replaced
    )


def edited(
    campaign_type: CampaignType, edit: TypeEdit, *, in_use: Mapping[str, int], now: datetime
) -> CampaignType:
    """Return *campaign_type* after *edit*; the very same object if it changed nothing.

    A status that is removed stands for its replacement from the same write on.

    Args:
        campaign_type: As it is.
        edit: What is wanted.
        in_use: How many members have the status, for each label that `left_out` named.
        now: By our clock.

    Raises:
        ConflictError: a status is in use, and nobody said what replaces it.
        InputError: the outcome is not allowed.
    """
    after = campaign_type
    if edit.name is not None:
        after = replace(after, name=one_line(edit.name, longest=LONGEST_NAME, field="name"))
    if edit.description is not None:
        after = replace(after, description=_description(edit.description))
    if edit.statuses is not None:
        after = _restated(after, edit, in_use=in_use, now=now)
    elif edit.replacements:
        raise InputError("goes with statuses", field="replacements")
    return campaign_type if after == campaign_type else replace(after, updated_at=now)


def settled(campaign_type: CampaignType, labels: Sequence[str]) -> CampaignType:
    """Return *campaign_type* with the note that nobody is stored with these labels any more."""
    keys = {status_key(label) for label in labels}
    return replace(
        campaign_type,
        removals=tuple(
            replace(each, settled=True) if status_key(each.label) in keys else each
            for each in campaign_type.removals
        ),
    )


def _restated(
    campaign_type: CampaignType, edit: TypeEdit, *, in_use: Mapping[str, int], now: datetime
) -> CampaignType:
    statuses = _checked(edit.statuses or ())
    wanted = {status_key(each.label): each for each in statuses}
    gone = {
        status_key(each.label): each.label
        for each in campaign_type.statuses
        if status_key(each.label) not in wanted
    }
    removals = []
    for each in campaign_type.removals:
        if status_key(each.label) not in wanted:
            removals.append(each)
        elif not each.settled:
            message = f"{each.label} was removed; it can come back when its members have moved on"
            raise ConflictError(message, field="statuses")
    replacements = _replacements(edit.replacements or {}, gone=gone, wanted=wanted)
    for key, label in gone.items():
        if key not in replacements and in_use.get(label):
            members = "1 member has" if in_use[label] == 1 else f"{in_use[label]} members have"
            message = f"{members} this status; name the one that replaces it"
            raise ConflictError(message, field=f"replacements.{label}")
        removals.append(
            Removal(
                label=label,
                # Who was on the way to get it just now is where everybody begins.
                replacement=replacements.get(key, statuses[0].label),
                removed_at=now,
            )
        )
    if len(removals) > _MOST_REMOVALS:
        message = f"a type can lose {_MOST_REMOVALS} statuses; make a new type"
        raise InputError(message, field="statuses")
    return replace(campaign_type, statuses=statuses, removals=tuple(removals))


def _replacements(
    named: Mapping[str, str], *, gone: Mapping[str, str], wanted: Mapping[str, MemberStatus]
) -> dict[str, str]:
    replacements = {}
    for label, replacement in named.items():
        where = f"replacements.{label}"
        if status_key(label) not in gone:
            raise InputError("is not a status that statuses leave out", field=where)
        found = wanted.get(status_key(replacement))
        if found is None:
            raise InputError(f"{replacement} is not one of statuses", field=where)
        replacements[status_key(label)] = found.label
    return replacements


def _checked(statuses: Sequence[MemberStatus]) -> tuple[MemberStatus, ...]:
    if not 0 < len(statuses) <= _MOST_STATUSES:
        raise InputError(f"must be a list of 1 to {_MOST_STATUSES}", field="statuses")
    trimmed = tuple(
        replace(
            each,
            label=one_line(each.label, longest=LONGEST_LABEL, field=f"statuses.{place}.label"),
        )
        for place, each in enumerate(statuses)
    )
    seen = set()
    for place, each in enumerate(trimmed):
        if status_key(each.label) in seen:
            message = f"{each.label} is there already; case makes no difference"
            raise InputError(message, field=f"statuses.{place}.label")
        seen.add(status_key(each.label))
    if not any(each.success for each in trimmed):
        raise InputError("at least one must be a success", field="statuses")
    return trimmed


def _description(text: str) -> str:
    if len(text.strip()) > _LONGEST_DESCRIPTION:
        raise InputError(f"may have at most {_LONGEST_DESCRIPTION} characters", field="description")
    return text.strip()
