"""Accounts for new Contacts: a domain is claimed once, so one new company makes one Account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from counterpart.domain.account_choice import company_id_for
from counterpart.domain.contacts import Company, Ledger
from counterpart.domain.creation import new_account_values
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.pushing import settled
from counterpart.domain.records import SObject, object_of
from counterpart.domain.subjects import linked
from counterpart.ports import NewRecord
from counterpart.use_cases.creation_ports import claim_record
from counterpart.use_cases.join_companies import join_companies, no_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.refusals import Refusal
    from counterpart.domain.values import Value
    from counterpart.ports import RowAnswer
    from counterpart.use_cases.creation_ports import CreationBatch, Person

# Nobody has entered what a company is made with, so whatever an Account is called is later, be it
# one that was there before, or what automation makes of ours.
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountRows:
    """What became of Accounts, by our company's id.

    Attributes:
        made: The Account, whoever made it.
        others: Of these, one that was not made as wished, but stands in its place.
        refused: Why there is none.
    """

    made: Mapping[str, str]
    others: Mapping[str, str]
    refused: Mapping[str, Refusal]


def claim_companies(people: Sequence[Person], batch: CreationBatch) -> list[NewRecord]:
    """Claim each company that is to be made, and return its Account if that is to be made, too.

    The company's id follows from its domain, and only the first of several writes that store it
    succeeds; whoever comes second uses the same id, and so upserts the same Account.

    Args:
        people: New Contacts; those who share a company stand together.
        batch: Theirs.
    """
    firsts: dict[str, Person] = {}
    for person in people:
        if person.account.company_id:
            firsts.setdefault(person.account.company_id, person)

    # Made before, without an Account so far; somebody may have edited it since.
    known = batch.ports.companies.get_many(firsts) if firsts else {}
    claims = []
    records = []
    for company_id, person in firsts.items():
        values = new_account_values(
            person.contact,
            person.domain,
            batch.settings.creation,
            company=known.get(company_id),
        )
        if company_id not in known:
            # One of a contact's own is not for those who come later.
            shared = person.domain and company_id == company_id_for(person.domain)
            named: dict[str, Value] = {"name": values["Name"]}
            if person.domain:
                named["website"] = person.domain
            claims.append(
                Company(
                    id=company_id,
                    ledger=Ledger(values=named, times=dict.fromkeys(named, _LONG_AGO)),
                    domain=person.domain if shared else None,
                    created_at=batch.now,
                    updated_at=batch.now,
                )
            )
        if person.account.account_id is None:
            records.append(
                NewRecord(object=SObject.ACCOUNT, external_id=company_id, values=dict(values))
            )
    if claims:
        batch.ports.companies.save_many(claims)
    return records


def settle_accounts(
    accounts: Sequence[NewRecord],
    answers: Sequence[RowAnswer],
    found: Mapping[str, str],
    batch: CreationBatch,
    *,
    as_of: datetime,
) -> AccountRows:
    """Link each company to the Account that was made for it.

    Args:
        accounts: What was wanted.
        answers: What became of each.
        found: Accounts that an earlier try had made, by our company's id.
        batch: That of the people whose they are.
        as_of: By Salesforce's clock, when they were answered.
    """
    ports, notes = batch.ports, batch.notes
    made = dict(found)
    written: dict[str, dict[str, Value]] = {}
    others: dict[str, str] = {}
    refused: dict[str, Refusal] = {}
    for account, said in zip(accounts, answers, strict=True):
        if said.record_id:
            made[account.external_id] = said.record_id
            written[account.external_id] = _by_our_names(account, batch)
            notes.count(SObject.ACCOUNT, "created" if said.created else "found_again")
        elif said.refusal and _is_there(said.refusal):
            # Another worker made it in the same instant.
            others[account.external_id] = made[account.external_id] = said.refusal.matches[0]
            notes.count(SObject.ACCOUNT, "found_again")
        elif said.refusal:
            refused[account.external_id] = said.refusal
            notes.refuse(account.external_id, SObject.ACCOUNT, said.refusal)
    companies: list[Company] = []
    for company in ports.companies.get_many(made).values() if made else ():
        record_id = made[company.id]
        ours = claim_record(
            ports,
            record_id=record_id,
            sobject=SObject.ACCOUNT,
            subject_id=company.id,
            by=LinkedBy.CREATION,
            now=batch.now,
        )
        # A pull that saw the Account first has made a company of its own of it.
        if ours and company.counterpart is None:
            after = _with_account(company, record_id, written.get(company.id), batch, as_of=as_of)
            # Whoever loses this write loses it to somebody who made the same link.
            ports.companies.save_many([after])
            companies.append(after)
        elif ours:
            companies.append(company)
    # Where an earlier try made the Account, people there may have been quicker with its Contacts.
    join_companies(companies, contacts=ports.contacts, now=batch.now, has_time=no_time)
    return AccountRows(made=made, others=others, refused=refused)


def _with_account(
    company: Company,
    record_id: str,
    written: Mapping[str, Value] | None,
    batch: CreationBatch,
    *,
    as_of: datetime,
) -> Company:
    """Return a company with its Account, and with what that was just made with as seen there."""
    counterpart = Counterpart(
        record_id=record_id,
        object=SObject.ACCOUNT,
        linked_at=batch.now,
        linked_by=LinkedBy.CREATION,
    )
    after = linked(company, counterpart)
    if written is None:
        return after
    now = batch.ports.clock()
    return settled(after, shadows=written, written_at=now, written_until=as_of)


def _by_our_names(account: NewRecord, batch: CreationBatch) -> dict[str, Value]:
    """Return what an Account was made with, by our field names."""
    return {
        field.name: account.values[path]
        for field in batch.settings.fields_of(SObject.ACCOUNT)
        if (path := field.paths.get(SObject.ACCOUNT, "")) in account.values
    }


def on_account(person: Person, accounts: AccountRows) -> Person:
    """Return the person with the Account that was made, which is not to be named anew."""
    account_id = accounts.made.get(person.account.company_id or "")
    if account_id is None:
        return person
    return replace(person, account=replace(person.account, account_id=account_id))


def in_company(person: Person, companies: Mapping[str, str]) -> Person:
    """Return the person with the company that its Account is here, whoever made that."""
    company_id = companies.get(person.account.account_id or "")
    if company_id is None:
        return person
    return replace(person, account=replace(person.account, company_id=company_id))


def _is_there(refusal: Refusal) -> bool:
    """Return whether an Account was refused because our very id has one already."""
    return (
        refusal.code == "DUPLICATE_VALUE"
        and len(refusal.matches) == 1
        and object_of(refusal.matches[0]) is SObject.ACCOUNT
    )
