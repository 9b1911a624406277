"""Room: what of a record is kept here, and what has to stay outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.room import MOST_BYTES, leave_out, size_of
from tests.domain.samples import law

if TYPE_CHECKING:
    from counterpart.domain.values import Value


@pytest.mark.parametrize(
    ("sizes", "left"),
    [
        ((10, 20, 30), []),
        ((MOST_BYTES,), []),
        ((MOST_BYTES + 1,), ["0"]),
        ((10, MOST_BYTES, 20), ["1"]),
        ((MOST_BYTES // 2, MOST_BYTES // 2 + 1, 5), ["1"]),
        ((MOST_BYTES, MOST_BYTES, 5), ["0", "1"]),
    ],
)
def test_the_largest_stay_outside(sizes: tuple[int, ...], left: list[str]) -> None:
    """No more of them than has to be."""
    values: dict[str, Value] = {str(number): "x" * size for number, size in enumerate(sizes)}

    assert list(leave_out(values)) == left
    assert values.keys() == {str(number) for number in range(len(sizes))} - set(left)


@law
@given(
    st.dictionaries(
        st.text(max_size=5),
        st.builds(str.__mul__, st.characters(), st.integers(0, 50_000)),
        max_size=5,
    )
)
def test_what_is_kept_has_room(texts: dict[str, str]) -> None:
    """Whatever its characters take; and what has room is not touched."""
    values: dict[str, Value] = {**texts}

    left = leave_out(values)

    assert size_of(values.values()) <= MOST_BYTES
    assert bool(left) == (size_of(texts.values()) > MOST_BYTES)
    assert {**values, **{name: texts[name] for name in left}} == texts
