"""Fresh records: what counterparts hold just before they are written, or linked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from counterpart.domain.bounces import with_bounces
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.opt_outs import unaware
from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject, object_of
from counterpart.domain.sweeping import nowhere
from counterpart.domain.windows import PAGE_SIZE, Keyset
from counterpart.errors import MissingFieldError, TransientError
from counterpart.ports import PageQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record
    from counterpart.domain.subjects import Subject
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import RecordReader

_Answer = TypeVar("_Answer")


class FreshRecords:
    """Reads counterparts, without the fields that the org hides from us.

    Args:
        reader: Of Salesforce.
        settings: Which fields cross.

    Attributes:
        hidden_objects: What our user may not read at all, and Salesforce's words.
    """

    def __init__(self, reader: RecordReader, settings: SyncSettings) -> None:
        self._reader = reader
        self._settings = settings
        # By object: a field that is hidden on leads may well be shown on Contacts.
        self._hidden: set[tuple[SObject, str]] = set()
        self.hidden_objects: dict[SObject, str] = {}

    def read(self, subjects: Sequence[Subject]) -> Mapping[str, Record]:
        """Return the counterparts of these contacts, or companies, by id.

        With them come further records that have to learn of a refusal. Those on objects that are
        hidden are not among them.

        Raises:
            MissingFieldError: something else is missing than a field that crosses.
        """
        found = {subject.counterpart.record_id for subject in subjects if subject.counterpart}
        for subject in subjects:
            found |= {one.record_id for one, _ in unaware(subject, self._settings)}
        return self.find(found)

    def find(self, record_ids: Iterable[str]) -> Mapping[str, Record]:
        """Return these records, by id, be they deleted or not.

        Raises:
            MissingFieldError: something else is missing than a field that crosses.
        """
        wanted: dict[SObject, set[str]] = {}
        for record_id in record_ids:
            sobject = object_of(record_id)
            if sobject:
                wanted.setdefault(sobject, set()).add(record_id)
        return self.of(wanted)

    def look_for(self, record_ids: Collection[str], *, now: datetime) -> Mapping[str, Record]:
        """Return these records, by id; one that is nowhere, not even in the bin, as deleted.

        Raises:
            MissingFieldError: something else is missing than a field that crosses.
        """
        found = self.find(record_ids)
        missing = {
            record_id: nowhere(record_id, sobject, now=now)
            for record_id in record_ids
            if record_id not in found
            and (sobject := object_of(record_id))
            # Not gone, only out of our sight.
            and sobject not in self.hidden_objects
        }
        return {**found, **missing}

    def of(self, wanted: Mapping[SObject, Collection[str]]) -> Mapping[str, Record]:
        """Return the records of these ids, by id; of those on hidden objects, none.

        Raises:
            MissingFieldError: as above.
        """

        def read(fields: Sequence[FieldMapping]) -> Mapping[str, Record]:
            shown = {name: ids for name, ids in wanted.items() if name not in self.hidden_objects}
            return self._reader.read(shown, fields) if shown else {}

        return self.ask(wanted, read)

    def chosen(self, records: Iterable[Record]) -> set[str]:
        """Return the ids of those of *records* that a selection takes, by asking Salesforce.

        Criteria that it does not take stop their own object, and take nobody.

        Raises:
            TransientError: Salesforce gave up on the question.
        """
        entries = self._settings.inbound.objects
        wanted: dict[SObject, list[str]] = {}
        for record in records:
            if entries[record.object].may_take(record):
                wanted.setdefault(record.object, []).append(record.id)
        found: set[str] = set()
        for sobject, ids in wanted.items():
            for some in _pages_of(ids):
                query = PageQuery(
                    object=sobject,
                    rows=Rows.LIVE,
                    fields=(),
                    ids=some,
                    selection=entries[sobject].selection,
                )
                found |= self._all_of(query).keys()
        return found

    def converted_to(self, contact_ids: Sequence[str]) -> Mapping[str, Record]:
        """Return the leads that became these Contacts, by id; none where leads are hidden.

        Raises:
            TransientError: Salesforce gave up on the question.
        """
        lead = SObject.LEAD

        def read(fields: Sequence[FieldMapping]) -> Mapping[str, Record]:
            # Nobody may have read since whether it refused to be mailed.
            box = tuple(each for each in fields if each.name == OPTED_OUT and lead in each.paths)
            found: dict[str, Record] = {}
            for some in () if lead in self.hidden_objects else _pages_of(contact_ids):
                found |= self._pages(
                    PageQuery(object=lead, rows=Rows.GONE, fields=box, became=some)
                )
            return found

        return self.ask((lead,), read)

    def _all_of(self, query: PageQuery) -> Mapping[str, Record]:
        try:
            return self._pages(query)
        except MissingFieldError:
            return {}

    def _pages(self, query: PageQuery) -> Mapping[str, Record]:
        found: dict[str, Record] = {}
        while True:
            (page,) = self._reader.poll([query]).pages
            if page.timed_out:
                raise TransientError(f"Salesforce gives up on a query for {query.object} by ids")
            found |= {record.id: record for record in page.records}
            if page.finished or not page.records:
                return found
            last = page.records[-1]
            query = replace(query, after=Keyset(modstamp=last.modstamp, record_id=last.id))

    def ask(
        self, sobjects: Collection[SObject], question: Callable[[Sequence[FieldMapping]], _Answer]
    ) -> _Answer:
        """Return the answer to *question*, which is asked once more without what is hidden.

        Raises:
            MissingFieldError: something else is missing than a field that crosses.
        """
        try:
            return question(self._shown(sobjects))
        except MissingFieldError:
            known = len(self._hidden) + len(self.hidden_objects)
            for sobject in sobjects:
                self._look_at(sobject)
            if len(self._hidden) + len(self.hidden_objects) == known:
                raise
            return question(self._shown(sobjects))

    def _look_at(self, sobject: SObject) -> None:
        """Find out what of an object is hidden from us."""
        fields = with_bounces(self._settings.fields_of(sobject), sobject)
        paths = [mapping.paths[sobject] for mapping in fields]
        try:
            hidden = self._reader.hidden(sobject, paths)
        except MissingFieldError as exc:
            self.hidden_objects[sobject] = exc.message
            return
        self._hidden |= {(sobject, path) for path in hidden}

    def _shown(self, sobjects: Iterable[SObject]) -> tuple[FieldMapping, ...]:
        """Return the fields to read; on an object that hides one, it is left out."""
        fields: dict[str, FieldMapping] = {}
        for sobject in sobjects:
            for mapping in with_bounces(self._settings.fields_of(sobject), sobject):
                paths = {
                    name: path
                    for name, path in mapping.paths.items()
                    if (name, path) not in self._hidden
                }
                fields[mapping.name] = replace(mapping, paths=paths)
        return tuple(fields.values())


def _pages_of(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield *ids*, as many at a time as one query takes."""
    for start in range(0, len(ids), PAGE_SIZE):
        yield ids[start : start + PAGE_SIZE]
