"""Telling the story: what is done, what is claimed, and whether it turned out to be true."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from scripts.demo.stack import Stack, UnexpectedAnswerError

_BOLD, _GREEN, _RED, _DIM = "1", "32", "31", "2"
# What may happen on the way when a side is down, or holds something else than expected.
_MISFORTUNES = (
    BotoCoreError,
    ClientError,
    LookupError,
    OSError,
    TypeError,
    UnexpectedAnswerError,
    ValueError,
)
# A log, or a person who asked for plain text, gets no colours.
_COLOURED = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


@dataclass(kw_only=True)
class Step:
    """One step of the story while it is told.

    Attributes:
        claims: How many claims were looked at.
        failures: Those that were not true.
    """

    title: str
    claims: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    calls: int = 0

    def tell(self, sentence: str) -> None:
        """Say what is done."""
        print(f"    {sentence}")

    def verify(self, claim: str, *, expected: object, found: object) -> None:
        """Say whether what was *found* on one of the sides is what was *expected*."""
        true = expected == found
        self.claims += 1
        print(f"    {_paint('yes', _GREEN) if true else _paint('NO ', _RED)} {claim}")
        if not true:
            self.failures.append(claim)
            print(f"        expected: {_short(expected)}\n        found:    {_short(found)}")

    @property
    def is_verified(self) -> bool:
        """Return whether claims were made, and all were true."""
        return bool(self.claims) and not self.failures


def run(title: str, play: Callable[[Step], None], *, stack: Stack, number: int) -> Step:
    """Play one step, time it, count the API calls it costs, and say how it ended."""
    step = Step(title=title)
    print(f"\n{_paint(f'{number:2}  {title}', _BOLD)}", flush=True)
    started = time.monotonic()
    try:
        before = stack.salesforce.calls_by_others()
        play(step)
        step.calls = stack.salesforce.calls_by_others() - before
    except _MISFORTUNES as exc:
        # The story goes on: one step that fails must not hide the others.
        step.failures.append(str(exc))
        print(f"    {_paint('NO ', _RED)} {type(exc).__name__}: {_short(exc)}")
    step.seconds = time.monotonic() - started
    ending = _paint("verified", _GREEN) if step.is_verified else _paint("NOT VERIFIED", _RED)
    cost = _paint(f"{step.seconds:.1f} s, API calls: {step.calls}", _DIM)
    print(f"    {ending}: {step.claims} claims, {cost}", flush=True)
    return step


def conclude(steps: Sequence[Step]) -> bool:
    """Print the table of all steps and the last line; return whether all were verified."""
    print(f"\n{'step':<66}{'claims':>7}{'seconds':>9}{'API calls':>11}  verified")
    print(f"{'-' * 64}  {'-' * 6:>6}{'-' * 7:>9}{'-' * 9:>11}  --------")
    for number, step in enumerate(steps, start=1):
        ending = _paint("yes", _GREEN) if step.is_verified else _paint("NO", _RED)
        title = f"{number:2}  {step.title}"
        print(f"{title:<66}{step.claims:>7}{step.seconds:>9.1f}{step.calls:>11}  {ending}")
    verified = sum(step.is_verified for step in steps)
    print(f"\ndemo: {verified} of {len(steps)} steps verified")
    return verified == len(steps)


def _short(what: object) -> str:
    text = str(what)
    longest = 300
    return text if len(text) <= longest else f"{text[:longest]} ..."


def _paint(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if _COLOURED else text
