"""The next push: what it would do with the fields of a contact, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.explaining import explain_fields, held_back
from counterpart.domain.foreseeing import (
    foreseen,
    left_aside,
    out_of_sight,
    spared,
    unmarked,
    until_seen,
)
from counterpart.domain.waits import what_waits
from counterpart.use_cases.allowance import state_of
from counterpart.use_cases.places import KnownPlaces

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from counterpart.domain.contacts import Contact
    from counterpart.domain.explaining import FieldExplained
    from counterpart.domain.guard import Hold
    from counterpart.domain.records import Record, SObject
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.waits import Wait
    from counterpart.ports import RecordReader


class NextPushes:
    """Foretells what the next push does, and writes nothing.

    Args:
        salesforce: For what it says of its fields, and of the calls that are left.
        settings: By which it pushes.
        hidden: The objects that our user may not read, as far as that is known by then.
    """

    def __init__(
        self, salesforce: RecordReader, settings: SyncSettings, *, hidden: Collection[SObject]
    ) -> None:
        self._salesforce = salesforce
        self._settings = settings
        self._hidden = hidden

    def fields(
        self,
        contact: Contact,
        record: Record | None,
        *,
        asked: bool,
        aside: Collection[str],
        hold: Hold | None,
    ) -> Sequence[FieldExplained]:
        """Return each field on both sides, with what Salesforce lets foresee.

        Args:
            contact: Whose.
            record: Its counterpart, now or as last seen; `None` if there is none.
            asked: Salesforce answers, so it may be asked for more.
            aside: Our names of the fields that pulls leave out.
            hold: What keeps its edits, if anything does.
        """
        told: Sequence[FieldExplained] = explain_fields(contact, record, self._settings)
        if self._hides(contact):
            return [out_of_sight(field) for field in told]
        if record is not None and asked:
            places = KnownPlaces(self._salesforce).places_on(record.object)
            told = foreseen(told, self._settings.fields, record.object, places)
            told = [left_aside(field) if field.name in aside else field for field in told]
        if contact.waiting is None:
            return [unmarked(field) for field in told]
        return [held_back(field) for field in told] if hold else told

    def wait(self, contact: Contact, hold: Hold | None) -> Wait | None:
        """Return what of a contact waits to go out, and when it goes; `None` if nothing does."""
        wait = what_waits(contact, self._settings, hold=hold)
        if wait is None:
            return None
        if contact.counterpart and self._hides(contact):
            return until_seen(wait, contact.counterpart.object)
        return spared(wait, state_of(self._salesforce.usage(), self._settings))

    def _hides(self, contact: Contact) -> bool:
        return contact.counterpart is not None and contact.counterpart.object in self._hidden
