"""The routes of settings."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from counterpart.domain.settings_document import to_document
from counterpart.domain.sync_settings import SyncSettings
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.change_settings import change_settings
from http_api.gate import check_parameters
from http_api.openapi import answers

# A local stack may not tell who signed the request.
_SOMEBODY = "api"


def add_settings_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of settings."""

    @app.get(
        "/settings",
        summary="Read the settings",
        operation_id="getSettings",
        tags=["settings"],
        responses=answers({200: None}),
    )
    def get() -> Response[Any]:
        return _shown(services.settings.current())

    @app.put(
        "/settings",
        summary="Change the settings",
        operation_id="changeSettings",
        tags=["settings"],
        responses=answers({200: None}, 400, 409, 413, 415, 422),
        description=(
            "Needs the `version` that the change builds on. What is left out stays as it is, but "
            "the maps `fields`, `company_fields`, `member_fields` and `opportunity_fields` are "
            "replaced as given. `enabled_at`, `since` and `mapped_at` are set by the system. New "
            "criteria and mappings are held against what Salesforce knows of their fields."
        ),
    )
    def change(
        body: Annotated[dict[str, Any], Body()],
        unchecked: Annotated[  # noqa: FBT002 - a parameter of the query
            bool, Query(description="Take new criteria and mappings without asking Salesforce.")
        ] = False,
    ) -> Response[Any]:
        check_parameters(app.current_event.query_string_parameters, allowed=("unchecked",))
        changed = change_settings(
            body,
            changed_by=app.current_event.request_context.authorizer.iam.user_arn or _SOMEBODY,
            now=services.clock(),
            settings=services.settings,
            checked_by=None if unchecked else services.errands,
        )
        return _shown(changed)


def _shown(settings: SyncSettings) -> Response[Any]:
    return Response(HTTPStatus.OK, "application/json", json.dumps(to_document(settings)))
