"""What every repository of companies does; it shares its ways with that of contacts."""

from dataclasses import replace

import pytest

from counterpart.domain.contacts import Company, Ledger
from counterpart.domain.records import SObject
from counterpart.domain.waiting import Lane
from counterpart.errors import InputError
from counterpart.ports import CompanyRepository
from tests.contracts.stores.samples import ACCOUNT_ID, MINUTE, NOON, a_company, a_counterpart, due


def test_a_company_comes_back_whole(companies: CompanyRepository) -> None:
    """Nothing of a company is lost or changed, but for its version."""
    values = {"name": "Acme", "website": None, "employees": 7}
    company = Company(
        id="acme",
        ledger=Ledger(
            values=values, times=dict.fromkeys(values, NOON), shadows={"name": "ACME", "x": True}
        ),
        created_at=NOON,
        updated_at=NOON.replace(microsecond=5),
        domain="acme.example",
        counterpart=a_counterpart(ACCOUNT_ID, sobject=SObject.ACCOUNT),
        former=a_counterpart(ACCOUNT_ID[:-1] + "B", sobject=SObject.ACCOUNT),
        waiting=due(NOON),
    )

    conflicts = companies.save_many([company, a_company("bare")])

    assert not conflicts
    assert companies.get_many(["acme", "bare", "unknown"]) == {
        "acme": replace(company, version=1),
        "bare": a_company("bare", version=1),
    }


def test_a_write_on_an_old_version_changes_nothing(companies: CompanyRepository) -> None:
    """Of two who claim a domain by the same id, one writes and the other is told."""
    companies.save_many([a_company("acme", domain="acme.example")])

    conflicts = companies.save_many([a_company("acme"), a_company("other")])

    assert set(conflicts) == {"acme"}
    assert companies.get_many(["acme"])["acme"].domain == "acme.example"
    assert companies.get_many(["other"])["other"].version == 1


def test_companies_of_a_domain_oldest_id_first(companies: CompanyRepository) -> None:
    """The order does not depend on the order of writing, so all choose the same one."""
    companies.save_many(
        [
            a_company("b", domain="acme.example"),
            a_company("a", domain="acme.example"),
            a_company("c", domain="example.com"),
            a_company("d"),
        ]
    )

    found = companies.find_by_domain(["acme.example", "example.com", "example.org"])

    assert {domain: [each.id for each in some] for domain, some in found.items()} == {
        "acme.example": ["a", "b"],
        "example.com": ["c"],
    }


def test_a_domain_that_changed_no_longer_finds_its_company(companies: CompanyRepository) -> None:
    """A company is found by what it is now."""
    companies.save_many([a_company("acme", domain="acme.example")])
    companies.save_many([a_company("acme", domain="acme.test", version=1)])

    assert companies.find_by_domain(["acme.example"]) == {}
    assert list(companies.find_by_domain(["acme.test"])) == ["acme.test"]


def test_companies_wait_as_contacts_do(companies: CompanyRepository) -> None:
    """What is due comes by its lane, longest wait first."""
    companies.save_many(
        [
            a_company("late", waiting=due(NOON + MINUTE)),
            a_company("soon", waiting=due(NOON)),
            a_company("bulk", waiting=due(NOON, Lane.BULK)),
        ]
    )

    assert companies.waiting(Lane.FRESH, until=NOON + MINUTE, limit=9) == ["soon", "late"]
    assert companies.waiting(Lane.FRESH, until=NOON, limit=9) == ["soon"]
    assert companies.oldest_wait(Lane.FRESH) == NOON
    assert companies.oldest_wait(Lane.CREATE) is None
    assert [companies.count_waiting(lane) for lane in (Lane.FRESH, Lane.BULK, Lane.RETRY)] == [
        2,
        1,
        0,
    ]


def test_pages_hold_each_company_once(companies: CompanyRepository) -> None:
    """Following the tokens shows everything, and nothing twice."""
    companies.save_many([a_company(name) for name in ("a", "b", "c")])

    first = companies.page(limit=2)
    second = companies.page(limit=2, after=first.next)

    assert sorted(each.id for each in (*first.items, *second.items)) == ["a", "b", "c"]
    with pytest.raises(InputError):
        companies.page(limit=2, after="nonsense")
