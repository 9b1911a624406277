"""Syncing one contact now, on somebody's demand."""

from dataclasses import replace

import pytest

from counterpart.adapters.memory import (
    InMemoryContactRepository,
    InMemoryCreationQueue,
    InMemorySettingsRepository,
)
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.creation_requests import AccountWish, CreateAs, CreationRequest
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.notices import NoticeCode
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.waiting import Lane, Waiting
from counterpart.domain.wishes import Written
from counterpart.errors import ChangedMeanwhileError, NotFoundError, TransientError
from counterpart.ports import CreationJob
from counterpart.use_cases.sync_contact import sync_contact
from tests.use_cases.world import MINUTE, NOON

ADA = Contact(
    id="ada",
    ledger=Ledger(values={"email": "ada@example.com"}, times={"email": NOON}),
    created_at=NOON,
    updated_at=NOON,
)
LINKED = replace(
    ADA,
    counterpart=Counterpart(
        record_id="00Q000000000001EAA",
        object=SObject.LEAD,
        linked_at=NOON,
        linked_by=LinkedBy.EMAIL,
    ),
)


def sync(
    contacts: InMemoryContactRepository,
    queue: InMemoryCreationQueue,
    *,
    create_as: CreateAs | None = None,
    settings: SyncSettings | None = None,
) -> Written:
    """Sync Ada."""
    return sync_contact(
        "ada",
        create_as=create_as,
        now=NOON,
        contacts=contacts,
        settings=InMemorySettingsRepository(settings),
        queue=queue,
    )


def test_a_contact_that_is_not_in_salesforce() -> None:
    """Its creation is requested as if it had been asked for at once."""
    contacts, queue = InMemoryContactRepository(ADA), InMemoryCreationQueue()

    written = sync(contacts, queue, create_as=CreateAs.CONTACT)

    stored = contacts.get_many(["ada"])["ada"]
    assert written.contact == stored
    assert stored.creation == CreationRequest(
        requested_at=NOON, create_as=CreateAs.CONTACT, account=AccountWish.FIND
    )
    assert stored.waiting == Waiting(lane=Lane.CREATE, next_push_at=NOON + 15 * MINUTE)
    assert queue.jobs == [
        CreationJob(contact_id="ada", requested_at=NOON, create_as=CreateAs.CONTACT)
    ]


def test_a_creation_that_is_requested_already() -> None:
    """The job is sent again, which does no harm; the contact is not written."""
    requested = replace(ADA, creation=CreationRequest(requested_at=NOON - MINUTE))
    contacts, queue = InMemoryContactRepository(requested), InMemoryCreationQueue()

    written = sync(contacts, queue)

    assert written.contact == contacts.get_many(["ada"])["ada"]
    assert written.contact.version == 1
    assert [job.requested_at for job in queue.jobs] == [NOON - MINUTE]


def test_a_job_that_cannot_be_sent() -> None:
    """The request is stored, and the minute's look sends it again; whoever asked is told."""

    def away(_: str) -> None:
        raise TransientError("SQS is away")

    contacts = InMemoryContactRepository(ADA)

    written = sync(contacts, InMemoryCreationQueue(before_write=away))

    assert contacts.get_many(["ada"])["ada"].creation is not None
    assert [notice.code for notice in written.notices] == [NoticeCode.CREATION_DELAYED]


def test_a_contact_that_is_linked() -> None:
    """It is marked so that the next look pushes; nothing is created."""
    contacts, queue = InMemoryContactRepository(LINKED), InMemoryCreationQueue()

    sync(contacts, queue)

    waiting = Waiting(lane=Lane.FRESH, next_push_at=NOON - 10 * MINUTE)
    assert contacts.get_many(["ada"])["ada"].waiting == waiting
    assert queue.jobs == []


@pytest.mark.parametrize("contact", [ADA, LINKED])
def test_outbound_is_off(contact: Contact) -> None:
    """Nothing is marked or sent, and whoever asked is told why."""
    contacts, queue = InMemoryContactRepository(contact), InMemoryCreationQueue()

    written = sync(contacts, queue, settings=SyncSettings(outbound=Outbound(enabled=False)))

    assert written.contact == replace(contact, version=1)
    assert contacts.get_many(["ada"])["ada"] == written.contact
    assert [notice.code for notice in written.notices] == [NoticeCode.OUTBOUND_DISABLED]
    assert queue.jobs == []


def test_a_contact_that_does_not_exist() -> None:
    """There is nobody to sync."""
    with pytest.raises(NotFoundError):
        sync(InMemoryContactRepository(), InMemoryCreationQueue())


def test_others_change_the_contact_all_the_time() -> None:
    """There is an end to trying."""
    busy = False

    def tag(_: str) -> None:
        nonlocal busy
        if not busy:
            busy = True
            contact = contacts.get_many(["ada"])["ada"]
            contacts.save_many([replace(contact, tags=(*contact.tags, str(len(contact.tags))))])
            busy = False

    contacts = InMemoryContactRepository(LINKED, before_write=tag)

    with pytest.raises(ChangedMeanwhileError):
        sync(contacts, InMemoryCreationQueue())
