"""Accounts for new Contacts: a domain is claimed once, so one new company makes one Account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.contacts import Company, Counterpart, Ledger, LinkedBy
from counterpart.domain.creation import new_account_values
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import SObject
from counterpart.domain.subjects import linked
from counterpart.ports import NewRecord
from counterpart.use_cases.creation_ports import claim_record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.values import Value
    from counterpart.ports import RowAnswer
    from counterpart.use_cases.creation_ports import CreatePorts, Person
    from counterpart.use_cases.notes import Notes


def claim_companies(
    people: Sequence[Person], *, ports: CreatePorts, now: datetime, shared: bool
) -> list[NewRecord]:
    """Claim each company that is to be made, and return its Account.

    The company's id follows from its domain, and only the first of several writes that store it
    succeeds; whoever comes second uses the same id, and so upserts the same Account.

    Args:
        people: New Contacts; those who share a company stand together.
        ports: The world.
        now: By our clock.
        shared: Whether a company may be found by its domain by those who come later.
    """
    firsts: dict[str, Person] = {}
    for person in people:
        if person.account.company_id:
            firsts.setdefault(person.account.company_id, person)

    claims = []
    records = []
    for company_id, person in firsts.items():
        values = new_account_values(person.contact, person.domain)
        named: dict[str, Value] = {"name": values["Name"]}
        if person.domain:
            named["website"] = person.domain
        claims.append(
            Company(
                id=company_id,
                ledger=Ledger(values=named, times=dict.fromkeys(named, now)),
                domain=person.domain if shared else None,
                created_at=now,
                updated_at=now,
            )
        )
        records.append(
            NewRecord(object=SObject.ACCOUNT, external_id=company_id, values=dict(values))
        )
    if claims:
        ports.companies.save_many(claims)
    return records


def settle_accounts(
    accounts: Sequence[NewRecord],
    answers: Sequence[RowAnswer],
    *,
    ports: CreatePorts,
    notes: Notes,
    now: datetime,
) -> None:
    """Link each company to the Account that was made for it."""
    made: dict[str, str] = {}
    for account, said in zip(accounts, answers, strict=True):
        if said.record_id:
            made[account.external_id] = said.record_id
            notes.count(SObject.ACCOUNT, "created" if said.created else "found_again")
        elif said.refusal:
            notes.count(SObject.ACCOUNT, "refused")
            notes.tell(
                Action.REFUSED,
                Reason.REFUSED,
                account.external_id,
                sobject=SObject.ACCOUNT,
                refusal=said.refusal,
            )
    if not made:
        return
    for company in ports.companies.get_many(made).values():
        record_id = made[company.id]
        claim_record(
            ports.links,
            record_id=record_id,
            sobject=SObject.ACCOUNT,
            subject_id=company.id,
            by=LinkedBy.CREATION,
            now=now,
        )
        if company.counterpart is None:
            counterpart = Counterpart(
                record_id=record_id,
                object=SObject.ACCOUNT,
                linked_at=now,
                linked_by=LinkedBy.CREATION,
            )
            # Whoever loses this write loses it to somebody who made the same link.
            ports.companies.save_many([linked(company, counterpart)])
