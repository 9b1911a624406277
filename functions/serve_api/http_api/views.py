"""The shapes of what the API gives out."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from counterpart.domain.bounces import still_standing
from counterpart.domain.contacts import Company, Contact
from counterpart.domain.mapping import EMAIL, OPTED_OUT
from counterpart.domain.notices import Notice
from counterpart.domain.outcomes import Outcome, Run
from counterpart.domain.sync_tags import tags_of
from counterpart.domain.values import format_time
from counterpart.domain.waiting import Lane

Json = str | int | float | bool | list[str] | None


class Salesforce(BaseModel):
    """The record that a contact is linked to."""

    id: str
    object: str
    linked_at: str
    state: Literal["linked", "waiting", "parked"] = Field(
        description="`waiting` while an edit is on its way out, `parked` while one is set aside."
    )


class BounceShown(BaseModel):
    """Mail to the contact's address came back; that opts nobody out."""

    kind: Literal["hard", "soft"]
    bounced_at: str
    reason: str
    source: Literal["api", "salesforce"] = Field(description="Who reported it.")


def bounce_of(contact: Contact) -> BounceShown | None:
    """Return the bounce of the address that *contact* has now, if there is one."""
    bounce = still_standing(contact.bounce, contact.email)
    if bounce is None:
        return None
    return BounceShown(
        kind=bounce.kind.value,
        bounced_at=format_time(bounce.at),
        reason=bounce.reason,
        source=bounce.source.value,
    )


class Warned(BaseModel):
    """Something to know although the write succeeded."""

    code: str
    message: str

    @classmethod
    def of(cls, notice: Notice) -> Warned:
        """Return *notice* in this shape."""
        return cls(code=notice.code.value, message=notice.message)


class ContactShown(BaseModel):
    """A contact."""

    id: str
    email: str | None
    fields: dict[str, Json] = Field(
        description="A field that was cleared is null; one that never had a value is absent."
    )
    tags: list[str] = Field(
        description="Those that people gave, then the one that tells how it was linked."
    )
    company_id: str | None
    opted_out: bool = Field(description="A refusal on either side stands.")
    bounce: BounceShown | None
    salesforce: Salesforce | None
    outbound_paused_at: str | None = Field(
        description="Since when nothing of it goes out, because the sync's tag was taken away."
    )
    created_at: str
    updated_at: str
    version: int

    @classmethod
    def of(cls, contact: Contact) -> ContactShown:
        """Return *contact* in this shape."""
        return cls(**_contact(contact))


class ContactWritten(ContactShown):
    """A contact, as it was written."""

    warnings: list[Warned]

    @classmethod
    def after(cls, contact: Contact, notices: tuple[Notice, ...]) -> ContactWritten:
        """Return *contact* in this shape, with what its writer should know."""
        return cls(**_contact(contact), warnings=[Warned.of(notice) for notice in notices])


class Contacts(BaseModel):
    """Some contacts of a longer list."""

    items: list[ContactShown]
    next: str | None = Field(description="Hand it back as `next` to get what follows.")


class RunShown(BaseModel):
    """A batch of work."""

    id: str
    kind: str
    status: str
    started_at: str
    finished_at: str
    summary: str
    counts: dict[str, dict[str, int]] = Field(description="By object, then by what became of it.")
    skipped: dict[str, int] = Field(description="By reason.")
    api_calls: int
    settings_version: int
    error: str | None

    @classmethod
    def of(cls, run: Run) -> RunShown:
        """Return *run* in this shape."""
        return cls(
            id=run.id,
            kind=run.kind.value,
            status=run.status.value,
            started_at=format_time(run.started_at),
            finished_at=format_time(run.finished_at),
            summary=run.summary,
            counts={name: dict(counts) for name, counts in run.counts.items()},
            skipped=dict(run.skipped),
            api_calls=run.api_calls,
            settings_version=run.settings_version,
            error=run.error,
        )


class Runs(BaseModel):
    """Some runs of a longer list, newest first."""

    items: list[RunShown]
    next: str | None


class OutcomeShown(BaseModel):
    """What became of one record or contact."""

    action: str
    reason: str
    at: str
    object: str | None
    record_id: str | None
    contact_id: str | None
    field: str | None
    message: str
    code: str | None
    kept: str | None
    lost: str | None

    @classmethod
    def of(cls, outcome: Outcome) -> OutcomeShown:
        """Return *outcome* in this shape."""
        return cls(
            action=outcome.action.value,
            reason=outcome.reason.value,
            at=format_time(outcome.at),
            object=outcome.object,
            record_id=outcome.record_id,
            contact_id=outcome.subject_id,
            field=outcome.field,
            message=outcome.message,
            code=outcome.code,
            kept=outcome.kept,
            lost=outcome.lost,
        )


class Outcomes(BaseModel):
    """Some outcomes of a run, in the order they were recorded."""

    items: list[OutcomeShown]
    next: str | None


def _contact(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "email": contact.email,
        "fields": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in contact.ledger.values.items()
            if name not in {EMAIL, OPTED_OUT}
        },
        "tags": list(tags_of(contact)),
        "company_id": contact.company_id,
        "opted_out": contact.opted_out,
        "bounce": bounce_of(contact),
        "outbound_paused_at": contact.outbound_paused_at
        and format_time(contact.outbound_paused_at),
        "salesforce": linked_record(contact),
        "created_at": format_time(contact.created_at),
        "updated_at": format_time(contact.updated_at),
        "version": contact.version,
    }


def linked_record(subject: Contact | Company) -> Salesforce | None:
    """Return the record of a contact or company, as it is shown."""
    counterpart, waiting = subject.counterpart, subject.waiting
    if counterpart is None:
        return None
    state: Literal["linked", "waiting", "parked"] = "linked"
    if waiting:
        state = "parked" if waiting.lane is Lane.PARKED else "waiting"
    return Salesforce(
        id=counterpart.record_id,
        object=counterpart.object.value,
        linked_at=format_time(counterpart.linked_at),
        state=state,
    )
