"""The guard of a push: how many values what goes out would blank in Salesforce, told beforehand.

What Salesforce was last seen to hold is known here, so those whose turn it is are looked at
without a call, and nobody else. Once as many as the minimum would lose a value, such edits stand
aside until all that waits has been seen, however many looks that takes; all others go. So does a
refusal to be mailed of somebody who stands aside: it takes nothing away that anybody would miss.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.guard import Danger, Dangers, dangers, is_too_much
from counterpart.domain.opt_outs import may_tell_refusal
from counterpart.domain.passes import Rows
from counterpart.domain.pushing import would_blank
from counterpart.domain.records import SObject
from counterpart.domain.selection import SelectionMode
from counterpart.domain.subjects import Subject
from counterpart.domain.waiting import Lane
from counterpart.ports import PageQuery
from counterpart.use_cases.guarded_pages import Judgement
from counterpart.use_cases.pulled_streams import LOOK_AGAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.guard import Hold
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import RecordReader
    from counterpart.use_cases.job_book import JobBook
    from counterpart.use_cases.push_rows import PushRepository

# So many are looked at together; what is held of them in memory stays small.
_AT_ONCE = 1000

# What somebody said yes to may have grown by a tenth when it goes.
_AS_MUCH_PERCENT = 110


class PushGuard:
    """Looks at those whose turn it is, before they go, and judges those whom it set aside.

    Args:
        book: Of the push; it bears the hold.
        reader: Of Salesforce, to tell how many records there are.
        settings: What is too much, and which fields go out.
        keep: Called now and then, so that the lease lives on.
        dry_run: Judge for real and write nothing.

    Attributes:
        refusing: Those of whom nothing but a refusal to be mailed may go, of those who were looked
            at last.
    """

    def __init__(
        self,
        book: JobBook,
        *,
        reader: RecordReader,
        settings: SyncSettings,
        keep: Callable[[], None],
        dry_run: bool,
    ) -> None:
        self._book = book
        self._reader = reader
        self._settings = settings
        self._fields = {sobject: settings.fields_of(sobject) for sobject in SObject}
        self._keep = keep
        self._dry_run = dry_run
        # By the object of their records: our ids.
        self._aside: dict[SObject, dict[str, None]] = {}
        # Those that would lose a value and went, because they were few.
        self._passed: Counter[SObject] = Counter()
        # Those that were too few to look at.
        self._unseen = 0
        self._counted: dict[SObject, int] = {}
        # Who goes by a yes, of those who were looked at last.
        self._spent: set[str] = set()
        self.refusing: list[str] = []

    @property
    def waiting(self) -> int:
        """Return how many stand aside."""
        return sum(map(len, self._aside.values()))

    def give_back(self, ids: Collection[str]) -> None:
        """Take note of those who passed and did not go after all; a yes is still for them."""
        self._book.spend(-len(self._spent.intersection(ids)))
        self._spent = set()

    def let_pass(self, repository: PushRepository[Subject], ids: Sequence[str]) -> list[str]:
        """Return who of *ids* may go now; the others stand aside until they are judged."""
        minimum, hold = self._settings.guard.minimum, self._book.hold
        self.refusing = []
        if hold is None and not self._aside and self._unseen + len(ids) < minimum:
            self._unseen += len(ids)
            return list(ids)
        found = self._blanking(repository, ids)
        if hold and hold.approved:
            new = sum(len(found.get(SObject(name), ())) for name in hold.objects)
            if _covers(hold, new):
                self._book.spend(new)
                self._spent = {
                    one.id for name in hold.objects for one in found.get(SObject(name), ())
                }
                found = {key: each for key, each in found.items() if key not in hold.objects}
        stay: set[str] = set()
        for sobject, subjects in found.items():
            before = self._unseen + self._passed[sobject] + len(self._aside.get(sobject, ()))
            if hold is None and before + len(subjects) < minimum:
                self._passed[sobject] += len(subjects)
                continue
            # Whoever was edited again since is counted once.
            keys = dict.fromkeys(subject.id for subject in subjects)
            self._aside.setdefault(sobject, {}).update(keys)
            stay.update(keys)
            self.refusing += [one.id for one in subjects if may_tell_refusal(one, self._settings)]
            if not self._dry_run:
                # They wait with the older work, so that no fresh edit stands behind them; whoever
                # was edited meanwhile is found by the next look.
                repository.save_many([_older(each) for each in subjects if _is_fresh(each)])
        return [key for key in ids if key not in stay]

    def judge(self, *, now: datetime, complete: bool) -> dict[SObject, list[str]]:
        """Judge those who stand aside; return whom of them to push after all.

        Args:
            now: The time, by our clock.
            complete: All that waits was seen; if not, nobody is let go.
        """
        hold = self._book.hold
        too_much: dict[SObject, int] = {}
        if self.waiting >= self._settings.guard.minimum:
            if hold and hold.waits(now, pause=LOOK_AGAIN):
                return {}
            too_much = self._too_much()
        if too_much:
            if hold and hold.approved:
                self._book.drop_hold()
            ids = [key for sobject in too_much for key in self._aside[sobject]]
            judgement = Judgement(
                dangers=dangers([(Danger.BLANKED, key) for key in ids]),
                of=sum(too_much.values()),
                complete=complete,
            )
            self._book.keep_hold(judgement, objects=too_much, now=now)
        elif complete:
            self._book.drop_hold()
        if not complete:
            return {}
        free = {key: list(ids) for key, ids in self._aside.items() if key not in too_much}
        self._aside = {key: ids for key, ids in self._aside.items() if key in too_much}
        self._passed.update({sobject: len(ids) for sobject, ids in free.items()})
        return free

    def _blanking(
        self, repository: PushRepository[Subject], ids: Sequence[str]
    ) -> dict[SObject, list[Subject]]:
        """Return who of *ids* would lose a value in Salesforce."""
        found: dict[SObject, list[Subject]] = {}
        for start in range(0, len(ids), _AT_ONCE):
            for subject in repository.get_many(ids[start : start + _AT_ONCE]).values():
                counterpart = subject.counterpart
                if counterpart is None:
                    continue
                sobject = counterpart.object
                if would_blank(subject, self._fields[sobject], self._settings.outbound):
                    found.setdefault(sobject, []).append(subject)
            self._keep()
        return found

    def _too_much(self) -> dict[SObject, int]:
        """Return the objects of which too many would lose a value, with how many there are."""
        guard = self._settings.guard
        found: dict[SObject, int] = {}
        for sobject, ids in self._aside.items():
            blanked = Dangers(counts={Danger.BLANKED: len(ids) + self._passed[sobject]})
            if blanked.total < guard.minimum:
                continue
            of = self._living(sobject)
            if is_too_much(blanked, of=of, guard=guard):
                found[sobject] = of
        return found

    def _living(self, sobject: SObject) -> int:
        if sobject not in self._counted:
            chosen = self._settings.inbound.objects[sobject].selection
            selection = None if chosen.mode is SelectionMode.NONE else chosen
            query = PageQuery(object=sobject, rows=Rows.LIVE, fields=(), selection=selection)
            # Where Salesforce gives up on counting, a person has to know how many they are.
            self._counted[sobject] = self._reader.count(query) or 0
        return self._counted[sobject]


def _is_fresh(subject: Contact | Company) -> bool:
    return subject.waiting is not None and subject.waiting.lane is Lane.FRESH


def _older(subject: Subject) -> Subject:
    mark = replace(subject.waiting, lane=Lane.BULK) if subject.waiting else None
    return replace(subject, waiting=mark)


def _covers(hold: Hold, number: int) -> bool:
    """Return whether a yes is for as many more; one to an unfinished count is for all."""
    return not hold.complete or number * 100 <= hold.dangers.total * _AS_MUCH_PERCENT
