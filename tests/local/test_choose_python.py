"""The Makefile takes a Python that works, or says which ones would."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SUITABLE = "#!/bin/sh\nexit 0\n"
# As pyenv's shims fail, when the version they stand for is not chosen.
SHIM = "#!/bin/sh\necho 'command not found' >&2\nexit 127\n"
UNSUITABLE = '#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.10.2" && exit 0\nexit 1\n'


def choose(folder: Path, pythons: dict[str, str], *wanted: str) -> subprocess.CompletedProcess[str]:
    """Run the script on a machine that has just these Pythons."""
    for name, text in pythons.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    for tool in ("sh", "head"):
        (folder / tool).symlink_to(f"/bin/{tool}" if tool == "sh" else f"/usr/bin/{tool}")
    return subprocess.run(
        ["/bin/sh", str(ROOT / "scripts/choose-python"), *wanted],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_newest_that_works_is_taken(tmp_path: Path) -> None:
    """A name that exists and fails is passed over."""
    done = choose(tmp_path, {"python3.13": SHIM, "python3.12": SUITABLE, "python3": SUITABLE})

    assert done.stdout == "python3.12\n"


def test_a_machine_without_a_suitable_python_is_told_so(tmp_path: Path) -> None:
    """Neither too old nor too new will do."""
    done = choose(tmp_path, {"python3": UNSUITABLE})

    assert done.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr


@pytest.mark.parametrize(("text", "called"), [(UNSUITABLE, "Python 3.10.2"), (SHIM, "not run")])
def test_a_python_that_is_insisted_on_but_will_not_do_is_refused(
    tmp_path: Path, text: str, called: str
) -> None:
    """Another is not taken in its place, because the person named this one."""
    done = choose(tmp_path, {"python3.12": SUITABLE, "mine": text}, "mine")

    assert done.returncode == 1
    assert done.stdout == ""
    assert called in done.stderr
