"""No queue loses a job, or hides one."""

import pytest

from tests.template.reading import Template, is_about


def test_a_queue_is_encrypted_and_named_by_cloudformation(template: Template) -> None:
    """Two stacks live in one account, and nobody reads a job from the disk."""
    for queue in template.of_type("AWS::SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True
        assert "QueueName" not in queue


@pytest.mark.failure("F27")
def test_a_working_queue_has_a_dead_letter_queue(template: Template) -> None:
    """A job that fails again and again is set aside."""
    queues = template.of_type("AWS::SQS::Queue")
    for name, queue in queues.items():
        if not name.endswith("DeadLetterQueue"):
            target = queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
            assert target == name.replace("Queue", "DeadLetterQueue")
            assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
            # A job keeps its age when it moves, so the last queue must not forget sooner.
            assert queues[target]["MessageRetentionPeriod"] >= queue["MessageRetentionPeriod"]


@pytest.mark.failure("F66")
def test_a_dead_letter_queue_raises_an_alarm(template: Template) -> None:
    """One message is enough to call a person."""
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    for name in template.of_type("AWS::SQS::Queue"):
        if name.endswith("DeadLetterQueue"):
            (alarm,) = [alarm for alarm in alarms if is_about(alarm["Dimensions"], name)]
            assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
            assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
            assert alarm["Threshold"] == 0


def test_a_job_stays_invisible_for_six_times_the_timeout(template: Template) -> None:
    """Sooner, and a job that is still in work is handed to a second worker."""
    queues = template.of_type("AWS::SQS::Queue")
    for function in template.functions.values():
        for event in function.get("Events", {}).values():
            if event["Type"] == "SQS":
                queue = queues[event["Properties"]["Queue"]["Fn::GetAtt"][0]]
                assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]


@pytest.mark.failure("F65")
def test_creation_takes_many_jobs_at_a_time_with_few_workers(template: Template) -> None:
    """API calls are spent by the batch, so batches are large and workers few."""
    jobs = template.functions["CreateRecordsFunction"]["Events"]["Jobs"]["Properties"]

    assert jobs["BatchSize"] == 200
    assert 0 < jobs["MaximumBatchingWindowInSeconds"] <= 10
    assert is_about(jobs["ScalingConfig"]["MaximumConcurrency"], "CreationConcurrency")
