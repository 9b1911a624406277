"""Detect custom fields: what a pull learns of an org's objects joins the mapping.

Objects are described in the very call that asks for pages, once an hour at most, and only where
the settings wish it. A new field is mapped from the next run on; nothing is read again for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.detection import MOST_FIELDS, SeenField, detected
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.records import SObject
from counterpart.domain.switching import switched
from counterpart.errors import StaleVersionError
from counterpart.use_cases.pulled_streams import LOOK_AGAIN
from counterpart.use_cases.reports import how_many

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.detection import Detected
    from counterpart.ports import FieldFacts, SettingsRepository
    from counterpart.use_cases.pulled_streams import PulledStream

CHANGED_BY = "auto-detection"

# Of fields that have no room, so many are named.
_NAMED = 5


class FieldDetector:
    """Says which objects to look at, and takes up what is found.

    Args:
        settings: Where the mapping is kept.
        wanted: Whether the settings ask for this at all.
    """

    def __init__(self, settings: SettingsRepository, *, wanted: bool) -> None:
        self._settings = settings
        self._wanted = wanted

    def due(self, streams: Iterable[PulledStream], *, now: datetime) -> Collection[SObject]:
        """Return the objects to be described along with the next poll."""
        if not self._wanted:
            return ()
        return {
            SObject(stream.name)
            for stream in streams
            if stream.lease
            and not stream.since
            and (stream.state.described_at is None or now - stream.state.described_at > LOOK_AGAIN)
        }

    def take(
        self,
        facts: Mapping[SObject, Mapping[str, FieldFacts]],
        streams: Iterable[PulledStream],
        *,
        now: datetime,
    ) -> Sequence[Outcome]:
        """Map what is new, and tell of it; whoever changes the settings meanwhile goes first."""
        before = self._settings.current()
        seen = {
            sobject: [
                SeenField(path=one.path, type=one.type, writable=one.createable and one.updateable)
                for one in fields.values()
            ]
            for sobject, fields in facts.items()
        }
        wanted, found = detected(before, seen)
        if any(one.name for one in found):
            after = switched(before, wanted, now=now)
            try:
                self._settings.save(after, changed_by=CHANGED_BY, changed_at=now)
            except StaleVersionError:
                return ()
        for stream in streams:
            if SObject(stream.name) in facts:
                stream.state = replace(stream.state, described_at=now)
        return [*_taken_in(found, now=now), *_left_out(found, now=now)]


def _taken_in(found: Sequence[Detected], *, now: datetime) -> Iterator[Outcome]:
    for one in found:
        if one.name:
            yield Outcome(
                action=Action.CREATED,
                reason=Reason.FIELD_DETECTED,
                at=now,
                object=one.object,
                field=one.name,
                message=f"{one.object}.{one.path} is mapped to {one.name} from now on",
            )


def _left_out(found: Sequence[Detected], *, now: datetime) -> Iterator[Outcome]:
    for sobject in SObject:
        paths = [one.path for one in found if one.object is sobject and one.name is None]
        if paths:
            named = ", ".join(paths[:_NAMED]) + (", ..." if len(paths) > _NAMED else "")
            yield Outcome(
                action=Action.WARNED,
                reason=Reason.NO_ROOM_IN_MAPPING,
                at=now,
                object=sobject,
                message=f"left outside: {how_many(len(paths), 'custom field')} ({named}), since "
                f"{MOST_FIELDS} are mapped, or all names that one could have are taken; "
                "map them by hand, in place of others",
            )
