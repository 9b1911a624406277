"""Contacts, companies and links to store; what a test does not say is of no matter to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from counterpart.domain.bounces import Bounce, BounceKind, BounceSource
from counterpart.domain.campaigns import Campaign, CampaignType, MemberStatus
from counterpart.domain.contacts import Company, Contact, Ledger
from counterpart.domain.links import Counterpart, Link, LinkedBy, LinkState
from counterpart.domain.members import Agreement, ChangedBy, Member, MemberCounterpart
from counterpart.domain.records import SObject
from counterpart.domain.waiting import Lane, Waiting

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

LEAD_ID = "00QAB00000abcDE2AY"
CONTACT_ID = "003AB00000abcDEYAY"
ACCOUNT_ID = "001AB00000abcDEYAY"
CAMPAIGN_ID = "701AB00000abcDEYAY"


def a_contact(contact_id: str, *, email: str | None = None, **details: Any) -> Contact:  # noqa: ANN401 - what a contact has
    """Return a contact that was never stored."""
    values = {"email": email} if email else {}
    return Contact(
        **{
            "id": contact_id,
            "ledger": Ledger(values=values, times=dict.fromkeys(values, NOON)),
            "created_at": NOON,
            "updated_at": NOON,
            **details,
        }
    )


def a_company(company_id: str, **details: Any) -> Company:  # noqa: ANN401 - what a company has
    """Return a company that was never stored."""
    return Company(
        **{
            "id": company_id,
            "ledger": Ledger(),
            "created_at": NOON,
            "updated_at": NOON,
            **details,
        }
    )


def a_counterpart(record_id: str = LEAD_ID, *, sobject: SObject = SObject.LEAD) -> Counterpart:
    """Return a counterpart with every detail."""
    return Counterpart(
        record_id=record_id,
        object=sobject,
        linked_at=NOON,
        linked_by=LinkedBy.EMAIL,
        modstamp=NOON + MINUTE,
        written_at=NOON + 2 * MINUTE,
        written_until=NOON + 3 * MINUTE,
        placed={"job_title": NOON + 4 * MINUTE},
        lifted_over=NOON + 5 * MINUTE,
        may_refuse=True,
        bounce=Bounce(
            kind=BounceKind.HARD,
            at=NOON - MINUTE,
            email_key="ada@example.com",
            source=BounceSource.SALESFORCE,
            reason="no such mailbox",
        ),
    )


def a_link(
    record_id: str = LEAD_ID,
    *,
    subject_id: str | None = "ada",
    **details: Any,  # noqa: ANN401 - what a link has
) -> Link:
    """Return a link."""
    return Link(
        **{
            "record_id": record_id,
            "object": SObject.LEAD,
            "state": LinkState.LINKED if subject_id else LinkState.SKIPPED,
            "subject_id": subject_id,
            **details,
        }
    )


def due(at: datetime, lane: Lane = Lane.FRESH) -> Waiting:
    """Return the mark that something waits since then."""
    return Waiting(lane=lane, next_push_at=at)


def a_type(type_id: str = "webinar", *labels: str, **details: Any) -> CampaignType:  # noqa: ANN401 - what a type has
    """Return a type that was never stored, of whose statuses the last is a success."""
    named = labels or ("Invited", "Registered", "Attended")
    return CampaignType(
        **{
            "id": type_id,
            "name": "Webinar",
            "statuses": tuple(
                MemberStatus(label=label, success=label == named[-1]) for label in named
            ),
            "created_at": NOON,
            "updated_at": NOON,
            **details,
        }
    )


def a_campaign(campaign_id: str = "spring", **details: Any) -> Campaign:  # noqa: ANN401 - what a campaign has
    """Return a campaign that was never stored."""
    return Campaign(
        **{
            "id": campaign_id,
            "name": "Spring webinar",
            "type_id": "webinar",
            "created_at": NOON,
            "updated_at": NOON,
            **details,
        }
    )


def a_member(contact_id: str = "ada", campaign_id: str = "spring", **details: Any) -> Member:  # noqa: ANN401 - what a member has
    """Return a member that was never stored."""
    return Member(
        **{
            "campaign_id": campaign_id,
            "contact_id": contact_id,
            "status": "Invited",
            "status_changed_at": NOON,
            "changed_by": ChangedBy.PERSON,
            "created_at": NOON,
            "updated_at": NOON,
            **details,
        }
    )


def a_member_counterpart(record_id: str = "00vAB00000abcDEYAY") -> MemberCounterpart:
    """Return the counterpart of a member, with every detail."""
    return MemberCounterpart(
        record_id=record_id,
        campaign_record_id=CAMPAIGN_ID,
        person_id=LEAD_ID,
        linked_at=NOON,
        agreed=Agreement(ours="Invited", theirs="Sent"),
        modstamp=NOON + MINUTE,
        written_at=NOON + 2 * MINUTE,
        written_until=NOON + 3 * MINUTE,
        responded=True,
        made_here=True,
    )
