"""Links, as a sweep goes through them: which of their records are gone, have moved or are back.

Contacts find the companies of their Accounts on the way, where a pull came too early for that.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.guard import Dangers
from counterpart.domain.page_plan import Manner
from counterpart.domain.pulling import ORDINARY, is_gone
from counterpart.domain.records import SObject
from counterpart.domain.subjects import is_half_linked
from counterpart.domain.sweep_requests import Swept
from counterpart.domain.sweeping import gone_records, held_records, lost_records, may_return
from counterpart.ports import Listing
from counterpart.use_cases.apply_page import apply_page
from counterpart.use_cases.company_moves import moved_contacts
from counterpart.use_cases.fresh_records import FreshRecords
from counterpart.use_cases.sweepers import PAGE, batches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.links import Counterpart, Secondary
    from counterpart.domain.records import Record
    from counterpart.use_cases.apply_page import PagePorts
    from counterpart.use_cases.sweepers import Sweep


class SweptLinks:
    """Contacts and companies that are linked to a record.

    Args:
        ports: The world.
        sweep: That goes through them.
    """

    def __init__(self, ports: PagePorts, sweep: Sweep) -> None:
        self._ports = ports
        self._sweep = sweep
        self._settings, self._tally = sweep.settings, sweep.tally
        self._fresh = FreshRecords(ports.salesforce, sweep.settings)
        self._gone: list[Record] = []
        # Came out of the recycle bin, and no pull has read them since.
        self._back: list[Record] = []
        # Contacts whose company is another one by now.
        self._moved: list[Contact] = []

    def look(self, kind: Swept, after: str | None) -> Iterator[str | None]:
        """Ask for the records of one batch after the other; yield where the next one begins."""
        store = self._ports.contacts if kind is Swept.CONTACTS else self._ports.companies

        def page(after: str | None) -> Listing[Contact | Company]:
            listing = store.page(limit=PAGE, after=after)
            return Listing(items=listing.items, next=listing.next)

        for subjects, following in batches(page, after, wanted=_has_or_had_record):
            held, (lost, half) = held_records(subjects), self._lost(subjects)
            found = self._ask(held, lost)
            ours = [*held, *(each for each in half if each not in held)]
            gone = gone_records(ours, found, now=self._ports.clock())
            self._gone += self._as_they_went(gone, found)
            self._moved += moved_contacts(
                subjects, found, links=self._ports.links, settings=self._settings
            )
            yield following

    @property
    def gone(self) -> Mapping[str, int]:
        """Return how many records are gone, by object."""
        return Counter(record.object for record in self._gone)

    def dangers(self, sobject: str) -> Dangers:
        """Return what would be done because of the records of one object that are gone."""
        found: list[Dangers] = [Dangers()]

        def note(dangers: Dangers) -> bool:
            found.append(dangers)
            return False

        for records in self._pages(sobject, self._gone):
            apply_page(
                records,
                ports=self._ports,
                settings=self._settings,
                asked_at=self._sweep.started_at,
                tell=None,
                vet=note,
            )
        return sum(found[1:], found[0])

    def apply(self, held: Collection[str]) -> None:
        """End or move the links of what is gone, and link what is back, as a pull would do."""
        self._move()
        for sobject in SObject:
            if sobject not in held:
                self._carry_out(sobject, self._gone, ORDINARY)
            self._carry_out(sobject, self._back, Manner(returned=True))

    def _carry_out(self, sobject: str, found: Iterable[Record], manner: Manner) -> None:
        for records in self._pages(sobject, found):
            tally = apply_page(
                records,
                ports=self._ports,
                settings=self._settings,
                # They were asked for after their contacts were read.
                asked_at=self._sweep.started_at,
                tell=self._sweep.tell,
                manner=manner,
                has_time=self._has_time,
            )
            # They were counted as read when they were asked for.
            tally.changes[sobject] -= Counter({"read": len(records)})
            self._tally.add(tally)

    def _lost(
        self, subjects: Sequence[Contact | Company]
    ) -> tuple[list[Counterpart | Secondary], list[Counterpart | Secondary]]:
        """Return the records that *subjects* lack and that may be back, and which of them by half.

        Those are theirs by their links alone: a run broke off as they came back, or as they went.
        """
        lost = [(subject, each) for subject in subjects for each in lost_records(subject)]
        if not lost:
            return [], []
        links = self._ports.links.get_many([each.record_id for _, each in lost])
        now = self._ports.clock()
        found = [
            (subject, each)
            for subject, each in lost
            if may_return(subject, links.get(each.record_id), now=now)
        ]
        half = [one for subject, one in found if is_half_linked(subject, links.get(one.record_id))]
        return [each for _, each in found], half

    def _ask(
        self, held: Sequence[Counterpart | Secondary], lost: Sequence[Counterpart | Secondary]
    ) -> Mapping[str, Record]:
        wanted: dict[SObject, set[str]] = {}
        for one in (*held, *lost):
            wanted.setdefault(one.object, set()).add(one.record_id)
        found = self._ports.salesforce.read(wanted, ()) if wanted else {}
        for one in held:
            self._tally.changes.setdefault(one.object, Counter())["read"] += 1
        seen = (found.get(each.record_id) for each in lost)
        self._back += (each for each in seen if each and not (each.deleted or each.conversion))
        return found

    def _as_they_went(
        self, gone: Sequence[Record], found: Mapping[str, Record]
    ) -> Iterator[Record]:
        """Yield records that are gone with what they held, which may be a refusal to be mailed."""
        people = [each.id for each in gone if each.object.is_person and each.id in found]
        shown = self._fresh.find(people) if people else {}
        for record in gone:
            then = shown.get(record.id)
            yield replace(record, values=then.values) if then and is_gone(then) else record

    def _has_time(self) -> bool:
        """Hold the lease for longer; a sweep takes the time that it needs."""
        self._sweep.keep()
        return True

    def _pages(self, sobject: str, found: Iterable[Record]) -> Iterator[Sequence[Record]]:
        records = [record for record in found if record.object == sobject]
        for start in range(0, len(records), PAGE):
            self._sweep.keep()
            yield records[start : start + PAGE]

    def _move(self) -> None:
        """Put contacts into their companies; who was changed meanwhile waits for another night."""
        counts = self._tally.changes.setdefault(SObject.CONTACT, Counter())
        for start in range(0, len(self._moved), PAGE):
            self._sweep.keep()
            contacts = self._moved[start : start + PAGE]
            late = () if self._sweep.dry_run else self._ports.contacts.save_many(contacts)
            counts["updated"] += len(contacts) - len(late)


def _has_or_had_record(subject: Contact | Company) -> bool:
    return bool(subject.counterpart or subject.former)
