"""What importing an adapter costs: nobody loads what he does not use."""

import subprocess
import sys

import pytest

HEAVY = {
    "boto3",
    "botocore",
    "jwt",
    "publicsuffixlist",
    "pynamodb",
    "requests",
    "simple_salesforce",
}

DYNAMODB = [
    f"counterpart.adapters.dynamodb.{name}"
    for name in ("companies", "contacts", "links", "runs", "settings", "streams")
]


def loaded_by(*modules: str) -> set[str]:
    """Return which heavy packages a fresh interpreter has after importing some modules."""
    lines = [f"import {module}" for module in modules]
    script = "\n".join(["import sys", *lines, f"print(*({HEAVY!r} & sys.modules.keys()))"])
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(answer.stdout.split())


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        (["counterpart.adapters.memory"], set()),
        (DYNAMODB, {"botocore", "pynamodb"}),
        (["counterpart.adapters.sqs"], {"botocore"}),
        (["counterpart.adapters.secrets"], {"botocore"}),
        (["counterpart.adapters.lambda_successor"], {"botocore"}),
        (["counterpart.adapters.public_suffixes"], {"publicsuffixlist"}),
    ],
)
def test_an_adapter_loads_its_vendor_alone(modules: list[str], heavy: set[str]) -> None:
    """Above all no function pays for boto3, whose clients botocore makes as well."""
    assert loaded_by(*modules) == heavy
