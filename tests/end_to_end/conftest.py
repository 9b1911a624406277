"""The deployed stack: the real template, on the local AWS, beside a simulator with people in it.

It lives in a world of its own, so that it leaves alone the one that a person has up.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.stack import ROOT, Stack
from tests.ports import free_ports

# Should several workers share these tests, each has a stack of its own.
WORLD = Path(".local", f"end-to-end-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")
PEOPLE = 200


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder: slow, and with sockets."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.end_to_end)
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Return the stack, up and seeded; take it down afterwards."""
    local("down")
    aws, salesforce = free_ports()
    up = local("up", "--aws-port", aws, "--salesforce-port", salesforce, "--people", str(PEOPLE))
    assert up.returncode == 0, up.stdout + up.stderr
    yield Stack.read(ROOT / WORLD / "stack.json")
    down = local("down")
    assert down.returncode == 0, down.stdout + down.stderr
    shutil.rmtree(ROOT / WORLD)


def local(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of the commands behind make up and its like, in the world of the tests."""
    return subprocess.run(
        [sys.executable, "-m", "scripts.local", *arguments],
        cwd=ROOT,
        env=os.environ | {"COUNTERPART_LOCAL": str(WORLD)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
