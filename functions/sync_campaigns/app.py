"""Bring campaigns and their members in step: on a schedule, as a hand-over, or as somebody asks."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from counterpart import bootstrap, telemetry
from counterpart.domain.campaign_requests import parse_campaigns_request
from counterpart.domain.requests import payload_of
from counterpart.errors import InputError
from counterpart.settings import Environment

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

campaigns = bootstrap.build_sync_campaigns(Environment.from_environ(os.environ))


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Answer with a report, with campaigns that were looked for, or with what is wrong."""
    try:
        return campaigns.answer(
            parse_campaigns_request(payload_of(event)),
            time_left=lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()),
            publish=telemetry.publish,
        )
    except InputError as exc:
        return telemetry.refuse(exc)
