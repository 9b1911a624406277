"""Reading contacts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from counterpart.adapters.memory import InMemoryContactRepository, InMemoryLinkRepository
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.links import Link, LinkState
from counterpart.domain.records import SObject
from counterpart.errors import InputError, NotFoundError
from counterpart.ports import Listing
from counterpart.use_cases.read_contacts import get_contact, list_contacts
from tests.use_cases.world import NOON

ACME = "001000000000001AAA"


def a_contact(name: str, *, email: str = "", minute: int = 0) -> Contact:
    """Return a contact that was updated some minutes after noon."""
    values = {"email": email or f"{name}@example.com"}
    return Contact(
        id=name,
        ledger=Ledger(values=values, times={"email": NOON}),
        created_at=NOON,
        updated_at=NOON + timedelta(minutes=minute),
    )


def ids(listing: Listing[Contact]) -> list[str]:
    """Return the ids of a listing."""
    return [contact.id for contact in listing.items]


def test_one_contact() -> None:
    """It comes as it was stored."""
    contacts = InMemoryContactRepository(a_contact("ada"))

    found = get_contact("ada", contacts=contacts, links=InMemoryLinkRepository())

    assert found == replace(a_contact("ada"), version=1)


def test_a_contact_that_does_not_exist() -> None:
    """There is nobody to show."""
    with pytest.raises(NotFoundError):
        get_contact("ada", contacts=InMemoryContactRepository(), links=InMemoryLinkRepository())


def test_a_contact_that_came_before_its_account() -> None:
    """Its company is found by the Account as soon as that is here."""
    contacts = InMemoryContactRepository(replace(a_contact("ada"), account_id=ACME))
    links = InMemoryLinkRepository(
        Link(record_id=ACME, object=SObject.ACCOUNT, state=LinkState.LINKED, subject_id="acme")
    )

    before = get_contact("ada", contacts=contacts, links=InMemoryLinkRepository())
    after = get_contact("ada", contacts=contacts, links=links)

    assert (before.company_id, after.company_id) == (None, "acme")


def test_contacts_of_one_address() -> None:
    """Addresses ignore case; the most recently updated contact comes first, page by page."""
    contacts = InMemoryContactRepository(
        a_contact("ada", minute=1),
        a_contact("countess", email="ADA@example.com", minute=2),
        a_contact("bob", minute=3),
    )

    first = list_contacts(
        email="Ada@Example.com",
        limit=1,
        after=None,
        contacts=contacts,
        links=InMemoryLinkRepository(),
    )
    second = list_contacts(
        email="Ada@Example.com",
        limit=1,
        after=first.next,
        contacts=contacts,
        links=InMemoryLinkRepository(),
    )

    assert (ids(first), ids(second)) == (["countess"], ["ada"])
    assert second.next is None


def test_all_contacts_page_by_page() -> None:
    """Each comes once."""
    contacts = InMemoryContactRepository(*(a_contact(f"c{n}") for n in range(5)))
    found: list[str] = []
    after = None

    while True:
        listing = list_contacts(
            email=None,
            limit=2,
            after=after,
            contacts=contacts,
            links=InMemoryLinkRepository(),
        )
        found += ids(listing)
        after = listing.next
        if after is None:
            break

    assert sorted(found) == [f"c{n}" for n in range(5)]


@pytest.mark.parametrize("token", ["x", "-1", "1" * 20])
def test_a_token_of_nobody(token: str) -> None:
    """Only what a list has given out leads on."""
    with pytest.raises(InputError):
        list_contacts(
            email="ada@example.com",
            limit=1,
            after=token,
            contacts=InMemoryContactRepository(),
            links=InMemoryLinkRepository(),
        )
