"""Print what to build the layer for: python -m scripts.target ENVIRONMENT.

The template learns of its runtime and processor from samconfig.toml; the layer's makefile, which
sam tells nothing, learns of them from here.
"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

SAMCONFIG = Path(__file__).resolve().parents[1] / "samconfig.toml"


def main(environment: str) -> int:
    """Print shell assignments for *environment*; refuse one that cannot be built here."""
    environments = tomllib.loads(SAMCONFIG.read_text())
    try:
        overrides = environments[environment]["global"]["parameters"]["parameter_overrides"]
        parameters = dict(override.split("=", 1) for override in overrides)
        runtime, architecture = parameters["PythonRuntime"], parameters["Architecture"]
    except KeyError as exc:
        print(
            f"samconfig.toml has no {exc} for the environment {environment}; those of dev and prod"
            " show what belongs there.",
            file=sys.stderr,
        )
        return 1
    if not _runs(runtime):
        print(
            f"{runtime} does not run on this machine, and building for it takes it: install it, or"
            f" choose another PythonRuntime for {environment} in samconfig.toml.",
            file=sys.stderr,
        )
        return 1
    print(f"PYTHON_RUNTIME={runtime} ARCHITECTURE={architecture}")
    return 0


def _runs(program: str) -> bool:
    # A name that is there may be a shim that fails.
    found = shutil.which(program)
    if found is None:
        return False
    done = subprocess.run([found, "-c", ""], capture_output=True, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
