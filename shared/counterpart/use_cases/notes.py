"""Notes that a use case takes while it works: counts for everybody, outcomes for who asks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from counterpart.domain.records import AnyObject, Record
    from counterpart.domain.refusals import Refusal
    from counterpart.ports import Clock


@dataclass(kw_only=True)
class Notes:
    """What became of the rows so far.

    Attributes:
        counts: By object, then by what became of its rows.
        skipped: By reason.
        outcomes: What somebody may ask about.
        store: Stores outcomes while the work is still under way.
        run_id: Of the run that takes them.
    """

    clock: Clock
    store: Callable[[Sequence[Outcome]], None]
    run_id: str = ""
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)
    _stored: int = 0

    def count(self, sobject: str, what: str, number: int = 1) -> None:
        """Count one row, or several."""
        self.counts.setdefault(sobject, Counter())[what] += number

    def total(self, what: str) -> int:
        """Return the sum of one count over all objects."""
        return sum(counts[what] for counts in self.counts.values())

    def skip(self, reason: Reason) -> None:
        """Count one row that was left out."""
        self.skipped[reason] += 1

    def refuse(
        self,
        subject_id: str,
        row: Record | SObject,
        refusal: Refusal,
        *,
        reason: Reason = Reason.REFUSED,
        name: str | None = None,
    ) -> None:
        """Count a row that Salesforce does not take, and note why.

        Args:
            subject_id: Our contact or company.
            row: Its record, or what it was to become.
            refusal: Salesforce's words.
            reason: Why; one that is given up has failed in passing, again and again.
            name: Our field, if it is about one.
        """
        record, sobject = (None, row) if isinstance(row, SObject) else (row, row.object)
        self.count(sobject, "refused")
        self.tell(
            Action.FAILED if reason is Reason.GAVE_UP else Action.REFUSED,
            reason,
            subject_id,
            record=record,
            sobject=sobject,
            refusal=refusal,
            name=name,
        )

    def keep(self) -> None:
        """Store the outcomes so far, before what they explain stops waiting.

        A crash in between makes somebody read a reason twice, but never leaves an edit without one.
        """
        fresh = self.fresh()
        if fresh:
            self.store(fresh)

    def fresh(self) -> Sequence[Outcome]:
        """Return the outcomes that are not stored yet, and count them as stored."""
        found = self.outcomes[self._stored :]
        self._stored = len(self.outcomes)
        return found

    def tell(
        self,
        action: Action,
        reason: Reason,
        subject_id: str,
        *,
        record: Record | None = None,
        sobject: SObject | None = None,
        refusal: Refusal | None = None,
        name: str | None = None,
        message: str = "",
    ) -> None:
        """Note something that somebody may ask about.

        Args:
            action: What happened.
            reason: Why.
            subject_id: Our contact or company.
            record: Its record, if there is one.
            sobject: What it was to become, if there is none yet.
            refusal: Salesforce's words, which stand for *message*.
            name: Our field, if it is about one.
            message: For people.
        """
        self.tell_of(
            record.object if record else sobject,
            action,
            reason,
            record_id=record.id if record else None,
            subject_id=subject_id,
            name=name,
            code=refusal.code if refusal else None,
            message=refusal.message if refusal else message,
        )

    def tell_of(
        self,
        sobject: AnyObject | None,
        action: Action,
        reason: Reason,
        *,
        record_id: str | None = None,
        subject_id: str | None = None,
        name: str | None = None,
        code: str | None = None,
        message: str = "",
    ) -> None:
        """Note something about an object, or about a record of it that is known by its id.

        Args:
            sobject: The object in Salesforce.
            action: What happened.
            reason: Why.
            record_id: Its record, if there is one.
            subject_id: What it is about here, if it is about one thing.
            name: Our field, if it is about one.
            code: By which Salesforce tells refusals apart.
            message: For people.
        """
        self.outcomes.append(
            Outcome(
                action=action,
                reason=reason,
                at=self.clock(),
                object=sobject,
                record_id=record_id,
                subject_id=subject_id,
                field=name,
                code=code,
                message=message,
            )
        )
