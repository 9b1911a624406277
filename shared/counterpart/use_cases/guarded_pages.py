"""Applying pages under the guard: a window's dangers are counted before the first of them is done.

Most pages hold none, or so few of a window that ends with them that no count is needed, and cost
nothing more. Where there may be too many, the rest of the window is read ahead and only planned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.guard import Danger, Dangers, is_too_much
from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject
from counterpart.domain.selection import SelectionMode
from counterpart.domain.windows import Keyset
from counterpart.errors import CounterpartError
from counterpart.use_cases.apply_page import apply_page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from counterpart.domain.page_plan import Manner
    from counterpart.domain.records import Record
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import PageQuery
    from counterpart.use_cases.apply_page import PagePorts, Tally
    from counterpart.use_cases.page_applier import Tell


# What a row may do; one that is gone is no longer counted among those that live.
_AT_WORST = {
    Rows.GONE: Danger.UNLINKED,
    Rows.LIVE: Danger.BLANKED,
    Rows.ALL: Danger.BLANKED,
}

# Pages that are read ahead after it is known to be too much.
_ENOUGH = 25


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What the rest of a window would do.

    Attributes:
        of: How many records there are.
        complete: The window was counted to its end; otherwise there may be more.
    """

    dangers: Dangers
    of: int
    complete: bool


class HeldBackError(CounterpartError):
    """A page was not applied, and neither may be what follows it; never leaves a run.

    Args:
        judgement: Why.
    """

    def __init__(self, judgement: Judgement) -> None:
        super().__init__("the guard holds this back")
        self.judgement = judgement


class UnfinishedPageError(CounterpartError):
    """Time ran short for a page, which is to be applied once more; never leaves a run."""


class GuardedPages:
    """Applies the pages of windows.

    Args:
        pages: The world.
        settings: What is too much, and by which modes fields cross.
        manner: How records are taken.
        has_time: Asked before each page that is read ahead, and while many contacts join the
            companies of a page.
        tell: Told what somebody loses by a page, before it is applied; without it, plan for real
            and write nothing.
    """

    def __init__(
        self,
        pages: PagePorts,
        settings: SyncSettings,
        *,
        manner: Manner,
        has_time: Callable[[], bool],
        tell: Tell | None,
    ) -> None:
        self._pages = pages
        self._settings = settings
        self._manner = manner
        self._has_time = has_time
        self._tell = tell
        self._counted: dict[SObject, int] = {}

    def apply(
        self,
        records: Sequence[Record],
        asked_at: datetime,
        *,
        window: PageQuery,
        last: bool,
    ) -> tuple[Tally, bool]:
        """Apply the next page of a window that was not cleared.

        Args:
            records: Of the page.
            asked_at: By our clock, when it was asked for.
            window: What the page was asked by, up to the end of the whole window.
            last: Nothing follows in the window.

        Returns:
            What became of the records, and whether the rest of the window is cleared.

        Raises:
            HeldBackError: it is too much; nothing of the page was written.
            ChangedMeanwhileError: others kept changing the same contacts.
        """
        minimum = self._settings.guard.minimum

        def passes(found: Dangers) -> bool:
            return found.total == 0 or (last and found.total < minimum)

        tally = self._page(records, asked_at, vet=passes)
        if tally is not None:
            return tally, False
        judgement = self._judge(records, asked_at, window, last=last)
        if not judgement.complete or is_too_much(
            judgement.dangers, of=judgement.of, guard=self._settings.guard
        ):
            if window.object is SObject.LEAD:
                # Their conversions stay unapplied, whose Contacts this run may meet from now on.
                self._manner = replace(self._manner, before_leads=True)
            raise HeldBackError(judgement)
        return self.apply_cleared(records, asked_at), True

    def apply_cleared(self, records: Sequence[Record], asked_at: datetime) -> Tally:
        """Apply a page of a window that was counted before, or that somebody said yes to."""
        tally = self._page(records, asked_at, vet=None)
        if tally is None:
            raise AssertionError("a page that nobody vets is applied")
        return tally

    def _page(
        self,
        records: Sequence[Record],
        asked_at: datetime,
        *,
        vet: Callable[[Dangers], bool] | None,
    ) -> Tally | None:
        tally = apply_page(
            records,
            ports=self._pages,
            settings=self._settings,
            asked_at=asked_at,
            tell=self._tell,
            manner=self._manner,
            vet=vet,
            has_time=self._has_time,
        )
        return None if tally.held_back else tally

    def _judge(
        self, records: Sequence[Record], asked_at: datetime, window: PageQuery, *, last: bool
    ) -> Judgement:
        """Count what this page and all that follow it would do.

        Once it is too much, a while longer, so that whoever is asked for a yes knows to what.
        """
        if not last and self._cannot_be_too_much(window, records):
            return Judgement(dangers=Dangers(), of=self._living(window), complete=True)
        found = Dangers()
        page, more = records, 0
        while True:
            found += self._dangers(page, asked_at)
            too_much = self._is_too_much(found, window)
            if last or (too_much and more == _ENOUGH) or not self._has_time():
                break
            if page:
                after = Keyset(modstamp=page[-1].modstamp, record_id=page[-1].id)
                window = replace(window, after=after)
            asked_at = self._pages.clock()
            (answer,) = self._pages.salesforce.poll([window]).pages
            if answer.timed_out:
                break
            more += too_much
            page, last = answer.records, answer.finished
        of = (self._living(window) if found.total else 0) + found.gone
        return Judgement(dangers=found, of=of, complete=last)

    def _cannot_be_too_much(self, window: PageQuery, records: Sequence[Record]) -> bool:
        """Return whether all rows of a window together are little; then no page is read ahead.

        The first page is asked for before it is known where the window ends, so it may show rows
        of that very second, which the window leaves to the next one.
        """
        rows = self._pages.salesforce.count(window)
        if rows is None:
            return False
        beyond = sum(window.upper is not None and one.modstamp >= window.upper for one in records)
        at_worst = Dangers(counts={_AT_WORST[window.rows]: rows + beyond})
        return not self._is_too_much(at_worst, window)

    def _is_too_much(self, found: Dangers, window: PageQuery) -> bool:
        guard = self._settings.guard
        if found.total < guard.minimum:
            return False
        return is_too_much(found, of=self._living(window) + found.gone, guard=guard)

    def _dangers(self, records: Sequence[Record], asked_at: datetime) -> Dangers:
        found: list[Dangers] = []

        def note(dangers: Dangers) -> bool:
            found.append(dangers)
            return False

        apply_page(
            records,
            ports=self._pages,
            settings=self._settings,
            asked_at=asked_at,
            tell=None,
            manner=self._manner,
            vet=note,
        )
        return found[0] if found else Dangers()

    def _living(self, window: PageQuery) -> int:
        """Return how many records of the object live in Salesforce and belong to us."""
        if window.object not in self._counted:
            self._counted[window.object] = self._count(window)
        return self._counted[window.object]

    def _count(self, window: PageQuery) -> int:
        chosen = self._settings.inbound.objects[window.object].selection
        # Of an object that no longer comes in, the links are still kept up.
        selection = None if chosen.mode is SelectionMode.NONE else chosen
        everybody = replace(
            window,
            rows=Rows.LIVE,
            fields=(),
            lower=None,
            upper=None,
            after=None,
            ids=(),
            selection=selection,
        )
        # Where Salesforce gives up on counting, a person has to know how many they are.
        return self._pages.salesforce.count(everybody) or 0
