"""How the Salesforce simulator is started, and how one logs in to it."""

import json

from scripts.local import place


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
        "--credentials",
        str(place.SALESFORCE_FILE),
    ]


def read_login() -> str:
    """Return the login that goes into the stack's secret, as JSON."""
    known = json.loads(place.SALESFORCE_FILE.read_text())
    return json.dumps(
        {"flow": "jwt_bearer"}
        | {name: known[name] for name in ("consumer_key", "username", "private_key")}
    )
