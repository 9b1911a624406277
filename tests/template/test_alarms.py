"""What goes wrong calls a person, and the dashboard shows it."""

import json
import re

import pytest

from tests.template.reading import Template, is_about


def test_an_alarm_explains_itself_and_tells_when_it_is_over(template: Template) -> None:
    """Whoever is woken at night reads a sentence first."""
    for alarm in template.of_type("AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmDescription"].endswith(".")
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}]


@pytest.mark.failure("F33")
def test_every_function_is_watched_for_errors_and_throttles(template: Template) -> None:
    """A function that fails silently is worse than none."""
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    for name in template.functions:
        watched = {alarm["MetricName"] for alarm in alarms if is_about(alarm["Dimensions"], name)}
        assert watched >= {"Errors", "Throttles"}


def test_our_own_metrics_are_told_apart_by_stack(template: Template) -> None:
    """Two stacks in one account must not hide each other's lag."""
    own = [
        alarm
        for alarm in template.of_type("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == "Counterpart"
    ]
    environment = template.functions["PullRecordsFunction"]["Environment"]["Variables"]

    assert {alarm["MetricName"] for alarm in own} == {
        "SecondsBehind",
        "OldestWaitSeconds",
        "ApiBudgetUsedPercent",
        "Held",
    }
    assert environment["POWERTOOLS_METRICS_NAMESPACE"] == "Counterpart"
    for alarm in own:
        assert alarm["Dimensions"] == [
            {"Name": "service", "Value": environment["POWERTOOLS_SERVICE_NAME"]}
        ]


@pytest.mark.failure("F66")
def test_a_stream_that_says_nothing_is_alarming(template: Template) -> None:
    """A schedule that stopped publishes no lag, so silence has to count as lag."""
    alarms = {"PullLagAlarm": "SecondsBehind", "PushBacklogAlarm": "OldestWaitSeconds"}
    for name, metric in alarms.items():
        lag = template.resources[name]["Properties"]
        assert (lag["MetricName"], lag["Statistic"]) == (metric, "Maximum")
        assert (lag["ComparisonOperator"], lag["Threshold"]) == ("GreaterThanThreshold", 30 * 60)
        missing = lag["TreatMissingData"]
        assert missing == {"Fn::If": ["RunsOnSchedule", "breaching", "notBreaching"]}


def test_only_a_wish_for_mail_makes_a_subscription(template: Template) -> None:
    """The topic stands for others to subscribe to; the e-mail is optional."""
    assert "Condition" not in template.resources["AlarmTopic"]
    assert template.resources["AlarmSubscription"]["Condition"] == "HasAlarmEmail"


def test_the_dashboard_shows_every_function_and_queue(template: Template) -> None:
    """The body is JSON once CloudFormation has filled it in, and forgets nobody."""
    body = template.resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(re.sub(r"\$\{[^}]+\}", "filled", body))["widgets"]

    assert all(widget["properties"]["title"] for widget in widgets)
    for name in template.functions:
        assert f"${{{name}}}" in body
    for name in template.of_type("AWS::SQS::Queue"):
        assert f"${{{name}.QueueName}}" in body
