"""Members come, move and go: what a wish does to one, and when the mark is set that it waits."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.campaigns import Campaign, Removal, SyncChoice, SyncOption
from counterpart.domain.contacts import Ledger
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.members import ChangedBy, Member, Skip, against
from counterpart.domain.memberships import (
    Became,
    MemberAct,
    MemberWish,
    Stage,
    fulfil,
    moved_on,
)
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import CampaignObject
from counterpart.domain.values import FieldType
from counterpart.domain.waiting import Lane, Waiting
from counterpart.errors import ConflictError, InputError, NotFoundError, StaleVersionError
from tests.contracts.stores.samples import (
    CAMPAIGN_ID,
    MINUTE,
    NOON,
    a_campaign,
    a_member,
    a_member_counterpart,
    a_type,
)

LATER = NOON + MINUTE
SYNCING = a_campaign(sync=SyncChoice(option=SyncOption.NEW, chosen_at=NOON))
STATUSES = ["Invited", "Registered", "Attended"]
MARK = Waiting(lane=Lane.FRESH, next_push_at=LATER)


def a_field(name: str, mode: Mode = Mode.TWO_WAY) -> FieldMapping:
    """Return a field of members."""
    return FieldMapping(
        name=name,
        type=FieldType.STRING,
        mode=mode,
        paths={CampaignObject.MEMBER: f"{name.title()}__c"},
    )


def on(campaign: Campaign = SYNCING, **details: Any) -> Stage:  # noqa: ANN401 - what a stage has
    """Return where it happens, a minute past noon."""
    fields = (a_field("seat"), a_field("note", Mode.ALWAYS_SALESFORCE))
    return Stage(
        **{
            "campaign": campaign,
            "campaign_type": a_type(),
            "fields": fields,
            "lane": Lane.FRESH,
            "now": LATER,
            **details,
        }
    )


def wish(**details: Any) -> MemberWish:  # noqa: ANN401 - what a wish has
    """Return a wish about Ada."""
    return MemberWish(contact_id="ada", **details)


def test_a_new_member_gets_the_default() -> None:
    """And waits to go out, in the same write, if its campaign syncs."""
    done = fulfil(wish(fields={"seat": "7", "note": None}), None, on())

    assert done.became is Became.ADDED
    assert done.member == Member(
        campaign_id="spring",
        contact_id="ada",
        status="Invited",
        status_changed_at=LATER,
        changed_by=ChangedBy.PERSON,
        created_at=LATER,
        updated_at=LATER,
        ledger=Ledger(values={"seat": "7"}, times={"seat": LATER}),
        waiting=MARK,
    )


def test_without_a_sync_nothing_waits() -> None:
    """Neither who is added, nor who is moved."""
    done = fulfil(wish(status="attended"), None, on(a_campaign()))
    again = fulfil(wish(status="Invited"), done.member, on(a_campaign()))

    assert (done.member.status, done.member.waiting) == ("Attended", None)
    assert (again.member.status, again.member.waiting) == ("Invited", None)


def test_a_choice_that_ended_marks_nobody() -> None:
    """What happens meanwhile is taken up when somebody chooses again."""
    over = replace(SYNCING, sync=replace(SYNCING.sync, refusal="it was deleted"))

    assert fulfil(wish(), None, on(over)).member.waiting is None


def test_a_status_that_is_the_same_is_no_change() -> None:
    """However it is spelt, whoever sends it."""
    member = a_member(status="Registered", version=3)

    for automated in (False, True):
        done = fulfil(wish(status="REGISTERED", automated=automated), member, on())
        assert done.became is Became.UNCHANGED
        assert done.member is member


@given(now_at=st.sampled_from(STATUSES), wanted=st.sampled_from(STATUSES), automated=st.booleans())
def test_automation_moves_forward_only(now_at: str, wanted: str, *, automated: bool) -> None:
    """People may go back."""
    member = a_member(status=now_at, version=1)
    asked = wish(status=wanted, automated=automated, act=MemberAct.CHANGE)

    if automated and STATUSES.index(wanted) < STATUSES.index(now_at):
        with pytest.raises(ConflictError, match=f"at {now_at} already"):
            fulfil(asked, member, on())
        return
    done = fulfil(asked, member, on())

    assert done.member.status == wanted
    if wanted != now_at:
        by = ChangedBy.AUTOMATION if automated else ChangedBy.PERSON
        assert (done.member.changed_by, done.member.waiting) == (by, MARK)


def test_a_new_status_never_looks_older_than_the_one_it_replaces() -> None:
    """Salesforce's clock may be ahead of ours; its record would bring the old one back."""
    ahead = LATER + timedelta(seconds=30)

    done = fulfil(wish(status="Attended"), a_member(status_changed_at=ahead), on())

    assert done.member.status_changed_at == ahead


def test_a_field_has_to_go_out_only_if_its_mode_lets_it() -> None:
    """One that is always Salesforce's is kept, and nothing waits for it."""
    member = a_member()

    held = fulfil(wish(fields={"note": "hello"}), member, on()).member
    sent = fulfil(wish(fields={"seat": "7"}), member, on()).member

    assert (held.ledger.values, held.waiting) == ({"note": "hello"}, None)
    assert (sent.ledger.values, sent.waiting) == ({"seat": "7"}, MARK)


def test_only_what_changed_gets_a_new_time() -> None:
    """A null clears; a value that is the same is no change."""
    ledger = Ledger(
        values={"seat": "7", "note": "hello"},
        times={"seat": NOON, "note": NOON},
        shadows={"seat": "7"},
    )

    done = fulfil(
        wish(fields={"seat": None, "note": " hello "}), a_member(ledger=ledger), on()
    ).member

    assert done.ledger == Ledger(
        values={"seat": None, "note": "hello"},
        times={"seat": LATER, "note": NOON},
        shadows={"seat": "7"},
    )
    assert done.status_changed_at == NOON


@pytest.mark.parametrize(
    ("asked", "error", "refusal"),
    [
        (wish(status="VIP"), InputError, "it has Invited, Registered, Attended"),
        (wish(fields={"meal": "soup"}), InputError, "unknown field; allowed are note, seat"),
        (wish(version=2), StaleVersionError, "its version is 1 by now"),
        (wish(act=MemberAct.REMOVE, version=2), StaleVersionError, "its version is 1 by now"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled(
    asked: MemberWish, error: type[InputError], refusal: str
) -> None:
    """It says what is allowed."""
    with pytest.raises(error, match=refusal):
        fulfil(asked, a_member(version=1), on())


def test_members_have_no_fields_until_the_settings_name_some() -> None:
    """Whoever sends one is told where to begin."""
    with pytest.raises(InputError, match="under member_fields"):
        fulfil(wish(fields={"seat": "7"}), None, on(fields=()))


@pytest.mark.parametrize("act", [MemberAct.CHANGE, MemberAct.REMOVE])
@pytest.mark.parametrize("member", [None, a_member(removed_at=NOON)])
def test_who_is_no_member_is_not_changed(act: MemberAct, member: Member | None) -> None:
    """One whose removal has still to cross is gone for everybody."""
    with pytest.raises(NotFoundError, match="ada is not a member"):
        fulfil(wish(act=act), member, on())


def test_who_is_removed_is_kept_until_it_is_gone_in_salesforce() -> None:
    """Also where no record is known yet: it may be in the making."""
    done = fulfil(wish(act=MemberAct.REMOVE), a_member(), on())

    assert done.became is Became.REMOVED
    assert (done.member.removed_at, done.member.waiting) == (LATER, MARK)


def test_who_is_removed_from_a_campaign_that_does_not_sync_is_gone() -> None:
    """There is nobody to tell."""
    done = fulfil(wish(act=MemberAct.REMOVE), a_member(), on(a_campaign()))

    assert done.became is Became.DROPPED


def test_who_comes_back_before_the_removal_has_crossed() -> None:
    """The removal is called off; what is known of the record stays."""
    gone = a_member(
        status="Attended",
        counterpart=a_member_counterpart(),
        ledger=Ledger(values={"seat": "7"}, times={"seat": NOON}, shadows={"seat": "7"}),
        removed_at=NOON,
        skip=Skip(reason=Reason.NOT_LINKED, since=NOON),
        version=4,
    )

    done = fulfil(wish(), gone, on())

    assert done.became is Became.ADDED
    assert done.member == replace(
        gone,
        status="Invited",
        status_changed_at=LATER,
        passing=("Attended",),
        removed_at=None,
        skip=None,
        waiting=MARK,
        created_at=LATER,
        updated_at=LATER,
    )


def test_who_comes_back_with_a_status_that_is_named() -> None:
    """It has to cross, also where it is what both sides had agreed upon."""
    gone = a_member(counterpart=a_member_counterpart(), removed_at=NOON)

    assert fulfil(wish(), gone, on()).member.passing == ()
    assert fulfil(wish(status="Invited"), gone, on()).member.passing == ("Invited",)


def test_a_bulk_edit_does_not_slow_a_fresh_one_down() -> None:
    """The fresher lane and the earlier time stay."""
    waiting = a_member(waiting=Waiting(lane=Lane.FRESH, next_push_at=NOON, attempts=2))

    done = fulfil(wish(status="Attended"), waiting, on(lane=Lane.BULK))

    assert done.member.waiting == Waiting(lane=Lane.FRESH, next_push_at=NOON, attempts=2)


def test_who_had_a_status_that_was_removed_moves_on() -> None:
    """It is stored with the replacement, and goes out."""
    campaign_type = a_type(
        removals=(Removal(label="Seen", replacement="Attended", removed_at=LATER),)
    )

    after = moved_on(a_member(status="seen"), on(campaign_type=campaign_type, lane=Lane.BULK))

    assert (after.status, after.status_changed_at) == ("Attended", LATER)
    assert after.waiting == Waiting(lane=Lane.BULK, next_push_at=LATER)


def test_what_is_known_of_another_campaign_says_nothing() -> None:
    """Its record and its shadows are left out; our own values stay."""
    ledger = Ledger(values={"seat": "7"}, times={"seat": NOON}, shadows={"seat": "8"})
    member = a_member(counterpart=a_member_counterpart(), ledger=ledger)

    assert against(member, CAMPAIGN_ID) is member
    other = against(member, "701AB00000abcDFIAY")
    assert other == replace(member, counterpart=None, ledger=replace(ledger, shadows={}))
    assert against(other, CAMPAIGN_ID) is other
