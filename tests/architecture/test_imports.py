"""What starting a function loads: nobody waits for a library that he does not use."""

import pytest

from benchmarks import doors

FROM_SALESFORCE = {"simple_salesforce", "requests", "zeep", "lxml"}


@pytest.mark.parametrize("function", doors.FUNCTIONS)
def test_only_those_who_speak_to_salesforce_load_its_client(function: str) -> None:
    """The API answers without Salesforce, and starts without its client and XML libraries."""
    loaded = doors.modules_of(function) & FROM_SALESFORCE

    if function == "serve_api":
        assert not loaded
    else:
        assert "simple_salesforce" in loaded
