"""Where the local world keeps its things, and what it is called."""

import os
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Tests keep a world of their own beside the one that a person has up.
LOCAL = ROOT / os.environ.get("COUNTERPART_LOCAL", ".local")
BUILD = LOCAL / "build"
HOME = LOCAL / "home"
LOCK = LOCAL / "lock"
LOGS = LOCAL / "logs"
# The simulator writes there which logins it accepts.
SALESFORCE_FILE = LOCAL / "salesforce.json"
STACK_FILE = LOCAL / "stack.json"
TEMPORARY = LOCAL / "tmp"
WORLD_FILE = LOCAL / "world.json"

MINISTACK = ROOT / ".venv-aws/bin/ministack"
SAM = ROOT / ".venv-sam/bin/sam"
TOOLS = ROOT / ".venv/bin"

ACCOUNT = "123456789012"
LOOPBACK = "127.0.0.1"
AWS_PORT = 4577
SALESFORCE_PORT = 4578
REGION = "us-east-1"
STACK_NAME = "counterpart-local"

# Functions run on the interpreter of the local AWS, so this names what the layer is built for.
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
ARCHITECTURE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


class LocalError(Exception):
    """Something a person has to know or do; its text is the sentence to show."""


def tail(log: Path, lines: int = 25) -> str:
    """Return the last *lines* of *log*, a little to the right."""
    kept = log.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join(f"    {line}" for line in kept)


def log_of(server: str) -> Path:
    """Return the log of *server*."""
    return LOGS / f"{server.removeprefix('the ').replace(' ', '-').lower()}.log"
