"""The shapes of explanations, as the function that speaks to Salesforce gives them."""

from __future__ import annotations

from pydantic import BaseModel, Field

Json = str | int | float | bool | list[str] | None


class WhyShown(BaseModel):
    """A machine reason, and the same for people."""

    reason: str
    message: str


class JudgementShown(BaseModel):
    """What would be done with a field, and the row of the decision table that says so."""

    does: str = Field(description="leave, take theirs, send ours or protect theirs.")
    why: str


class FieldExplained(BaseModel):
    """One field on both sides."""

    name: str
    mode: str | None
    ours: Json
    our_time: str | None
    theirs: Json = Field(default=None, description="Left out where it is not known.")
    shadow: Json = Field(default=None, description="Left out where nothing was ever seen.")
    pull: JudgementShown
    push: JudgementShown


class CounterpartExplained(BaseModel):
    """A record, and how the link to it came about."""

    id: str
    object: str
    state: str | None
    linked_at: str
    linked_by: str
    message: str
    applied: str | None = Field(description="The stamp of the version that was applied last.")
    written_at: str | None


class SecondaryExplained(BaseModel):
    """A further record, whose changes come in; nothing goes out to it."""

    id: str
    object: str
    came_from: str = Field(description="The contact that was merged into this one.")
    applied: str | None
    next_pull: PullExplained | None


class WaitExplained(BaseModel):
    """What waits to go out."""

    lane: str
    since: str | None
    attempts: int
    goes_at: str | None
    message: str


class PullExplained(WhyShown):
    """Whether the next pull reads the record, and what it would do then."""

    does: str | None


class OutcomeExplained(BaseModel):
    """One of the last things that happened."""

    run_id: str
    at: str
    action: str
    reason: str
    object: str | None
    record_id: str | None
    field: str | None
    message: str
    code: str | None
    kept: str | None
    lost: str | None


class ContactExplained(BaseModel):
    """What is known of a contact."""

    id: str
    email: str | None
    opted_out: bool
    tags: list[str]
    bounced: str | None = Field(description="hard or soft, where mail came back; else null.")
    outbound_paused_at: str | None
    company_id: str | None
    account_id: str | None
    created_at: str
    updated_at: str
    version: int
    same_email: list[str] = Field(description="Other contacts of this address.")
    salesforce: CounterpartExplained | None
    former: CounterpartExplained | None
    secondaries: list[SecondaryExplained]
    merged: list[str] = Field(description="Contacts that were merged into this one.")
    not_in_salesforce: WhyShown | None
    waiting: WaitExplained | None
    theirs_from: str | None = Field(description="salesforce, or shadow where it is as last seen.")
    their_time: str | None = Field(description="When a user last changed the record.")
    next_pull: PullExplained | None
    fields: list[FieldExplained]
    outcomes: list[OutcomeExplained] = Field(description="The last twenty, newest first.")


class RecordExplained(WhyShown):
    """What became of a record of Salesforce."""

    id: str
    object: str
    state: str | None
    contact_id: str | None
    company_id: str | None = Field(default=None, description="Where it is an Account.")
    changed_at: str | None


class ExplanationShown(BaseModel):
    """Why something is as it is, and what would happen next."""

    asked_for: str
    merged_into: str | None = Field(description="The contact that is told of in its place.")
    at: str
    settings_version: int
    contact: ContactExplained | None
    records: list[RecordExplained] = Field(
        description="Of that address, of that id, or of the address of a contact without a record."
    )
    nothing_found: str | None = Field(default=None, description="Told if there is neither.")
    salesforce_silent: str | None = Field(description="Why Salesforce could not be asked.")
