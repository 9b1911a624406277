"""The next pull: whether it reads a record of a contact, and what it would do then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from counterpart.domain.foreseeing import names_aside, put_off
from counterpart.domain.outcomes import Reason
from counterpart.domain.passes import Rows
from counterpart.domain.record_fates import filtered_out, never_read, unselectable, when_read
from counterpart.domain.selection import SelectionMode
from counterpart.errors import MissingFieldError
from counterpart.ports import PageQuery
from counterpart.use_cases.allowance import state_of
from counterpart.use_cases.explanations import NextPull
from counterpart.use_cases.foretold import foretold

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from counterpart.domain.explaining import Why
    from counterpart.domain.links import Counterpart, Secondary
    from counterpart.domain.records import Record, SObject
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import StreamRepository
    from counterpart.use_cases.apply_page import PagePorts

Told = TypeVar("Told")


class Ask(Protocol):
    """Asks Salesforce, which may be silent."""

    def __call__(self, question: Callable[[], Told], /) -> Told | None:
        """Return what it answers; `None` if it does not."""


class NextPulls:
    """Foretells what the next pull does, and writes nothing.

    Args:
        pages: The world.
        streams: How far each object has been read.
        settings: By which it pulls.
        now: By our clock.
        ask: How Salesforce is asked.
    """

    def __init__(
        self,
        pages: PagePorts,
        streams: StreamRepository,
        *,
        settings: SyncSettings,
        now: datetime,
        ask: Ask,
    ) -> None:
        self._pages = pages
        self._streams = streams
        self._settings = settings
        self._now = now
        self._ask = ask

    def pull(self, known: Counterpart | Secondary, record: Record | None) -> NextPull:
        """Return what it does with a contact's record, as that is now; `None` if there is none."""
        if record is None:
            return NextPull(does=None, why=never_read(known.object))
        pages, settings, now = self._pages, self._settings, self._now
        stream = self._streams.get(str(record.object))
        aside = names_aside(settings.fields, record.object, stream.set_aside)
        shown = {name: value for name, value in record.values.items() if name not in aside}
        read = replace(record, values=shown) if aside else record
        does = self._ask(lambda: foretold(read, pages=pages, settings=settings, now=now))
        why = when_read(
            record,
            known.modstamp,
            news=does is not None and does not in set(Reason),
            left_out=self.left_out(record),
            stream=stream,
            settings=settings,
        )
        return NextPull(does=does, why=self.in_time(why))

    def in_time(self, why: Why) -> Why:
        """Return when a record is read, which is not while our share of the calls is used up."""
        return put_off(why, state_of(self._pages.salesforce.usage(), self._settings))

    def aside(self, sobject: SObject) -> frozenset[str]:
        """Return our names of the fields that it leaves out, since the org hid them."""
        paths = self._streams.get(str(sobject)).set_aside
        return names_aside(self._settings.fields, sobject, paths)

    def left_out(self, record: Record) -> Why | None:
        """Return why the selection of its object does not take a record; Salesforce is the judge.

        Of an object that is switched off nothing is selected, and nobody is asked.
        """
        entry = self._settings.inbound.objects[record.object]
        if not entry.enabled or entry.selection.mode is SelectionMode.ALL:
            return None
        if entry.selection.mode is SelectionMode.NONE:
            return filtered_out(record.object)
        query = PageQuery(
            object=record.object,
            rows=Rows.LIVE,
            fields=(),
            ids=(record.id,),
            selection=entry.selection,
        )

        def judge() -> Why | None:
            try:
                (page,) = self._pages.salesforce.poll([query]).pages
            except MissingFieldError as exc:
                return unselectable(record.object, str(exc))
            is_there = any(each.id == record.id for each in page.records)
            return None if is_there else filtered_out(record.object)

        return self._ask(judge)
