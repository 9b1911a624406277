"""What we ask of the local AWS, as its root."""

import json
import os
import re

import boto3
from botocore.config import Config

from scripts.local import place

# An invocation may take as long as the longest timeout in the template, and must not be repeated.
PATIENT = Config(read_timeout=910, retries={"max_attempts": 0}, tcp_keepalive=True)

_PERSON = "operator"
_EVERYTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)


def connect(endpoint_url: str) -> boto3.Session:
    """Return a session with the local AWS, whatever the machine's own settings say."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_ENDPOINT_URL"] = endpoint_url
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"
    return boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - root, on a machine of one's own
        region_name=place.REGION,
    )


def read_outputs(session: boto3.Session) -> dict[str, str]:
    """Return the outputs of the stack."""
    stack = session.client("cloudformation").describe_stacks(StackName=place.STACK_NAME)
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Stacks"][0]["Outputs"]}


def read_log_groups(session: boto3.Session) -> dict[str, str]:
    """Return the log group of each function, by the name of the function's folder."""
    resources = session.client("cloudformation").describe_stack_resources(
        StackName=place.STACK_NAME
    )
    return {
        folder_name(resource["LogicalResourceId"], kind="LogGroup"): resource["PhysicalResourceId"]
        for resource in resources["StackResources"]
        if resource["ResourceType"] == "AWS::Logs::LogGroup"
    }


def make_person(session: boto3.Session) -> dict[str, str]:
    """Return a fresh key of someone who may do everything here, and whose signature is checked."""
    iam = session.client("iam")
    if _PERSON not in {user["UserName"] for user in iam.list_users()["Users"]}:
        iam.create_user(UserName=_PERSON)
        iam.put_user_policy(UserName=_PERSON, PolicyName="All", PolicyDocument=_EVERYTHING)
    key = iam.create_access_key(UserName=_PERSON)["AccessKey"]
    return {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


def folder_name(logical_id: str, *, kind: str) -> str:
    """Return what *logical_id* is called in snake case, less its *kind*."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", logical_id.removesuffix(kind)).lower()
