"""Create contacts in Salesforce: from the queue, or as somebody asks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from counterpart import bootstrap, telemetry
from counterpart.domain.requests import payload_of
from counterpart.errors import InputError
from counterpart.settings import Environment

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

creation = bootstrap.build_create_records(Environment.from_environ(os.environ))


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def lambda_handler(event: object, context: LambdaContext) -> dict[str, object]:
    """Answer the queue with the messages to deliver again, and a person with a report."""
    if isinstance(event, dict) and "Records" in event:
        worked_off = creation.work_off(event["Records"])
        for report in worked_off.reports:
            telemetry.publish(report)
        return {"batchItemFailures": [{"itemIdentifier": key} for key in worked_off.failures]}

    try:
        return dict(creation.answer(payload_of(event), publish=telemetry.publish))
    except InputError as exc:
        return telemetry.refuse(exc)
