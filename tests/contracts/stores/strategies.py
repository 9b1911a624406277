"""Contacts of any kind, for properties."""

from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from counterpart.domain.bounces import Bounce, BounceKind, BounceSource
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.creation_requests import AccountWish, CreateAs, CreationRequest, Sent
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.records import SObject
from counterpart.domain.values import Value
from counterpart.domain.waiting import InFlight, Lane, Parked, Waiting

# DynamoDB does not keep a text of no characters in a key, and no id of ours is one.
IDS = st.text("abcXYZ0189", min_size=1, max_size=26)
NAMES = st.text(min_size=1, max_size=12)
MOMENTS = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - the time zone comes with the next line
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
VALUES: SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=30),
    st.integers(),
    st.integers(min_value=-(10**45), max_value=10**45),
    st.floats(allow_nan=False),
    st.lists(st.text(max_size=10), max_size=4).map(tuple),
)


def ledgers() -> SearchStrategy[Ledger]:
    """Return ledgers with values, times and shadows of any fields."""
    return st.builds(
        Ledger,
        values=st.dictionaries(NAMES, VALUES, max_size=6),
        times=st.dictionaries(NAMES, MOMENTS, max_size=6),
        shadows=st.dictionaries(NAMES, VALUES, max_size=6),
    )


def bounces() -> SearchStrategy[Bounce]:
    """Return bounces."""
    return st.builds(
        Bounce,
        kind=st.sampled_from(BounceKind),
        at=MOMENTS,
        email_key=st.text(max_size=30),
        source=st.sampled_from(BounceSource),
        reason=st.text(max_size=30),
    )


def counterparts() -> SearchStrategy[Counterpart]:
    """Return counterparts, complete or not."""
    return st.builds(
        Counterpart,
        record_id=IDS,
        object=st.sampled_from(SObject),
        linked_at=MOMENTS,
        linked_by=st.sampled_from(LinkedBy),
        modstamp=st.none() | MOMENTS,
        written_at=st.none() | MOMENTS,
        written_until=st.none() | MOMENTS,
        placed=st.dictionaries(st.sampled_from(["job_title", "city"]), MOMENTS),
        lifted_over=st.none() | MOMENTS,
        may_refuse=st.booleans(),
        bounce=st.none() | bounces(),
        person_account=st.booleans(),
        origin=st.none() | st.sampled_from(LinkedBy),
        came_from=st.none() | st.just("bob"),
    )


def contacts_of_any_kind() -> SearchStrategy[Contact]:
    """Return contacts that were never stored."""
    return st.builds(
        Contact,
        id=IDS,
        ledger=ledgers(),
        created_at=MOMENTS,
        updated_at=MOMENTS,
        counterpart=st.none() | counterparts(),
        former=st.none() | counterparts(),
        company_id=st.none() | IDS,
        account_id=st.none() | IDS,
        tags=st.lists(st.text(max_size=10), max_size=4).map(tuple),
        outbound_paused_at=st.none() | MOMENTS,
        outbound_resumed_at=st.none() | MOMENTS,
        bounce=st.none() | bounces(),
        waiting=st.none()
        | st.builds(
            Waiting,
            lane=st.sampled_from(Lane),
            next_push_at=MOMENTS,
            attempts=st.integers(0, 1000),
        ),
        in_flight=st.none()
        | st.builds(
            InFlight,
            job_id=IDS,
            record_id=IDS,
            sent=st.dictionaries(NAMES, VALUES, max_size=4),
            version=st.integers(1, 1000),
        ),
        parked=st.none()
        | st.builds(
            Parked,
            code=NAMES,
            message=st.text(max_size=30),
            fields=st.lists(NAMES, max_size=3).map(tuple),
            attempts=st.integers(1, 1000),
            first_at=MOMENTS,
            last_at=MOMENTS,
            run_id=IDS,
            further=st.lists(st.tuples(NAMES, st.text(max_size=30)), max_size=2).map(tuple),
        ),
        creation=st.none()
        | st.builds(
            CreationRequest,
            requested_at=MOMENTS,
            create_as=st.none() | st.sampled_from(CreateAs),
            account=st.none() | st.sampled_from(AccountWish),
            refusal=st.none() | st.text(max_size=30),
        ),
        sent=st.none()
        | st.builds(
            Sent,
            values=st.dictionaries(
                NAMES, st.lists(VALUES, min_size=1, max_size=3).map(tuple), max_size=4
            ),
            at=MOMENTS,
        ),
        request_key=st.none() | st.text(max_size=30),
        version=st.just(0),
    )
