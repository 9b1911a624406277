"""Every function can be found, explained, watched, and trusted with no more than it needs."""

import re

import pytest

from tests.template.reading import ROOT, Template, is_about, walk

FUNCTIONS = (
    "PullRecordsFunction",
    "PushEditsFunction",
    "CreateRecordsFunction",
    "SweepLinksFunction",
    "SyncCampaignsFunction",
    "ServeApiFunction",
)
# Each begins the name of one action on AWS; the local AWS has another one for batches.
BATCHED = {"sqs:ChangeMessageVisibility*", "sqs:DeleteMessage*", "sqs:SendMessage*"}
SPEAK_TO_SALESFORCE = set(FUNCTIONS) - {"ServeApiFunction"}
CALL_THEMSELVES = {"PullRecordsFunction", "SweepLinksFunction", "SyncCampaignsFunction"}


def folder_of(function: str) -> str:
    """Return PullRecordsFunction's folder, pull_records."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", function.removesuffix("Function")).lower()


def test_no_function_is_missing_here(template: Template) -> None:
    """The tests below speak of all functions."""
    assert set(template.functions) == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_named_after_its_folder(template: Template, name: str) -> None:
    """The logical id is the folder's name in CamelCase, and the folder holds the door."""
    function = template.functions[name]

    assert function["CodeUri"] == f"functions/{folder_of(name)}/"
    assert function["Handler"] == "app.lambda_handler"
    assert (ROOT / function["CodeUri"] / "app.py").is_file()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_does_in_one_sentence(template: Template, name: str) -> None:
    """The console shows the description beside the name."""
    description = template.functions[name]["Description"]

    assert re.fullmatch(r"[A-Z][^.]+\.", description)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_logs_to_a_group_with_retention(template: Template, name: str) -> None:
    """A group that Lambda makes by itself keeps logs for ever."""
    group = template.functions[name]["LoggingConfig"]["LogGroup"]

    assert group == {"Ref": name.replace("Function", "LogGroup")}
    assert "RetentionInDays" in template.resources[group["Ref"]]["Properties"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_work_that_fails_goes_to_a_dead_letter_queue(template: Template, name: str) -> None:
    """Whatever calls a function without waiting for the answer leaves a trace when it fails."""
    function = template.functions[name]
    queues = template.of_type("AWS::SQS::Queue")

    for event in function.get("Events", {}).values():
        properties = event["Properties"]
        if event["Type"] == "ScheduleV2":
            assert is_about(properties["DeadLetterConfig"], "RunDeadLetterQueue")
            on_failure = function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
            assert is_about(on_failure, "RunDeadLetterQueue")
        else:
            assert event["Type"] == "SQS"
            source = properties["Queue"]["Fn::GetAtt"][0]
            assert "deadLetterTargetArn" in queues[source]["RedrivePolicy"]
            assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_grant_names_its_actions_and_resources(template: Template, name: str) -> None:
    """Least privilege: no action with a wildcard, no resource beyond the stack's own."""
    for statement in template.grants(name):
        actions = statement["Action"]
        for action in actions if isinstance(actions, list) else [actions]:
            if action not in BATCHED:
                assert "*" not in action
        for value in walk(statement["Resource"]):
            if isinstance(value, str) and "*" in value:
                assert re.fullmatch(r"\$\{\w+Table\.Arn\}/index/\*", value)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_only_who_speaks_to_salesforce_reads_its_login(template: Template, name: str) -> None:
    """A function that needs no login cannot lose it."""
    reads = any(
        "secretsmanager:GetSecretValue" in statement["Action"]
        for statement in template.grants(name)
    )

    assert reads == (name in SPEAK_TO_SALESFORCE)


def test_only_long_runs_may_call_themselves(template: Template) -> None:
    """Their hand-over is the one loop that is meant."""
    loops = {name for name, function in template.functions.items() if "RecursiveLoop" in function}
    policies = template.of_type("AWS::IAM::Policy").values()

    assert loops == CALL_THEMSELVES
    assert {policy["Roles"][0]["Ref"] for policy in policies} == {f"{name}Role" for name in loops}
    for policy in policies:
        (role,) = policy["Roles"]
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Action"] == "lambda:InvokeFunction"
        assert statement["Resource"] == {"Fn::GetAtt": [role["Ref"].removesuffix("Role"), "Arn"]}


def test_nobody_reaches_the_api_without_a_signature(template: Template) -> None:
    """The URL asks IAM, and no page of another site may call it."""
    urls = {
        name: function["FunctionUrlConfig"]
        for name, function in template.functions.items()
        if "FunctionUrlConfig" in function
    }

    assert urls == {"ServeApiFunction": {"AuthType": "AWS_IAM"}}


def test_a_tick_that_is_late_is_dropped_before_the_next(template: Template) -> None:
    """Retries of old ticks must not pile up behind the new ones."""
    for name in ("PullRecordsFunction", "PushEditsFunction", "SyncCampaignsFunction"):
        function = template.functions[name]
        retry = function["Events"]["Tick"]["Properties"]["RetryPolicy"]
        rate = template.parameters[
            function["Events"]["Tick"]["Properties"]["ScheduleExpression"]["Ref"]
        ]["Default"]
        minutes = int(re.findall(r"\d+", rate)[0])

        assert retry["MaximumEventAgeInSeconds"] <= minutes * 60
        assert function["EventInvokeConfig"]["MaximumEventAgeInSeconds"] <= minutes * 60
        assert function["EventInvokeConfig"]["MaximumRetryAttempts"] == 0
