"""The stack is what the template says, and nobody gets in who should not."""

import json

import pytest

from tests.end_to_end.conftest import local
from tests.end_to_end.stack import ROOT, Stack
from tests.template.reading import Template


def test_a_signed_request_succeeds(stack: Stack) -> None:
    """The credentials of stack.json open the API."""
    assert stack.call("GET", "/settings").status == 200


def test_an_unsigned_request_is_refused(stack: Stack) -> None:
    """Nobody gets in without a credential, on the laptop either."""
    assert stack.call("GET", "/settings", signed=False).status == 403


@pytest.mark.parametrize("access_key", ["known", "unknown"])
def test_a_request_signed_with_a_wrong_secret_is_refused(stack: Stack, access_key: str) -> None:
    """The local AWS computes the signature, rather than looking whether there is one."""
    known = stack.known["credentials"]["access_key_id"]
    key = known if access_key == "known" else "AKIAEXAMPLE000000000"

    assert stack.call("GET", "/settings", key=(key, "wrong")).status == 403


def test_the_secret_holds_the_login_of_the_simulator(stack: Stack) -> None:
    """It was filled in after the deployment, as an operator does."""
    arn = stack.client("lambda").get_function_configuration(
        FunctionName=stack.known["functions"]["pull_records"]
    )["Environment"]["Variables"]["SALESFORCE_SECRET_ARN"]
    login = json.loads(
        stack.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    )

    assert login["flow"] == "jwt_bearer"
    assert login["private_key"].startswith("-----BEGIN PRIVATE KEY-----")


def test_every_schedule_is_on(stack: Stack) -> None:
    """As the template's parameters say, without anybody's further doing."""
    scheduler = stack.client("scheduler")
    schedules = [
        scheduler.get_schedule(Name=each["Name"])
        for each in scheduler.list_schedules()["Schedules"]
    ]

    template = Template(ROOT / "template.yaml")
    wanted = [
        parameter["Default"]
        for name, parameter in template.parameters.items()
        if name.endswith("Schedule")
    ]
    assert sorted(each["ScheduleExpression"] for each in schedules) == sorted(wanted)
    assert {each["State"] for each in schedules} == {"ENABLED"}


def test_a_function_may_do_no_more_than_it_is_granted(stack: Stack) -> None:
    """The local AWS enforces the role of each function, so least privilege is tried, not hoped."""
    iam = stack.client("iam")
    (role,) = [
        each["RoleName"]
        for each in iam.list_roles()["Roles"]
        if "ServeApiFunction" in each["RoleName"]
    ]
    arn = iam.get_role(RoleName=role)["Role"]["Arn"]
    table = stack.known["tables"]["settings"]
    resource = f"arn:aws:dynamodb:{stack.known['region']}:123456789012:table/{table}"

    decisions = {
        each["EvalActionName"]: each["EvalDecision"]
        for each in iam.simulate_principal_policy(
            PolicySourceArn=arn,
            ActionNames=["dynamodb:PutItem", "dynamodb:DeleteItem"],
            ResourceArns=[resource],
        )["EvaluationResults"]
    }

    assert decisions == {"dynamodb:PutItem": "allowed", "dynamodb:DeleteItem": "implicitDeny"}


def test_bringing_it_up_again_changes_nothing(stack: Stack) -> None:
    """The second time is harmless, and quick."""
    again = local("up")

    assert again.returncode == 0
    assert "nothing has changed since" in again.stdout
    assert stack.call("GET", "/settings").status == 200
