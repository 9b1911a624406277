"""The waiting line: it is read at its head, however many stand in it."""

from collections.abc import Sequence
from datetime import datetime

from counterpart.adapters.memory import InMemoryContactRepository
from counterpart.domain.mapping import Mode
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.waiting import Lane
from counterpart.use_cases.notes import Notes
from counterpart.use_cases.unseen import Unseen
from counterpart.use_cases.waiting_line import WaitingLine
from tests.use_cases.world import World, with_mode

TWO_WAY = SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title"))


class Line:
    """A line of people, who may leave it."""

    def __init__(self, length: int) -> None:
        self.people = [f"{number:05d}" for number in range(length)]
        self.asked: list[int] = []

    def head(self, limit: int) -> list[str]:
        """Return who stands at its head."""
        self.asked.append(limit)
        return self.people[:limit]


def test_a_long_line_of_people_who_leave() -> None:
    """It is never read beyond those who are asked for."""
    line, unseen, seen = Line(1000), Unseen(), set[str]()

    while ids := unseen.of(line.head, seen.__contains__, most=100):
        seen.update(ids)
        line.people = [each for each in line.people if each not in seen]

    assert len(seen) == 1000
    assert set(line.asked) == {100}


def test_a_line_that_goes_on_naming_everybody() -> None:
    """Each is returned once, in order."""
    line, unseen, seen = Line(1000), Unseen(), list[str]()

    while ids := unseen.of(line.head, seen.__contains__, most=100):
        seen += ids

    assert seen == line.people


def test_a_few_places_that_are_left_behind_those_who_stay() -> None:
    """As many are returned as are asked for, or handfuls would go out, at the same cost."""
    line, unseen = Line(1000), Unseen()
    stay = set(line.people[:99])

    ids = unseen.of(line.head, stay.__contains__, most=100)

    assert ids == line.people[99:199]


class CountedContacts(InMemoryContactRepository):
    """Contacts whose index counts what it is asked for."""

    most = 0

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        """Return who waits, and keep in mind how many were asked for."""
        self.most = max(self.most, limit)
        return super().waiting(lane, until=until, limit=limit)


def test_cancelling_what_thousands_wait_for() -> None:
    """Those who are left are not read again and again: of half a million that would take hours."""
    world = World(TWO_WAY)
    people = world.analysts(3500)
    for contact_id in people:
        world.edit(contact_id, job_title="VP", lane=Lane.BULK)
    world.switch_outbound(on=False)
    contacts = CountedContacts(*world.contacts.get_many(people).values())
    notes = Notes(clock=world.clock, store=lambda _: None)

    done = WaitingLine(contacts).cancel(
        notes, settings=world.settings.current(), now=world.now, may_go_on=lambda: True
    )

    assert done
    assert contacts.count_waiting(Lane.BULK) == 0
    assert notes.skipped.total() == 3500
    assert contacts.most == 1000
