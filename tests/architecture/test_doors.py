"""The doors: what each function imports, what it does when Lambda starts it, what it loads."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOORS = sorted(ROOT.glob("functions/*/app.py"))
BESIDE = sorted(set(ROOT.glob("functions/**/*.py")) - set(DOORS))
SOURCES = [
    path
    for folder in ("shared/counterpart", "functions", "simulator", "scripts", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
]

# Each costs a cold start some tenths of a second; the API, which people wait for, needs none.
HEAVY = ("simple_salesforce", "requests", "publicsuffixlist", "jwt")
# Who has no use for some of them.
WITHOUT = {"serve_api": set(HEAVY), "sync_campaigns": {"publicsuffixlist"}}

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "POWERTOOLS_SERVICE_NAME": "counterpart",
    "POWERTOOLS_METRICS_NAMESPACE": "Counterpart",
    "SALESFORCE_SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:salesforce",
    "SALESFORCE_DOMAIN": "login",
    "AWS_LAMBDA_FUNCTION_NAME": "function",
    **{
        f"{name}_TABLE": name.lower()
        for name in (
            "CONTACTS",
            "COMPANIES",
            "LINKS",
            "SYNC_STATE",
            "SETTINGS",
            "RUNS",
            "MERGES",
            "CAMPAIGNS",
            "MEMBERS",
            "OPPORTUNITIES",
        )
    },
    "CREATION_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/creation",
    "CREATION_DEAD_LETTER_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/dead",
    "PYTHONPATH": str(ROOT / "shared"),
}


def name_of(path: Path) -> str:
    """Return the path of a module within the project, for a test's name."""
    return str(path.relative_to(ROOT))


def imported(path: Path) -> set[str]:
    """Return the modules that a module imports at its top, but for types alone."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("door", DOORS, ids=name_of)
def test_what_a_door_knows(door: Path) -> None:
    """The event, the clock and the environment; never an adapter, a use case's inside or a rule."""
    own = {path.name for path in door.parent.iterdir() if path.is_dir()}
    known = {
        "counterpart",
        "counterpart.domain.campaign_requests",
        "counterpart.domain.requests",
        "counterpart.domain.sweep_requests",
        "counterpart.errors",
        "counterpart.settings",
    }

    for name in imported(door):
        package = name.split(".")[0]
        assert (
            name in known
            or package in own
            or package in sys.stdlib_module_names
            or name.startswith("aws_lambda_powertools.utilities")
        ), name


@pytest.mark.parametrize("door", DOORS, ids=name_of)
def test_what_a_door_does_when_it_is_started(door: Path) -> None:
    """It plugs its use case together, once, and defines its handler; nothing else."""
    acts = [
        ast.unparse(node)
        for node in ast.parse(door.read_text()).body
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]

    (plugging,) = acts
    assert "bootstrap.build_" in plugging
    assert "Environment.from_environ(os.environ)" in plugging


@pytest.mark.parametrize("path", BESIDE, ids=name_of)
def test_what_lies_beside_a_door(path: Path) -> None:
    """It defines; only the door acts."""
    for node in ast.parse(path.read_text()).body:
        called = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
        assert not called, ast.unparse(node)
        assert not isinstance(node, ast.For | ast.While | ast.With | ast.Try)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nobody_imports_a_door(path: Path) -> None:
    """Whoever did would start a function where none is wanted."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        assert not [name for name in names if name == "app" or name.endswith(".app")]


@pytest.mark.parametrize("door", DOORS, ids=name_of)
def test_what_a_function_loads(door: Path) -> None:
    """It starts without asking anybody, and the API without a library that it has no use for."""
    program = (
        "import runpy, sys, socket\n"
        "def refuse(*args): raise AssertionError('asked the network while starting')\n"
        "socket.socket.connect = refuse\n"
        f"runpy.run_path({str(door)!r})\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])\n"
    )

    started = subprocess.run(
        [sys.executable, "-c", program],
        cwd=door.parent,
        env={**ENVIRONMENT, "PYTHONPATH": f"{ENVIRONMENT['PYTHONPATH']}:{door.parent}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode == 0, started.stderr
    spared = WITHOUT.get(door.parent.name, set())
    assert started.stdout.split() == [name for name in HEAVY if name not in spared]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_is_named_for_what_it_holds(path: Path) -> None:
    """Some names hold everything, and so say nothing."""
    assert path.stem not in {
        "common",
        "data",
        "handle_stuff",
        "helpers",
        "manager",
        "misc",
        "process",
        "utils",
    }
