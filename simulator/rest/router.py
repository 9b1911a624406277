"""Finds the resource that answers a path."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from simulator.errors import SalesforceError, not_found
from simulator.messages import Response
from simulator.rest.call import Call

Resource = Callable[..., Response]


@dataclass(frozen=True, kw_only=True)
class Route:
    """A method and a path.

    ``{name}`` stands for one segment, ``{name*}`` for all that follows, ``{name?}`` for that or
    nothing.
    """

    method: str
    path: str
    resource: Resource
    # What the call log calls it.
    kind: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return the path as a regular expression."""
        text = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", self.path)
        text = re.sub(r"\{(\w+)\?\}", r"(?P<\1>(?:/.*)?)", text)
        text = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", text)
        return re.compile(text + "/?")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A route and the values of its names."""

    route: Route
    values: dict[str, str]

    def answer(self, call: Call) -> Response:
        """Return what the resource answers."""
        return self.route.resource(call, **self.values)


class Router:
    """All resources under one version of the API."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_method: dict[str, list[Route]] = {}
        for route in routes:
            self._by_method.setdefault(route.method, []).append(route)

    def find(self, method: str, path: str) -> Found:
        """Return the route for *path*, whose segments are still encoded."""
        asked = "GET" if method == "HEAD" else method
        found = self._search(asked, path)
        if found is not None:
            return found
        others = [name for name in self._by_method if self._search(name, path) is not None]
        if others:
            raise SalesforceError(
                "METHOD_NOT_ALLOWED",
                f"HTTP Method '{method}' not allowed. Allowed are {','.join(sorted(others))}",
            )
        raise not_found()

    def kind_of(self, method: str, path: str) -> str | None:
        """Return what the call log calls a request, if there is such a resource."""
        found = self._search("GET" if method == "HEAD" else method, path)
        return found.route.kind if found is not None else None

    def _search(self, method: str, path: str) -> Found | None:
        for route in self._by_method.get(method, ()):
            match = route.pattern.fullmatch(path)
            if match:
                values = {name: unquote(value) for name, value in match.groupdict().items()}
                return Found(route=route, values=values)
        return None
