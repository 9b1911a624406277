"""What every repository of contacts does."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.creation_requests import CreateAs, CreationRequest, Sent
from counterpart.domain.editing import ledger_with
from counterpart.domain.records import SObject
from counterpart.domain.room import MOST_BYTES
from counterpart.domain.values import Value
from counterpart.domain.waiting import InFlight, Lane, Waiting
from counterpart.errors import ChangedMeanwhileError, InputError
from counterpart.ports import ContactRepository
from tests.contracts.stores.samples import (
    ACCOUNT_ID,
    CONTACT_ID,
    LEAD_ID,
    MINUTE,
    NOON,
    a_contact,
    a_counterpart,
    due,
)
from tests.contracts.stores.strategies import contacts_of_any_kind


def everything() -> Contact:
    """Return a contact that has all that a contact may have."""
    values = {
        "email": "Ada@Example.com",
        "first_name": "Ädä 🦋",
        "job_title": None,
        "employees": 250,
        "score": 0.1,
        "opted_out": False,
        "interests": ("chess", "tea"),
    }
    return Contact(
        id="ada",
        ledger=Ledger(
            values=values,
            times=dict.fromkeys(values, NOON.replace(microsecond=123456)),
            shadows={"first_name": "Ada", "job_title": None, "score": 1.0, "interests": ()},
        ),
        created_at=NOON.replace(microsecond=1),
        updated_at=NOON + MINUTE,
        counterpart=a_counterpart(),
        former=a_counterpart(CONTACT_ID, sobject=SObject.CONTACT),
        company_id="acme",
        account_id=ACCOUNT_ID,
        tags=("vip", "beta", "vip"),
        waiting=Waiting(lane=Lane.RETRY, next_push_at=NOON.replace(microsecond=7), attempts=3),
        creation=CreationRequest(
            requested_at=NOON, create_as=CreateAs.CONTACT, refusal="No such luck"
        ),
        sent=Sent(
            values={"job_title": ("CEO", None), "interests": (("a", "b"), ()), "score": (1.0,)},
            at=NOON.replace(microsecond=5),
        ),
        request_key="fingerprint",
    )


def test_a_contact_comes_back_whole(contacts: ContactRepository) -> None:
    """Nothing of a contact is lost or changed, but for its version."""
    contact = everything()

    conflicts = contacts.save_many([contact])

    assert not conflicts
    assert contacts.get_many(["ada"]) == {"ada": replace(contact, version=1)}


def test_a_bare_contact_comes_back_bare(contacts: ContactRepository) -> None:
    """What was not there does not appear."""
    contacts.save_many([a_contact("ada")])

    assert contacts.get_many(["ada"]) == {"ada": a_contact("ada", version=1)}


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(contact=contacts_of_any_kind())
def test_any_contact_comes_back_whole(contacts: ContactRepository, contact: Contact) -> None:
    """Storing is lossless, down to the types of values."""
    stored = contacts.get_many([contact.id]).get(contact.id)
    contact = replace(contact, version=stored.version if stored else 0)

    contacts.save_many([contact])

    back = contacts.get_many([contact.id])[contact.id]
    assert back == replace(contact, version=contact.version + 1)
    assert _types(back) == _types(contact)


def _types(contact: Contact) -> list[dict[str, type]]:
    # 1, 1.0 and True are equal, and are not the same.
    return [
        {name: type(value) for name, value in side.items()}
        for side in (contact.ledger.values, contact.ledger.shadows)
    ]


def test_a_write_on_an_old_version_changes_nothing(contacts: ContactRepository) -> None:
    """Of two who read the same version, the first to write wins and the other is told."""
    contacts.save_many([a_contact("ada")])
    read = contacts.get_many(["ada"])["ada"]
    contacts.save_many([replace(read, tags=("first",))])

    conflicts = contacts.save_many([replace(read, tags=("second",))])

    assert set(conflicts) == {"ada"}
    stored = contacts.get_many(["ada"])["ada"]
    assert (stored.tags, stored.version) == (("first",), 2)


def test_a_new_contact_does_not_replace_an_old_one(contacts: ContactRepository) -> None:
    """Version 0 means that there must be none yet."""
    contacts.save_many([a_contact("ada", company_id="acme")])

    conflicts = contacts.save_many([a_contact("ada")])

    assert set(conflicts) == {"ada"}
    assert contacts.get_many(["ada"])["ada"].company_id == "acme"


def test_a_deleted_contact_is_not_written_back(contacts: ContactRepository) -> None:
    """Who read a contact before it was deleted does not bring it back."""
    contacts.save_many([a_contact("ada")])
    read = contacts.get_many(["ada"])["ada"]
    contacts.delete(read)

    conflicts = contacts.save_many([read])

    assert set(conflicts) == {"ada"}
    assert not contacts.get_many(["ada"])


def test_one_conflict_costs_one_contact(contacts: ContactRepository) -> None:
    """Its neighbours are stored."""
    contacts.save_many([a_contact("bob")])

    conflicts = contacts.save_many([a_contact(name) for name in ("ada", "bob", "eve")])

    assert set(conflicts) == {"bob"}
    assert contacts.get_many(["ada", "bob", "eve"]).keys() == {"ada", "bob", "eve"}


def test_more_contacts_than_one_request_takes(contacts: ContactRepository) -> None:
    """Any number can be stored and read."""
    ids = {f"contact-{number}" for number in range(230)}

    conflicts = contacts.save_many([a_contact(each) for each in ids])

    assert not conflicts
    assert contacts.get_many(ids).keys() == ids


def test_unknown_ids_are_left_out(contacts: ContactRepository) -> None:
    """Mappings leave out what was not found; nothing asked, nothing answered."""
    assert contacts.get_many(["nobody"]) == {}
    assert contacts.get_many([]) == {}
    assert not contacts.save_many([])


def test_deleting_an_old_version_is_refused(contacts: ContactRepository) -> None:
    """A contact that was changed since it was read stays."""
    contacts.save_many([a_contact("ada")])
    read = contacts.get_many(["ada"])["ada"]
    contacts.save_many([read])

    with pytest.raises(ChangedMeanwhileError):
        contacts.delete(read)

    assert "ada" in contacts.get_many(["ada"])


def test_contacts_of_an_address_latest_first(contacts: ContactRepository) -> None:
    """Addresses are compared in their normal form, and the most recently updated comes first."""
    contacts.save_many(
        [
            a_contact("old", email="Ada@Example.com", updated_at=NOON),
            a_contact("new", email="ada@example.com", updated_at=NOON + MINUTE),
            a_contact("bob", email="bob@example.com"),
            a_contact("none"),
        ]
    )

    found = contacts.find_by_email(["ada@example.com", "nobody@example.com", "bob@example.com"])

    assert {key: [each.id for each in some] for key, some in found.items()} == {
        "ada@example.com": ["new", "old"],
        "bob@example.com": ["bob"],
    }
    assert contacts.find_by_email([]) == {}


def test_an_address_that_changed_no_longer_finds_its_contact(
    contacts: ContactRepository,
) -> None:
    """A contact is found by what it is now, and no more once it is deleted."""
    contacts.save_many([a_contact("ada", email="ada@example.com")])
    contacts.save_many([a_contact("ada", email="ada@acme.example", version=1)])

    assert contacts.find_by_email(["ada@example.com"]) == {}
    assert list(contacts.find_by_email(["ada@acme.example"])) == ["ada@acme.example"]

    contacts.delete(a_contact("ada", version=2))

    assert contacts.find_by_email(["ada@acme.example"]) == {}


def test_pages_hold_each_contact_once(contacts: ContactRepository) -> None:
    """Following the tokens to the end shows everything, and nothing twice."""
    ids = [f"contact-{number}" for number in range(7)]
    contacts.save_many([a_contact(each) for each in ids])

    seen: list[str] = []
    after = None
    while True:
        listing = contacts.page(limit=3, after=after)
        assert len(listing.items) <= 3
        seen += [contact.id for contact in listing.items]
        after = listing.next
        if after is None:
            break

    assert sorted(seen) == ids


def test_no_contacts_make_an_empty_page(contacts: ContactRepository) -> None:
    """An empty list has no next page."""
    listing = contacts.page(limit=3)

    assert (list(listing.items), listing.next) == ([], None)


@pytest.mark.parametrize("token", ["nonsense", "e30=", "ü", "IiI=", "x" * 5000, ""])
def test_a_token_that_nobody_gave_out(contacts: ContactRepository, token: str) -> None:
    """The caller's mistake is the caller's to mend; an empty token is a mistake too."""
    with pytest.raises(InputError):
        contacts.page(limit=3, after=token)


def test_what_waits_longest_comes_first(contacts: ContactRepository) -> None:
    """Of one lane, what is due by a moment, in the order of the due times."""
    contacts.save_many(
        [
            *(
                a_contact(f"contact-{number:02}", waiting=due(NOON + number * MINUTE))
                for number in reversed(range(20))
            ),
            a_contact("retried", waiting=due(NOON, Lane.RETRY)),
            a_contact("settled"),
        ]
    )

    expected = [f"contact-{number:02}" for number in range(11)]
    assert contacts.waiting(Lane.FRESH, until=NOON + 10 * MINUTE, limit=100) == expected
    assert contacts.waiting(Lane.FRESH, until=NOON + 10 * MINUTE, limit=10_000_000) == expected
    assert contacts.waiting(Lane.FRESH, until=NOON + 10 * MINUTE, limit=5) == expected[:5]
    assert contacts.waiting(Lane.RETRY, until=NOON, limit=5) == ["retried"]
    assert list(contacts.waiting(Lane.BULK, until=NOON, limit=5)) == []


def test_the_longest_wait_of_a_lane(contacts: ContactRepository) -> None:
    """It is told whether it is due or not; an empty lane has none."""
    contacts.save_many(
        [
            a_contact("ada", waiting=due(NOON + 2 * MINUTE)),
            a_contact("bob", waiting=due(NOON + MINUTE)),
            a_contact("eve", waiting=due(NOON, Lane.BULK)),
        ]
    )

    assert contacts.oldest_wait(Lane.FRESH) == NOON + MINUTE
    assert contacts.oldest_wait(Lane.RETRY) is None


def test_how_many_wait_in_a_lane(contacts: ContactRepository) -> None:
    """All of them are counted, be they due or not."""
    contacts.save_many(
        [
            *(a_contact(f"f{each}", waiting=due(NOON + each * MINUTE)) for each in range(5)),
            a_contact("bulk", waiting=due(NOON, Lane.BULK)),
            a_contact("idle"),
        ]
    )

    assert contacts.count_waiting(Lane.FRESH) == 5
    assert contacts.count_waiting(Lane.BULK) == 1
    assert contacts.count_waiting(Lane.PARKED) == 0


def test_what_was_settled_waits_no_more(contacts: ContactRepository) -> None:
    """A mark that was moved or taken away leaves its lane."""
    contacts.save_many([a_contact("ada", waiting=due(NOON)), a_contact("bob", waiting=due(NOON))])

    contacts.save_many(
        [a_contact("ada", version=1), a_contact("bob", waiting=due(NOON, Lane.RETRY), version=1)]
    )

    assert list(contacts.waiting(Lane.FRESH, until=NOON, limit=9)) == []
    assert list(contacts.waiting(Lane.RETRY, until=NOON, limit=9)) == ["bob"]
    assert contacts.oldest_wait(Lane.FRESH) is None


def named(contact_id: str, email: str | None, **values: str) -> Contact:
    """Return a contact with names."""
    known = {"first_name": "Ada", "last_name": "Lovelace", "email": email, **values}
    return a_contact(contact_id, ledger=Ledger(values=known, times=dict.fromkeys(known, NOON)))


def test_contacts_of_one_name_and_employer(contacts: ContactRepository) -> None:
    """By both names and the domain, without regard to case; free mail says nothing."""
    ada = named("ada", "ada@acme.example")
    twin = named("twin", "lovelace@ACME.example", first_name="ADA")
    other = named("other", "ada@other.example")
    free = named("free", "ada@gmail.com")
    nameless = a_contact("nameless", email="x@acme.example")
    contacts.save_many([ada, twin, other, free, nameless])

    found = contacts.find_by_name(["ada lovelace@acme.example", "ada lovelace@gmail.com"])

    assert {key: {one.id for one in group} for key, group in found.items()} == {
        "ada lovelace@acme.example": {"ada", "twin"}
    }
    moved = replace(contacts.get_many(["ada"])["ada"], ledger=other.ledger)
    contacts.save_many([moved])
    (twin_alone,) = contacts.find_by_name(["ada lovelace@acme.example"]).values()
    assert [one.id for one in twin_alone] == ["twin"]
    assert contacts.find_by_name([]) == {}


def test_what_somebody_insists_on_comes_back(contacts: ContactRepository) -> None:
    """It is part of the ledger."""
    ledger = Ledger(values={"job_title": "VP"}, insisted=frozenset({"job_title"}))
    contacts.save_many([a_contact("ada", ledger=ledger)])

    assert contacts.get_many(["ada"])["ada"].ledger.insisted == {"job_title"}


def test_what_a_value_was_in_passing_comes_back(contacts: ContactRepository) -> None:
    """Each as it was, in the order in which they came."""
    passing = {"job_title": (None, "VP"), "topics": (("a", "b"),), "employees": (7, 2.5)}
    contacts.save_many(
        [a_contact("ada", ledger=Ledger(values={"job_title": "CEO"}, passing=passing))]
    )

    assert contacts.get_many(["ada"])["ada"].ledger.passing == passing


def test_who_waits_for_an_account(contacts: ContactRepository) -> None:
    """Those without a company, in the order of their ids, as many at once as are asked for."""
    acme, other = ACCOUNT_ID, "001AB00000other0AA"
    alone = replace(a_counterpart(CONTACT_ID, sobject=SObject.CONTACT), person_account=True)
    contacts.save_many(
        [
            *(a_contact(f"contact-{number}", account_id=acme) for number in reversed(range(5))),
            a_contact("bob", account_id=other),
            a_contact("member", account_id=acme, company_id="acme"),
            a_contact("person", account_id=acme, counterpart=alone),
            a_contact("nobody's"),
        ]
    )

    first = contacts.awaiting([acme, other, "001AB00000none00AA"], limit=3)
    rest = contacts.awaiting([acme], limit=3, after="contact-2")

    assert {key: list(ids) for key, ids in first.items()} == {
        acme: ["contact-0", "contact-1", "contact-2"],
        other: ["bob"],
    }
    assert {key: list(ids) for key, ids in rest.items()} == {acme: ["contact-3", "contact-4"]}
    assert contacts.awaiting([], limit=3) == {}


def test_who_has_joined_a_company_waits_no_more(contacts: ContactRepository) -> None:
    """Nor whose Account is another one, nor who is gone."""
    contacts.save_many([a_contact(name, account_id=ACCOUNT_ID) for name in ("ada", "bob", "eve")])

    contacts.save_many(
        [
            a_contact("ada", account_id=ACCOUNT_ID, company_id="acme", version=1),
            a_contact("bob", account_id="001AB00000other0AA", version=1),
        ]
    )
    contacts.delete(a_contact("eve", version=1))

    assert contacts.awaiting([ACCOUNT_ID], limit=9) == {}
    assert contacts.awaiting(["001AB00000other0AA"], limit=9) == {"001AB00000other0AA": ["bob"]}


def test_a_contact_that_takes_as_much_as_it_may(contacts: ContactRepository) -> None:
    """Its values, what was last seen of them, and what a job carries, each at its largest."""
    values: dict[str, Value] = {"note": "x" * MOST_BYTES}
    ledger = Ledger(values=values, times=dict.fromkeys(values, NOON), shadows=values)
    for letter in "abcdefg":
        ledger = ledger_with(ledger, {"note": letter * MOST_BYTES}, now=NOON)
    flight = InFlight(job_id="job", record_id=LEAD_ID, sent=values, version=0)
    contact = a_contact("ada", ledger=ledger, counterpart=a_counterpart(), in_flight=flight)

    assert not contacts.save_many([contact])
    assert contacts.get_many(["ada"])["ada"].ledger == ledger
