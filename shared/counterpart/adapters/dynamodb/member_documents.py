"""The part of a member's item that only we read: what is known of its CampaignMember, as JSON."""

from __future__ import annotations

import json

from counterpart.adapters.dynamodb.compact_json import moment_of, moment_text, to_json
from counterpart.adapters.moments import from_text, to_short_text
from counterpart.domain.members import Agreement, MemberCounterpart


def counterpart_text(counterpart: MemberCounterpart) -> str:
    """Return the details of a counterpart, without the record that it is."""
    agreed = counterpart.agreed
    content = {
        "campaign": counterpart.campaign_record_id,
        "person": counterpart.person_id,
        "linked_at": to_short_text(counterpart.linked_at),
        "agreed": [agreed.ours, agreed.theirs] if agreed else None,
        "modstamp": moment_text(counterpart.modstamp),
        "written_at": moment_text(counterpart.written_at),
        "written_until": moment_text(counterpart.written_until),
        "responded": counterpart.responded or None,
        "made_here": counterpart.made_here or None,
    }
    return to_json({name: value for name, value in content.items() if value is not None})


def counterpart_of(record_id: str, text: str) -> MemberCounterpart:
    """Return the counterpart of that record whose details `counterpart_text` wrote."""
    content = json.loads(text)
    agreed = content.get("agreed")
    return MemberCounterpart(
        record_id=record_id,
        campaign_record_id=content["campaign"],
        person_id=content["person"],
        linked_at=from_text(content["linked_at"]),
        agreed=Agreement(ours=agreed[0], theirs=agreed[1]) if agreed else None,
        modstamp=moment_of(content.get("modstamp")),
        written_at=moment_of(content.get("written_at")),
        written_until=moment_of(content.get("written_until")),
        responded=content.get("responded", False),
        made_here=content.get("made_here", False),
    )
