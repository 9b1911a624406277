"""A measured figure, and the goal it is held against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """One figure.

    Attributes:
        goal: `None` for a figure that is only told.
        at_least: The goal is a floor; otherwise it is a ceiling.
    """

    name: str
    value: float
    unit: str
    goal: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Return whether the goal is reached; `None` where there is none."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def as_json(self) -> dict[str, object]:
        """Return it as it stands in the results."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "goal": self.goal,
            "met": self.met,
        }


def told(name: str, value: float, unit: str) -> Measurement:
    """Return a figure without a goal, in four significant digits."""
    return Measurement(name=name, value=float(f"{value:.4g}"), unit=unit)
