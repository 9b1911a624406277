"""Leading whoever asks for a contact that was merged into another on to that one."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from counterpart.errors import NotFoundError
from counterpart.use_cases.merge_contacts import survivor_of
from http_api.problems import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.use_cases.api_services import ApiServices


@contextmanager
def leading_on(contact_id: str, path: str, services: ApiServices) -> Iterator[None]:
    """Answer with 308 and the same path of the survivor where there is no such contact any more.

    Raises:
        RequestError: it was merged.
        NotFoundError: there never was one.
    """
    try:
        yield
    except NotFoundError as exc:
        survivor_id = survivor_of(contact_id, merges=services.merges)
        if survivor_id is None:
            raise
        raise RequestError(
            HTTPStatus.PERMANENT_REDIRECT,
            f"{contact_id} was merged into {survivor_id}",
            {"Location": path.replace(contact_id, survivor_id, 1)},
        ) from exc
