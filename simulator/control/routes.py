"""The calls under /_simulator/, JSON in and out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.control import acts, page
from simulator.errors import SalesforceError, not_found
from simulator.messages import Request, Response, answer

if TYPE_CHECKING:
    from simulator.simulator import Simulator

Act = Callable[..., Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlRoute:
    """A method and a path of the control plane."""

    method: str
    pattern: re.Pattern[str]
    act: Act


def _route(method: str, path: str, act: Act) -> ControlRoute:
    return ControlRoute(method=method, pattern=re.compile(f"/_simulator{path}/?"), act=act)


ROUTES = (
    _route("POST", "/reset", acts.reset),
    _route("GET", "/clock", acts.read_clock),
    _route("POST", "/clock", acts.set_clock),
    _route("POST", "/transactions", acts.open_transaction),
    _route("POST", "/transactions/(?P<name>[^/]+)/commit", acts.commit),
    _route("POST", "/transactions/(?P<name>[^/]+)/rollback", acts.roll_back),
    _route("GET", "/faults", acts.list_faults),
    _route("POST", "/faults", acts.add_fault),
    _route("DELETE", "/faults", acts.lift_faults),
    _route("DELETE", "/faults/(?P<number>\\d+)", acts.lift_fault),
    _route("POST", "/convert", acts.convert_lead),
    _route("POST", "/merge", acts.merge_records),
    _route("POST", "/undelete", acts.undelete_records),
    _route("POST", "/purge", acts.purge_records),
    _route("POST", "/touch", acts.touch_records),
    _route("GET", "/features", acts.read_features),
    _route("POST", "/features", acts.set_features),
    _route("GET", "/calls", acts.read_calls),
    _route("DELETE", "/calls", acts.forget_calls),
    _route("DELETE", "/sessions", acts.end_sessions),
    _route("DELETE", "/cursors", acts.lose_cursors),
    _route("POST", "/seed", acts.seed_org),
)


def handle(simulator: "Simulator", request: Request) -> Response:
    """Return the answer of the control plane."""
    try:
        shown = page.handle(simulator, request)
        if shown is not None:
            return shown
        for route in ROUTES:
            match = route.pattern.fullmatch(request.path)
            if match and route.method == request.method:
                body = request.json_object() if request.method == "POST" else {}
                with simulator.org.writing():
                    result = route.act(simulator, body, **match.groupdict())
                return answer(result)
        raise not_found()
    except SalesforceError as exc:
        return answer([exc.as_single()], exc.status)
