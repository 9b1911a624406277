"""When DynamoDB refuses, or leaves work undone."""

from typing import Any

import pytest
from botocore.stub import Stubber

from counterpart.adapters.dynamodb.contacts import DynamoContactRepository
from counterpart.adapters.dynamodb.database import Database
from counterpart.adapters.dynamodb.runs import DynamoRunRepository
from counterpart.adapters.dynamodb.settings import DynamoSettingsRepository
from counterpart.adapters.dynamodb.streams import DynamoStreamRepository
from counterpart.domain.outcomes import Action, Outcome, Reason, Run, RunKind, RunStatus
from counterpart.domain.streams import Lease
from counterpart.domain.waiting import Lane
from counterpart.errors import (
    ConfigurationError,
    CounterpartError,
    RecordError,
    TransientError,
)
from tests.aws import create_table
from tests.contracts.stores.samples import MINUTE, NOON, a_contact

OPERATIONS = {
    "batch_get_item": lambda contacts: contacts.get_many(["ada"]),
    "put_item": lambda contacts: contacts.save_many([a_contact("ada"), a_contact("bob")]),
    "query": lambda contacts: contacts.find_by_email(["ada@example.com"]),
    "scan": lambda contacts: contacts.page(limit=1),
    "delete_item": lambda contacts: contacts.delete(a_contact("ada", version=1)),
}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ProvisionedThroughputExceededException", TransientError),
        ("ThrottlingException", TransientError),
        ("InternalServerError", TransientError),
        ("SomethingNew", TransientError),
        ("ResourceNotFoundException", ConfigurationError),
        ("AccessDeniedException", ConfigurationError),
        ("ExpiredTokenException", ConfigurationError),
        ("UnrecognizedClientException", ConfigurationError),
    ],
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_refusal_is_told_in_our_words(
    scripted: Database, answers: Stubber, operation: str, code: str, error: type[CounterpartError]
) -> None:
    """No vendor's exception leaves the adapter, whatever was asked."""
    for _ in range(2):
        answers.add_client_error(operation, code, "No")

    with pytest.raises(error, match=code):
        OPERATIONS[operation](DynamoContactRepository("contacts", scripted))


@pytest.mark.parametrize(
    ("operation", "error"), [("put_item", RecordError), ("query", ConfigurationError)]
)
def test_what_dynamodb_finds_invalid(
    scripted: Database, answers: Stubber, operation: str, error: type[CounterpartError]
) -> None:
    """An item that is too large is one record's trouble; a missing index is the deployment's."""
    for _ in range(2):
        answers.add_client_error(operation, "ValidationException", "Item size has exceeded")

    with pytest.raises(error):
        OPERATIONS[operation](DynamoContactRepository("contacts", scripted))


def test_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner of the deployment is told; nobody tries again in vain."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    contacts = DynamoContactRepository("contacts", Database(region="eu-central-1"))

    with pytest.raises(ConfigurationError, match="credentials"):
        contacts.get_many(["ada"])


def _unread(*ids: str) -> dict[str, Any]:
    return {
        "Responses": {},
        "UnprocessedKeys": {"contacts": {"Keys": [{"id": {"S": each}} for each in ids]}},
    }


def _asked(*ids: str) -> dict[str, Any]:
    keys = [{"id": {"S": each}} for each in ids]
    return {
        "RequestItems": {"contacts": {"ConsistentRead": True, "Keys": keys}},
        "ReturnConsumedCapacity": "TOTAL",
    }


def test_keys_left_unread_are_asked_again(
    scripted: Database, answers: Stubber, pauses: list[float]
) -> None:
    """Only those, after a pause, and what came before is kept."""
    contacts = DynamoContactRepository("contacts", scripted)
    item = contacts._contacts.item(a_contact("ada")).serialize()
    answers.add_response(
        "batch_get_item", _unread("bob") | {"Responses": {"contacts": [item]}}, _asked("ada", "bob")
    )
    answers.add_response("batch_get_item", _unread("bob"), _asked("bob"))
    item = contacts._contacts.item(a_contact("bob")).serialize()
    answers.add_response(
        "batch_get_item", {"Responses": {"contacts": [item]}, "UnprocessedKeys": {}}, _asked("bob")
    )

    assert contacts.get_many(["ada", "bob"]).keys() == {"ada", "bob"}
    assert pauses == [0.05, 0.1]


def test_keys_left_unread_for_good(
    scripted: Database, answers: Stubber, pauses: list[float]
) -> None:
    """A table that is overwhelmed is left in peace, and nothing is taken for missing."""
    for _ in range(8):
        answers.add_response("batch_get_item", _unread("ada"))

    with pytest.raises(TransientError):
        DynamoContactRepository("contacts", scripted).get_many(["ada"])

    assert len(pauses) == 7


def _a_run() -> Run:
    return Run(
        id="run",
        kind=RunKind.PULL,
        status=RunStatus.COMPLETED,
        started_at=NOON,
        finished_at=NOON + MINUTE,
        summary="",
    )


@pytest.mark.parametrize("in_vain", [2, 8])
def test_items_left_unwritten_are_sent_again(
    scripted: Database, answers: Stubber, pauses: list[float], in_vain: int
) -> None:
    """Until they are written, or the table is left in peace."""
    runs = DynamoRunRepository("runs", scripted)
    outcome = Outcome(action=Action.SKIPPED, reason=Reason.NO_EMAIL, at=NOON)
    item = runs._to_item("run", 1, outcome, NOON + MINUTE).serialize()
    answers.add_response("update_item", {"Attributes": {"outcome_count": {"N": "1"}}})
    for _ in range(in_vain):
        left = {"UnprocessedItems": {"runs": [{"PutRequest": {"Item": item}}]}}
        answers.add_response("batch_write_item", left)

    if in_vain == 8:
        with pytest.raises(TransientError):
            runs.record(_a_run(), [outcome])
    else:
        answers.add_response("batch_write_item", {"UnprocessedItems": {}})
        runs.record(_a_run(), [outcome])
        answers.assert_no_pending_responses()
    assert len(pauses) == min(in_vain, 7)


def test_a_lease_whose_answer_was_lost(table_name: str, database: Database) -> None:
    """Asked again, DynamoDB recognises the holder, and the lease is not lost until it ends."""
    streams = DynamoStreamRepository(table_name, database)
    create_table(streams._table)
    sent: list[int] = []

    def lose_the_first_answer(**_: object) -> int | None:
        sent.append(1)
        return 0 if len(sent) == 1 else None

    events: Any = database.connection.client.meta.events
    events.register_first("needs-retry.dynamodb.UpdateItem", lose_the_first_answer)
    try:
        lease = streams.acquire("Lead", now=NOON, lasts=MINUTE)
    finally:
        events.unregister("needs-retry.dynamodb.UpdateItem", lose_the_first_answer)

    assert len(sent) == 2
    assert lease
    streams.save(streams.get("Lead"), lease)


def test_a_release_that_leaves_nothing_to_tell(scripted: Database, answers: Stubber) -> None:
    """DynamoDB answers a change that only takes attributes away with no attributes at all."""
    answers.add_response("update_item", {})

    DynamoStreamRepository("streams", scripted).release(Lease(stream="Lead", fence=1, until=NOON))

    answers.assert_no_pending_responses()


def test_settings_that_no_longer_make_sense(table_name: str, database: Database) -> None:
    """A stored document that cannot be read is the deployment's trouble, not the caller's."""
    settings = DynamoSettingsRepository(table_name, database)
    create_table(settings._table)
    settings._table.model(
        name="sync", version=1, document='{"pace": 1}', changed_by="ada", changed_at=NOON
    ).save()

    with pytest.raises(ConfigurationError, match="Version 1"):
        settings.current()


def test_an_index_that_lags(contacts: DynamoContactRepository) -> None:
    """What the index still knows of a contact that is gone is not told."""
    contacts.save_many([a_contact("ada", email="ada@example.com")])
    # An item that has lost all but its keys stands for an entry of the index that is out of date.
    table = contacts._contacts._table
    stale = contacts._contacts.item(a_contact("ada", email="bob@example.com", version=1))
    stale.email_key = "ada@example.com"
    stale.save()

    assert table.query_each(["ada@example.com"], index="by_email")
    assert contacts.find_by_email(["ada@example.com"]) == {}
    assert contacts.oldest_wait(Lane.FRESH) is None
