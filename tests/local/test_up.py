"""Bringing the local world up: it succeeds, or it leaves nothing behind and says why."""

import socket
from collections.abc import Iterator

import pytest

from tests.local.conftest import BROKEN, Sandbox
from tests.ports import free_ports

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Return a port on which somebody else listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    ("flag", "variable"),
    [("--aws-port", "AWS_PORT"), ("--salesforce-port", "SALESFORCE_PORT")],
)
def test_a_port_in_use_is_named_with_the_way_to_another(
    sandbox: Sandbox, taken_port: int, flag: str, variable: str
) -> None:
    """One sentence, with a command that can be pasted; nothing is started."""
    other = "--salesforce-port" if flag == "--aws-port" else "--aws-port"

    done = sandbox.run("up", flag, str(taken_port), other, free_ports()[0])

    assert done.returncode == 1
    assert f"Port {taken_port} is in use by another program" in done.stderr
    assert f"make up {variable}=" in done.stderr
    assert "Traceback" not in done.stderr
    assert not sandbox.processes()


def test_one_port_cannot_serve_both(sandbox: Sandbox) -> None:
    """The mistake is told before anything is started."""
    port, _ = free_ports()

    done = sandbox.run("up", "--aws-port", port, "--salesforce-port", port)

    assert done.returncode == 1
    assert "they have to differ" in done.stderr


def test_a_server_that_does_not_start_is_explained_by_its_log(sandbox: Sandbox) -> None:
    """Its last words are shown, and the server that did start is stopped."""
    sandbox.put(".venv/bin/python", BROKEN)
    aws, salesforce = free_ports()

    done = sandbox.run("up", "--aws-port", aws, "--salesforce-port", salesforce)

    assert done.returncode == 1
    assert "the Salesforce simulator did not start" in done.stderr
    assert "the reason why" in done.stderr
    assert not sandbox.processes()


def test_a_deployment_that_fails_takes_the_servers_down(sandbox: Sandbox) -> None:
    """Workers of functions are stopped with their server, and nothing is said to be up."""
    aws, salesforce = free_ports()

    done = sandbox.run("up", "--aws-port", aws, "--salesforce-port", salesforce)

    assert done.returncode == 1
    assert "sam build failed" in done.stderr
    assert "the reason why" in done.stderr
    assert not sandbox.processes()
    assert not (sandbox.root / ".local/stack.json").exists()
    assert "Nothing is up" in sandbox.run("status").stdout


def test_taking_down_what_is_not_up_does_no_harm(sandbox: Sandbox) -> None:
    """Whoever is not sure can just type it."""
    done = sandbox.run("down")

    assert done.returncode == 0
    assert "Nothing was up." in done.stdout


@pytest.mark.parametrize("command", [("invoke", "pull_records", "event.json"), ("logs",)])
def test_a_command_that_needs_the_stack_says_how_to_get_it(
    sandbox: Sandbox, command: tuple[str, ...]
) -> None:
    """No trace of Python's, but the command to type."""
    done = sandbox.run(*command)

    assert done.returncode == 1
    assert done.stderr.strip() == "The local world is not up; start it: make up"
