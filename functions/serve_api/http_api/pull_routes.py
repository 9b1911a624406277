"""The routes of what is asked of the pull: backfills, and a yes to what is held."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from pydantic import BaseModel, Field

from counterpart.errors import InputError, NotFoundError
from counterpart.use_cases.api_services import ApiServices
from http_api.contact_routes import shown
from http_api.openapi import answers
from http_api.shapes import Taken

MOST_IDS = 2000


class BackfillWish(Taken):
    """What to read once more."""

    object: str | None = Field(
        default=None, description="Lead, Contact or Account; may be left out with `ids`."
    )
    fields: Annotated[list[str] | None, Field(min_length=1)] = Field(
        default=None,
        description=(
            "Our names. These alone are filled, and only for records that are linked. Without it "
            "all mapped fields cross, and records that are not here yet come in."
        ),
    )
    since: str | None = Field(default=None, description="Only records changed at or after it.")
    until: str | None = Field(default=None, description="Only records changed before it.")
    ids: Annotated[list[str] | None, Field(min_length=1, max_length=MOST_IDS)] = None

    def what(self) -> dict[str, Any]:
        """Return it as `pull_records` takes it."""
        return self.model_dump(exclude_none=True, exclude={"confirm"})


class ConfirmedBackfill(BackfillWish):
    """What to read once more, by somebody who has seen the count."""

    confirm: int = Field(ge=0, description="The number that the count has told.")


class BackfillCounted(BaseModel):
    """What a backfill would read."""

    status: str
    summary: str
    records: int
    api_calls: int
    confirm: int = Field(description="Send it back to begin.")


class BackfillStarted(BaseModel):
    """A backfill that has begun."""

    status: str
    summary: str
    id: str
    records: int


class BackfillShown(BaseModel):
    """How far the open backfill has come; `status` is `none` if none is open."""

    status: str
    summary: str
    id: str | None = None
    object: str | None = None
    fields: list[str] | None = None
    records: int | None = None
    done: int | None = None
    started_at: str | None = None
    finished_at: str | None = None
    last_run: str | None = None


class HoldShown(BaseModel):
    """What waits for somebody's yes."""

    id: str
    stream: str
    objects: list[str] = Field(
        description="Whose records these are, where the stream is about several."
    )
    summary: str
    counts: dict[str, int] = Field(description="Rows by what would be done to them.")
    of: int = Field(description="As many records there are.")
    complete: bool = Field(description="False: there may be more than was counted.")
    examples: list[str]
    held_at: str
    looked_at: str
    approved: bool


class Holds(BaseModel):
    """All that waits for somebody's yes."""

    items: list[HoldShown]


class Approval(Taken):
    """A yes to one hold."""

    id: str = Field(min_length=1)


def _ask(services: ApiServices, payload: Mapping[str, object]) -> Mapping[str, object]:
    """Return what the function that pulls answers; its complaints name places in the body."""
    try:
        return services.pulling.run(payload)
    except InputError as exc:
        raise InputError(exc.detail, field=exc.field.removeprefix("backfill.")) from exc


def add_pull_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of backfills and holds."""

    @app.post(
        "/backfill:count",
        summary="Count what a backfill would read, and write nothing",
        operation_id="countBackfill",
        tags=["backfill"],
        responses=answers({200: BackfillCounted}, 400, 413, 415, 422),
    )
    def count(body: BackfillWish) -> Response[Any]:
        told = _ask(services, {"backfill": body.what()})
        return shown(HTTPStatus.OK, BackfillCounted.model_validate(told))

    @app.post(
        "/backfill",
        summary="Begin a backfill whose count was seen",
        operation_id="startBackfill",
        tags=["backfill"],
        status_code=HTTPStatus.ACCEPTED,
        responses=answers({202: BackfillStarted}, 400, 413, 415, 422),
    )
    def start(body: ConfirmedBackfill) -> Response[Any]:
        told = _ask(services, {"backfill": body.what(), "confirm": body.confirm})
        return shown(HTTPStatus.ACCEPTED, BackfillStarted.model_validate(told))

    @app.get(
        "/backfill",
        summary="Say how far the open backfill has come",
        operation_id="getBackfill",
        tags=["backfill"],
        responses=answers({200: BackfillShown}),
    )
    def status() -> Response[Any]:
        told = _ask(services, {"backfill": "status"})
        return shown(HTTPStatus.OK, BackfillShown.model_validate(told))

    @app.delete(
        "/backfill",
        summary="End the open backfill where it stands",
        operation_id="cancelBackfill",
        tags=["backfill"],
        responses=answers({200: BackfillShown}),
    )
    def cancel() -> Response[Any]:
        told = _ask(services, {"backfill": "cancel"})
        return shown(HTTPStatus.OK, BackfillShown.model_validate(told))

    @app.get(
        "/holds",
        summary="List what the guard holds until somebody says yes",
        operation_id="listHolds",
        tags=["guard"],
        responses=answers({200: Holds}),
    )
    def holds() -> Response[Any]:
        told = _ask(services, {"holds": "list"})
        return shown(HTTPStatus.OK, Holds.model_validate(told))

    @app.post(
        "/holds:approve",
        summary="Say yes to one hold, and let what was held go on",
        operation_id="approveHold",
        tags=["guard"],
        status_code=HTTPStatus.ACCEPTED,
        responses=answers({202: HoldShown}, 400, 404, 413, 415, 422),
    )
    def approve(body: Approval) -> Response[Any]:
        try:
            told = services.pulling.run({"approve": body.id})
        except InputError as exc:
            raise NotFoundError(exc.detail, field="id") from exc
        return shown(HTTPStatus.ACCEPTED, HoldShown.model_validate(told))
