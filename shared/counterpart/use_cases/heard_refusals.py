"""Refusals to be mailed that come in while the guard holds their records; nothing else does.

A hold may last for days, and mail would go on to people who have refused it. A refusal takes
nothing away that anybody would miss, so none waits for somebody's yes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.last_refusals import having_heard, told_of_opt_in
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.marking import mark_for
from counterpart.domain.opt_outs import boxes
from counterpart.domain.subjects import further_of
from counterpart.domain.waiting import Lane
from counterpart.domain.windows import Keyset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Counterpart
    from counterpart.domain.outcomes import Outcome
    from counterpart.domain.records import Record
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import PageQuery
    from counterpart.use_cases.apply_page import PagePorts
    from counterpart.use_cases.page_applier import Tell


def hear_refusals(
    queries: Sequence[PageQuery],
    *,
    pages: PagePorts,
    settings: SyncSettings,
    may_go_on: Callable[[], bool],
    tell: Tell,
) -> None:
    """Take the refusals of records that are not applied yet; their rows are read again later.

    Whoever is changed at the same moment, or whom a job carries, is heard the next time.

    Args:
        queries: What finds the records in which the box is ticked.
        pages: The world.
        settings: By which a refusal is judged.
        may_go_on: Whether there are time and calls for one more page of each.
        tell: Told which opt-ins are undone, before they are.
    """
    while queries and may_go_on():
        asked_at = pages.clock()
        answers = pages.salesforce.poll(queries).pages
        for answer in answers:
            _hear(answer.records, asked_at, pages, settings, tell)
        queries = [
            replace(query, after=Keyset(modstamp=last.modstamp, record_id=last.id))
            for query, answer in zip(queries, answers, strict=True)
            if not (answer.finished or answer.timed_out)
            for last in answer.records[-1:]
        ]


def _hear(
    records: Sequence[Record],
    asked_at: datetime,
    pages: PagePorts,
    settings: SyncSettings,
    tell: Tell,
) -> None:
    now = pages.clock()
    heard: dict[str, Contact] = {}
    undone: list[Outcome] = []
    for contact, record in _owners(records, asked_at, pages):
        before = heard.get(contact.id, contact)
        after = having_heard(before, record, settings, now=now)
        if after is before:
            continue
        undone += told_of_opt_in(before, after, record, at=now)
        # Its own record knows, and one that is gone waits for the yes; a push tells the others.
        after = replace(after, waiting=before.waiting)
        waiting = mark_for(after, boxes(settings), settings, lane=Lane.FRESH, now=now)
        heard[contact.id] = replace(after, waiting=waiting)
    if undone:
        tell(undone)
    if heard:
        pages.contacts.save_many(list(heard.values()))


def _owners(
    records: Sequence[Record], asked_at: datetime, pages: PagePorts
) -> Iterator[tuple[Contact, Record]]:
    """Yield the records that refuse and are somebody's here, and whose."""
    refusing = {record.id: record for record in records if record.values.get(OPTED_OUT) is True}
    links = pages.links.get_many(refusing) if refusing else {}
    ids = {link.subject_id for link in links.values() if link.subject_id}
    contacts = pages.contacts.get_many(ids) if ids else {}
    for record_id, link in links.items():
        contact, record = contacts.get(link.subject_id or ""), refusing[record_id]
        if contact is None or contact.in_flight:
            continue
        own = contact.counterpart if contact.record_id == record_id else None
        if (own and _is_news(record, own, asked_at)) or further_of(contact, record_id):
            yield contact, record


def _is_news(record: Record, own: Counterpart, asked_at: datetime) -> bool:
    """Return whether no pull has applied this version, nor have we written since it was read."""
    applied = own.modstamp is not None and record.modstamp <= own.modstamp
    return not applied and (own.written_at is None or own.written_at <= asked_at)
