"""The routes of runs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from counterpart.domain.outcomes import RunKind
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.read_runs import get_run, list_outcomes
from http_api.contact_routes import After, Limit, shown
from http_api.gate import check_parameters
from http_api.openapi import answers
from http_api.views import Outcomes, OutcomeShown, Runs, RunShown

RunId = Annotated[str, Path(description="The run's id.")]


def add_run_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of runs."""

    @app.get(
        "/runs",
        summary="List runs, newest first",
        operation_id="listRuns",
        tags=["runs"],
        responses=answers({200: Runs}, 422),
    )
    def list_(
        kind: Annotated[RunKind | None, Query(description="Only runs of this kind.")] = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Response[Any]:
        check_parameters(
            app.current_event.query_string_parameters, allowed=("kind", "limit", "next")
        )
        listing = services.runs.page(kind=kind, limit=limit, after=after)
        items = [RunShown.of(run) for run in listing.items]
        return shown(HTTPStatus.OK, Runs(items=items, next=listing.next))

    @app.get(
        "/runs/<run_id>",
        summary="Read a run",
        operation_id="getRun",
        tags=["runs"],
        responses=answers({200: RunShown}, 404),
    )
    def get(run_id: RunId) -> Response[Any]:
        return shown(HTTPStatus.OK, RunShown.of(get_run(run_id, runs=services.runs)))

    @app.get(
        "/runs/<run_id>/outcomes",
        summary="List what a run tells of single records",
        operation_id="listOutcomes",
        tags=["runs"],
        responses=answers({200: Outcomes}, 404, 422),
    )
    def outcomes(run_id: RunId, limit: Limit = 50, after: After = None) -> Response[Any]:
        check_parameters(app.current_event.query_string_parameters, allowed=("limit", "next"))
        listing = list_outcomes(run_id, limit=limit, after=after, runs=services.runs)
        items = [OutcomeShown.of(outcome) for outcome in listing.items]
        return shown(HTTPStatus.OK, Outcomes(items=items, next=listing.next))
