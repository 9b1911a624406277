"""Runs and their outcomes in one DynamoDB table, until they expire."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from counterpart.adapters import tokens
from counterpart.adapters.dynamodb.attributes import MomentAttribute
from counterpart.adapters.dynamodb.compact_json import to_json
from counterpart.adapters.dynamodb.table import Table
from counterpart.adapters.moments import from_text, to_text
from counterpart.domain.outcomes import Action, Outcome, Reason, Run, RunKind, RunStatus
from counterpart.ports import Listing, ToldOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pynamodb.expressions.update import Action as Change

    from counterpart.adapters.dynamodb.database import Database

_RUN = "run"
_OUTCOME = "outcome#"
# After every outcome, in the order of the sort key.
_END = "outcome#~"


class _ByStartIndex(GlobalSecondaryIndex["_RunItem"]):  # type: ignore[no-untyped-call] # PynamoDB has no types here
    class Meta:
        index_name = "by_start"
        projection = AllProjection()

    kind = UnicodeAttribute(hash_key=True)
    started_at = UnicodeAttribute(range_key=True)


class _BySubjectIndex(GlobalSecondaryIndex["_OutcomeItem"]):  # type: ignore[no-untyped-call] # as above
    """Outcomes about a contact or company; runs and outcomes about nobody are not in it."""

    class Meta:
        index_name = "by_subject"
        projection = AllProjection()

    subject_id = UnicodeAttribute(hash_key=True)
    at = MomentAttribute(range_key=True)


class _RunItem(Model):
    run_id = UnicodeAttribute(hash_key=True)
    entry = UnicodeAttribute(range_key=True)
    kind = UnicodeAttribute()
    # With the run's id behind it, so that no two are equal and pages follow one another exactly.
    started_at = UnicodeAttribute()
    status = UnicodeAttribute()
    finished_at = MomentAttribute()
    summary = UnicodeAttribute()
    counts = UnicodeAttribute()
    skipped = UnicodeAttribute()
    api_calls = NumberAttribute()
    settings_version = NumberAttribute()
    error = UnicodeAttribute(null=True)
    outcome_count = NumberAttribute()
    expires_at = TTLAttribute()

    by_start = _ByStartIndex()
    by_subject = _BySubjectIndex()


class _OutcomeItem(Model):
    run_id = UnicodeAttribute(hash_key=True)
    entry = UnicodeAttribute(range_key=True)
    action = UnicodeAttribute()
    reason = UnicodeAttribute()
    at = MomentAttribute()
    object = UnicodeAttribute(null=True)
    record_id = UnicodeAttribute(null=True)
    subject_id = UnicodeAttribute(null=True)
    field = UnicodeAttribute(null=True)
    message = UnicodeAttribute()
    code = UnicodeAttribute(null=True)
    kept = UnicodeAttribute(null=True)
    lost = UnicodeAttribute(null=True)
    expires_at = TTLAttribute()

    by_subject = _BySubjectIndex()


class DynamoRunRepository:
    """Runs, each one item, and their outcomes, one item each.

    Args:
        keep_for: After that time DynamoDB deletes a run and its outcomes.
    """

    def __init__(
        self, table_name: str, database: Database, *, keep_for: timedelta = timedelta(days=90)
    ) -> None:
        self._runs = Table(_RunItem, table_name, database)
        self._outcomes = Table(_OutcomeItem, table_name, database)
        self._keep_for = keep_for

    def record(self, run: Run, outcomes: Sequence[Outcome] = ()) -> None:
        """Store a run in one write, which also reserves numbers for what follows in batches."""
        expires_at = run.finished_at + self._keep_for
        changed = self._runs.update(run.id, _changes(run, len(outcomes), expires_at), sort_key=_RUN)
        if changed and outcomes:
            first = int(changed["outcome_count"]["N"]) - len(outcomes) + 1
            self._outcomes.put_all(
                [
                    self._to_item(run.id, number, outcome, expires_at)
                    for number, outcome in enumerate(outcomes, start=first)
                ]
            )

    def get(self, run_id: str) -> Run | None:
        item = self._runs.get(run_id, _RUN)
        return _to_run(item) if item else None

    def page(
        self, *, kind: RunKind | None = None, limit: int, after: str | None = None
    ) -> Listing[Run]:
        before = tokens.decode(after, keys=["before"])["before"] if after is not None else None
        found = self._runs.query_each(
            [kind.value] if kind else [each.value for each in RunKind],
            _RunItem.started_at < before if before else None,
            index="by_start",
            newest_first=True,
            limit=limit + 1,
        )
        found.sort(key=lambda item: item.started_at, reverse=True)
        listed = found[:limit]
        following = tokens.encode({"before": listed[-1].started_at}) if len(found) > limit else None
        return Listing(items=[_to_run(item) for item in listed], next=following)

    def outcomes(self, run_id: str, *, limit: int, after: str | None = None) -> Listing[Outcome]:
        first = tokens.decode_place(after) + 1
        found = self._outcomes.query(
            run_id, _OutcomeItem.entry.between(_entry(first), _END), limit=limit + 1
        )
        listed = found[:limit]
        following = tokens.encode_place(_number(listed[-1])) if len(found) > limit else None
        return Listing(items=[_to_outcome(item) for item in listed], next=following)

    def about(self, subject_id: str, *, limit: int) -> Sequence[ToldOutcome]:
        found = self._outcomes.query(subject_id, index="by_subject", newest_first=True, limit=limit)
        found.sort(key=lambda item: (item.at, item.run_id, item.entry), reverse=True)
        return [ToldOutcome(run_id=item.run_id, outcome=_to_outcome(item)) for item in found]

    def _to_item(
        self, run_id: str, number: int, outcome: Outcome, expires_at: datetime
    ) -> _OutcomeItem:
        return self._outcomes.model(
            run_id=run_id,
            entry=_entry(number),
            action=outcome.action.value,
            reason=outcome.reason.value,
            at=outcome.at,
            object=outcome.object,
            record_id=outcome.record_id,
            subject_id=outcome.subject_id,
            field=outcome.field,
            message=outcome.message,
            code=outcome.code,
            kept=outcome.kept,
            lost=outcome.lost,
            expires_at=expires_at,
        )


def _changes(run: Run, added: int, expires_at: datetime) -> list[Change]:
    counts = {name: dict(each) for name, each in run.counts.items()}
    return [
        _RunItem.kind.set(run.kind.value),
        _RunItem.started_at.set(f"{to_text(run.started_at)}#{run.id}"),
        _RunItem.status.set(run.status.value),
        _RunItem.finished_at.set(run.finished_at),
        _RunItem.summary.set(run.summary),
        _RunItem.counts.set(to_json(counts)),
        _RunItem.skipped.set(to_json(dict(run.skipped))),
        _RunItem.api_calls.set(run.api_calls),
        _RunItem.settings_version.set(run.settings_version),
        _RunItem.error.remove() if run.error is None else _RunItem.error.set(run.error),
        _RunItem.outcome_count.add(added),
        _RunItem.expires_at.set(expires_at),
    ]


def _to_run(item: _RunItem) -> Run:
    return Run(
        id=item.run_id,
        kind=RunKind(item.kind),
        status=RunStatus(item.status),
        started_at=from_text(item.started_at.partition("#")[0]),
        finished_at=item.finished_at,
        summary=item.summary,
        counts=json.loads(item.counts),
        skipped=json.loads(item.skipped),
        api_calls=int(item.api_calls),
        settings_version=int(item.settings_version),
        error=item.error,
    )


def _to_outcome(item: _OutcomeItem) -> Outcome:
    return Outcome(
        action=Action(item.action),
        reason=Reason(item.reason),
        at=item.at,
        object=item.object,
        record_id=item.record_id,
        subject_id=item.subject_id,
        field=item.field,
        message=item.message,
        code=item.code,
        kept=item.kept,
        lost=item.lost,
    )


def _entry(number: int) -> str:
    return f"{_OUTCOME}{number:09d}"


def _number(item: _OutcomeItem) -> int:
    return int(item.entry.removeprefix(_OUTCOME))
