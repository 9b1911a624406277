"""Nothing of the person's own accounts reaches the local world."""

import os

import pytest

from scripts.local import environment

SECRETS = {
    "AWS_PROFILE": "production",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real",
    "GITHUB_TOKEN": "real",
}


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put secrets, and what misleads pip and Python, into the environment."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    for name in ("PIP_TARGET", "PIP_USER", "PYTHONPATH", "MAKEFLAGS", "SAM_CLI_DEBUG"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.acme.example/simple")


def test_servers_and_functions_see_no_secret() -> None:
    """The local AWS passes its environment on to every function."""
    for env in (environment.for_services(), environment.for_aws(port=4577)):
        assert "real" not in env.values()
        assert not [name for name in env if name.startswith("AWS_")]


def test_the_local_aws_listens_to_this_machine_alone_and_checks_signatures() -> None:
    """Nobody on the network gets in, and nobody here without a key."""
    env = environment.for_aws(port=4577)

    assert env["BIND_HOST"] == "127.0.0.1"
    assert env["AUTH"] == "true"


def test_sam_cannot_reach_a_real_account() -> None:
    """Profile, session and configuration of the person are gone; the endpoint is this machine."""
    env = environment.for_sam(endpoint_url="http://127.0.0.1:4577")

    assert env["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4577"
    assert env["AWS_SECRET_ACCESS_KEY"] == "test"
    assert env["AWS_CONFIG_FILE"] == env["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "SAM_CLI_DEBUG"} & set(env)


def test_pip_finds_its_mirror_but_is_not_led_astray() -> None:
    """Where packages come from is the machine's affair; where they go is ours."""
    env = environment.for_sam(endpoint_url="http://127.0.0.1:4577")

    assert env["PIP_INDEX_URL"] == "https://mirror.acme.example/simple"
    assert not {"PIP_TARGET", "PIP_USER", "PYTHONPATH", "MAKEFLAGS"} & set(env)


def test_no_proxy_stands_before_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies stay for packages, and are skipped for the local servers."""
    monkeypatch.setenv("NO_PROXY", "mirror.acme.example")

    env = environment.for_sam(endpoint_url="http://127.0.0.1:4577")

    assert env["NO_PROXY"] == "mirror.acme.example,127.0.0.1,localhost"
