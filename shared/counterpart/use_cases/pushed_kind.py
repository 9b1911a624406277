"""Contacts, or companies, as a push sees them: a line of those who wait, and a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from counterpart.domain.subjects import Subject
from counterpart.use_cases.push_batch import BatchPusher
from counterpart.use_cases.waiting_line import WaitingLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.ports import RecordWriter, SettingsRepository
    from counterpart.use_cases.apply_page import PagePorts
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.waiting_line import WaitingRepository


class PushedKind(Generic[Subject]):
    """What a push does with contacts, it does with companies.

    Args:
        repository: Where they are stored.
        pages: For the reading side.
        salesforce: For the writing side.
        settings: By which modes the fields cross.
        notes: What became of them is noted here.
        dry_run: Plan for real and write nothing.

    Attributes:
        line: Who waits.
    """

    def __init__(
        self,
        repository: WaitingRepository[Subject],
        *,
        pages: PagePorts,
        salesforce: RecordWriter,
        settings: SettingsRepository,
        notes: Notes,
        dry_run: bool,
    ) -> None:
        self._repository: WaitingRepository[Subject] = repository
        self._pages = pages
        self._salesforce = salesforce
        self._settings = settings
        self._notes = notes
        self._dry_run = dry_run
        self.line: WaitingLine[Subject] = WaitingLine(repository)

    def push(self, subject_ids: Sequence[str]) -> None:
        """Push these, by the settings of this moment."""
        pusher: BatchPusher[Subject] = BatchPusher(
            repository=self._repository,
            pages=self._pages,
            salesforce=self._salesforce,
            settings=self._settings,
            notes=self._notes,
            dry_run=self._dry_run,
        )
        pusher.push(subject_ids)
