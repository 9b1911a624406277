"""The API budget: a share of the org's allowance, spent as if it were money."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.budget import Budget, budget, used_percent
from tests.domain.samples import law

ORDER = [Budget.FLOWING, Budget.SLOW, Budget.STOPPED]
COUNTS = st.integers(0, 200_000)
SHARES = st.integers(1, 100)


@pytest.mark.failure("F29")
@pytest.mark.parametrize(
    ("used", "state"),
    [
        (0, Budget.FLOWING),
        (719, Budget.FLOWING),
        (720, Budget.SLOW),
        (899, Budget.SLOW),
        (900, Budget.STOPPED),
        (5000, Budget.STOPPED),
    ],
)
def test_a_share_of_ninety_percent(used: int, state: Budget) -> None:
    """Of a thousand calls nine hundred are ours; at four fifths of them, what can wait waits."""
    assert budget(used=used, allowed=1000, share_percent=90) is state


@law
@given(COUNTS, COUNTS, COUNTS, SHARES)
def test_whoever_spends_more_may_spend_less(less: int, more: int, allowed: int, share: int) -> None:
    """Monotone in what was used, and in the other direction in the share."""
    less, more = sorted((less, more))

    def state(used: int, percent: int) -> int:
        return ORDER.index(budget(used=used, allowed=allowed, share_percent=percent))

    assert state(less, share) <= state(more, share)
    assert state(more, share) <= state(more, max(share // 2, 1))


@law
@given(COUNTS, SHARES)
def test_an_allowance_that_nobody_knows(used: int, share: int) -> None:
    """Before Salesforce has said what is allowed, work goes on."""
    assert budget(used=used, allowed=0, share_percent=share) is Budget.FLOWING
    assert used_percent(used=used, allowed=0, share_percent=share) is None


@law
@given(COUNTS, st.integers(1, 200_000), SHARES)
def test_what_people_are_shown(used: int, allowed: int, share: int) -> None:
    """The percentage agrees with the state, but for its rounding."""
    shown = used_percent(used=used, allowed=allowed, share_percent=share)
    state = budget(used=used, allowed=allowed, share_percent=share)

    assert shown is not None
    assert (shown >= 99.9) or state is not Budget.STOPPED
    assert (shown <= 100.1) or state is Budget.STOPPED
