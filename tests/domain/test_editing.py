"""Editing a contact: values, times and the mark that it waits, all in one new contact."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.creation_requests import AccountWish, CreateAs, CreationRequest
from counterpart.domain.editing import (
    Edit,
    born,
    edited,
    hurried,
    is_expected,
    requested,
)
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.marking import mark
from counterpart.domain.notices import NoticeCode, possible_duplicate
from counterpart.domain.opt_outs import held_opt_out
from counterpart.domain.outbound_settings import Outbound, OutboundObject
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType, Value
from counterpart.domain.waiting import Lane, Waiting
from counterpart.errors import InputError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SETTINGS = SyncSettings()
SILENT = SyncSettings(outbound=Outbound(enabled=False))

LEAD = Counterpart(
    record_id="00Q000000000001EAA",
    object=SObject.LEAD,
    linked_at=NOON - timedelta(days=1),
    linked_by=LinkedBy.EMAIL,
)
CONTACT = replace(LEAD, record_id="003000000000001AAA", object=SObject.CONTACT)


def a_contact(
    values: dict[str, Value] | None = None,
    shadows: dict[str, Value] | None = None,
    counterpart: Counterpart | None = None,
    waiting: Waiting | None = None,
) -> Contact:
    """Return a contact that was last changed an hour ago."""
    values = values or {"email": "ada@example.com", "city": "Turin"}
    return Contact(
        id="ada",
        ledger=Ledger(
            values=values,
            times=dict.fromkeys(values, NOON - 60 * MINUTE),
            shadows=shadows or {},
        ),
        created_at=NOON - 60 * MINUTE,
        updated_at=NOON - 60 * MINUTE,
        counterpart=counterpart,
        waiting=waiting,
        version=3,
    )


def with_mode(name: str, mode: Mode) -> SyncSettings:
    """Return the settings with another mode for one field."""
    return replace(
        SETTINGS,
        fields=tuple(
            replace(field, mode=mode) if field.name == name else field for field in SETTINGS.fields
        ),
    )


def codes(notices: tuple[object, ...]) -> list[NoticeCode]:
    """Return what notices are about."""
    return [notice.code for notice in notices]  # type: ignore[attr-defined] # all have one


EDITS = st.fixed_dictionaries(
    {},
    optional={
        name: st.none() | st.sampled_from(["Turin", "Oslo"])
        for name in ("city", "country", "phone", "company_name")
    },
)
LINKS = st.sampled_from([None, LEAD, CONTACT])
MOMENTS = st.integers(-120, 120).map(lambda n: NOON + n * MINUTE)
MARKS = st.none() | st.builds(
    Waiting, lane=st.sampled_from(Lane), next_push_at=MOMENTS, attempts=st.integers(0, 9)
)


@given(values=EDITS, counterpart=LINKS, waiting=MARKS)
def test_an_edit_made_twice_is_made_once(
    values: dict[str, Value], counterpart: Counterpart | None, waiting: Waiting | None
) -> None:
    """The second time nothing has really changed, so nothing is written."""
    contact = a_contact(counterpart=counterpart, waiting=waiting)
    edit = Edit(values=values, tags=("vip",))

    once = edited(contact, edit, settings=SETTINGS, lane=Lane.FRESH, now=NOON).contact
    twice = edited(once, edit, settings=SETTINGS, lane=Lane.FRESH, now=NOON + MINUTE)

    assert twice.contact is once
    assert not twice.notices


@given(values=EDITS, counterpart=LINKS)
def test_only_what_changed_gets_a_new_time(
    values: dict[str, Value], counterpart: Counterpart | None
) -> None:
    """Conflicts are judged field by field, so a field that stayed must keep its time."""
    contact = a_contact(counterpart=counterpart)

    after = edited(
        contact, Edit(values=values), settings=SETTINGS, lane=Lane.FRESH, now=NOON
    ).contact

    before = contact.ledger
    assert after.ledger.values == {**before.values, **values}
    assert after.ledger.shadows == before.shadows
    for name in after.ledger.values:
        stayed = name in before.values and before.values[name] == after.ledger.values[name]
        assert after.ledger.times[name] == (before.times[name] if stayed else NOON)


@given(values=EDITS, shadows=EDITS, counterpart=LINKS, waiting=MARKS)
def test_whatever_differs_from_salesforce_waits(
    values: dict[str, Value],
    shadows: dict[str, Value],
    counterpart: Counterpart | None,
    waiting: Waiting | None,
) -> None:
    """A field of a linked contact that changed, and has to go out, is marked at once."""
    contact = a_contact(shadows=shadows, counterpart=counterpart, waiting=waiting)

    after = edited(
        contact, Edit(values=values), settings=SETTINGS, lane=Lane.FRESH, now=NOON
    ).contact

    differing = [
        field
        for field in SETTINGS.fields
        if after.ledger.times.get(field.name) == NOON
        and (
            values[field.name] != shadows.get(field.name)
            # Who clears what was never seen there says something all the same.
            or (field.name not in shadows and contact.ledger.values.get(field.name) is not None)
        )
    ]
    has_to_go = counterpart is not None and any(
        field.writes_to(counterpart.object) for field in differing
    )
    expected = mark(waiting, lane=Lane.FRESH, now=NOON) if has_to_go else waiting
    assert after.waiting == expected


@given(waiting=MARKS, lane=st.sampled_from(Lane), now=MOMENTS)
def test_a_mark_never_gets_later_or_staler(
    waiting: Waiting | None, lane: Lane, now: datetime
) -> None:
    """Another reason to wait can only bring a contact forward."""
    freshness = list(Lane).index

    after = mark(waiting, lane=lane, now=now)

    assert after.next_push_at <= now
    assert freshness(after.lane) <= freshness(lane)
    if waiting:
        assert after.next_push_at <= waiting.next_push_at
        assert freshness(after.lane) <= freshness(waiting.lane)
        assert after.attempts == waiting.attempts
    assert mark(after, lane=lane, now=now) == after


def test_lanes_are_listed_from_fresh_to_stale() -> None:
    """An edit by hand overtakes a bulk edit, which overtakes what failed before."""
    assert list(Lane) == [
        Lane.FRESH,
        Lane.BULK,
        Lane.RETRY,
        Lane.CREATE,
        Lane.SENT,
        Lane.OPT_OUT,
        Lane.PARKED,
    ]


def test_a_refusal_is_held_from_before_outbound_may_have_been_switched_on() -> None:
    """Whoever edits may have read the settings a moment before somebody switched it on."""
    after = edited(
        a_contact(counterpart=LEAD),
        Edit(values={"opted_out": True}),
        settings=SILENT,
        lane=Lane.FRESH,
        now=NOON,
    ).contact

    assert after.waiting == held_opt_out(after, SILENT, now=NOON)
    assert after.waiting
    assert after.waiting.next_push_at < NOON


def test_a_field_is_cleared_explicitly() -> None:
    """A cleared field is remembered as cleared, since that may have to go out."""
    after = edited(
        a_contact(counterpart=LEAD, shadows={"city": "Turin"}),
        Edit(values={"city": None}),
        settings=SETTINGS,
        lane=Lane.FRESH,
        now=NOON,
    ).contact

    assert after.ledger.values["city"] is None
    assert after.waiting == Waiting(lane=Lane.FRESH, next_push_at=NOON)


def test_a_field_that_never_had_a_value_is_cleared() -> None:
    """Where our side rules, saying that a field is blank is an opinion, and goes out."""
    contact = a_contact(counterpart=LEAD, shadows={"country": "Italy"})

    after = edited(
        contact,
        Edit(values={"country": None}),
        settings=with_mode("country", Mode.ALWAYS_OURS),
        lane=Lane.FRESH,
        now=NOON,
    ).contact

    assert after.waiting is not None


def test_an_edit_is_taken_back_before_it_went_out() -> None:
    """What Salesforce holds already need not be pushed."""
    contact = a_contact(counterpart=LEAD, shadows={"city": "Oslo"})

    after = edited(
        contact, Edit(values={"city": "Oslo"}), settings=SETTINGS, lane=Lane.FRESH, now=NOON
    ).contact

    assert after.waiting is None


def test_a_value_that_salesforce_stamped_a_little_later_than_now() -> None:
    """An edit is never older than what it replaces, even if Salesforce's clock is ahead."""
    contact = a_contact(counterpart=LEAD)
    ahead = NOON + MINUTE
    contact = replace(contact, ledger=replace(contact.ledger, times={"email": NOON, "city": ahead}))

    after = edited(
        contact, Edit(values={"city": "Oslo"}), settings=SETTINGS, lane=Lane.FRESH, now=NOON
    ).contact

    assert after.ledger.times["city"] == ahead


def test_a_change_of_case_in_an_address_is_kept_but_not_pushed() -> None:
    """Addresses ignore case, so Salesforce has nothing to gain from it."""
    after = edited(
        a_contact(counterpart=LEAD, shadows={"email": "ada@example.com"}),
        Edit(values={"email": "Ada@Example.com"}),
        settings=SETTINGS,
        lane=Lane.FRESH,
        now=NOON,
    ).contact

    assert after.email == "Ada@Example.com"
    assert after.waiting is None


def test_tags_alone_do_not_wait() -> None:
    """Tags are ours, and go nowhere."""
    after = edited(
        a_contact(counterpart=LEAD),
        Edit(add_tags=("vip",)),
        settings=SETTINGS,
        lane=Lane.FRESH,
        now=NOON,
    ).contact

    assert (after.tags, after.waiting, after.updated_at) == (("vip",), None, NOON)


def test_outbound_is_off() -> None:
    """What changes meanwhile stays here, so it is not marked, and its writer is told."""
    result = edited(
        a_contact(counterpart=LEAD),
        Edit(values={"city": "Oslo"}),
        settings=SILENT,
        lane=Lane.FRESH,
        now=NOON,
    )

    assert result.contact.waiting is None
    assert codes(result.notices) == [NoticeCode.OUTBOUND_DISABLED]


@pytest.mark.parametrize("mode", [Mode.ALWAYS_SALESFORCE, Mode.DO_NOT_SYNC])
def test_a_mode_that_never_goes_out(mode: Mode) -> None:
    """The edit is accepted, stays here, and its writer is told why."""
    result = edited(
        a_contact(counterpart=LEAD),
        Edit(values={"city": "Oslo"}),
        settings=with_mode("city", mode),
        lane=Lane.FRESH,
        now=NOON,
    )

    assert result.contact.ledger.values["city"] == "Oslo"
    assert result.contact.waiting is None
    assert codes(result.notices) == [NoticeCode.NOT_PUSHED]
    assert mode in result.notices[0].message


def test_a_field_that_can_only_be_read_there() -> None:
    """On a Contact, the company's name is its Account's, and is not written."""
    result = edited(
        a_contact(counterpart=CONTACT),
        Edit(values={"company_name": "Acme"}),
        settings=SETTINGS,
        lane=Lane.FRESH,
        now=NOON,
    )

    assert result.contact.waiting is None
    assert codes(result.notices) == [NoticeCode.NOT_PUSHED]


def test_salesforce_holds_another_value_that_is_preferred() -> None:
    """It waits, as the blank may be there by now, but its writer is told not to count on it."""
    result = edited(
        a_contact(counterpart=LEAD, shadows={"city": "Turin"}),
        Edit(values={"city": "Oslo"}),
        settings=SETTINGS,
        lane=Lane.FRESH,
        now=NOON,
    )

    assert result.contact.waiting is not None
    assert codes(result.notices) == [NoticeCode.PROTECTED]


def test_opting_out_waits() -> None:
    """A refusal goes to Salesforce, too."""
    after = edited(
        a_contact(counterpart=LEAD),
        Edit(values={"opted_out": True}),
        settings=SETTINGS,
        lane=Lane.FRESH,
        now=NOON,
    ).contact

    assert after.opted_out
    assert after.waiting is not None


def test_opting_in_against_salesforce() -> None:
    """A refusal stands as long as the other side holds it."""
    contact = a_contact(
        {"email": "ada@example.com", "opted_out": True}, shadows={"opted_out": True}
    )

    with pytest.raises(InputError) as refusal:
        edited(
            contact,
            Edit(values={"opted_out": False}),
            settings=SETTINGS,
            lane=Lane.FRESH,
            now=NOON,
        )

    assert refusal.value.field == "opted_out"


def test_opting_in_by_an_edit() -> None:
    """Not even a refusal that was only ever here falls to a column of somebody's list."""
    contact = a_contact({"email": "ada@example.com", "opted_out": True})

    with pytest.raises(InputError, match="opt-in"):
        edited(
            contact,
            Edit(values={"opted_out": False}),
            settings=SETTINGS,
            lane=Lane.FRESH,
            now=NOON,
        )


def test_true_is_not_one() -> None:
    """A number and a checkbox differ, whatever Python says."""
    settings = replace(
        SETTINGS,
        fields=(
            *SETTINGS.fields,
            FieldMapping(
                name="score",
                type=FieldType.NUMBER,
                mode=Mode.TWO_WAY,
                paths={SObject.LEAD: "Score__c"},
            ),
        ),
    )
    contact = a_contact({"email": "ada@example.com", "score": True}, counterpart=LEAD)

    after = edited(
        contact, Edit(values={"score": 1}), settings=settings, lane=Lane.FRESH, now=NOON
    ).contact

    assert after.ledger.values["score"] is not True
    assert after.waiting is not None


def test_more_than_an_item_can_hold() -> None:
    """A contact that could not be stored is refused while somebody can still shorten it."""
    with pytest.raises(InputError, match="131072"):
        edited(
            a_contact(),
            Edit(values={"street": "é" * 66_000}),
            settings=SETTINGS,
            lane=Lane.FRESH,
            now=NOON,
        )


def test_a_contact_is_born() -> None:
    """It has what it was given, as of now; blanks say nothing, since there is nothing to clear."""
    result = born(
        "bob",
        Edit(values={"email": "bob@example.com", "city": None}, tags=("vip",)),
        settings=SETTINGS,
        request_key="key",
        now=NOON,
    )

    assert result.contact == Contact(
        id="bob",
        ledger=Ledger(values={"email": "bob@example.com"}, times={"email": NOON}),
        tags=("vip",),
        created_at=NOON,
        updated_at=NOON,
        request_key="key",
    )
    assert not result.notices


def test_creation_is_requested() -> None:
    """Request and mark come in one contact; the mark is for the case that the job gets lost."""
    contact = requested(
        a_contact(), create_as=CreateAs.CONTACT, settings=SETTINGS, now=NOON
    ).contact

    assert contact.creation == CreationRequest(
        requested_at=NOON, create_as=CreateAs.CONTACT, account=AccountWish.FIND
    )
    assert contact.waiting == Waiting(lane=Lane.CREATE, next_push_at=NOON + 15 * MINUTE)
    assert is_expected(contact)


def test_creation_is_requested_again() -> None:
    """A request that is on its way is left alone."""
    once = requested(a_contact(), create_as=None, settings=SETTINGS, now=NOON).contact

    twice = requested(once, create_as=None, settings=SETTINGS, now=NOON + MINUTE).contact

    assert twice is once


def test_a_parked_creation_is_requested_again() -> None:
    """Whoever asks again wants it tried again."""
    parked = replace(
        a_contact(), creation=CreationRequest(requested_at=NOON - MINUTE, refusal="no last name")
    )

    contact = requested(parked, create_as=None, settings=SETTINGS, now=NOON).contact

    assert not is_expected(parked)
    assert contact.creation == CreationRequest(
        requested_at=NOON, create_as=CreateAs.LEAD, account=AccountWish.FIND
    )
    assert is_expected(contact)


def test_creation_while_outbound_is_off_for_its_object() -> None:
    """It stays here, and its writer is told; other objects are not concerned."""
    settings = SyncSettings(
        outbound=Outbound(
            objects={**SETTINGS.outbound.objects, SObject.LEAD: OutboundObject(enabled=False)}
        )
    )

    as_lead = requested(a_contact(), create_as=CreateAs.LEAD, settings=settings, now=NOON)
    as_contact = requested(a_contact(), create_as=CreateAs.CONTACT, settings=settings, now=NOON)

    assert as_lead.contact.creation is None
    assert codes(as_lead.notices) == [NoticeCode.OUTBOUND_DISABLED]
    assert as_contact.contact.creation is not None


def test_a_linked_contact_is_hurried() -> None:
    """Its mark is as old as the longest wait allowed, and its failures are forgotten."""
    waiting = Waiting(lane=Lane.RETRY, next_push_at=NOON + 60 * MINUTE, attempts=7)

    contact = hurried(
        a_contact(counterpart=LEAD, waiting=waiting), settings=SETTINGS, now=NOON
    ).contact

    assert contact.waiting == Waiting(lane=Lane.FRESH, next_push_at=NOON - 10 * MINUTE)


def test_hurrying_twice() -> None:
    """What is due already stays as it is."""
    once = hurried(a_contact(counterpart=LEAD), settings=SETTINGS, now=NOON).contact

    assert hurried(once, settings=SETTINGS, now=NOON + MINUTE).contact is once


def test_hurrying_while_outbound_is_off() -> None:
    """Nothing goes out, however often somebody asks."""
    contact = a_contact(counterpart=LEAD)

    result = hurried(contact, settings=SILENT, now=NOON)

    assert result.contact is contact
    assert codes(result.notices) == [NoticeCode.OUTBOUND_DISABLED]


def test_many_duplicates_are_named_in_part() -> None:
    """A warning stays readable."""
    message = possible_duplicate([f"c{n}" for n in range(7)]).message

    assert message.endswith("c0, c1, c2, c3, c4 and 2 more")
