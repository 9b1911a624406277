"""Exactly once: redelivery, two workers, crashes, lost answers, and people who act meanwhile."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from counterpart.adapters.memory import InMemoryMemberRepository
from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import HaltError, TransientError
from counterpart.use_cases.delete_contact import delete_contact
from counterpart.use_cases.work_off_jobs import work_off_jobs
from tests.use_cases.creating import World, delivery, person, settings
from tests.use_cases.world import PowerCutError

RULES = settings(create_as=CreateAs.CONTACT, create_accounts=True)


class Power:
    """Cuts the power before the nth write, once."""

    def __init__(self, nth: int) -> None:
        self.left = nth
        self.cut = False

    def __call__(self, _: str) -> None:
        self.left -= 1
        if self.left == 0:
            self.cut = True
            raise PowerCutError


@pytest.mark.failure("F38")
def test_a_job_that_is_delivered_ten_times() -> None:
    """One record."""
    world = World(person("ada"), rules=RULES)

    for _ in range(10):
        work_off_jobs([delivery("ada")], ports=world.ports)

    assert len(world.live(SObject.CONTACT)) == len(world.live(SObject.ACCOUNT)) == 1


@pytest.mark.failure("F36")
@pytest.mark.parametrize("keyless", [False, True])
def test_a_lost_answer(*, keyless: bool) -> None:
    """The next delivery finds what was made, also where the org lacks our external id."""
    world = World(person("ada"), rules=RULES)
    if keyless:
        world.org.hidden |= {(sobject, "Counterpart_Id__c") for sobject in SObject}
    world.salesforce.lose_answers()

    first = work_off_jobs([delivery("ada")], ports=world.ports)
    second = work_off_jobs([delivery("ada", attempts=2)], ports=world.ports)

    assert (first.failures, second.failures) == (["m-ada"], [])
    assert len(world.live(SObject.CONTACT)) == len(world.live(SObject.ACCOUNT)) == 1
    assert world.record("ada")["AccountId"] == world.live(SObject.ACCOUNT)[0]["Id"]


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("nth", range(1, 9))
def test_a_crash_at_any_write(nth: int, *, before: bool) -> None:
    """Whatever was written, the next delivery completes it."""
    power = Power(nth)
    hook: dict[str, Any] = {"before_write" if before else "after_write": power}
    world = World(person("ada"), person("bob"), rules=RULES, **hook)

    with suppress(PowerCutError):
        world.create("ada", "bob")
    world.create("ada", "bob")

    assert power.cut or nth > 5
    assert len(world.live(SObject.CONTACT)) == 2
    (account,) = world.live(SObject.ACCOUNT)
    assert {world.record(name)["AccountId"] for name in ("ada", "bob")} == {account["Id"]}
    assert world.contact("ada").creation is None
    # A company whose Account was made, but not linked, is linked when a pull brings the Account.
    assert len(world.companies.page(limit=10).items) == 1


@pytest.mark.failure("F38")
@pytest.mark.failure("F59")
def test_two_workers_and_one_new_company() -> None:
    """The second worker's whole batch comes between the first one's look and its write."""
    world = World(person("ada"), person("bob"), rules=RULES)
    second_has_run = False
    look_up = world.salesforce.look_up

    def look_up_and_wait(**asked: object) -> object:
        nonlocal second_has_run
        found = look_up(**asked)  # type: ignore[arg-type] # passed on
        if not second_has_run:
            second_has_run = True
            world.create("ada", "bob")
        return found

    world.salesforce.look_up = look_up_and_wait  # type: ignore[method-assign,assignment]
    world.create("ada", "bob")

    assert len(world.live(SObject.ACCOUNT)) == 1
    assert len(world.live(SObject.CONTACT)) == 2


def test_a_contact_deleted_before_its_job_runs() -> None:
    """Nothing is created, and nothing comes again."""
    world = World(person("ada"))
    delete_contact(
        "ada",
        contacts=world.contacts,
        links=world.links,
        members=InMemoryMemberRepository(),
        settings=world.settings.current(),
        now=world.now,
    )

    told = work_off_jobs([delivery("ada")], ports=world.ports)

    assert told.failures == []
    assert world.live(SObject.LEAD) == []


def test_a_contact_deleted_while_its_record_is_made() -> None:
    """The record is there; its link says that it must not bring the contact back."""
    world = World(person("ada"))
    create = world.salesforce.create

    def create_and_delete(*asked: object, **how: object) -> object:
        answer = create(*asked, **how)  # type: ignore[arg-type] # passed on
        delete_contact(
            "ada",
            contacts=world.contacts,
            links=world.links,
            members=InMemoryMemberRepository(),
            settings=world.settings.current(),
            now=world.now,
        )
        return answer

    world.salesforce.create = create_and_delete  # type: ignore[method-assign,assignment]
    world.create("ada")

    (lead,) = world.live(SObject.LEAD)
    assert world.links.get_many([lead["Id"]])[lead["Id"]].state == "deleted_here"


@pytest.mark.failure("F27")
def test_what_failed_for_the_last_time_is_parked_with_its_reason() -> None:
    """Its neighbours had their turn; the request stays for the minute's look."""
    world = World(person("ada"), rules=SyncSettings())
    world.salesforce.fail(TransientError("no answer"))

    told = work_off_jobs([delivery("ada", attempts=5)], ports=world.ports)

    assert told.failures == []
    assert world.queue.parked[0][1] == "gave up after 5 tries: no answer"
    assert world.contact("ada").creation


def test_a_halt_leaves_everything_to_be_delivered_again() -> None:
    """A person is needed; nothing is lost until they come."""
    world = World(person("ada"))
    world.salesforce.fail(HaltError("no"))

    with pytest.raises(HaltError):
        work_off_jobs([delivery("ada")], ports=world.ports)

    assert world.contact("ada").creation
