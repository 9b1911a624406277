"""Detect custom fields: what a pull learns of an org's objects joins the mapping.

Objects are described in the very call that asks for pages, once an hour at most, and only where
the settings wish it. A new field is mapped from the next run on; nothing is read again for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.detection import SeenField, detected
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.records import SObject
from counterpart.domain.switching import switched
from counterpart.errors import StaleVersionError
from counterpart.use_cases.pulled_streams import LOOK_AGAIN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from counterpart.ports import FieldFacts, SettingsRepository
    from counterpart.use_cases.pulled_streams import PulledStream

CHANGED_BY = "auto-detection"


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
        if found:
            after = switched(before, wanted, now=now)
            try:
                self._settings.save(after, changed_by=CHANGED_BY, changed_at=now)
            except StaleVersionError:
                return ()
        for stream in streams:
            if SObject(stream.name) in facts:
                stream.state = replace(stream.state, described_at=now)
        return [
            Outcome(
                action=Action.CREATED,
                reason=Reason.FIELD_DETECTED,
                at=now,
                object=one.object,
                field=one.name,
                message=f"{one.object}.{one.path} is mapped to {one.name} from now on",
            )
            for one in found
        ]
