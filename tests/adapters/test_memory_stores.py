"""What the stores in memory offer besides the ports: hooks, lag, and nothing to tamper with."""

from dataclasses import replace
from typing import Any

import pytest

from counterpart.adapters import memory
from counterpart.domain.contacts import Ledger
from counterpart.domain.outcomes import Run, RunKind, RunStatus
from counterpart.domain.streams import StreamState
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.waiting import Lane
from counterpart.ports import CreationJob, LinkClaim
from tests.contracts.stores.samples import (
    ACCOUNT_ID,
    MINUTE,
    NOON,
    a_company,
    a_contact,
    a_link,
    due,
)

RUN = Run(
    id="run",
    kind=RunKind.PULL,
    status=RunStatus.COMPLETED,
    started_at=NOON,
    finished_at=NOON,
    summary="",
)


class CrashError(Exception):
    """The world ends."""


def a_crash_at(write: int) -> Any:  # noqa: ANN401 - a hook that remembers
    """Return a hook that lets some writes pass and then ends the world."""
    seen: list[str] = []

    def hook(name: str) -> None:
        seen.append(name)
        if len(seen) > write:
            raise CrashError(name)

    return hook


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_crash_between_two_writes(after: int) -> None:
    """What came before it is stored, what comes after it is not."""
    contacts = memory.InMemoryContactRepository(before_write=a_crash_at(after))
    ids = ["ada", "bob", "eve"]

    with pytest.raises(CrashError, match=r"contacts\.save"):
        contacts.save_many([a_contact(each) for each in ids])

    assert list(contacts.get_many(ids)) == ids[:after]


def test_a_crash_right_after_a_write() -> None:
    """The write has happened."""
    contacts = memory.InMemoryContactRepository(after_write=a_crash_at(0))

    with pytest.raises(CrashError):
        contacts.save_many([a_contact("ada"), a_contact("bob")])

    assert list(contacts.get_many(["ada", "bob"])) == ["ada"]


def test_every_write_has_a_name_on_both_sides() -> None:
    """A test that counts writes can cut between any two of them."""
    before: list[str] = []
    after: list[str] = []
    hooks: dict[str, Any] = {"before_write": before.append, "after_write": after.append}
    contacts = memory.InMemoryContactRepository(a_contact("bob"), **hooks)
    companies = memory.InMemoryCompanyRepository(**hooks)
    links = memory.InMemoryLinkRepository(**hooks)
    streams = memory.InMemoryStreamRepository(**hooks)
    settings = memory.InMemorySettingsRepository(**hooks)
    runs = memory.InMemoryRunRepository(**hooks)
    queue = memory.InMemoryCreationQueue(**hooks)
    job = CreationJob(contact_id="ada", requested_at=NOON)

    contacts.save_many([a_contact("ada")])
    contacts.delete(a_contact("ada", version=1))
    companies.save_many([a_company("acme")])
    links.claim_many([LinkClaim(link=a_link())])
    lease = streams.acquire("Lead", now=NOON, lasts=MINUTE)
    assert lease
    streams.save(StreamState(stream="Lead"), lease)
    streams.release(lease)
    streams.discard(lease)
    settings.save(SyncSettings(version=1), changed_by="ada", changed_at=NOON)
    runs.record(RUN)
    queue.send([job, job])
    queue.park(job, reason="why")

    assert before == after
    assert before == [
        "contacts.save",
        "contacts.delete",
        "companies.save",
        "links.claim",
        "streams.acquire",
        "streams.save",
        "streams.release",
        "streams.discard",
        "settings.save",
        "runs.record",
        "creation_queue.send",
        "creation_queue.send",
        "creation_queue.park",
    ]


def test_a_write_that_lost_did_not_happen() -> None:
    """The hook behind a write is called only if there was one."""
    after: list[str] = []
    contacts = memory.InMemoryContactRepository(a_contact("ada"), after_write=after.append)

    contacts.save_many([a_contact("ada")])

    assert after == []


def test_an_index_that_lags() -> None:
    """It knows nothing of a write until it catches up; reading by id is always up to date."""
    contacts = memory.InMemoryContactRepository(
        a_contact("ada", email="ada@example.com", waiting=due(NOON)), lagging_index=True
    )
    contacts.save_many(
        [
            a_contact("ada", email="ada@acme.example", version=1),
            a_contact("bob", email="bob@example.com", waiting=due(NOON)),
        ]
    )

    assert contacts.get_many(["ada"])["ada"].email == "ada@acme.example"
    assert contacts.find_by_email(["ada@example.com", "ada@acme.example"]) == {}
    assert contacts.waiting(Lane.FRESH, until=NOON, limit=9) == ["ada"]

    contacts.catch_up(writes=1)

    assert contacts.find_by_email(["ada@acme.example"]).keys() == {"ada@acme.example"}
    assert contacts.find_by_email(["bob@example.com"]) == {}
    assert contacts.oldest_wait(Lane.FRESH) is None

    contacts.catch_up()

    assert contacts.find_by_email(["bob@example.com"]).keys() == {"bob@example.com"}
    assert contacts.waiting(Lane.FRESH, until=NOON, limit=9) == ["bob"]


def test_a_lagging_index_still_knows_a_deleted_contact() -> None:
    """It waits there, and is not to be found."""
    contacts = memory.InMemoryContactRepository(
        a_contact("ada", email="ada@example.com", waiting=due(NOON)), lagging_index=True
    )

    contacts.delete(a_contact("ada", version=1))

    assert contacts.waiting(Lane.FRESH, until=NOON, limit=9) == ["ada"]
    assert contacts.find_by_email(["ada@example.com"]) == {}
    contacts.catch_up()
    assert contacts.waiting(Lane.FRESH, until=NOON, limit=9) == []


def test_a_lagging_index_names_who_waits_no_more() -> None:
    """Whoever has joined a company is told until it catches up, and who waits now is not."""
    contacts = memory.InMemoryContactRepository(
        a_contact("ada", account_id=ACCOUNT_ID), lagging_index=True
    )

    contacts.save_many(
        [
            a_contact("ada", account_id=ACCOUNT_ID, company_id="acme", version=1),
            a_contact("bob", account_id=ACCOUNT_ID),
        ]
    )

    assert contacts.awaiting([ACCOUNT_ID], limit=9) == {ACCOUNT_ID: ["ada"]}
    contacts.catch_up()
    assert contacts.awaiting([ACCOUNT_ID], limit=9) == {ACCOUNT_ID: ["bob"]}


def test_companies_lag_too() -> None:
    """The index by domain is like any other."""
    companies = memory.InMemoryCompanyRepository(lagging_index=True)
    companies.save_many([a_company("acme", domain="acme.example")])

    assert companies.find_by_domain(["acme.example"]) == {}
    companies.catch_up()
    assert list(companies.find_by_domain(["acme.example"])) == ["acme.example"]


def test_what_was_stored_cannot_be_changed_from_outside() -> None:
    """Neither through what was given, nor through what was handed out."""
    values = {"city": "London"}
    contacts = memory.InMemoryContactRepository(a_contact("ada", ledger=Ledger(values=values)))
    values["city"] = "Paris"
    handed_out: Any = contacts.get_many(["ada"])["ada"].ledger.values

    assert handed_out == {"city": "London"}
    with pytest.raises(TypeError):
        handed_out["city"] = "Paris"


def test_settings_remember_who_changed_them() -> None:
    """Each version with its author and time."""
    settings = memory.InMemorySettingsRepository(SyncSettings(version=7))

    settings.save(SyncSettings(version=8), changed_by="ada@example.com", changed_at=NOON)

    [version] = settings.versions
    assert (version.settings.version, version.changed_by, version.changed_at) == (
        8,
        "ada@example.com",
        NOON,
    )


def test_jobs_are_received_in_order_and_once() -> None:
    """Who fails at one sends it again."""
    queue = memory.InMemoryCreationQueue()
    jobs = [CreationJob(contact_id=str(number), requested_at=NOON) for number in range(5)]
    queue.send(jobs)

    assert queue.receive(3) == jobs[:3]
    assert queue.receive(3) == jobs[3:]
    assert queue.jobs == []


def test_a_successor_keeps_its_payloads() -> None:
    """As they were when it was asked for."""
    successor = memory.InMemorySuccessor()
    payload: dict[str, object] = {"objects": ["Lead"]}

    successor.start(payload)
    payload["objects"] = []

    assert successor.payloads == [{"objects": ["Lead"]}]


def test_links_can_be_there_from_the_start() -> None:
    """They are found, and claimed no more."""
    links = memory.InMemoryLinkRepository(a_link())
    other = replace(a_link(), subject_id="bob")

    assert links.claim_many([LinkClaim(link=other)]) == {a_link().record_id}
    assert list(links.get_many([a_link().record_id]).values()) == [a_link()]
