"""Print docs/failure-scenarios.md from the tests that show each situation.

python -m scripts.print_failure_scenarios > docs/failure-scenarios.md
"""

from __future__ import annotations

from pathlib import PurePosixPath

from tests.failure_scenarios import SCENARIOS, Shown, shown

INTRODUCTION = """\
# How such systems fail, and what happens here

Each line is a situation in which two-way syncs have failed their users, and what has to come \
of it here.
The tests on the right make it happen, and hold us to that.
A number is missing where there is no such situation here: F63, for one, is about e-mail \
activity that is written to Salesforce, which Counterpart does not do.
This page is printed from the tests; print it again with \
`python -m scripts.print_failure_scenarios > docs/failure-scenarios.md`.
Run one of them by its name: `.venv/bin/pytest -k a_crash_in_the_middle_of_one_stamp`.
"""


def failure_scenarios() -> str:
    """Return the page."""
    tests = shown()
    parts = [INTRODUCTION]
    for chapter in dict.fromkeys(chapter for chapter, *_ in SCENARIOS.values()):
        lines = ["| | if | then | shown by |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {number} | {situation} | {outcome} | {_links(tests.get(number, []))} |"
            for number, (of, situation, outcome) in SCENARIOS.items()
            if of == chapter
        ]
        parts.append(f"## {chapter}\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def _links(tests: list[Shown]) -> str:
    """Return the modules with their tests; a reader finds each by its name."""
    by_module: dict[str, list[str]] = {}
    for test in tests:
        by_module.setdefault(test.path, []).append(f"`{test.name.removeprefix('test_')}`")
    return "; ".join(
        f"[{PurePosixPath(path).parent.name}/{PurePosixPath(path).stem}](../{path}): "
        + ", ".join(dict.fromkeys(names))
        for path, names in by_module.items()
    )


if __name__ == "__main__":
    print(failure_scenarios(), end="")
