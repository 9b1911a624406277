"""Read contacts: one, those of an address, or page by page all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.emails import email_key
from counterpart.domain.latecomers import companies_of, joined
from counterpart.errors import InputError, NotFoundError
from counterpart.ports import Listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.contacts import Contact
    from counterpart.ports import ContactRepository, LinkRepository


def get_contact(contact_id: str, *, contacts: ContactRepository, links: LinkRepository) -> Contact:
    """Return a contact.

    Raises:
        NotFoundError: there is no such contact.
    """
    contact = contacts.get_many([contact_id]).get(contact_id)
    if contact is None:
        raise NotFoundError(f"there is no contact {contact_id}", field="id")
    return with_companies([contact], links=links)[0]


def list_contacts(
    *,
    email: str | None,
    limit: int,
    after: str | None,
    contacts: ContactRepository,
    links: LinkRepository,
) -> Listing[Contact]:
    """Return contacts, of one address or all, at most *limit* at once.

    Raises:
        InputError: nobody here gave out such an *after*.
    """
    if email is None:
        listing = contacts.page(limit=limit, after=after)
    else:
        key = email_key(email)
        found = contacts.find_by_email([key]).get(key, ()) if key else ()
        start = _place(after)
        end = start + limit
        listing = Listing(items=found[start:end], next=str(end) if end < len(found) else None)
    return replace(listing, items=with_companies(listing.items, links=links))


def with_companies(contacts: Sequence[Contact], *, links: LinkRepository) -> Sequence[Contact]:
    """Return *contacts* with the company of their Account, where none was known yet.

    A Contact can arrive before its Account does; the contact itself is completed when that comes
    in.
    """
    account_ids = {one.awaits for one in contacts if one.awaits}
    if not account_ids:
        return contacts
    companies = companies_of(links.get_many(account_ids).values())
    return [joined(one, companies) or one for one in contacts]


def _place(after: str | None) -> int:
    if after is None:
        return 0
    if not after.isdecimal() or len(after) > len(str(10**9)):
        raise InputError("is not a token that a list of ours has given out", field="after")
    return int(after)
