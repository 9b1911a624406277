"""Push the edits that wait to Salesforce: on a schedule, or as somebody asks."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from counterpart import bootstrap, telemetry
from counterpart.domain.requests import payload_of
from counterpart.errors import InputError
from counterpart.settings import Environment

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

pushing = bootstrap.build_push_edits(Environment.from_environ(os.environ))


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Answer with what was done, or with what is wrong with the request."""
    try:
        answer = pushing.answer(
            payload_of(event),
            publish=telemetry.publish,
            time_left=lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()),
        )
    except InputError as exc:
        return telemetry.refuse(exc)
    return dict(answer)
