"""What make up tells of the stack is what the stack says of itself."""

import boto3
from moto import mock_aws

from scripts.local import aws, deployment, place
from scripts.local.processes import Process
from scripts.local.world import AWS, SALESFORCE, World

WORLD = World(
    processes={
        AWS: Process(pid=1, mark="", port=4577),
        SALESFORCE: Process(pid=2, mark="", port=4578),
    },
    salesforce_access_token="local-token",
)
OUTPUTS = {
    "ApiUrl": "https://abc123.lambda-url.us-east-1.on.aws/",
    "PullRecordsFunction": "counterpart-local-PullRecordsFunction-1",
    "SyncStateTable": "counterpart-local-SyncStateTable-1",
    "CreationDeadLetterQueueUrl": "http://localhost:4577/123456789012/dead",
    "DashboardUrl": "https://console.acme.example",
}


CREDENTIALS = {"access_key_id": "AKIA0000", "secret_access_key": "of one's own"}


def test_the_description_has_the_promised_keys() -> None:
    """Programs read them; none is renamed without saying so."""
    assert list(deployment.describe(WORLD, outputs=OUTPUTS, credentials=CREDENTIALS)) == [
        "aws_endpoint_url",
        "region",
        "stack_name",
        "salesforce_url",
        "salesforce_access_token",
        "api_url",
        "credentials",
        "functions",
        "tables",
        "queues",
    ]


def test_names_are_those_of_the_folders() -> None:
    """A person thinks of pull_records, and not of a logical id."""
    stack = deployment.describe(WORLD, outputs=OUTPUTS, credentials=CREDENTIALS)

    assert stack["functions"] == {"pull_records": "counterpart-local-PullRecordsFunction-1"}
    assert stack["tables"] == {"sync_state": "counterpart-local-SyncStateTable-1"}
    assert stack["queues"] == {"creation_dead_letter": "http://127.0.0.1:4577/123456789012/dead"}


def test_the_api_is_reached_by_this_machine_address() -> None:
    """The URL that the stack gives resolves on AWS alone."""
    stack = deployment.describe(WORLD, outputs=OUTPUTS, credentials=CREDENTIALS)

    assert stack["api_url"] == "http://127.0.0.1:4577/_aws/lambda-url/abc123"


@mock_aws
def test_each_deployment_makes_a_key_for_the_same_person() -> None:
    """Deploying again finds the person there already."""
    session = boto3.Session("test", "test", region_name=place.REGION)

    first, again = aws.make_person(session), aws.make_person(session)

    assert set(first) == {"access_key_id", "secret_access_key"}
    assert first["access_key_id"] != again["access_key_id"]
    assert len(session.client("iam").list_users()["Users"]) == 1


def test_a_fingerprint_depends_on_the_ports() -> None:
    """The stack knows where Salesforce is, so a moved simulator calls for a new deployment."""
    moved = World(
        processes=WORLD.processes | {SALESFORCE: Process(pid=2, mark="", port=4579)},
    )

    assert deployment.fingerprint(WORLD) == deployment.fingerprint(WORLD)
    assert deployment.fingerprint(WORLD) != deployment.fingerprint(moved)
