"""Functions as Lambda starts them: an environment, the tables of the template, and a door."""

import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws
from requests.adapters import HTTPAdapter

import counterpart
from tests.functions.org import Org
from tests.template.reading import ROOT, Template

Handler = Callable[[dict[str, Any], object], Any]
LoadFunction = Callable[[str], Handler]

REGION = "eu-central-1"
TABLES = {
    "CONTACTS_TABLE": "ContactsTable",
    "COMPANIES_TABLE": "CompaniesTable",
    "LINKS_TABLE": "LinksTable",
    "SYNC_STATE_TABLE": "SyncStateTable",
    "SETTINGS_TABLE": "SettingsTable",
    "RUNS_TABLE": "RunsTable",
    "MERGES_TABLE": "MergesTable",
    "CAMPAIGNS_TABLE": "CampaignsTable",
    "MEMBERS_TABLE": "MembersTable",
    "OPPORTUNITIES_TABLE": "OpportunitiesTable",
}
QUEUES = {
    "CREATION_QUEUE_URL": "CreationQueue",
    "CREATION_DEAD_LETTER_QUEUE_URL": "CreationDeadLetterQueue",
}


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler of its invocation."""

    function_name: str = "serve-api"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:123456789012:function:serve-api"
    aws_request_id: str = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Return that there is time enough."""
        return 900_000


def published(captured: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what functions have published for CloudWatch, which reads it from their output."""
    lines = captured.readouterr().out.splitlines()
    return [told for line in lines if line.startswith("{") and "_aws" in (told := json.loads(line))]


@pytest.fixture(scope="session")
def function_environment() -> dict[str, str]:
    """Return the environment that the template gives to every function."""
    account = "123456789012"
    return {
        **{variable: variable.lower() for variable in TABLES},
        **{
            variable: f"https://sqs.{REGION}.amazonaws.com/{account}/{variable.lower()}"
            for variable in QUEUES
        },
        "SALESFORCE_SECRET_ARN": f"arn:aws:secretsmanager:{REGION}:{account}:secret:salesforce",
        "SALESFORCE_DOMAIN": "login",
        "SALESFORCE_API_VERSION": "66.0",
        "SALESFORCE_ENDPOINT_URL": "",
        "POWERTOOLS_SERVICE_NAME": "counterpart",
        "POWERTOOLS_METRICS_NAMESPACE": "Counterpart",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }


@pytest.fixture(scope="module")
def deployment(function_environment: dict[str, str]) -> Iterator[None]:
    """Deploy, in this process, the tables of the template and the queues."""
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        for name, value in function_environment.items():
            environment.setenv(name, value)
        template = Template(ROOT / "template.yaml")
        dynamodb = boto3.client("dynamodb")
        for variable, resource in TABLES.items():
            properties = json.loads(json.dumps(template.resources[resource]["Properties"]))
            dynamodb.create_table(
                TableName=os.environ[variable],
                **{
                    key: properties[key]
                    for key in (
                        "AttributeDefinitions",
                        "BillingMode",
                        "GlobalSecondaryIndexes",
                        "KeySchema",
                    )
                    if key in properties
                },
            )
        sqs = boto3.client("sqs")
        for variable in QUEUES:
            sqs.create_queue(QueueName=variable.lower())
        yield


@pytest.fixture(scope="module")
def load_function(deployment: None) -> Iterator[LoadFunction]:
    """Return what loads the handler of a function's folder, as Lambda does at a cold start."""
    with pytest.MonkeyPatch.context() as path:

        def load(folder: str) -> Handler:
            # Logger and metrics read their environment once, when this is imported.
            path.delitem(sys.modules, "counterpart.telemetry", raising=False)
            path.delattr(counterpart, "telemetry", raising=False)
            home = ROOT / "functions" / folder
            path.syspath_prepend(str(home))
            spec = importlib.util.spec_from_file_location(f"{folder}_app", home / "app.py")
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            path.setitem(sys.modules, spec.name, module)
            spec.loader.exec_module(module)
            handler: Handler = module.lambda_handler
            return handler

        yield load


@pytest.fixture(scope="module")
def org(deployment: None) -> Iterator[Org]:
    """Return an org to which the functions log in with what they find in the secret."""
    own = Org()
    secret = boto3.client("secretsmanager").create_secret(
        Name="salesforce", SecretString=own.login()
    )
    with pytest.MonkeyPatch.context() as world:
        world.setenv("SALESFORCE_SECRET_ARN", secret["ARN"])
        # Where the network would begin.
        world.setattr(HTTPAdapter, "send", lambda _self, request, **_how: own.transport(request))
        yield own


@pytest.fixture(scope="session")
def sample() -> Callable[[str], dict[str, Any]]:
    """Return what reads a file of events/, the very one that operators use."""

    def read(path: str) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((ROOT / "events" / path).read_text())
        return event

    return read
