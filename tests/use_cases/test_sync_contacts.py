"""Syncing later: a list, or all that a filter takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from counterpart.adapters.memory import InMemoryContactRepository
from counterpart.domain.contact_filter import SyncWanted
from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import InputError, TransientError
from counterpart.use_cases.sync_contacts import SyncAnswer, sync_contacts
from tests.use_cases.creating import World, person
from tests.use_cases.world import MINUTE, NOON

if TYPE_CHECKING:
    from collections.abc import Callable

ADA = replace(person("ada", city="Paris"), tags=("newsletter",))
BOB = replace(person("bob", email="bob@eu.acme.example", city="Rome"), created_at=NOON - MINUTE)
EVE = person("eve", email="eve@notacme.example", city="paris ")


def ask(world: World, may_go_on: Callable[[], bool] = lambda: True, **wanted: object) -> SyncAnswer:
    """Sync whom somebody wants."""
    return sync_contacts(
        SyncWanted(**wanted),  # type: ignore[arg-type] # tests name them
        now=world.now,
        contacts=world.contacts,
        settings=world.settings,
        queue=world.queue,
        may_go_on=may_go_on,
    )


def local(*, rules: SyncSettings | None = None) -> World:
    """Return a world whose contacts all stay here."""
    world = World(rules=rules)
    world.contacts = InMemoryContactRepository(ADA, BOB, EVE)
    world.ports = replace(world.ports, contacts=world.contacts)
    return world


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({"email_domain": "acme.example"}, {"ada", "bob"}),
        ({"email_domain": "https://www.eu.acme.example/"}, {"bob"}),
        ({"tag": "newsletter"}, {"ada"}),
        ({"created_before": "2026-11-22T12:00:00Z"}, {"bob"}),
        ({"created_after": "2026-11-22T12:00:00Z"}, {"ada", "eve"}),
        ({"fields": {"city": "PARIS"}}, {"ada", "eve"}),
        ({"fields": {"city": "Paris"}, "email_domain": "acme.example"}, {"ada"}),
        ({"fields": {"country": None}}, {"ada", "bob", "eve"}),
    ],
)
def test_a_filter(chosen: dict[str, object], names: set[str]) -> None:
    """All of its parts hold for whoever is queued; others stay here."""
    world = local()

    told = ask(world, filter=chosen)

    assert {job.contact_id for job in world.queue.jobs} == names
    assert (told.queued, told.looked_at, told.next) == (len(names), 3, None)


def test_time_that_is_too_short_for_everybody() -> None:
    """It is said where to go on, and nobody is left out."""
    world = local()
    people = [replace(ADA, id=f"{number:04d}") for number in range(1200)]
    world.contacts = InMemoryContactRepository(*people)
    looks = iter([True, True])

    told = ask(world, lambda: next(looks, False), filter={"tag": "newsletter"})

    assert (told.queued, told.looked_at) == (1000, 1000)
    rest = ask(world, filter={"tag": "newsletter"}, after=told.next)
    assert (rest.queued, rest.next) == (200, None)


def test_who_is_not_queued_and_why() -> None:
    """Linked already, on its way already, or nobody at all."""
    world = local()
    ask(world, contact_ids=("ada",), create_as=CreateAs.CONTACT)
    world.create("ada")
    ask(world, contact_ids=("bob",))

    told = ask(world, contact_ids=("ada", "bob", "eve", "nobody"))

    assert told.queued == 1
    assert told.examples == {
        "already_linked": ["ada"],
        "already_requested": ["bob"],
        "no_such_contact": ["nobody"],
    }


def test_outbound_that_is_off() -> None:
    """Nothing is queued, and nothing is remembered for later."""
    world = local(rules=SyncSettings(outbound=Outbound(enabled=False)))

    told = ask(world, contact_ids=("ada", "bob"))

    assert told.reasons == {"outbound_disabled": 2}
    assert world.contact("ada").creation is None


def test_a_dry_run() -> None:
    """It counts, and writes nothing."""
    world = local()

    assert ask(world, filter={"email_domain": "acme.example"}, dry_run=True).queued == 2
    assert world.queue.jobs == []
    assert world.contact("ada").creation is None


def test_jobs_that_cannot_be_sent() -> None:
    """The requests are stored, and the minute's look sends the jobs."""
    world = local()

    def fail(_: object) -> None:
        raise TransientError("not now")

    world.queue.send = fail  # type: ignore[method-assign,assignment]
    told = ask(world, contact_ids=("ada",))

    assert (told.queued, told.delayed) == (1, 1)
    assert world.contact("ada").creation


def test_a_parked_contact_is_queued_anew() -> None:
    """Whoever asks again wants it tried again."""
    world = local()
    ask(world, contact_ids=("ada",))
    creation = world.contact("ada").creation
    assert creation
    world.contacts.save_many(
        [replace(world.contact("ada"), creation=replace(creation, refusal="No!"))]
    )

    assert ask(world, contact_ids=("ada",)).queued == 1


@pytest.mark.parametrize("chosen", [{}, {"shoe_size": 43}, {"fields": {"shoe_size": 43}}, "all"])
def test_a_filter_that_takes_everybody_or_nothing_known(chosen: object) -> None:
    """A typing error must never become a sync of everybody."""
    with pytest.raises(InputError):
        ask(local(), filter=chosen)


def test_a_place_to_go_on_that_nobody_gave_out() -> None:
    """It is refused by the name under which it was sent."""
    with pytest.raises(InputError, match="token") as refused:
        ask(local(), filter={"tag": "newsletter"}, after="x")

    assert refused.value.field == "next"
