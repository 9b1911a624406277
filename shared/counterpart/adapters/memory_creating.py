"""How records come to be in an org in memory: who is looked up, and what is upserted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from counterpart.adapters.memory_records import is_gone, records_of
from counterpart.adapters.memory_write_checks import suspicion
from counterpart.adapters.salesforce.rows import EXTERNAL_ID, IS_PERSON_ACCOUNT
from counterpart.domain.emails import email_key
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal, Remedy
from counterpart.ports import AccountFound, LookUp, PersonFound, RowAnswer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.adapters.memory_org import MemoryOrg
    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.mapping import FieldMapping
    from counterpart.ports import NewRecord


def look_up(
    org: MemoryOrg,
    *,
    emails: Collection[str],
    domains: Collection[str],
    fields: Sequence[FieldMapping],
    contact_ids: Collection[str],
    company_ids: Collection[str],
) -> LookUp:
    """Return who and what is there already: by address, by website, or under our ids."""
    wanted = {email_key(email) for email in emails}
    people = [
        PersonFound(record=record, email_key=key or "", external_id=borne)
        for sobject in (SObject.CONTACT, SObject.LEAD)
        for row in org.rows(sobject)
        for key, borne in [(email_key(row["Email"] or ""), _borne(org, sobject, row))]
        if ((key and key in wanted) or borne in contact_ids) and not is_gone(row)
        for record in records_of(org, sobject, [row], fields)
    ]
    accounts = [
        AccountFound(
            record_id=row["Id"],
            name=row["Name"],
            website=row["Website"],
            modified_at=row["LastModifiedDate"],
            external_id=borne,
        )
        for row in org.rows(SObject.ACCOUNT)
        if not (row["IsDeleted"] or row.get(IS_PERSON_ACCOUNT))
        for site, borne in [((row["Website"] or "").lower(), _borne(org, SObject.ACCOUNT, row))]
        if any(domain in site for domain in domains) or borne in company_ids
    ]
    return LookUp(people=people, accounts=accounts)


def create(
    org: MemoryOrg, records: Sequence[NewRecord], *, allow_duplicates: bool
) -> Mapping[tuple[SObject, str], RowAnswer]:
    """Create records and return what became of each, by its object and external id."""
    answers: dict[tuple[SObject, str], RowAnswer] = {}
    # In the order of their declaration: Accounts come first.
    for record in sorted(records, key=lambda record: list(SObject).index(record.object)):
        above = answers.get((SObject.ACCOUNT, record.account_external_id or ""))
        made = above.record_id if above else None
        answer = upserted(org, record, made, allow_duplicates=allow_duplicates)
        if answer.refusal and above and above.refusal and above.refusal.remedy is Remedy.RETRY:
            answer = above
        answers[record.object, record.external_id] = answer
    return answers


def upserted(
    org: MemoryOrg, record: NewRecord, account_made: str | None, *, allow_duplicates: bool
) -> RowAnswer:
    """Create a record under our id, or change the one that bears it."""
    values: dict[str, Any] = {EXTERNAL_ID: record.external_id, **record.values}
    keyed = EXTERNAL_ID in org.seen_fields(record.object)
    if not keyed:
        del values[EXTERNAL_ID]
    if record.object is not SObject.CONTACT:
        pass
    elif record.account_id:
        values["AccountId"] = record.account_id
    elif account_made:
        values["AccountId"] = account_made
    elif record.account_external_id:
        account = org.by_external_id(SObject.ACCOUNT, record.account_external_id)
        if account is None:
            return RowAnswer(
                refusal=Refusal(
                    code="INVALID_FIELD",
                    message=f"Foreign key external ID: {record.account_external_id.lower()}"
                    f" not found for field {EXTERNAL_ID} in entity Account",
                )
            )
        values["AccountId"] = account["Id"]
    row = org.by_external_id(record.object, record.external_id) if keyed else None
    record_id = row["Id"] if row else None
    key = record.external_id
    if refusal := org.objection(record.object, values, record_id, key):
        return RowAnswer(refusal=refusal)
    if record_id:
        org.edit(record_id, values)
        return RowAnswer(record_id=record_id)
    if refusal := suspicion(org, record.object, values, allow_duplicates=allow_duplicates):
        return RowAnswer(refusal=refusal)
    return RowAnswer(record_id=org.add(record.object, values), created=True)


def _borne(org: MemoryOrg, sobject: SObject, row: Row) -> str | None:
    """Return the id of ours that a row bears, as far as our user sees it."""
    return row[EXTERNAL_ID] if EXTERNAL_ID in org.seen_fields(sobject) else None
