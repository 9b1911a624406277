"""A copy of the local world's scripts in a folder of their own, with servers that we make up."""

import shutil
import stat
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Answers every request, as the health check of a server does; an extra worker, as functions have.
SERVER = """#!{python}
import http.server, os, subprocess, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"{{}}")
    def log_message(self, *args):
        pass
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
port = int(os.environ.get("GATEWAY_PORT") or sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
BROKEN = "#!{python}\nraise SystemExit('the reason why')\n"


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A project of its own, in which `make up` can fail without consequence."""

    root: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m scripts.local` here."""
        return subprocess.run(
            [sys.executable, "-m", "scripts.local", *arguments],
            cwd=self.root,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(self.root)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def put(self, path: str, text: str) -> None:
        """Put an executable at *path*."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.format(python=sys.executable))
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def processes(self) -> list[str]:
        """Return the command lines of the processes that run from here."""
        proc = Path("/proc")
        if (proc / "self").exists():
            lines = []
            for path in proc.glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    lines.append(path.read_text(errors="replace").replace("\0", " "))
        else:
            lines = subprocess.run(
                ["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True
            ).stdout.splitlines()
        return [line for line in lines if str(self.root) in line]


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """Return a project whose servers start, and whose deployment fails."""
    shutil.copytree(
        ROOT / "scripts/local", tmp_path / "scripts/local", ignore=shutil.ignore_patterns("__*__")
    )
    for module in ("__init__.py", "__main__.py"):
        shutil.copy(ROOT / "scripts/local" / module, tmp_path / "scripts/local")
    made = Sandbox(root=tmp_path)
    made.put(".venv-aws/bin/ministack", SERVER)
    made.put(".venv/bin/python", SERVER)
    made.put(".venv-sam/bin/sam", BROKEN)
    return made
