"""Requests: what is asked of a function, read strictly."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.campaign_requests import parse_campaigns_request
from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.parked_requests import parse_push_errand
from counterpart.domain.pull_errands import parse_pull_errand
from counterpart.domain.records import SObject
from counterpart.domain.requests import (
    MOST_IDS,
    PullRequest,
    PushRequest,
    parse_create_request,
    parse_pull_request,
    parse_push_request,
    payload_of,
)
from counterpart.domain.simulation_request import simulated
from counterpart.errors import InputError
from tests.domain.samples import NOON, law, record_id

PARSERS = [parse_pull_request, parse_push_request, parse_create_request]
MOMENTS = st.integers(0, 10**9).map(lambda second: NOON + timedelta(milliseconds=second))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)
KEYS = [
    "objects",
    "since",
    "ids",
    "dry_run",
    "scheduled",
    "contact_ids",
    "everything_waiting",
    "create_as",
]


def test_nothing_said() -> None:
    """An empty request pulls every enabled object, whatever the schedule says."""
    assert parse_pull_request({}) == PullRequest()


def test_everything_that_a_pull_can_be_asked_for() -> None:
    """Times are moments, objects are named once."""
    request = parse_pull_request(
        {
            "objects": ["Lead", "Account", "Lead"],
            "since": "2026-11-22T13:00:00+01:00",
            "dry_run": True,
            "scheduled": True,
        }
    )

    assert request == PullRequest(
        objects=(SObject.LEAD, SObject.ACCOUNT), since=NOON, dry_run=True, scheduled=True
    )


@pytest.mark.failure("F16")
def test_ids_of_either_length() -> None:
    """Short and long ids of one record are one record."""
    long = record_id(1, SObject.CONTACT)

    assert parse_pull_request({"ids": [long[:15], long]}).ids == (long,)


def test_everything_that_a_push_can_be_asked_for() -> None:
    """Contacts are named once and stay in order."""
    assert parse_push_request({"contact_ids": ["b", "a", "b"], "dry_run": True}) == PushRequest(
        contact_ids=("b", "a"), dry_run=True
    )
    assert parse_push_request({"everything_waiting": True}) == PushRequest(everything_waiting=True)
    assert parse_push_request({"scheduled": True}) == PushRequest(scheduled=True)


def test_everything_that_a_creation_can_be_asked_for() -> None:
    """The object may be chosen for these contacts alone."""
    request = parse_create_request({"contact_ids": ["a"], "create_as": "contact", "dry_run": True})

    assert request.contact_ids == ("a",)
    assert request.create_as is CreateAs.CONTACT
    assert request.dry_run


@pytest.mark.parametrize(
    ("parse", "payload", "field", "named"),
    [
        (parse_pull_request, {"object": ["Lead"]}, "object", "objects"),
        (parse_pull_request, {"objects": ["lead"]}, "objects", "Account, Contact, Lead"),
        (parse_pull_request, {"objects": ["Task"]}, "objects", "Contact, Lead, Opportunity"),
        (parse_pull_request, {"objects": "Lead"}, "objects", "a list of texts"),
        (parse_pull_request, {"objects": []}, "objects", "leave objects out"),
        (parse_pull_errand, {"backfil": "status"}, "backfil", "backfill, dry_run, holds"),
        (parse_pull_request, {"since": "2026-11-22T12:00:00"}, "since", "2026-11-22T10:00:00Z"),
        (parse_pull_request, {"since": "yesterday"}, "since", "2026-11-22T10:00:00Z"),
        (parse_pull_request, {"since": 1763812800}, "since", "2026-11-22T10:00:00Z"),
        (parse_pull_request, {"dry_run": "yes"}, "dry_run", "true or false"),
        (parse_pull_request, {"dry_run": 1}, "dry_run", "true or false"),
        (parse_pull_request, {"ids": ["ada"]}, "ids", "00Q"),
        (parse_pull_request, {"ids": [record_id(1).replace("00Q", "006")]}, "ids", "001"),
        (parse_pull_request, {"ids": ["00Q000000000001AAB"]}, "ids", "contradict the others"),
        (parse_pull_request, {"ids": []}, "ids", "leave ids out"),
        (parse_pull_request, {"ids": [record_id(1)], "objects": ["Lead"]}, "ids", "alone"),
        (parse_pull_request, {"ids": [record_id(1)], "since": "2026-11-22"}, "ids", "alone"),
        (parse_pull_request, {"ids": [record_id(1)] * (MOST_IDS + 1)}, "ids", str(MOST_IDS)),
        (parse_pull_errand, {"holds": None}, "holds", "null is not one of list"),
        (parse_pull_errand, {"holds": "list", "stream": "Lead"}, "stream", "allowed is holds"),
        (simulated, {"simulate": {}}, "simulate.settings", "required"),
        (simulated, {"simulate": {"settings": []}}, "simulate.settings", "an object"),
        (parse_push_request, {}, "", "everything_waiting"),
        (parse_push_request, {"contact_ids": []}, "", "contact_ids"),
        (parse_push_request, {"contact_ids": "a"}, "contact_ids", "a list of texts"),
        (parse_push_request, {"contact_ids": ["a"], "everything_waiting": True}, None, "not both"),
        (parse_push_request, {"everthing": True}, "everthing", "everything_waiting"),
        (parse_push_errand, {"redrove": "all"}, "redrove", "parked, redrive"),
        (parse_campaigns_request, {"serch": "launch"}, "serch", "search"),
        (parse_create_request, {}, "contact_ids", "contact_ids"),
        (parse_create_request, {"contact_ids": ["a"], "create_as": "Lead"}, "create_as", "lead"),
    ],
)
def test_a_typing_error(
    parse: Callable[..., object], payload: dict[str, object], field: str | None, named: str
) -> None:
    """It is refused at its place, by a sentence that names what is allowed."""
    with pytest.raises(InputError) as refused:
        parse(payload)

    assert named in refused.value.detail
    assert field in {None, refused.value.field}


@pytest.mark.parametrize("parse", [parse_push_request, parse_create_request])
def test_more_contacts_than_a_person_lists(parse: Callable[..., object]) -> None:
    """The sentence says how many are allowed."""
    with pytest.raises(InputError, match=str(MOST_IDS)):
        parse({"contact_ids": [str(number) for number in range(MOST_IDS + 1)]})


@law
@given(st.sampled_from(PARSERS), st.dictionaries(st.sampled_from(KEYS) | st.text(), JSON))
def test_whatever_is_sent(parse: Callable[..., object], payload: dict[str, object]) -> None:
    """Total: a request comes out, or a sentence; nothing else can happen."""
    try:
        assert parse(payload) is not None
    except InputError as refused:
        assert refused.detail  # noqa: PT017 - either way out is right


@law
@given(
    st.builds(
        PullRequest,
        objects=st.lists(st.sampled_from(SObject), unique=True).map(tuple),
        since=st.none() | MOMENTS,
        scheduled=st.booleans(),
    )
)
def test_a_hand_over_asks_for_the_same(request: PullRequest) -> None:
    """Lossless: the next invocation goes on with what this one was asked for."""
    assert parse_pull_request(request.payload()) == request


def test_a_hand_over_of_what_was_named() -> None:
    """The next invocation goes on with these records, and with no others."""
    request = parse_pull_request({"ids": ["00Q000000000001", "001000000000001"]})

    assert parse_pull_request(request.payload()) == request


@pytest.mark.parametrize("microsecond", [0, 1, 999, 1000, 123_456])
def test_a_hand_over_of_a_fraction_of_a_second(microsecond: int) -> None:
    """However often it is handed over, it stays the same request, and so the same stream."""
    since = datetime(2026, 11, 22, 12, microsecond=microsecond, tzinfo=UTC)
    once = parse_pull_request(PullRequest(since=since).payload())

    assert parse_pull_request(once.payload()) == once
    assert once.payload() == PullRequest(since=since).payload()


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ({"source": "aws.scheduler", "detail": "{}"}, {"scheduled": True}),
        ({"source": "aws.events"}, {"scheduled": True}),
        ({"scheduled": True}, {"scheduled": True}),
        ({"objects": ["Lead"]}, {"objects": ["Lead"]}),
        ({}, {}),
    ],
)
def test_the_envelope_of_the_schedule(event: dict[str, object], payload: dict[str, object]) -> None:
    """A schedule asks for its usual look, people for what they say."""
    assert payload_of(event) == payload


@pytest.mark.parametrize("event", [None, [], ["Lead"], "Lead", 5, True])
def test_a_payload_that_is_no_object(event: object) -> None:
    """A test event may be any JSON; what is no object asks for nothing that could be guessed."""
    with pytest.raises(InputError, match="JSON object"):
        payload_of(event)


@pytest.mark.parametrize(
    "event",
    [
        {"explain": "\ud800@example.com"},
        {"contact_ids": ["ada", "\ud83d"]},
        {"filter": {"fields": {"city": "\udc00Bern"}}},
        {"\ud800": True},
    ],
)
def test_a_payload_with_half_a_character(event: object) -> None:
    """JSON can hold it, wherever a text may stand; nothing can be asked for or answered by it."""
    with pytest.raises(InputError, match="half of a character") as refused:
        payload_of(event)

    assert refused.value.detail.isascii()


def test_a_payload_with_strange_characters() -> None:
    """A whole character is text, also one that takes a pair."""
    event = {"explain": "\U0001f600\x00é@example.com"}

    assert payload_of(event) == event
