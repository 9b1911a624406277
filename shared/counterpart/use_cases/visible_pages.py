"""Pages of one object, without the fields that the org does not show us."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.errors import MissingFieldError

if TYPE_CHECKING:
    from counterpart.domain.records import Record
    from counterpart.ports import Clock, PageQuery, Poll, RecordReader


class VisiblePages:
    """Asks for pages.

    Args:
        reader: Of Salesforce.
        clock: Ours.

    Attributes:
        outcomes: A warning for each field that was left out.
    """

    def __init__(self, reader: RecordReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._hidden: set[str] = set()
        self.outcomes: list[Outcome] = []

    def shown(self, query: PageQuery) -> PageQuery:
        """Return a query without the fields that are known to be hidden."""
        fields = [each for each in query.fields if each.paths[query.object] not in self._hidden]
        return replace(query, fields=fields)

    def poll(self, query: PageQuery) -> Poll[Record]:
        """Return a page.

        Raises:
            MissingFieldError: something else is missing than a field that crosses.
        """
        while True:
            shown = self.shown(query)
            try:
                return self._reader.poll([shown])
            except MissingFieldError as exc:
                if not self._hide(shown, exc):
                    raise

    def _hide(self, query: PageQuery, exc: MissingFieldError) -> bool:
        """Note what is missing; return whether anything is."""
        missing = self._reader.hidden(
            query.object, [field.paths[query.object] for field in query.fields]
        )
        hidden = [field for field in query.fields if field.paths[query.object] in missing]
        self._hidden |= {field.paths[query.object] for field in hidden}
        self.outcomes += [
            Outcome(
                action=Action.WARNED,
                reason=Reason.FIELD_UNAVAILABLE,
                at=self._clock(),
                object=query.object,
                field=field.name,
                message=exc.message,
            )
            for field in hidden
        ]
        return bool(hidden)
