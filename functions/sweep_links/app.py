"""Look whether the records that we are linked to are still there: each night, or on demand."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from counterpart import bootstrap, telemetry
from counterpart.domain.requests import payload_of
from counterpart.domain.sweep_requests import parse_sweep_request
from counterpart.errors import InputError
from counterpart.settings import Environment

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

sweep_links = bootstrap.build_sweep_links(Environment.from_environ(os.environ))


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Answer with a report, or with what is wrong with the request."""
    try:
        report = sweep_links(
            parse_sweep_request(payload_of(event)),
            time_left=lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()),
        )
    except InputError as exc:
        return telemetry.refuse(exc)

    telemetry.publish(report)
    return report.answer()
