"""What each step does to a world, in the roles of its people and of its schedules."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.contacts import CreateAs, Lane
from counterpart.domain.records import SObject
from counterpart.domain.values import format_time
from counterpart.domain.wishes import Wish, Written
from counterpart.use_cases.delete_contact import delete_contact
from counterpart.use_cases.sync_contact import sync_contact
from counterpart.use_cases.write_contacts import write_contacts
from tests.convergence.hands import RAW
from tests.convergence.operator_acts import OPERATOR_ACTS, OperatorActs
from tests.convergence.org_acts import ORG_ACTS, OrgActs
from tests.convergence.weather_acts import WEATHER_ACTS, WeatherActs
from tests.convergence.world import Mishap

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.contacts import Contact
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.steps import Step
    from tests.convergence.world import World

ADDRESSES = (
    "ada@acme.example",
    "bob@acme.example",
    "cy@beta.example",
    "di@gmail.com",
    "Eve@Gamma.example",
)
_GAPS = (0.1, 0.1, 1, 5, 40, 70, 200)
_WAITS = (320, 700, 1500, 4000)
_WRITTEN = ("last_name", "job_title", "phone", "city", "company_name")


class UnkeptPromiseError(AssertionError):
    """An answer said something that is not so."""


class Player:
    """Plays steps."""

    def __init__(self, world: World, chronicle: Chronicle) -> None:
        self._world, self._chronicle = world, chronicle
        self._org = OrgActs(world, chronicle)
        self._operators = OperatorActs(world, chronicle)
        self._weather = WeatherActs(world, chronicle)

    def play(self, step: Step) -> str:
        """Play a step; return what it came to, for people."""
        self._world.pass_time(_GAPS[step.numbers[0] % len(_GAPS)])
        if step.act in ORG_ACTS:
            return ORG_ACTS[step.act](self._org, step.numbers)
        if step.act in OPERATOR_ACTS:
            return OPERATOR_ACTS[step.act](self._operators, step.numbers)
        if step.act in WEATHER_ACTS:
            return WEATHER_ACTS[step.act](self._weather, step.numbers)
        return ACTS[step.act](self, step)

    def _mishap(self, step: Step) -> Mishap:
        if not step.at:
            return Mishap()
        inner = step.inner
        if inner is None:
            return Mishap(at=step.at, strike=self._world.watch.die)
        return Mishap(at=step.at, strike=lambda: self._between(inner))

    def _between(self, step: Step) -> None:
        self.play(step)

    # --- schedules ------------------------------------------------------------------------------

    def pull(self, step: Step) -> str:
        """Run a pull: the one that was handed over, the scheduled one, or one by hand."""
        world, kind = self._world, step.numbers[1] % 20
        payload: dict[str, object] = {"scheduled": True}
        if world.successor.payloads and step.numbers[2] % 2:
            payload = world.successor.payloads.pop(0)
        elif kind < 4:
            payload = {}
        elif kind == 4:
            since = world.clock() - timedelta(seconds=step.numbers[2])
            payload = {"since": format_time(since)}
        elif kind == 5:
            payload = {"objects": [str(SObject.LEAD)]}
        elif kind == 6 and (people := self._org.people()):
            payload = {"ids": [people[step.numbers[2] % len(people)]["Id"]]}
        turns = 1 + step.numbers[3] % 3 if step.numbers[4] % 6 == 0 else 0
        ended = world.pull(payload, turns=turns, mishap=self._mishap(step))
        return f"{payload} turns={turns} {ended}"

    def push(self, step: Step) -> str:
        """Run a push: the scheduled one, or one by hand."""
        world, kind = self._world, step.numbers[1] % 10
        payload: dict[str, object] = {"scheduled": True}
        if kind < 3:
            payload = {"everything_waiting": True}
        elif kind == 3 and (contact := self._contact(step.numbers[2])):
            payload = {"contact_ids": [contact.id]}
        turns = 1 + step.numbers[3] % 2 if step.numbers[4] % 8 == 0 else 0
        ended = world.push(payload, turns=turns, mishap=self._mishap(step))
        return f"{payload} turns={turns} {ended}"

    def deliver(self, step: Step) -> str:
        """Deliver some creation jobs."""
        chance = random.Random(step.numbers[1])
        ended = self._world.deliver(chance, most=1 + step.numbers[2] % 3, mishap=self._mishap(step))
        return str(ended)

    def sweep(self, step: Step) -> str:
        """Run the sweep that looks for records that went without a word."""
        return str(self._world.sweep(mishap=self._mishap(step)))

    def backfill(self, step: Step) -> str:
        """Read an object once more, whole, because somebody asked."""
        sobject = tuple(SObject)[step.numbers[1] % len(SObject)]
        return f"{sobject} {self._world.backfill(sobject, mishap=self._mishap(step))}"

    # --- people on our side ---------------------------------------------------------------------

    def create(self, step: Step) -> str:
        """Create a contact, to be synced or not."""
        numbers = step.numbers
        fields: dict[str, object] = {}
        if numbers[1] % 3:
            fields["last_name"] = f"Name{numbers[2]}"
        if numbers[1] % 5 == 1:
            fields["company_name"] = f"Firm{numbers[2]}"
        if numbers[1] % 4 == 1:
            fields["job_title"] = f"Job{numbers[2]}"
        wish = Wish(
            email=ADDRESSES[numbers[3] % len(ADDRESSES)],
            fields=fields,
            opted_out=True if numbers[4] % 9 == 0 else None,
            sync_to_salesforce=numbers[4] % 3 > 0,
            create_as=(None, CreateAs.LEAD, CreateAs.CONTACT)[numbers[5] % 3],
            request=(f"request {numbers}",),
        )
        return self._write(wish, step)

    def write(self, step: Step) -> str:
        """Edit a field of a contact."""
        numbers, contact = step.numbers, self._contact(step.numbers[1])
        if contact is None:
            return "nobody"
        kind = numbers[2] % 16
        wish = Wish(contact_id=contact.id)
        if kind == 0:
            wish = replace(wish, opted_out=numbers[3] % 4 > 0)
        elif kind <= 3:
            wish = replace(wish, email=ADDRESSES[numbers[3] % len(ADDRESSES)])
        else:
            name = _WRITTEN[numbers[3] % len(_WRITTEN)]
            value: str | None = f"ours{numbers[4]}"
            if name == "job_title" and numbers[5] % 6 == 0:
                value = f"{RAW}{numbers[4]}"
            elif name == "phone" and numbers[5] % 6 == 1:
                value = f"{numbers[4]}" * 20
            elif numbers[5] % 7 == 0:
                value = None
            wish = replace(wish, fields={name: value})
        return self._write(wish, step)

    def _write(self, wish: Wish, step: Step) -> str:
        world = self._world
        before = {contact.id: contact for contact in world.all_contacts()}
        answers: list[object] = []

        def act() -> None:
            answers.extend(
                write_contacts(
                    [wish],
                    lane=(Lane.FRESH, Lane.BULK)[step.numbers[6] % 2],
                    now=world.clock(),
                    contacts=world.contacts,
                    settings=world.settings,
                    queue=world.queue,
                )
            )

        world.invoke(act, self._mishap(replace(step, inner=None)))
        for contact in world.all_contacts():
            self._chronicle.note_ours(before.get(contact.id), contact, world.clock())
        for answer in answers:
            if isinstance(answer, Written):
                stored = world.contacts.get_many([answer.contact.id]).get(answer.contact.id)
                if stored is None or stored.ledger.values != answer.contact.ledger.values:
                    raise UnkeptPromiseError(f"acknowledged and not stored: {wish}")
        return f"{wish.contact_id or 'new'} {wish.email or ''} {wish.fields} {wish.opted_out}"

    def request(self, step: Step) -> str:
        """Ask for one contact to be synced now."""
        world, contact = self._world, self._contact(step.numbers[1])
        if contact is None:
            return "nobody"
        create_as = (None, CreateAs.LEAD, CreateAs.CONTACT)[step.numbers[2] % 3]

        def act() -> None:
            sync_contact(
                contact.id,
                create_as=create_as,
                now=world.clock(),
                contacts=world.contacts,
                settings=world.settings,
                queue=world.queue,
            )

        return f"{contact.id} {world.invoke(act, self._mishap(replace(step, inner=None)))}"

    def remove(self, step: Step) -> str:
        """Delete a contact here."""
        world, contact = self._world, self._contact(step.numbers[1])
        if contact is None:
            return "nobody"
        ended = world.invoke(
            lambda: delete_contact(
                contact.id,
                contacts=world.contacts,
                links=world.links,
                members=world.members,
                now=world.clock(),
            ),
            self._mishap(replace(step, inner=None)),
        )
        world.deletions[contact.id] = ended
        return f"{contact.id} {ended}"

    def _contact(self, number: int) -> Contact | None:
        contacts = self._world.all_contacts()
        return contacts[number % len(contacts)] if contacts else None

    # --- the weather ----------------------------------------------------------------------------

    def wait(self, step: Step) -> str:
        """Let more time pass than usual."""
        seconds = _WAITS[step.numbers[1] % len(_WAITS)]
        self._world.pass_time(seconds)
        return f"{seconds} s"

    def catch_up(self, step: Step) -> str:
        """Let the indexes learn of some writes."""
        self._world.catch_up(step.numbers[1] % 6 or None)
        return ""


ACTS: dict[str, Callable[[Player, Step], str]] = {
    name: getattr(Player, name)
    for name in (
        *("pull", "push", "deliver", "create", "write", "request", "remove", "wait", "catch_up"),
        *("sweep", "backfill"),
    )
}
