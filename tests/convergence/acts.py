"""What each step does to a world, in the roles of its people and of its schedules."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from counterpart.domain.records import SObject
from counterpart.domain.values import format_time
from counterpart.use_cases.holds import HELD_STREAMS
from tests.convergence.campaign_acts import CAMPAIGN_ACTS, CAMPAIGN_RUNS, CampaignActs
from tests.convergence.campaign_operator_acts import CAMPAIGN_OPERATOR_ACTS, CampaignOperatorActs
from tests.convergence.campaign_org_acts import CAMPAIGN_ORG_ACTS, CampaignOrgActs
from tests.convergence.desk_acts import DESK_ACTS, DeskActs
from tests.convergence.operator_acts import OPERATOR_ACTS, OperatorActs
from tests.convergence.opportunity_acts import OPPORTUNITY_ACTS, OpportunityActs
from tests.convergence.org_acts import ORG_ACTS, OrgActs
from tests.convergence.org_life_acts import ORG_LIFE_ACTS, OrgLifeActs
from tests.convergence.our_acts import UnkeptPromiseError
from tests.convergence.people_acts import PEOPLE_ACTS, PeopleActs
from tests.convergence.rows import people
from tests.convergence.weather_acts import WEATHER_ACTS, WeatherActs
from tests.convergence.world import Mishap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.convergence.chronicle import Chronicle
    from tests.convergence.steps import Numbers, Step
    from tests.convergence.world import World

_Actor = TypeVar("_Actor")

_GAPS = (0.1, 0.1, 1, 5, 40, 70, 200)
_WAITS = (320, 700, 1500, 4000)


class Player:
    """Plays steps."""

    def __init__(self, world: World, chronicle: Chronicle) -> None:
        self._world, self._chronicle = world, chronicle
        campaigns = CampaignActs(world, chronicle)
        self._acts: dict[str, Callable[[Step], str]] = {
            **_by_numbers(ORG_ACTS, OrgActs(world, chronicle)),
            **_by_numbers(ORG_LIFE_ACTS, OrgLifeActs(world, chronicle)),
            **_by_numbers(CAMPAIGN_ORG_ACTS, CampaignOrgActs(world, chronicle)),
            **_by_mishaps(CAMPAIGN_RUNS, campaigns, self._mishap),
            **_by_mishaps(CAMPAIGN_ACTS, campaigns, self._crash),
            **_by_mishaps(
                CAMPAIGN_OPERATOR_ACTS, CampaignOperatorActs(world, chronicle), self._crash
            ),
            **_by_numbers(OPPORTUNITY_ACTS, OpportunityActs(world, chronicle)),
            **_by_numbers(OPERATOR_ACTS, OperatorActs(world, chronicle)),
            **_by_numbers(WEATHER_ACTS, WeatherActs(world, chronicle)),
            **_by_steps(DESK_ACTS, DeskActs(world, chronicle, self._crash)),
            **_by_steps(PEOPLE_ACTS, PeopleActs(world, chronicle, self._crash)),
            **_by_steps(ACTS, self),
        }

    def play(self, step: Step) -> str:
        """Play a step; return what it came to, for people."""
        self._world.pass_time(_GAPS[step.numbers[0] % len(_GAPS)])
        began = self._world.clock()
        told = self._acts[step.act](step)
        self._chronicle.note_owners(self._world.all_links())
        self._chronicle.note_pauses(self._world.all_contacts(), began, self._world.clock())
        return told

    def _mishap(self, step: Step) -> Mishap:
        if not step.at:
            return Mishap()
        inner = step.inner
        if inner is None:
            return Mishap(at=step.at, strike=self._world.watch.die)
        return Mishap(at=step.at, strike=lambda: self._between(inner))

    def _crash(self, step: Step) -> Mishap:
        # What others did in between would be taken for what the invocation itself did.
        return self._mishap(replace(step, inner=None))

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
        elif kind == 6 and (anybody := people(world.hands)):
            payload = {"ids": [anybody[step.numbers[2] % len(anybody)]["Id"]]}
        turns = 1 + step.numbers[3] % 3 if step.numbers[4] % 6 == 0 else 0
        before = self._linked() if self._needs_a_yes(step, payload) else set()
        ended = world.pull(payload, turns=turns, mishap=self._mishap(step))
        self._chronicle.broken_off |= not ended and not payload.keys().isdisjoint({"since", "ids"})
        if lost := before - self._linked():
            raise UnkeptPromiseError(f"{lost} lost their records, and nobody said yes")
        return f"{payload} turns={turns} {ended}"

    def _needs_a_yes(self, step: Step, payload: Mapping[str, object]) -> bool:
        """Return whether nothing at all may be unlinked by a pull, which nothing interrupts."""
        world = self._world
        states = [world.streams.get(name) for name in HELD_STREAMS]
        settings = world.settings.current()
        # A yes that was taken up, and could not be carried out as yet, is kept with its pass; by
        # other settings it is none any more.
        said = any(
            (state.hold and state.hold.approved)
            or any(progress.cleared_by == settings.version for progress in state.progress.values())
            for state in states
        )
        return (
            settings.guard.minimum == 1
            and step.inner is None
            # Who names records means those.
            and "ids" not in payload
            and not said
        )

    def _linked(self) -> set[str]:
        return {contact.id for contact in self._world.all_contacts() if contact.counterpart}

    def push(self, step: Step) -> str:
        """Run a push: the scheduled one, or one by hand."""
        world, kind = self._world, step.numbers[1] % 10
        payload: dict[str, object] = {"scheduled": True}
        if kind < 3:
            payload = {"everything_waiting": True}
        elif kind == 3 and (contacts := world.all_contacts()):
            payload = {"contact_ids": [contacts[step.numbers[2] % len(contacts)].id]}
        turns = 1 + step.numbers[3] % 2 if step.numbers[4] % 8 == 0 else 0
        ended = world.push(payload, turns=turns, mishap=self._mishap(step))
        return f"{payload} turns={turns} {ended}"

    def deliver(self, step: Step) -> str:
        """Deliver some creation jobs."""
        chance, most = random.Random(step.numbers[1]), 1 + step.numbers[2] % 3
        return str(self._world.deliveries.deliver(chance, most=most, mishap=self._mishap(step)))

    def sweep(self, step: Step) -> str:
        """Run the sweep that looks for records that went without a word."""
        ended = self._world.sweep(mishap=self._mishap(step))
        self._chronicle.broken_off |= not ended
        return str(ended)

    def backfill(self, step: Step) -> str:
        """Read an object once more, whole, because somebody asked."""
        sobject = tuple(SObject)[step.numbers[1] % len(SObject)]
        return f"{sobject} {self._world.backfill(sobject, mishap=self._mishap(step))}"

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


def _by_steps(
    acts: Mapping[str, Callable[[_Actor, Step], str]], actor: _Actor
) -> Mapping[str, Callable[[Step], str]]:
    return {name: partial(act, actor) for name, act in acts.items()}


def _by_numbers(
    acts: Mapping[str, Callable[[_Actor, Numbers], str]], actor: _Actor
) -> Mapping[str, Callable[[Step], str]]:
    def played(act: Callable[[_Actor, Numbers], str], step: Step) -> str:
        return act(actor, step.numbers)

    return {name: partial(played, act) for name, act in acts.items()}


def _by_mishaps(
    acts: Mapping[str, Callable[[_Actor, Numbers, Mishap], str]],
    actor: _Actor,
    mishap: Callable[[Step], Mishap],
) -> Mapping[str, Callable[[Step], str]]:
    def played(act: Callable[[_Actor, Numbers, Mishap], str], step: Step) -> str:
        return act(actor, step.numbers, mishap(step))

    return {name: partial(played, act) for name, act in acts.items()}


ACTS: dict[str, Callable[[Player, Step], str]] = {
    name: getattr(Player, name)
    for name in (*("pull", "push", "deliver", "sweep", "backfill", "wait", "catch_up"),)
}
