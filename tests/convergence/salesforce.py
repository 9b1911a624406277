"""Salesforce as the product sees it: each call is a point at which an invocation can be struck."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record, SObject
    from counterpart.ports import (
        ApiUsage,
        Clock,
        FieldFacts,
        LookUp,
        NewRecord,
        PageQuery,
        Poll,
        RecordChange,
        WriteAnswer,
    )
    from tests.convergence.hands import Hands
    from tests.convergence.watch import Watch

# What a call takes, in seconds.
_CALL = 0.4


@dataclass(frozen=True, kw_only=True)
class OurWrite:
    """What we asked Salesforce to write to one record, by API name, and when by our clock."""

    at: datetime
    values: Mapping[str, object]


class WatchedSalesforce:
    """The three ports of an org, with points before and after each call."""

    def __init__(
        self, hands: Hands, watch: Watch, clock: Clock, pass_time: Callable[[float], None]
    ) -> None:
        self._hands, self._watch, self._clock, self._pass_time = hands, watch, clock, pass_time
        self.writes = 0
        self.creations: Counter[str] = Counter()
        self.updates: dict[str, list[OurWrite]] = defaultdict(list)

    @contextmanager
    def _call(self) -> Iterator[None]:
        self._watch.pass_point()
        self._pass_time(_CALL)
        yield
        self._watch.pass_point()

    def poll(self, queries: Sequence[PageQuery]) -> Poll[Record]:
        """Pass it on."""
        with self._call():
            answer = self._hands.reader.poll(queries)
        return answer  # noqa: RET504 - a point lies in between

    def read(
        self, wanted: Mapping[SObject, Collection[str]], fields: Sequence[FieldMapping]
    ) -> Mapping[str, Record]:
        """Pass it on."""
        with self._call():
            answer = self._hands.reader.read(wanted, fields)
        return answer  # noqa: RET504 - a point lies in between

    def count(self, query: PageQuery) -> int:
        """Pass it on."""
        with self._call():
            answer = self._hands.reader.count(query)
        return answer  # noqa: RET504 - a point lies in between

    def describe(self, sobject: SObject) -> Mapping[str, FieldFacts]:
        """Pass it on."""
        with self._call():
            answer = self._hands.reader.describe(sobject)
        return answer  # noqa: RET504 - a point lies in between

    def usage(self) -> ApiUsage:
        """Pass it on."""
        return self._hands.reader.usage()

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        """Pass it on, and take note."""
        with self._call():
            self.writes += len(changes)
            for change in changes:
                self.updates[change.record_id].append(
                    OurWrite(at=self._clock(), values=dict(change.values))
                )
            answer = self._hands.writer.update(changes)
        return answer  # noqa: RET504 - a point lies in between

    def look_up(
        self,
        *,
        emails: Collection[str],
        domains: Collection[str],
        fields: Sequence[FieldMapping],
    ) -> LookUp:
        """Pass it on."""
        with self._call():
            answer = self._hands.creator.look_up(emails=emails, domains=domains, fields=fields)
        return answer  # noqa: RET504 - a point lies in between

    def create(
        self,
        records: Sequence[NewRecord],
        *,
        allow_duplicates: bool = False,
        assignment_rule: str = "",
    ) -> WriteAnswer:
        """Pass it on, and take note."""
        with self._call():
            self.writes += len(records)
            self.creations.update(record.external_id for record in records)
            answer = self._hands.creator.create(
                records, allow_duplicates=allow_duplicates, assignment_rule=assignment_rule
            )
            for record, said in zip(records, answer.rows, strict=True):
                if said.record_id:
                    self.updates[said.record_id].append(
                        OurWrite(at=self._clock(), values=dict(record.values))
                    )
        return answer
