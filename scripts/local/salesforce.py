"""How the Salesforce simulator is started, and how one logs in to it."""

import json
import urllib.request

from scripts.local import place
from scripts.local.world import World


def command(*, port: int, people: int, access_token: str) -> list[str]:
    """Return the command that starts a simulator with a realistic org of *people*."""
    return [
        str(place.TOOLS / "python"),
        "-m",
        "simulator",
        "--port",
        str(port),
        "--people",
        str(people),
        "--access-token",
        access_token,
    ]


def read_login(current: World) -> str:
    """Return the login that goes into the stack's secret, as JSON."""
    # No proxy stands between us and this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{current.salesforce_url}/_simulator/credentials", timeout=10) as response:
        known = json.load(response)
    return json.dumps(
        {"flow": "jwt_bearer"}
        | {name: known[name] for name in ("consumer_key", "username", "private_key")}
    )
