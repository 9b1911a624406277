"""Refusals: what each of Salesforce's codes asks of us."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.refusals import REMEDIES, Refusal, Remedy
from tests.domain.samples import law


@law
@given(st.text(max_size=40) | st.sampled_from(sorted(REMEDIES)))
def test_whatever_salesforce_says(code: str) -> None:
    """Total: a code that nobody knows yet is a matter for a person, never tried for ever."""
    refusal = Refusal(code=code, message="")

    assert refusal.remedy is REMEDIES.get(code, Remedy.SET_ASIDE)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        pytest.param("UNABLE_TO_LOCK_ROW", Remedy.RETRY, marks=pytest.mark.failure("F23")),
        pytest.param("SERVER_UNAVAILABLE", Remedy.RETRY, marks=pytest.mark.failure("F30")),
        pytest.param("CANNOT_EXECUTE_FLOW_TRIGGER", Remedy.RETRY, marks=pytest.mark.failure("F28")),
        pytest.param(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Remedy.RETRY, marks=pytest.mark.failure("F28")
        ),
        pytest.param("ENTITY_IS_DELETED", Remedy.RESOLVE, marks=pytest.mark.failure("F55")),
        pytest.param(
            "CANNOT_UPDATE_CONVERTED_LEAD", Remedy.RESOLVE, marks=pytest.mark.failure("F56")
        ),
        pytest.param("DUPLICATES_DETECTED", Remedy.ADOPT, marks=pytest.mark.failure("F44")),
        pytest.param("STRING_TOO_LONG", Remedy.SET_ASIDE, marks=pytest.mark.failure("F19")),
        ("REQUIRED_FIELD_MISSING", Remedy.SET_ASIDE),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", Remedy.SET_ASIDE),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Remedy.SET_ASIDE),
        ("INSUFFICIENT_ACCESS_OR_READONLY", Remedy.SET_ASIDE),
    ],
)
def test_what_a_code_asks_of_us(code: str, remedy: Remedy) -> None:
    """Only what passes by itself is tried again; ids are looked up; the rest is shown."""
    assert Refusal(code=code, message="").remedy is remedy
