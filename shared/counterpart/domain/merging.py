"""Merging a record into what we know: the field decisions of a pull, taken together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.contacts import Ledger
from counterpart.domain.keeping import fitted, meant, same_there
from counterpart.domain.mapping import Mode
from counterpart.domain.passing_values import is_doubtful, is_said
from counterpart.domain.policy import UNKNOWN, Because, Verdict
from counterpart.domain.pull_judgements import is_echo, judge_pull
from counterpart.domain.values import FieldType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Readable
    from counterpart.domain.values import Value

_REPLACES = (Verdict.SEND, Verdict.TAKE)
_NEVER_TAKEN = (Mode.ALWAYS_OURS, Mode.DO_NOT_SYNC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """A two-way field in which a change of one side was replaced before the other knew it."""

    field: str
    kept: Value
    lost: Value
    ours_won: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Merge:
    """What a record does to a ledger.

    Attributes:
        ledger: The new one; the very same object if nothing changed.
        sends: Fields of which ours has to go out.
        blanks: Some value of ours is taken away.
        conflicts: Two-way fields in which a change of one side lost.
    """

    ledger: Ledger
    sends: frozenset[str] = frozenset()
    blanks: bool = False
    conflicts: tuple[Conflict, ...] = ()

    @property
    def send(self) -> bool:
        """Return whether some value of ours has to go out."""
        return bool(self.sends)


def merge_record(
    ledger: Ledger,
    record: Readable,
    fields: Sequence[FieldMapping],
    *,
    written_until: datetime | None,
    waits: bool = False,
) -> Merge:
    """Return what *record* does to *ledger*, field by field.

    Args:
        ledger: What we know of the contact or company.
        record: Its counterpart, as just read.
        fields: The mapping for this object; fields that the record does not carry are left alone.
        written_until: When, by Salesforce's clock, we last wrote to the record ourselves. A record
            that nobody has changed since is our own write coming back, and opens no gate.
        waits: What was edited here is still to be looked at by a push, which would have told of
            what a mode keeps here.
    """
    ours, shadows, incoming = ledger.values, ledger.shadows, record.values
    # Of the fields of a record most are as they were, and need no decision.
    moved = {
        name
        for name, theirs in incoming.items()
        if ours.get(name) != theirs or shadows.get(name, UNKNOWN) != theirs
    }
    if not moved:
        return Merge(ledger=ledger)

    echo = is_echo(record, written_until)
    step = _Step(ledger, record, waits=waits)
    for field in fields:
        if field.name in moved:
            step.decide(field, incoming[field.name], echo=echo)
    return step.merge()


class _Step:
    """One merge in the making, on copies of the ledger's maps."""

    def __init__(self, ledger: Ledger, record: Readable, *, waits: bool) -> None:
        self._before = ledger
        self._record = record
        self._waits = waits
        self._may_be_said = bool(ledger.insisted or ledger.passing)
        self._object = record.object
        self._values = dict(ledger.values)
        self._times = dict(ledger.times)
        self._shadows = dict(ledger.shadows)
        self._insisted = ledger.insisted
        self._passing = ledger.passing
        self._changed = False
        self._sends: set[str] = set()
        self._blanks = False
        self._conflicts: list[Conflict] = []

    def decide(self, field: FieldMapping, theirs: Value, *, echo: bool) -> None:
        name, modified_at = field.name, self._record.modified_at
        shadow = self._shadows.get(name, UNKNOWN)
        ours = fitted(field, self._object, self._values.get(name))
        theirs = meant(field, self._object, theirs, ours=ours, shadow=shadow)
        verdict, row = judge_pull(
            field,
            ours=ours,
            theirs=theirs,
            shadow=shadow,
            our_time=self._times.get(name),
            modified_at=modified_at,
            echo=echo,
            said=self._may_be_said and is_said(self._before, name),
        )
        if Because.NO_ADDRESS in row:
            return
        kept_out = Because.BLANK_IS_KEPT_OUT in row
        if not kept_out and self._may_be_told(field):
            whole = self._values.get(name)
            self._note_conflict(field, verdict, ours=whole, theirs=theirs, shadow=shadow)

        if verdict is Verdict.TAKE:
            self._blanks |= theirs is None and self._values.get(name) is not None
            self._values[name] = theirs
            self._times[name] = modified_at
            self._insisted -= {name}
            self._changed = True
        elif verdict is Verdict.SEND and field.writes_to(self._object):
            self._sends.add(name)
            if Because.FIRST_MEETING in row and self._times[name] < modified_at:
                # The record's blank has been judged; read again, it must not look newer than ours.
                self._times[name] = modified_at
                self._changed = True
        if theirs is None and kept_out and shadow is not UNKNOWN:
            # No sight of theirs either, or ours would count as an edit made since.
            return
        if shadow is UNKNOWN or shadow != theirs:
            self._shadows[name] = theirs
            self._changed = True
        if name in self._passing:
            self._passing = {each: was for each, was in self._passing.items() if each != name}
            self._changed = True

    def _may_be_told(self, field: FieldMapping) -> bool:
        """Return whether what is replaced in a field is told as a conflict.

        An edit that is kept here by a mode is told of by the push that looks at it, unless a pull
        replaces it before that. Whoever edits what is always Salesforce's is told at once.
        """
        mode = field.mode
        return mode is Mode.TWO_WAY or (self._waits and mode is Mode.PREFER_SALESFORCE)

    def _note_conflict(
        self,
        field: FieldMapping,
        verdict: Verdict,
        *,
        ours: Value,
        theirs: Value,
        shadow: Value | object,
    ) -> None:
        """Note a value that is replaced although the other side never saw it."""
        ours_won = verdict is Verdict.SEND
        kept, lost = (ours, theirs) if ours_won else (theirs, ours)
        if verdict not in _REPLACES or (ours_won and field.mode is not Mode.TWO_WAY):
            # What fills a blank there by the mode replaces nothing.
            return
        # At a first meeting a blank is no opinion, so nothing is lost with it.
        last_seen = None if shadow is UNKNOWN else shadow
        seen = same_there(field, self._object, lost, last_seen)  # type: ignore[arg-type] # not UNKNOWN
        # Somebody put it back here, and meant it; or may have entered it there right after that.
        before, record = self._before, self._record
        put_back = field.name in before.passing or is_said(before, field.name)
        said = is_doubtful(before, record, field, theirs) if ours_won else put_back
        if (said or not seen) and (ours_won or field.name in self._times):
            conflict = Conflict(field=field.name, kept=kept, lost=lost, ours_won=ours_won)
            self._conflicts.append(conflict)

    def merge(self) -> Merge:
        if not self._changed:
            return Merge(
                ledger=self._before,
                sends=frozenset(self._sends),
                conflicts=tuple(self._conflicts),
            )
        ledger = Ledger(
            values=self._values,
            times=self._times,
            shadows=self._shadows,
            insisted=self._insisted,
            passing=self._passing,
        )
        return Merge(
            ledger=ledger,
            sends=frozenset(self._sends),
            blanks=self._blanks,
            conflicts=tuple(self._conflicts),
        )


def ledger_of(record: Readable, fields: Sequence[FieldMapping]) -> Ledger:
    """Return the ledger of a contact or company that is born from *record*.

    Fields that only ever go out stay blank here, but what Salesforce holds is remembered.
    """
    # A day that stands for a moment of ours becomes the one at which it begins.
    incoming = dict(record.values) | {
        field.name: meant(
            field, record.object, record.values[field.name], ours=UNKNOWN, shadow=UNKNOWN
        )
        for field in fields
        if field.type is FieldType.DATETIME and field.name in record.values
    }
    values = {
        field.name: value
        for field in fields
        if field.mode not in _NEVER_TAKEN and (value := incoming.get(field.name)) is not None
    }
    return Ledger(
        values=values,
        times=dict.fromkeys(values, record.modified_at),
        shadows=incoming,
    )
