"""The world that the product is measured in: a Salesforce simulator and a local AWS."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cfnlint.decode
import requests
from botocore.config import Config
from botocore.session import get_session

from scripts.local import place, processes

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHONPATH = os.pathsep.join([str(place.ROOT), str(place.ROOT / "shared")])
TABLES = ("Contacts", "Companies", "Links", "SyncState", "Settings", "Runs")
_READY_WITHIN_S = 30.0
_KEPT = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """Where they listen.

    Attributes:
        login: File with what the simulator accepts.
        token: A bearer token that it accepts besides.
    """

    salesforce_url: str
    aws_url: str
    login: Path
    token: str

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that uses them, and nothing else of this machine."""
        return _bare() | {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": place.REGION,
            "AWS_ENDPOINT_URL": self.aws_url,
            "NO_PROXY": "*",
            "PYTHONPATH": PYTHONPATH,
        }


@contextmanager
def running() -> Iterator[Services]:
    """Start both on free ports, and stop them in the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmarks-")))
        login, token = folder / "login.json", "benchmark"
        aws_port = processes.find_free_port()
        aws = processes.start(
            [str(place.MINISTACK)],
            port=aws_port,
            env=_bare()
            | {
                "BIND_HOST": place.LOOPBACK,
                "GATEWAY_PORT": str(aws_port),
                "HOME": str(folder),
                "IOT_MTLS_ENABLED": "0",
                "LOG_LEVEL": "ERROR",
                "MINISTACK_ACCOUNT_ID": place.ACCOUNT,
                "TMPDIR": str(folder),
            },
            log=folder / "aws.log",
        )
        stack.callback(processes.stop, aws)
        port = processes.find_free_port()
        org = processes.start(
            [
                *(str(place.TOOLS / "python"), "-m", "simulator", "--port", str(port)),
                *("--credentials", str(login), "--access-token", token),
            ],
            port=port,
            env=_bare(),
            log=folder / "salesforce.log",
        )
        stack.callback(processes.stop, org)
        services = Services(
            salesforce_url=f"http://{place.LOOPBACK}:{port}",
            aws_url=f"http://{place.LOOPBACK}:{aws_port}",
            login=login,
            token=token,
        )
        _wait_for(f"{services.aws_url}/_ministack/health", folder / "aws.log")
        _wait_for(f"{services.salesforce_url}/services/data", folder / "salesforce.log")
        yield services


def create_tables(services: Services, prefix: str) -> None:
    """Create the tables of `template.yaml` under names of our own."""
    template: Any = cfnlint.decode.decode(str(place.ROOT / "template.yaml"))[0]
    client: Any = get_session().create_client(
        "dynamodb",
        region_name=place.REGION,
        endpoint_url=services.aws_url,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - root, on a machine of one's own
        config=Config(proxies={}),
    )
    for name in TABLES:
        properties = template["Resources"][f"{name}Table"]["Properties"]
        client.create_table(
            TableName=f"{prefix}-{name}",
            **{key: properties[key] for key in _KEPT if key in properties},
        )


def _bare() -> dict[str, str]:
    return {
        "LANG": "C.UTF-8",
        "PATH": f"{place.TOOLS}{os.pathsep}{os.defpath}",
        "PYTHONUNBUFFERED": "1",
    }


def _wait_for(url: str, log: Path) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < until:
            try:
                if session.get(url, timeout=2).ok:
                    return
            except requests.RequestException:
                time.sleep(0.05)
    raise SystemExit(f"{url} does not answer; the end of its log:\n{place.tail(log)}")
