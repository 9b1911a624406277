"""The routes of campaigns and their types."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.delete_campaign_types import delete_type, list_types
from counterpart.use_cases.delete_campaigns import delete_campaign
from counterpart.use_cases.edit_campaign_types import change_type, create_type
from counterpart.use_cases.edit_campaigns import change_campaign, create_campaign
from counterpart.use_cases.move_members_on import move_members_on
from http_api.campaign_shapes import (
    CampaignToCreate,
    CampaignToUpdate,
    TypeToCreate,
    TypeToUpdate,
)
from http_api.campaign_views import (
    Campaigns,
    CampaignShown,
    SalesforceCampaign,
    SalesforceCampaigns,
    Types,
    TypeShown,
)
from http_api.contact_routes import After, IdempotencyKey, Limit, shown
from http_api.gate import check_parameters
from http_api.openapi import answers

CampaignId = Annotated[str, Path(description="The campaign's id.")]
TypeId = Annotated[str, Path(description="The type's id.")]

# A request has a minute; what is left of moving members on, or of deleting them, the schedule does.
_STEPS_TAKE = timedelta(seconds=10)


def add_campaign_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of campaigns and their types."""
    _add_types(app, services)
    _add_type_changes(app, services)
    _add_campaigns(app, services)
    _add_campaign_changes(app, services)


def _add_types(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    @app.get(
        "/campaign-types",
        summary="List the types of campaigns",
        operation_id="listCampaignTypes",
        tags=["campaigns"],
        responses=answers({200: Types}, 422),
    )
    def list_(limit: Limit = 50, after: After = None) -> Response[Any]:
        check_parameters(app.current_event.query_string_parameters, allowed=("limit", "next"))
        listing = list_types(limit=limit, after=after, stores=services.campaigns)
        items = [TypeShown.of(each) for each in listing.items]
        return shown(HTTPStatus.OK, Types(items=items, next=listing.next))

    @app.get(
        "/campaign-types/<type_id>",
        summary="Read a type of campaign",
        operation_id="getCampaignType",
        tags=["campaigns"],
        responses=answers({200: TypeShown}, 404),
    )
    def get(type_id: TypeId) -> Response[Any]:
        return shown(HTTPStatus.OK, TypeShown.of(services.campaigns.type(type_id)))


def _add_type_changes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    @app.post(
        "/campaign-types",
        summary="Create a type of campaign, with its statuses in order",
        operation_id="createCampaignType",
        tags=["campaigns"],
        responses=answers({201: TypeShown, 200: TypeShown}, 400, 413, 415, 422),
    )
    def create(body: TypeToCreate, key: IdempotencyKey = None) -> Response[Any]:
        made = create_type(body.wanted(), key=key, now=services.clock(), stores=services.campaigns)
        type_shown = TypeShown.of(made.campaign_type)
        headers = {"Location": f"/campaign-types/{made.campaign_type.id}"}
        if made.replayed:
            return shown(HTTPStatus.OK, type_shown, headers | {"Idempotent-Replay": "true"})
        return shown(HTTPStatus.CREATED, type_shown, headers)

    @app.patch(
        "/campaign-types/<type_id>",
        summary="Change a type of campaign, its statuses too",
        operation_id="updateCampaignType",
        tags=["campaigns"],
        responses=answers({200: TypeShown}, 400, 404, 409, 413, 415, 422),
        description=(
            "A status that `statuses` leave out is removed. If members have it, `replacements` "
            "says which status they get; without it, the answer is 409 and says how many they "
            "are. All of them have the replacement from this answer on."
        ),
    )
    def update(type_id: TypeId, body: TypeToUpdate) -> Response[Any]:
        now = services.clock()
        changed = change_type(
            type_id, body.edit(), version=body.version, now=now, stores=services.campaigns
        )
        move_members_on(
            changed,
            now=now,
            enough=lambda: services.clock() > now + _STEPS_TAKE,
            stores=services.campaigns,
        )
        return shown(HTTPStatus.OK, TypeShown.of(changed))

    @app.delete(
        "/campaign-types/<type_id>",
        summary="Delete a type of which there is no campaign",
        operation_id="deleteCampaignType",
        tags=["campaigns"],
        status_code=HTTPStatus.NO_CONTENT,
        responses={204: {"description": "No Content"}, **answers({}, 404, 409)},
        description="While there are campaigns of it, the answer is 409 and names them.",
    )
    def delete(type_id: TypeId) -> Response[Any]:
        delete_type(type_id, now=services.clock(), stores=services.campaigns)
        return Response(HTTPStatus.NO_CONTENT)


def _add_campaigns(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    @app.get(
        "/campaigns",
        summary="List campaigns, of one type or all",
        operation_id="listCampaigns",
        tags=["campaigns"],
        responses=answers({200: Campaigns}, 422),
    )
    def list_(
        type_id: Annotated[str | None, Query(description="Only campaigns of this type.")] = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Response[Any]:
        check_parameters(
            app.current_event.query_string_parameters, allowed=("type_id", "limit", "next")
        )
        listing = services.campaigns.campaigns.page(type_id=type_id, limit=limit, after=after)
        items = [CampaignShown.of(each) for each in listing.items]
        return shown(HTTPStatus.OK, Campaigns(items=items, next=listing.next))

    @app.get(
        "/campaigns/<campaign_id>",
        summary="Read a campaign",
        operation_id="getCampaign",
        tags=["campaigns"],
        responses=answers({200: CampaignShown}, 404),
    )
    def get(campaign_id: CampaignId) -> Response[Any]:
        return shown(HTTPStatus.OK, CampaignShown.of(services.campaigns.campaign(campaign_id)))

    @app.get(
        "/salesforce-campaigns",
        summary="Find campaigns in Salesforce by a part of their name",
        operation_id="searchSalesforceCampaigns",
        tags=["campaigns"],
        responses=answers({200: SalesforceCampaigns}, 422),
        description="Active or not, at most 50. Takes one Salesforce API call.",
    )
    def search(
        name: Annotated[str, Query(min_length=1, max_length=80, description="A part of it.")],
    ) -> Response[Any]:
        check_parameters(app.current_event.query_string_parameters, allowed=("name",))
        found = services.campaign_search.search(name)
        items = [SalesforceCampaign.of(each) for each in found]
        return shown(HTTPStatus.OK, SalesforceCampaigns(items=items))


def _add_campaign_changes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    @app.post(
        "/campaigns",
        summary="Create a campaign, and choose whether and with what it syncs",
        operation_id="createCampaign",
        tags=["campaigns"],
        responses=answers({201: CampaignShown, 200: CampaignShown}, 400, 404, 409, 413, 415, 422),
    )
    def create(body: CampaignToCreate, key: IdempotencyKey = None) -> Response[Any]:
        made = create_campaign(
            body.wanted(), key=key, now=services.clock(), stores=services.campaigns
        )
        campaign = CampaignShown.of(made.campaign)
        headers = {"Location": f"/campaigns/{made.campaign.id}"}
        if made.replayed:
            return shown(HTTPStatus.OK, campaign, headers | {"Idempotent-Replay": "true"})
        return shown(HTTPStatus.CREATED, campaign, headers)

    @app.patch(
        "/campaigns/<campaign_id>",
        summary="Change a campaign: its name, its status map, whether and with what it syncs",
        operation_id="updateCampaign",
        tags=["campaigns"],
        responses=answers({200: CampaignShown}, 400, 404, 409, 413, 415, 422),
    )
    def update(campaign_id: CampaignId, body: CampaignToUpdate) -> Response[Any]:
        changed = change_campaign(
            campaign_id,
            body.edit(),
            version=body.version,
            now=services.clock(),
            stores=services.campaigns,
        )
        return shown(HTTPStatus.OK, CampaignShown.of(changed))

    @app.delete(
        "/campaigns/<campaign_id>",
        summary="Delete a campaign and its members here; in Salesforce everything stays",
        operation_id="deleteCampaign",
        tags=["campaigns"],
        status_code=HTTPStatus.NO_CONTENT,
        responses={204: {"description": "No Content"}, **answers({}, 404)},
    )
    def delete(campaign_id: CampaignId) -> Response[Any]:
        now = services.clock()
        delete_campaign(
            campaign_id,
            now=now,
            enough=lambda: services.clock() > now + _STEPS_TAKE,
            stores=services.campaigns,
        )
        return Response(HTTPStatus.NO_CONTENT)
