"""What the client does when Salesforce, or the way to it, is in trouble."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import requests
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import MaxRetryError, NewConnectionError

from counterpart.adapters.salesforce.composite import Part
from counterpart.adapters.salesforce.meter import Meter
from counterpart.errors import (
    ConfigurationError,
    CounterpartError,
    HaltError,
    MissingFieldError,
    QuotaExhaustedError,
    ThrottledError,
    TransientError,
)
from counterpart.ports import ApiUsage
from tests.adapters.salesforce.wire import NOON, Wire

if TYPE_CHECKING:
    from counterpart.adapters.salesforce.client import SalesforceClient

PART = Part(method="GET", path="limits")
UNREACHABLE = requests.ConnectionError(
    MaxRetryError(
        HTTPSConnection("acme.my.salesforce.com"),  # type: ignore[arg-type]  # only shown in texts
        "/",
        NewConnectionError(HTTPSConnection("acme.my.salesforce.com"), "no route"),
    )
)


@pytest.mark.failure("F30")
def test_what_is_read_is_asked_for_again_after_an_outage(
    wire: Wire, client: SalesforceClient
) -> None:
    """F30: three attempts, each after a longer pause."""
    wire.says("<html>Sorry</html>", status=503)
    wire.complains(500, "UNKNOWN_EXCEPTION")
    wire.says({"well": "again"})

    assert client.get("limits") == {"well": "again"}
    assert len(wire.pauses) == 2
    assert 0 < wire.pauses[0] <= 1 < 2 * wire.pauses[1] <= 4


def test_an_outage_that_lasts_is_a_passing_error(wire: Wire, client: SalesforceClient) -> None:
    """After the third attempt somebody else decides when to go on."""
    for _ in range(3):
        wire.says("<html>Sorry</html>", status=502)

    with pytest.raises(TransientError):
        client.get("limits")

    assert len(wire.requests) == 3


@pytest.mark.parametrize(
    "trouble",
    [
        requests.ReadTimeout(),
        requests.ConnectionError("connection aborted"),
        requests.exceptions.ChunkedEncodingError(),
    ],
)
def test_a_lost_answer_to_a_write_is_not_followed_by_the_same_write(
    wire: Wire, client: SalesforceClient, trouble: requests.RequestException
) -> None:
    """F36: it may have happened, and somebody may have written something newer since."""
    wire.breaks(trouble)

    with pytest.raises(TransientError):
        client.composite([PART], repeatable=False)

    assert len(wire.requests) == 1


@pytest.mark.failure("F37")
@pytest.mark.parametrize("status", [420, 500, 502, 503, 504])
def test_a_server_error_on_a_write_leaves_open_what_happened(
    wire: Wire, client: SalesforceClient, status: int
) -> None:
    """F36, F37: as a lost answer does; neither the same nor anything else is sent after it."""
    wire.says("<html>Sorry</html>", status=status)

    with pytest.raises(TransientError):
        client.composite([PART], repeatable=False)

    assert len(wire.requests) == 1


@pytest.mark.parametrize("trouble", [requests.ConnectTimeout(), UNREACHABLE])
def test_a_write_that_never_left_is_tried_again(
    wire: Wire, client: SalesforceClient, trouble: requests.RequestException
) -> None:
    """Where there was no connection, nothing can have happened."""
    wire.breaks(trouble)
    wire.says_in_parts((200, []))

    client.composite([PART], repeatable=False)

    assert len(wire.requests) == 2


@pytest.mark.failure("F30")
@pytest.mark.parametrize(
    ("status", "message"),
    [(403, "ConcurrentPerOrgLongTxn Limit exceeded."), (429, "Too many requests")],
)
def test_a_busy_org_is_asked_again_after_a_pause(
    wire: Wire, client: SalesforceClient, status: int, message: str
) -> None:
    """F30: too many requests at once is no reason to stop for a day; nothing was done yet."""
    for _ in range(2):
        wire.complains(status, "REQUEST_LIMIT_EXCEEDED", message)
    wire.says_in_parts((200, []))

    client.composite([PART], repeatable=False)

    assert len(wire.pauses) == 2


@pytest.mark.failure("F30")
def test_an_org_that_stays_busy_is_a_throttle(wire: Wire, client: SalesforceClient) -> None:
    """The caller hears the reason."""
    for _ in range(3):
        wire.complains(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.")

    with pytest.raises(ThrottledError, match="ConcurrentRequests"):
        client.get("limits")


def test_a_spent_allowance_stops_everything_at_once(wire: Wire, client: SalesforceClient) -> None:
    """F29: another attempt would be one more call that nobody has."""
    wire.complains(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")

    with pytest.raises(QuotaExhaustedError):
        client.get("limits")

    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "INVALID_FIELD", MissingFieldError),
        (400, "INVALID_TYPE", MissingFieldError),
        (403, "API_DISABLED_FOR_ORG", ConfigurationError),
        (404, "NOT_FOUND", ConfigurationError),
        (410, "UNSUPPORTED_API_VERSION", ConfigurationError),
        (400, "MALFORMED_QUERY", MissingFieldError),
        (400, "INVALID_QUERY_FILTER_OPERATOR", MissingFieldError),
        (400, "QUERY_TIMEOUT", TransientError),
        (414, "", HaltError),
    ],
)
def test_each_complaint_becomes_the_error_that_says_what_to_do(
    wire: Wire, client: SalesforceClient, status: int, code: str, error: type[CounterpartError]
) -> None:
    """The families are named for what the caller does."""
    for _ in range(3):
        wire.complains(status, code, "because")

    with pytest.raises(error) as caught:
        client.get("limits")

    # What an adapter knows more exactly, others see as its family.
    assert error in {type(caught.value), *type(caught.value).__bases__}


def test_the_text_of_a_refused_query_is_not_repeated(wire: Wire, client: SalesforceClient) -> None:
    """It may hold addresses, and errors end up in logs."""
    query = (
        "\nSELECT Shoe__c FROM Contact WHERE Email = 'ada@acme.example'\n       ^\nERROR at Row:1"
    )
    wire.complains(400, "MALFORMED_QUERY", f"{query}\nunexpected token: 'ada@acme.example'")
    wire.complains(400, "INVALID_FIELD", f"{query}\nNo such column 'Shoe__c' on entity 'Contact'.")

    with pytest.raises(HaltError) as malformed:
        client.get("query")
    with pytest.raises(MissingFieldError) as missing:
        client.get("query")

    assert "acme.example" not in str(malformed.value)
    assert missing.value.message == "No such column 'Shoe__c' on entity 'Contact'."


@pytest.mark.parametrize("body", ["<html>Welcome</html>", "", "{"])
def test_a_page_instead_of_an_answer_passes(
    wire: Wire, client: SalesforceClient, body: str
) -> None:
    """A maintenance page with a good status is a lost answer."""
    wire.says(body)
    wire.says({"well": "again"})

    assert client.get("limits") == {"well": "again"}


def test_a_composite_that_lacks_parts_is_a_lost_answer(
    wire: Wire, client: SalesforceClient
) -> None:
    """Answers are matched to parts by their place; with one missing, all are in doubt."""
    wire.says_in_parts((200, []))

    with pytest.raises(TransientError):
        client.composite([PART, PART], repeatable=True)


def test_every_call_is_counted_and_the_allowance_is_read(
    wire: Wire, client: SalesforceClient
) -> None:
    """Repeated calls cost as well; the last word on the allowance counts."""
    wire.says({}, Sforce_Limit_Info="api-usage=10/15000")
    wire.says("<html></html>", status=503)
    wire.says({}, Sforce_Limit_Info="api-usage=12/15000; per-app-api-usage=1/5(appName=x)")

    client.get("limits")
    client.get("limits")

    assert client.meter.read() == ApiUsage(calls=3, used=12, allowed=15000)


@pytest.mark.failure("F29")
def test_an_allowance_that_was_told_long_ago_is_unknown() -> None:
    """Or else whoever has stopped would never learn that calls are free again."""
    now = [NOON]
    meter = Meter(lambda: now[0])
    response = requests.Response()
    response.headers["Sforce-Limit-Info"] = "api-usage=14999/15000"
    meter.count()
    meter.note(response)

    now[0] += timedelta(minutes=15)
    assert meter.read() == ApiUsage(calls=1, used=14999, allowed=15000)
    now[0] += timedelta(seconds=1)
    assert meter.read() == ApiUsage(calls=1)


def test_an_allowance_that_is_not_told_stays_unknown(wire: Wire, client: SalesforceClient) -> None:
    """Nothing is made up."""
    wire.says({})

    client.get("limits")

    assert client.meter.read() == ApiUsage(calls=1)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "garbage",
        "api-usage=",
        "api-usage=10",
        "api-usage=-5/100",
        "api-usage=" + "9" * 5000 + "/1",
    ],
)
def test_an_allowance_that_cannot_be_read_changes_nothing(header: str) -> None:
    """What was told before is believed as long as ever."""
    meter, response = Meter(lambda: NOON), requests.Response()
    for told in ("api-usage=10/100", header):
        response.headers["Sforce-Limit-Info"] = told
        meter.note(response)

    assert meter.read() == ApiUsage(used=10, allowed=100)


def test_the_time_of_a_reading_leaves_room_for_the_way(
    wire: Wire, client: SalesforceClient
) -> None:
    """A reading is dated before it was asked for, a write when it was answered."""
    wire.says_in_parts((200, []))

    answer = client.composite([PART], repeatable=True)

    assert NOON - timedelta(seconds=30) < answer.earliest <= NOON
    assert answer.latest == NOON


def test_an_answer_without_a_time_is_none(wire: Wire, client: SalesforceClient) -> None:
    """A window cannot end at an unknown moment."""
    for _ in range(3):
        wire.says({}, Date="")

    with pytest.raises(TransientError, match="time"):
        client.get("limits")
