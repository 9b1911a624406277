"""What the stack does when nobody asks; the last of these files, so that time has passed."""

from tests.end_to_end.stack import Stack, wait_for


def test_the_push_schedule_fires(stack: Stack) -> None:
    """A tick reaches the function within its minute, and the function ends well."""
    logs = stack.client("logs")
    (group,) = [
        each["logGroupName"]
        for each in logs.describe_log_groups()["logGroups"]
        if "PushEdits" in each["logGroupName"]
    ]

    def find_tick() -> bool:
        ended = logs.filter_log_events(logGroupName=group, filterPattern="REPORT")["events"]
        return len(ended) > stack.invoked.count("push_edits")

    assert wait_for(find_tick, seconds=150)
    assert not logs.filter_log_events(logGroupName=group, filterPattern="ERROR")["events"]


def test_nothing_failed_behind_our_backs(stack: Stack) -> None:
    """No tick was lost, no run failed, and no job ended among the dead letters."""
    sqs = stack.client("sqs")

    left = {
        name: sqs.get_queue_attributes(
            QueueUrl=stack.known["queues"][name], AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]["ApproximateNumberOfMessages"]
        for name in ("creation_dead_letter", "run_dead_letter")
    }

    assert left == {"creation_dead_letter": "0", "run_dead_letter": "0"}
