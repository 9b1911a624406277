"""The orgs that the Salesforce contracts are held against."""

from __future__ import annotations

import pytest

from tests.contracts.salesforce.orgs import InMemoryOrg, Org, SimulatedOrg


@pytest.fixture(params=[InMemoryOrg, SimulatedOrg], ids=["memory", "simulator"])
def org(request: pytest.FixtureRequest) -> Org:
    """Return an empty org at noon, its clock standing still."""
    made: Org = request.param()
    return made
