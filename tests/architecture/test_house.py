"""What import-linter cannot say about the house."""

import ast
import re
import sys
from pathlib import Path

import pytest

from counterpart.domain.outcomes import Reason

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "shared/counterpart"


def modules(folder: Path) -> list[Path]:
    """Return the modules below *folder*."""
    return sorted(folder.rglob("*.py"))


def name_of(path: Path) -> str:
    """Return the path of a module within the project, for a test's name."""
    return str(path.relative_to(ROOT))


def imports(path: Path) -> set[str]:
    """Return the packages that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", modules(PRODUCT / "domain"), ids=name_of)
def test_the_domain_knows_the_standard_library_alone(path: Path) -> None:
    """Rules outlive the libraries around them."""
    assert imports(path) <= sys.stdlib_module_names | {"counterpart"}


@pytest.mark.parametrize("path", modules(PRODUCT / "domain"), ids=name_of)
def test_the_domain_asks_nobody_for_the_time(path: Path) -> None:
    """Time is an argument, so that a rule answers the same tomorrow."""
    asked = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    }

    assert not asked & {
        "date.today",
        "datetime.now",
        "datetime.today",
        "datetime.utcnow",
        "time.monotonic",
        "time.time",
    }


@pytest.mark.parametrize("path", modules(PRODUCT), ids=name_of)
def test_only_settings_read_the_environment(path: Path) -> None:
    """A function is told all it needs in one place; even settings are handed what they read."""
    assert not {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    } & {"environ", "getenv"}


@pytest.mark.parametrize("path", modules(PRODUCT), ids=name_of)
def test_importing_a_module_does_nothing(path: Path) -> None:
    """A module defines; only a door acts when it is imported."""
    defining = (
        ast.AnnAssign,
        ast.Assign,
        ast.ClassDef,
        ast.FunctionDef,
        ast.Import,
        ast.ImportFrom,
    )
    for node in ast.parse(path.read_text()).body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        assert is_docstring or is_for_types or isinstance(node, defining), ast.unparse(node)


@pytest.mark.parametrize("path", sorted(ROOT.glob("functions/*/app.py")), ids=name_of)
def test_a_door_is_small(path: Path) -> None:
    """It knows the event, the clock and the environment, and leaves the rest to a use case."""
    tree = ast.parse(path.read_text())
    (handler,) = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name == "lambda_handler"
    ]

    assert handler.end_lineno is not None
    assert handler.end_lineno - handler.lineno < 40


def test_every_reason_is_explained_to_operators() -> None:
    """Whatever a report tells of a record is in the tables of docs/operations.md."""
    rows = [
        line for line in (ROOT / "docs/operations.md").read_text().splitlines() if line[:1] == "|"
    ]
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}

    assert told >= set(Reason)
