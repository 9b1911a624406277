"""What a run tells: counts for everybody, and a line with a reason for each row that matters."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Action(StrEnum):
    """What became of one record or contact."""

    SKIPPED = "skipped"
    REFUSED = "refused"
    FAILED = "failed"
    CONFLICTED = "conflicted"
    PROTECTED = "protected"
    WARNED = "warned"
    LINKED = "linked"
    UNLINKED = "unlinked"
    DELETED = "deleted"
    CREATED = "created"
    HELD = "held"


class Reason(StrEnum):
    """Machine reasons, the same on every page and in every report."""

    # Skips, inbound.
    NO_EMAIL = "no_email"
    INVALID_EMAIL = "invalid_email"
    LEAD_CONVERTED = "lead_converted"
    OBJECT_DISABLED = "object_disabled"
    FILTERED_OUT = "filtered_out"
    NOT_FOUND = "not_found"
    STALE = "stale"
    NO_CHANGE = "no_change"
    PERSON_ACCOUNT = "person_account"
    DELETED_HERE = "deleted_here"
    DELETED_THERE = "deleted_there"
    UNKNOWN_RECORD = "unknown_record"
    NOT_A_CONTACT = "not_a_contact"
    REMOVED_HERE = "removed_here"
    OTHER_ROW = "other_row"
    # Links.
    LINKED_BY_EMAIL = "linked_by_email"
    RELINKED_BY_CONVERSION = "relinked_by_conversion"
    RELINKED_BY_MERGE = "relinked_by_merge"
    RELINKED_BY_UNDELETION = "relinked_by_undeletion"
    DUPLICATE_AFTER_CONVERSION = "duplicate_after_conversion"
    DUPLICATE_AFTER_MERGE = "duplicate_after_merge"
    DUPLICATE_AFTER_CREATION = "duplicate_after_creation"
    DUPLICATE_EMAIL = "duplicate_email"
    AMBIGUOUS_MATCH = "ambiguous_match"
    AMBIGUOUS_ACCOUNT = "ambiguous_account"
    CREATED = "created"
    # Fields.
    UNREADABLE_VALUE = "unreadable_value"
    FIELD_UNAVAILABLE = "field_unavailable"
    OBJECT_UNAVAILABLE = "object_unavailable"
    FIELD_SET_ASIDE = "field_set_aside"
    TRUNCATED = "truncated"
    FIELD_DETECTED = "field_detected"
    NO_ROOM_IN_MAPPING = "no_room_in_mapping"
    BOTH_CHANGED = "both_changed"
    PREFER_SALESFORCE = "prefer_salesforce"
    THEIRS_LATER = "theirs_later"
    # Outbound.
    OUTBOUND_DISABLED = "outbound_disabled"
    OUTBOUND_PAUSED = "outbound_paused"
    IN_FLIGHT = "in_flight"
    JOB_ENDED_EARLY = "job_ended_early"
    NOT_LINKED = "not_linked"
    ALREADY_LINKED = "already_linked"
    REFUSED = "refused"
    GAVE_UP = "gave_up"
    NO_SUCH_CONTACT = "no_such_contact"
    # The guard.
    TOO_MUCH_AT_ONCE = "too_much_at_once"
    DUPLICATES_DETECTED = "duplicates_detected"
    EXISTING_MATCH = "existing_match"
    # Campaigns.
    STATUS_UNKNOWN = "status_unknown"
    STATUS_REPLACED = "status_replaced"
    STATUS_NOT_CREATED = "status_not_created"
    CAMPAIGN_DELETED = "campaign_deleted"
    CAMPAIGN_TAKEN = "campaign_taken"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One thing that somebody may ask about later.

    Attributes:
        reason: Machine-readable.
        message: For people; Salesforce's own words where it refused. Holds no contact data but
            what Salesforce itself put into its message.
        field: Our field, if it is about one.
        kept: Which side's value stood, where both had changed.
        lost: The value that did not, so that nothing is lost without a trace.
    """

    action: Action
    reason: Reason
    at: datetime
    object: str | None = None
    record_id: str | None = None
    subject_id: str | None = None
    field: str | None = None
    message: str = ""
    code: str | None = None
    kept: str | None = None
    lost: str | None = None


def unavailable(sobject: str, message: str, *, at: datetime) -> Outcome:
    """Return what is told of an object that our user may not read, in Salesforce's words."""
    return Outcome(
        action=Action.FAILED,
        reason=Reason.OBJECT_UNAVAILABLE,
        at=at,
        object=sobject,
        message=message,
    )


class RunKind(StrEnum):
    """The streams of work that leave runs behind."""

    PULL = "pull"
    PUSH = "push"
    CREATE = "create"
    BACKFILL = "backfill"
    SWEEP = "sweep"
    CAMPAIGNS = "campaigns"


class RunStatus(StrEnum):
    """How a run ended."""

    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    # More remains, and the next invocation goes on with it.
    CONTINUES = "continues"
    # Stopped to leave the org its API allowance.
    BUDGET = "budget"
    # Something in it would do so much harm, were it a mistake, that it waits for a person's yes.
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One batch of work, as the list of runs shows it.

    Attributes:
        counts: By object, then by what became of its rows.
        skipped: By reason.
        settings_version: The settings it worked by.
    """

    id: str
    kind: RunKind
    status: RunStatus
    started_at: datetime
    finished_at: datetime
    summary: str
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    api_calls: int = 0
    settings_version: int = 0
    error: str | None = None
