"""The streams of the records that become contacts and companies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.outcomes import Outcome, unavailable
from counterpart.domain.passes import GONE_ACCOUNTS, PASSES, Pass, Rows
from counterpart.domain.pulling import BEFORE_LEADS, ORDINARY
from counterpart.domain.records import SObject
from counterpart.use_cases.pulled_streams import Wanted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from counterpart.domain.inbound_settings import Inbound
    from counterpart.domain.page_plan import Manner
    from counterpart.use_cases.pulled_streams import PulledStream


def wanted_streams(
    inbound: Inbound, *, only: Collection[str] = ()
) -> tuple[list[Wanted], list[str]]:
    """Return the streams to be read, and a sentence on each that was named and lets nobody in.

    Args:
        inbound: What the settings say.
        only: Objects that were named; empty means all.
    """
    wanted, notes = [], []
    for sobject in (SObject.ACCOUNT, SObject.CONTACT, SObject.LEAD):
        if only and sobject not in only:
            continue
        passes, entry = _passes(sobject, inbound), inbound.objects[sobject]
        if passes:
            wanted.append(Wanted(name=sobject, passes=passes, interval=entry.interval))
        if only and not entry.comes_in:
            why = "the selection takes nobody" if entry.enabled else "switched off in the settings"
            read = "only what was deleted, merged or converted" if passes else "nothing"
            notes.append(f"{sobject}: {why}; {read} was read.")
    return wanted, notes


def manner_of(opened: Iterable[PulledStream]) -> Manner:
    """Return how the records of these streams are taken.

    Leads that were converted are applied before any Contact that lives, if they are read as far.
    """
    # A window that has no end yet reaches to this moment.
    ends = {stream.name: stream.state.upper for stream in opened}
    if SObject.LEAD not in ends:
        return BEFORE_LEADS
    leads, contacts = ends[SObject.LEAD], ends.get(SObject.CONTACT)
    return ORDINARY if leads is None or (contacts and contacts <= leads) else BEFORE_LEADS


def told_of_hidden(hidden: Mapping[str, str], inbound: Inbound, *, now: datetime) -> list[Outcome]:
    """Return what a run tells of objects that our user may not read.

    Args:
        hidden: What Salesforce said, by the name of the stream.
        inbound: What the settings say. Whoever has switched an object off may have done so because
            our user cannot read it.
        now: By our clock.
    """
    off = {name for name, entry in inbound.objects.items() if not entry.comes_in}
    return [
        unavailable(name, message, at=now) for name, message in hidden.items() if name not in off
    ]


def _passes(sobject: SObject, inbound: Inbound) -> list[Pass]:
    """Return what is read of an object; links are kept up even while its data is not taken."""
    entry = inbound.objects[sobject]
    if not inbound.follows(sobject):
        return []
    return [
        step
        for step in (*PASSES, *(() if entry.comes_in else (GONE_ACCOUNTS,)))
        if step.object is sobject and (entry.comes_in or step.rows is Rows.GONE)
    ]
