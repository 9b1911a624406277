"""What proposed settings would do beside fields, new records and selections: a count for each."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING

from counterpart.domain.detection import SeenField, detected
from counterpart.domain.explaining import holding
from counterpart.domain.guard import is_too_much
from counterpart.domain.record_fates import Fate, when_read
from counterpart.domain.streams import PUSH
from counterpart.domain.waiting import Lane
from counterpart.domain.waits import what_waits
from counterpart.use_cases.holds import HELD_STREAMS
from counterpart.use_cases.refused_creations import DUPLICATES, EXISTING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from counterpart.domain.changed_settings import ChangedSetting
    from counterpart.domain.contacts import Contact
    from counterpart.domain.records import Record, SObject
    from counterpart.domain.subjects import Subject
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import ObjectFacts, StreamRepository

_MOST_EXAMPLES = 5

# What is counted, for people.
_WHAT = {
    "auto_detect_custom_fields": "custom fields of the org that would join the mapping; of none "
    "that has joined it would be taken out",
    "inbound.on_remote_delete": "of those looked at, records that were deleted and that the next "
    "pull reads; earlier deletions stay as they were treated",
    "outbound.pace": "of those looked at, contacts whose waiting edits would go at another time",
    "outbound.max_wait_minutes": "of those looked at, contacts whose waiting edits would go at "
    "another time",
    "outbound.max_attempts": "of those looked at, contacts whose edits failed in passing and that "
    "one more failure would park, or would no longer park",
    "creation.on_existing_match": "of those looked at, requests that were set aside because of it; "
    "they are decided anew once somebody sends them again",
    "creation.on_duplicate": "of those looked at, requests that were set aside because of it; they "
    "are decided anew once somebody sends them again",
    "guard.share_percent": "held runs that would go on by themselves when they are judged anew, "
    "within an hour",
    "guard.minimum": "held runs that would go on by themselves when they are judged anew, within "
    "an hour",
}


@dataclass(kw_only=True)
class Effect:
    """What one changed setting would do.

    Attributes:
        what: What was counted.
        examples: The first few: ids of contacts, companies or holds, or paths of fields.
    """

    setting: str
    what: str
    examples: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, key: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.examples) < _MOST_EXAMPLES:
            self.examples.append(key)

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "setting": self.setting,
            "what": self.what,
            "count": self.count,
            "examples": self.examples,
        }


class Effects:
    """Counts what the changed settings of one simulation would do.

    Args:
        changed: What the proposed settings have otherwise.
        current: The settings that hold.
        proposed: Those that may.
        streams: How far records have been read, and what is held.
    """

    def __init__(
        self,
        changed: Sequence[ChangedSetting],
        current: SyncSettings,
        proposed: SyncSettings,
        *,
        streams: StreamRepository,
    ) -> None:
        self._current = current
        self._proposed = proposed
        # Of one simulation, each is read once.
        self._state_of = cache(streams.get)
        self._by_setting = {
            one.setting: Effect(setting=one.setting, what=_WHAT[one.setting])
            for one in changed
            if "effects" in one.telling.shown_in
        }

    @property
    def found(self) -> Sequence[Effect]:
        """Return one for each setting of whose effect something is counted."""
        return tuple(self._by_setting.values())

    def look_at_records(
        self, subjects: Sequence[Subject], records: Mapping[str, Record] | None
    ) -> None:
        """Count deletions that no pull has read yet."""
        effect = self._by_setting.get("inbound.on_remote_delete")
        if effect is None or records is None:
            return
        for subject in subjects:
            counterpart = subject.counterpart
            record = records.get(counterpart.record_id) if counterpart else None
            if counterpart is None or record is None or not record.deleted or record.master_id:
                continue
            reading = when_read(
                record,
                counterpart.modstamp,
                news=True,
                left_out=None,
                stream=self._state_of(str(record.object)),
                settings=self._current,
            )
            if reading.reason in {Fate.NOT_YET_READ, Fate.HELD, Fate.BY_HAND}:
                effect.add(subject.id)

    def look_at_contacts(self, contacts: Sequence[Contact]) -> None:
        """Count what waits, and what was set aside."""
        concerns: Mapping[str, Callable[[Contact], bool]] = {
            "outbound.pace": self._goes_otherwise,
            "outbound.max_wait_minutes": self._goes_otherwise,
            "outbound.max_attempts": self._is_parked_otherwise,
            "creation.on_existing_match": partial(_was_set_aside, code=EXISTING),
            "creation.on_duplicate": partial(_was_set_aside, code=DUPLICATES),
        }
        for name in concerns.keys() & self._by_setting.keys():
            for contact in filter(concerns[name], contacts):
                self._by_setting[name].add(contact.id)

    def look_at_holds(self) -> None:
        """Count what is held, and would not be."""
        wanted = [effect for name, effect in self._by_setting.items() if name.startswith("guard.")]
        if not wanted:
            return
        for name in HELD_STREAMS:
            hold = self._state_of(name).hold
            if hold is None or hold.approved or not hold.complete:
                # Of a window that was not counted to its end, nobody knows whether it would pass.
                continue
            if not is_too_much(hold.dangers, of=hold.of, guard=self._proposed.guard):
                for effect in wanted:
                    effect.add(hold.id)

    def look_at_objects(self, facts: Mapping[SObject, ObjectFacts]) -> None:
        """Count the custom fields that would join the mapping."""
        effect = self._by_setting.get("auto_detect_custom_fields")
        if effect is None or not self._proposed.auto_detect_custom_fields:
            return
        seen = {
            sobject: [
                SeenField(path=one.path, type=one.type, writable=one.createable and one.updateable)
                for one in of_object.fields.values()
            ]
            for sobject, of_object in facts.items()
        }
        for one in detected(self._proposed, seen)[1]:
            if one.name:
                effect.add(f"{one.object}.{one.path}")

    def _goes_otherwise(self, contact: Contact) -> bool:
        hold = self._state_of(PUSH).hold if contact.waiting else None
        before, after = (
            what_waits(contact, settings, hold=holding(contact, hold, settings))
            for settings in (self._current, self._proposed)
        )
        return before is not None and after is not None and before.goes_at != after.goes_at

    def _is_parked_otherwise(self, contact: Contact) -> bool:
        return _is_worn_out(contact, self._current) != _is_worn_out(contact, self._proposed)


def _is_worn_out(contact: Contact, settings: SyncSettings) -> bool:
    """Return whether one more passing failure would park what waits of a contact."""
    waiting = contact.waiting
    if waiting is None or waiting.lane is not Lane.RETRY:
        return False
    return waiting.attempts + 1 >= settings.outbound.max_attempts


def _was_set_aside(contact: Contact, *, code: str) -> bool:
    """Return whether a contact's request was set aside with this code."""
    refusal = contact.creation.refusal if contact.creation else None
    return refusal is not None and refusal.startswith(code)
