"""Batches: many items, each read, written and answered by itself."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from pydantic import BaseModel, Field, ValidationError

from counterpart.domain.waiting import Lane
from counterpart.domain.wishes import Wish, Written
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.read_contacts import with_companies
from counterpart.use_cases.write_contacts import write_contacts
from http_api.problems import Problem, invalid, problem_of
from http_api.shapes import ContactToCreate, ItemToUpdate
from http_api.views import ContactShown, Warned


class ItemAnswer(BaseModel):
    """What became of one item."""

    status: int = Field(description="As if the item had been sent alone.")
    contact: ContactShown | None = None
    error: Problem | None = None
    warnings: list[Warned] = []


class BatchAnswers(BaseModel):
    """What became of each item, in order."""

    items: list[ItemAnswer]


def write_batch(items: Sequence[object], *, key: str | None, services: ApiServices) -> BatchAnswers:
    """Write each item that is of the right shape; answer all of them, in order."""
    read = [_read(item, place, key) for place, item in enumerate(items)]
    written = iter(
        write_contacts(
            [wish for wish in read if isinstance(wish, Wish)],
            lane=Lane.BULK,
            now=services.clock(),
            contacts=services.contacts,
            settings=services.settings,
            queue=services.queue,
        )
    )
    answers = [next(written) if isinstance(one, Wish) else one for one in read]
    contacts = with_companies(
        [one.contact for one in answers if isinstance(one, Written)], links=services.links
    )
    shown = iter(contacts)
    return BatchAnswers(
        items=[
            ItemAnswer(
                status=HTTPStatus.CREATED if one.created else HTTPStatus.OK,
                contact=ContactShown.of(next(shown)),
                warnings=[Warned.of(notice) for notice in one.notices],
            )
            if isinstance(one, Written)
            else _refused(one)
            for one in answers
        ]
    )


def _read(item: object, place: int, key: str | None) -> Wish | Problem:
    try:
        if isinstance(item, dict) and "id" in item:
            update = ItemToUpdate.model_validate(item)
            return update.wish(update.id)
        new = ContactToCreate.model_validate(item)
        return new.wish(request=(key, str(place)) if key else ())
    except ValidationError as exc:
        found = exc.errors(include_url=False)
        return invalid([{**error, "loc": ("item", *error["loc"])} for error in found])


def _refused(found: Problem | Exception) -> ItemAnswer:
    told = found if isinstance(found, Problem) else problem_of(found)
    return ItemAnswer(status=told.status, error=told)
