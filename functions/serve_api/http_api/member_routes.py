"""The routes of members."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import ValidationError

from counterpart.domain.memberships import Became, Fulfilled, MemberAct, MemberWish
from counterpart.domain.waiting import Lane
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.read_members import (
    Membership,
    get_member,
    list_members,
    list_memberships,
)
from counterpart.use_cases.write_members import write_member, write_members
from http_api.campaign_routes import CampaignId
from http_api.campaign_shapes import MemberBatch, MemberItem, MemberToAdd, MemberToChange
from http_api.campaign_views import (
    MemberAnswer,
    MemberAnswers,
    Members,
    Memberships,
    MemberShown,
)
from http_api.contact_routes import After, ContactId, Limit, shown
from http_api.gate import check_parameters
from http_api.leading_on import leading_on
from http_api.openapi import answers
from http_api.problems import Problem, invalid, problem_of

_STATUSES = {
    Became.ADDED: HTTPStatus.CREATED,
    Became.CHANGED: HTTPStatus.OK,
    Became.UNCHANGED: HTTPStatus.OK,
    Became.REMOVED: HTTPStatus.NO_CONTENT,
    Became.DROPPED: HTTPStatus.NO_CONTENT,
}


def add_member_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of members."""
    _add_reading(app, services)
    _add_writing(app, services)
    _add_batches(app, services)


def _add_reading(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    @app.get(
        "/campaigns/<campaign_id>/members",
        summary="List the members of a campaign, of one status or all",
        operation_id="listMembers",
        tags=["members"],
        responses=answers({200: Members}, 404, 422),
    )
    def list_(
        campaign_id: CampaignId,
        status: Annotated[str | None, Query(description="Only members with this label.")] = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Response[Any]:
        check_parameters(
            app.current_event.query_string_parameters, allowed=("status", "limit", "next")
        )
        listing = list_members(
            campaign_id, status=status, limit=limit, after=after, stores=services.campaigns
        )
        items = [MemberShown.of(each) for each in listing.items]
        return shown(HTTPStatus.OK, Members(items=items, next=listing.next))

    @app.get(
        "/campaigns/<campaign_id>/members/<contact_id>",
        summary="Read a member",
        operation_id="getMember",
        tags=["members"],
        responses=answers({200: MemberShown}, 308, 404),
    )
    def get(campaign_id: CampaignId, contact_id: ContactId) -> Response[Any]:
        with leading_on(contact_id, app.current_event.path, services):
            found = get_member(campaign_id, contact_id, stores=services.campaigns)
        return shown(HTTPStatus.OK, MemberShown.of(found))

    @app.get(
        "/contacts/<contact_id>/memberships",
        summary="List what a contact is a member of",
        operation_id="listMemberships",
        tags=["members"],
        responses=answers({200: Memberships}, 308, 404),
    )
    def memberships(contact_id: ContactId) -> Response[Any]:
        with leading_on(contact_id, app.current_event.path, services):
            found = list_memberships(
                contact_id, contacts=services.contacts, stores=services.campaigns
            )
        items = [MemberShown.of(each) for each in found]
        return shown(HTTPStatus.OK, Memberships(items=items))


def _add_writing(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    def written(campaign_id: str, wish: MemberWish) -> Response[Any]:
        done = write_member(campaign_id, wish, now=services.clock(), ports=services.member_ports)
        status = _STATUSES[done.became]
        if status is HTTPStatus.NO_CONTENT:
            return Response(status)
        (found,) = _memberships(campaign_id, [done], services)
        headers = {"Location": f"/campaigns/{campaign_id}/members/{wish.contact_id}"}
        created = status is HTTPStatus.CREATED
        return shown(status, MemberShown.of(found), headers if created else None)

    @app.post(
        "/campaigns/<campaign_id>/members",
        summary="Add a contact to a campaign, or change it where it is a member already",
        operation_id="addMember",
        tags=["members"],
        responses=answers({201: MemberShown, 200: MemberShown}, 400, 404, 409, 413, 415, 422),
    )
    def add(campaign_id: CampaignId, body: MemberToAdd) -> Response[Any]:
        return written(campaign_id, body.wish())

    @app.patch(
        "/campaigns/<campaign_id>/members/<contact_id>",
        summary="Move a member to another status, or change its fields",
        operation_id="updateMember",
        tags=["members"],
        responses=answers({200: MemberShown}, 308, 400, 404, 409, 413, 415, 422),
    )
    def update(
        campaign_id: CampaignId, contact_id: ContactId, body: MemberToChange
    ) -> Response[Any]:
        with leading_on(contact_id, app.current_event.path, services):
            return written(campaign_id, body.wish(contact_id))

    @app.delete(
        "/campaigns/<campaign_id>/members/<contact_id>",
        summary="Remove a contact from a campaign, in Salesforce too if the campaign syncs",
        operation_id="removeMember",
        tags=["members"],
        status_code=HTTPStatus.NO_CONTENT,
        responses={204: {"description": "No Content"}, **answers({}, 308, 404)},
    )
    def remove(campaign_id: CampaignId, contact_id: ContactId) -> Response[Any]:
        with leading_on(contact_id, app.current_event.path, services):
            return written(campaign_id, MemberWish(contact_id=contact_id, act=MemberAct.REMOVE))


def _add_batches(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    @app.post(
        "/campaigns/<campaign_id>/members:batch",
        summary="Add, change and remove up to 1,000 members, with an answer for each, in order",
        operation_id="writeMembers",
        tags=["members"],
        responses=answers({200: MemberAnswers}, 400, 404, 413, 415, 422),
    )
    def batch(campaign_id: CampaignId, body: MemberBatch) -> Response[Any]:
        read = [_read(item) for item in body.items]
        done = write_members(
            campaign_id,
            [one for one in read if isinstance(one, MemberWish)],
            lane=Lane.BULK,
            now=services.clock(),
            ports=services.member_ports,
        )
        left = iter(done)
        told = [next(left) if isinstance(one, MemberWish) else one for one in read]
        fulfilled = [one for one in told if isinstance(one, Fulfilled)]
        found = iter(_memberships(campaign_id, fulfilled, services))
        return shown(
            HTTPStatus.OK,
            MemberAnswers(
                items=[
                    _answer(one, next(found)) if isinstance(one, Fulfilled) else _refused(one)
                    for one in told
                ]
            ),
        )


def _memberships(
    campaign_id: str, done: Sequence[Fulfilled], services: ApiServices
) -> list[Membership]:
    """Return what was written, each with what tells how to show it."""
    campaign = services.campaigns.campaign(campaign_id)
    campaign_type = services.campaigns.type_of(campaign)
    return [
        Membership(member=one.member, campaign=campaign, campaign_type=campaign_type)
        for one in done
    ]


def _read(item: object) -> MemberWish | Problem:
    try:
        return MemberItem.model_validate(item).wish()
    except ValidationError as exc:
        found = exc.errors(include_url=False)
        return invalid([{**error, "loc": ("item", *error["loc"])} for error in found])


def _answer(done: Fulfilled, membership: Membership) -> MemberAnswer:
    status = _STATUSES[done.became]
    if status is HTTPStatus.NO_CONTENT:
        return MemberAnswer(status=status)
    return MemberAnswer(status=status, member=MemberShown.of(membership))


def _refused(found: Problem | Exception) -> MemberAnswer:
    told = found if isinstance(found, Problem) else problem_of(found)
    return MemberAnswer(status=told.status, error=told)
