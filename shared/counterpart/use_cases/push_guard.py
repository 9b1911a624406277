"""The guard of a push: how many values all that waits would blank in Salesforce, told beforehand.

What waits is known here, and so is what Salesforce was last seen to hold; so the whole of a run is
counted without a call before its first write. Whoever is held goes on waiting, and the rest goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.guard import Danger, Dangers, dangers, is_too_much
from counterpart.domain.pushing import would_blank
from counterpart.domain.selection import SelectionMode
from counterpart.domain.streams import Rows
from counterpart.ports import PageQuery
from counterpart.use_cases.guarded_pages import Judgement
from counterpart.use_cases.pulled_streams import LOOK_AGAIN
from counterpart.use_cases.waiting_line import WaitingLine

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from counterpart.domain.guard import Hold
    from counterpart.domain.records import SObject
    from counterpart.domain.subjects import Subject
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import RecordReader
    from counterpart.use_cases.job_book import JobBook
    from counterpart.use_cases.waiting_line import WaitingRepository

# So many are looked at together; what is held of them in memory stays small.
_AT_ONCE = 1000

# What somebody said yes to may have grown by a tenth when it goes.
_AS_MUCH_PERCENT = 110


class PushGuard:
    """Judges all that waits, before any of it goes.

    Args:
        book: Of the push; it bears the hold.
        reader: Of Salesforce, to tell how many records there are.
        settings: What is too much, and which fields go out.
        keep: Called now and then, so that the lease lives on.
    """

    def __init__(
        self,
        book: JobBook,
        *,
        reader: RecordReader,
        settings: SyncSettings,
        keep: Callable[[], None],
    ) -> None:
        self._book = book
        self._reader = reader
        self._settings = settings
        self._keep = keep
        # By the object of their records: our ids.
        self._found: dict[SObject, list[str]] = {}

    def look_at(self, repository: WaitingRepository[Subject], *, until: datetime) -> None:
        """Note who of those that wait would blank something; few who wait need no look."""
        line: WaitingLine[Subject] = WaitingLine(repository)
        minimum = self._settings.guard.minimum
        if len(line.everybody(until=until, most=minimum)) < minimum:
            return
        waiting = line.everybody(until=until)
        for start in range(0, len(waiting), _AT_ONCE):
            subjects = repository.get_many(waiting[start : start + _AT_ONCE])
            for subject in subjects.values():
                counterpart = subject.counterpart
                if counterpart and would_blank(subject, self._settings):
                    self._found.setdefault(counterpart.object, []).append(subject.id)
            self._keep()

    def judge(self, *, now: datetime) -> tuple[Collection[str], Hold | None]:
        """Return who is held, and the hold if there is one."""
        hold = self._book.hold
        if sum(map(len, self._found.values())) < self._settings.guard.minimum:
            too_much: dict[SObject, int] = {}
        elif hold and hold.waits(now, pause=LOOK_AGAIN):
            return self._ids(self._found), hold
        else:
            too_much = self._too_much()
        ids = self._ids(too_much)
        said_yes = hold is not None and hold.approved
        if hold and said_yes and len(ids) * 100 <= hold.dangers.total * _AS_MUCH_PERCENT:
            ids = []
        if said_yes or not ids:
            self._book.drop_hold()
        if not ids:
            return (), None
        judgement = Judgement(
            dangers=dangers([(Danger.BLANKED, key) for key in ids]),
            of=sum(too_much.values()),
            complete=True,
        )
        self._book.keep_hold(judgement, now=now)
        return ids, self._book.hold

    def _ids(self, sobjects: Collection[SObject]) -> list[str]:
        return [key for sobject in sobjects for key in self._found[sobject]]

    def _too_much(self) -> dict[SObject, int]:
        """Return the objects of which too many would lose a value, with how many there are."""
        guard = self._settings.guard
        found: dict[SObject, int] = {}
        for sobject, ids in self._found.items():
            blanked = Dangers(counts={Danger.BLANKED: len(ids)})
            if blanked.total < guard.minimum:
                continue
            of = self._living(sobject)
            if is_too_much(blanked, of=of, guard=guard):
                found[sobject] = of
        return found

    def _living(self, sobject: SObject) -> int:
        chosen = self._settings.inbound.objects[sobject].selection
        selection = None if chosen.mode is SelectionMode.NONE else chosen
        query = PageQuery(object=sobject, rows=Rows.LIVE, fields=(), selection=selection)
        # Where Salesforce gives up on counting, a person has to know how many they are.
        return self._reader.count(query) or 0
