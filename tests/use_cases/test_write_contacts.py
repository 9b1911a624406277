"""Writing contacts through the API: each wish answered by itself, nothing made twice."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from counterpart.adapters.memory import (
    InMemoryContactRepository,
    InMemoryCreationQueue,
    InMemorySettingsRepository,
)
from counterpart.domain.contacts import Contact
from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.ids import derived_id
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.notices import NoticeCode
from counterpart.domain.records import SObject
from counterpart.domain.waiting import Lane, Waiting
from counterpart.domain.wishes import Wish, Written
from counterpart.errors import (
    ChangedMeanwhileError,
    InputError,
    NotFoundError,
    StaleVersionError,
    TransientError,
)
from counterpart.ports import CreationJob
from counterpart.use_cases.write_contacts import Answer, write_contact, write_contacts
from tests.use_cases.world import MINUTE, NOON


class World:
    """A store, and the API's use case upon it."""

    def __init__(self, *, fail_queue: bool = False) -> None:
        self.rival: Callable[[], None] | None = None
        self.contacts = InMemoryContactRepository(before_write=self._before)
        self.settings = InMemorySettingsRepository()
        self.queue = InMemoryCreationQueue(before_write=self._refuse if fail_queue else _nothing)
        self.now = NOON

    def write(self, wish: Wish) -> Written:
        """Fulfil one wish."""
        return write_contact(
            wish,
            now=self.now,
            contacts=self.contacts,
            settings=self.settings,
            queue=self.queue,
        )

    def write_all(self, *wishes: Wish) -> Sequence[Answer]:
        """Fulfil a batch of wishes."""
        return write_contacts(
            wishes,
            lane=Lane.BULK,
            now=self.now,
            contacts=self.contacts,
            settings=self.settings,
            queue=self.queue,
        )

    def stored(self, contact_id: str) -> Contact:
        """Return a contact as it is now."""
        return self.contacts.get_many([contact_id])[contact_id]

    def link(self, contact: Contact) -> Contact:
        """Link a contact to a Lead."""
        lead = Counterpart(
            record_id="00Q000000000001EAA",
            object=SObject.LEAD,
            linked_at=NOON,
            linked_by=LinkedBy.EMAIL,
        )
        assert not self.contacts.save_many([replace(contact, counterpart=lead)])
        return self.stored(contact.id)

    def edit_meanwhile(self, contact_id: str, *, times: int = 1) -> None:
        """Let somebody else tag the contact just before each of the next writes."""

        def tag() -> None:
            contact = self.stored(contact_id)
            if len(contact.tags) < times:
                tags = (*contact.tags, f"rival {len(contact.tags)}")
                self.contacts.save_many([replace(contact, tags=tags)])

        self.rival = tag

    def _before(self, _: str) -> None:
        rival, self.rival = self.rival, None
        if rival:
            rival()
            self.rival = rival

    def _refuse(self, _: str) -> None:
        raise TransientError("SQS is away")


def _nothing(_: str) -> None:
    pass


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()


ADA = Wish(email="ada@example.com", fields={"first_name": "Ada"})


def test_a_contact_is_created_and_stays_here(world: World) -> None:
    """Without being asked, nothing goes to Salesforce."""
    written = world.write(ADA)

    assert written.created
    assert written.contact == world.stored(written.contact.id)
    assert written.contact.version == 1
    assert written.contact.waiting is None
    assert world.queue.jobs == []


def test_a_contact_without_an_address(world: World) -> None:
    """It could never be matched."""
    with pytest.raises(InputError) as refusal:
        world.write(Wish(fields={"first_name": "Ada"}))

    assert refusal.value.field == "email"


def test_a_contact_is_created_here_and_in_salesforce(world: World) -> None:
    """The request is in the same write as the contact; the job follows."""
    wish = replace(ADA, sync_to_salesforce=True, create_as=CreateAs.CONTACT)

    contact = world.write(wish).contact

    assert contact.waiting == Waiting(lane=Lane.CREATE, next_push_at=NOON + 15 * MINUTE)
    assert world.queue.jobs == [
        CreationJob(contact_id=contact.id, requested_at=NOON, create_as=CreateAs.CONTACT)
    ]


def test_the_job_cannot_be_sent() -> None:
    """The contact is stored with its request, which will be sent again; its writer is told."""
    world = World(fail_queue=True)

    written = world.write(replace(ADA, sync_to_salesforce=True))

    assert written.created
    assert world.stored(written.contact.id).creation is not None
    assert [notice.code for notice in written.notices] == [NoticeCode.CREATION_DELAYED]


def test_another_contact_has_the_address(world: World) -> None:
    """Duplicates are legal, and told."""
    first = world.write(ADA).contact

    second = world.write(replace(ADA, email="ADA@example.com"))

    assert second.created
    (notice,) = second.notices
    assert notice.code is NoticeCode.POSSIBLE_DUPLICATE
    assert first.id in notice.message


def test_the_same_request_comes_twice(world: World) -> None:
    """An idempotency key makes one contact, whatever happened to it since."""
    wish = replace(ADA, request=("key",))
    first = world.write(wish).contact
    changed = world.write(Wish(contact_id=first.id, fields={"city": "Oslo"})).contact

    again = world.write(wish)

    assert first.id == derived_id("request", "key")
    assert again == Written(contact=changed, replayed=True)


def test_the_same_request_comes_twice_and_its_job_was_lost() -> None:
    """Repeating a request also repeats what the first attempt may not have come to."""
    world = World(fail_queue=True)
    wish = replace(ADA, sync_to_salesforce=True, request=("key",))
    world.write(wish)
    world.queue = InMemoryCreationQueue()

    again = world.write(wish)

    assert again.replayed
    assert [job.contact_id for job in world.queue.jobs] == [again.contact.id]


def test_two_requests_with_one_key(world: World) -> None:
    """A key belongs to one request."""
    world.write(replace(ADA, request=("key",)))

    with pytest.raises(InputError) as refusal:
        world.write(replace(ADA, email="bob@example.com", request=("key",)))

    assert refusal.value.field == "Idempotency-Key"


def test_the_same_request_comes_twice_at_once(world: World) -> None:
    """The one that comes second finds the contact of the first."""
    wish = replace(ADA, request=("key",))

    def be_faster() -> None:
        if not world.contacts.get_many([derived_id("request", "key")]):
            world.rival = None
            world.write(wish)

    world.rival = be_faster

    assert world.write(wish).replayed


def test_a_contact_is_changed(world: World) -> None:
    """A linked contact waits in the lane of fresh edits."""
    contact = world.link(world.write(ADA).contact)
    world.now = NOON + MINUTE

    written = world.write(Wish(contact_id=contact.id, fields={"city": "Oslo"}))

    assert not written.created
    assert written.contact == world.stored(contact.id)
    assert written.contact.waiting == Waiting(lane=Lane.FRESH, next_push_at=NOON + MINUTE)


def test_a_change_that_changes_nothing(world: World) -> None:
    """It makes no write, and so no version."""
    contact = world.write(ADA).contact

    written = world.write(Wish(contact_id=contact.id, fields={"first_name": " Ada "}))

    assert written.contact == contact


def test_a_contact_that_does_not_exist(world: World) -> None:
    """A change does not create."""
    with pytest.raises(NotFoundError):
        world.write(Wish(contact_id="nobody", fields={"city": "Oslo"}))


def test_a_change_that_builds_on_an_old_version(world: World) -> None:
    """Whoever names a version wants to know of changes in between."""
    contact = world.write(ADA).contact
    world.write(Wish(contact_id=contact.id, fields={"city": "Oslo"}, version=1))

    with pytest.raises(StaleVersionError):
        world.write(Wish(contact_id=contact.id, fields={"city": "Rome"}, version=1))


def test_others_change_the_contact_meanwhile(world: World) -> None:
    """Without a version, the change is made upon theirs."""
    contact = world.write(ADA).contact
    world.edit_meanwhile(contact.id, times=3)

    written = world.write(Wish(contact_id=contact.id, fields={"city": "Oslo"}))

    assert written.contact == world.stored(contact.id)
    assert written.contact.tags == ("rival 0", "rival 1", "rival 2")
    assert written.contact.ledger.values["city"] == "Oslo"


def test_others_change_the_contact_of_a_known_version_meanwhile(world: World) -> None:
    """With a version, the change is refused."""
    contact = world.write(ADA).contact
    world.edit_meanwhile(contact.id)

    with pytest.raises(StaleVersionError):
        world.write(Wish(contact_id=contact.id, fields={"city": "Oslo"}, version=1))


def test_others_change_the_contact_all_the_time(world: World) -> None:
    """There is an end to trying, and nothing of the change is stored."""
    contact = world.write(ADA).contact
    world.edit_meanwhile(contact.id, times=100)

    with pytest.raises(ChangedMeanwhileError):
        world.write(Wish(contact_id=contact.id, fields={"city": "Oslo"}))

    assert "city" not in world.stored(contact.id).ledger.values


def test_a_batch_with_a_wrong_item(world: World) -> None:
    """Each is answered by itself, in order."""
    existing = world.link(world.write(ADA).contact)

    created, refused, changed, missing = world.write_all(
        Wish(email="bob@example.com", sync_to_salesforce=True),
        Wish(email="nobody"),
        Wish(contact_id=existing.id, fields={"city": "Oslo"}),
        Wish(contact_id="nobody"),
    )

    assert isinstance(created, Written)
    assert created.created
    assert isinstance(refused, InputError)
    assert isinstance(changed, Written)
    assert changed.contact.waiting == Waiting(lane=Lane.BULK, next_push_at=NOON)
    assert isinstance(missing, NotFoundError)
    assert [job.contact_id for job in world.queue.jobs] == [created.contact.id]


def test_a_batch_changes_one_contact_twice(world: World) -> None:
    """Both changes are made, in order, by one write."""
    contact = world.write(ADA).contact

    answers = world.write_all(
        Wish(contact_id=contact.id, fields={"city": "Oslo", "country": "Norway"}),
        Wish(contact_id=contact.id, fields={"city": "Rome"}),
    )

    values = world.stored(contact.id).ledger.values
    assert (values["city"], values["country"]) == ("Rome", "Norway")
    assert [one.contact.version for one in answers if isinstance(one, Written)] == [2, 2]


def test_a_batch_is_sent_twice(world: World) -> None:
    """One key and the place of each item make every item repeatable."""
    wishes = [Wish(email=f"p{n}@example.com", request=("key", str(n))) for n in range(3)]

    once = world.write_all(*wishes)
    twice = world.write_all(*wishes)

    for first, second in zip(once, twice, strict=True):
        assert isinstance(first, Written)
        assert second == Written(contact=first.contact, replayed=True)


def test_a_batch_with_the_same_address_twice(world: World) -> None:
    """The later one is told of the earlier one, though no index knows it yet."""
    first, second = world.write_all(ADA, ADA)

    assert isinstance(first, Written)
    assert isinstance(second, Written)
    assert not first.notices
    assert first.contact.id in second.notices[0].message


def test_one_contact_of_a_batch_changes_meanwhile(world: World) -> None:
    """It is planned anew; its neighbours are written once."""
    ada, bob = (
        answer.contact
        for answer in world.write_all(ADA, Wish(email="bob@example.com"))
        if isinstance(answer, Written)
    )
    world.edit_meanwhile(bob.id)

    world.write_all(
        Wish(contact_id=ada.id, fields={"city": "Oslo"}),
        Wish(contact_id=bob.id, fields={"city": "Rome"}),
    )

    assert world.stored(ada.id).version == 2
    assert world.stored(bob.id).version == 3
    assert world.stored(bob.id).ledger.values["city"] == "Rome"
