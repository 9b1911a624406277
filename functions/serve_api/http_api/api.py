"""The API as a whole: its routes behind its gate."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.typing import LambdaContext

from counterpart.use_cases.api_services import ApiServices
from http_api.campaign_routes import add_campaign_routes
from http_api.company_routes import add_company_routes
from http_api.contact_routes import add_contact_routes
from http_api.creation_routes import add_creation_routes
from http_api.explain_routes import add_explain_routes
from http_api.gate import opened, read_json
from http_api.likeness_routes import add_likeness_routes
from http_api.mail_routes import add_mail_routes
from http_api.member_routes import add_member_routes
from http_api.merge_routes import add_merge_routes
from http_api.openapi import add_openapi_route, document
from http_api.opportunity_routes import add_opportunity_routes
from http_api.outbound_routes import add_outbound_routes
from http_api.problems import CONTENT_TYPE, Problem, RequestError, invalid, problem, problem_of
from http_api.pull_routes import add_pull_routes
from http_api.run_routes import add_run_routes
from http_api.settings_routes import add_settings_routes
from http_api.simulation_routes import add_simulation_routes

Api = Callable[[object, LambdaContext], dict[str, Any]]


def build(services: ApiServices) -> Api:
    """Return the function that answers a Function URL's events."""
    # In debug mode, the resolver would print requests, contacts and all.
    app = LambdaFunctionUrlResolver(
        enable_validation=True, json_body_deserializer=read_json, debug=False
    )
    add_contact_routes(app, services)
    add_mail_routes(app, services)
    add_company_routes(app, services)
    add_opportunity_routes(app, services)
    add_creation_routes(app, services)
    add_outbound_routes(app, services)
    add_settings_routes(app, services)
    add_run_routes(app, services)
    add_explain_routes(app, services)
    add_merge_routes(app, services)
    add_likeness_routes(app, services)
    add_simulation_routes(app, services)
    add_pull_routes(app, services)
    add_campaign_routes(app, services)
    add_member_routes(app, services)
    add_openapi_route(app)
    _add_problems(app)

    def answer(event: object, context: LambdaContext) -> dict[str, Any]:
        try:
            request = opened(event)
        except RequestError as exc:
            return {
                "statusCode": exc.status,
                "headers": {"Content-Type": CONTENT_TYPE},
                "body": problem(exc.status, exc.detail).model_dump_json(),
            }
        return app.resolve(request, context)

    return answer


def _add_problems(app: LambdaFunctionUrlResolver) -> None:
    def no_such_route(_: NotFoundError) -> Response[Any]:
        event = app.current_event
        methods = _methods(app, event.path)
        if methods:
            detail = f"{event.path} takes {', '.join(methods)}, not {event.http_method}"
            told = problem(HTTPStatus.METHOD_NOT_ALLOWED, detail)
            return _shown(told, {"Allow": ", ".join(methods)})
        detail = f"there is nothing at {event.path}; /openapi.json describes what there is"
        return _shown(problem(HTTPStatus.NOT_FOUND, detail))

    app.not_found(no_such_route)
    app.exception_handler(RequestValidationError)(_not_of_the_right_shape)
    app.exception_handler(RequestError)(_not_for_a_route)
    app.exception_handler(Exception)(_refused_or_failed)


def _not_of_the_right_shape(error: RequestValidationError) -> Response[Any]:
    return _shown(invalid(error.errors()))


def _not_for_a_route(error: RequestError) -> Response[Any]:
    return _shown(problem(error.status, error.detail), error.headers)


def _refused_or_failed(error: Exception) -> Response[Any]:
    told = problem_of(error)
    unavailable = told.status == HTTPStatus.SERVICE_UNAVAILABLE
    return _shown(told, {"Retry-After": "1"} if unavailable else {})


def _methods(app: LambdaFunctionUrlResolver, path: str) -> list[str]:
    """Return the methods that *path* takes; none, if it is no path of ours."""
    for template, operations in document(app)["paths"].items():
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path):
            return sorted(method.upper() for method in operations)
    return []


def _shown(told: Problem, headers: Mapping[str, str] | None = None) -> Response[Any]:
    return Response(told.status, CONTENT_TYPE, told.model_dump_json(), headers=headers)
