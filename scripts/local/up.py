"""Bring the local world up: servers, org, stack; or leave well alone what is up already."""

import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from scripts.local import aws, deployment, down, environment, place, processes, salesforce, world
from scripts.local.world import AWS, SALESFORCE, World

_PATIENCE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the person who types `make up` asks for; None leaves it as it is, or to the default."""

    aws_port: int | None
    salesforce_port: int | None
    people: int


def up(wishes: Wishes) -> None:
    """Bring up what *wishes* asks for, or leave nothing behind."""
    before = world.read()
    if before.is_whole:
        _refuse_other_ports(before, wishes)
        _deploy_again(before)
        return
    if before.processes:
        print("Part of the local world has gone; starting afresh.")
    down.down(quietly=True)
    try:
        _start_afresh(wishes)
    except BaseException:
        down.down(quietly=True)
        raise


def _start_afresh(wishes: Wishes) -> None:
    for folder in (place.HOME, place.LOGS, place.TEMPORARY):
        folder.mkdir(parents=True, exist_ok=True)
    aws_port = _claim(wishes.aws_port or place.AWS_PORT, variable="AWS_PORT")
    salesforce_port = _claim(
        wishes.salesforce_port or place.SALESFORCE_PORT, variable="SALESFORCE_PORT"
    )
    if aws_port == salesforce_port:
        raise place.LocalError(
            f"AWS_PORT and SALESFORCE_PORT are both {aws_port}; they have to differ."
        )
    current = World(salesforce_access_token=f"local-{secrets.token_urlsafe(24)}")

    with _telling(f"{AWS} on port {aws_port}"):
        current = _start(
            current,
            AWS,
            [str(place.MINISTACK)],
            port=aws_port,
            env=environment.for_aws(port=aws_port),
            health="/_ministack/health",
        )
    with _telling(f"{SALESFORCE} on port {salesforce_port}, with {wishes.people} people"):
        current = _start(
            current,
            SALESFORCE,
            salesforce.command(
                port=salesforce_port,
                people=wishes.people,
                access_token=current.salesforce_access_token,
            ),
            port=salesforce_port,
            env=environment.for_services(),
            health="/services/data",
        )
    _deploy(current)


def _deploy_again(current: World) -> None:
    if current.fingerprint == deployment.fingerprint(current):
        print("The local world is up already, and nothing has changed since.")
        _greet(current)
    else:
        print("The local world is up already; deploying what has changed.")
        _deploy(current)


def _deploy(current: World) -> None:
    fingerprint = deployment.fingerprint(current)
    with _telling("the stack, built and deployed by sam"):
        deployment.deploy(current)
    session = aws.connect(current.aws_endpoint_url)
    outputs = aws.read_outputs(session)
    with _telling("the Salesforce login, in the stack's secret"):
        session.client("secretsmanager").put_secret_value(
            SecretId=outputs["SalesforceSecretArn"], SecretString=salesforce.read_login()
        )
    stack = deployment.describe(current, outputs=outputs, credentials=aws.make_person(session))
    world.write_private(place.STACK_FILE, stack)
    world.write(replace(current, fingerprint=fingerprint))
    _greet(current)


def _greet(current: World) -> None:
    print(
        f"\nUp. The local AWS is at {current.aws_endpoint_url},"
        f" Salesforce at {current.salesforce_url}/_simulator/,\n"
        f"and {place.STACK_FILE.relative_to(place.ROOT)} says how to reach the rest."
        "\nNext: make status, make invoke, make logs, and make down at the end."
    )


def _start(
    current: World, name: str, command: list[str], *, port: int, env: dict[str, str], health: str
) -> World:
    log = place.log_of(name)
    process = processes.start(command, port=port, env=env, log=log)
    # Written at once, so that make down finds it whatever happens next.
    current = replace(current, processes=current.processes | {name: process})
    world.write(current)
    _wait(
        lambda: _answers(f"http://{place.LOOPBACK}:{port}{health}"),
        alive=lambda: processes.is_running(process),
        failure=lambda: f"{name} did not start; the end of {log}:\n\n{place.tail(log)}",
    )
    return current


def _wait(
    done: Callable[[], bool], *, alive: Callable[[], bool], failure: Callable[[], str]
) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not done():
        if not alive() or time.monotonic() > deadline:
            raise place.LocalError(failure())
        time.sleep(0.1)


def _answers(url: str) -> bool:
    # No proxy stands between us and this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as response:
            return bool(response.status < 300)  # noqa: PLR2004 - HTTP's own
    except (urllib.error.URLError, OSError):
        return False


def _claim(port: int, *, variable: str) -> int:
    if not processes.is_port_free(port):
        free = processes.find_free_port()
        raise place.LocalError(
            f"Port {port} is in use by another program; choose another: make up {variable}={free}"
        )
    return port


def _refuse_other_ports(current: World, wishes: Wishes) -> None:
    wanted = {AWS: wishes.aws_port, SALESFORCE: wishes.salesforce_port}
    for name, port in wanted.items():
        if port not in {None, current.processes[name].port}:
            raise place.LocalError(
                f"On port {current.processes[name].port}, {name} is up already;"
                " to move it, first: make down"
            )


@contextmanager
def _telling(what: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"  {what} ...", end="", flush=True)
    try:
        yield
    except BaseException:
        print(" no")
        raise
    print(f" {time.monotonic() - started:.1f} s")
