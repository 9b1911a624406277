"""What every store of claims on addresses does: one contact of an address at a time."""

import pytest

from counterpart.ports import AddressClaims
from tests.contracts.stores.samples import MINUTE, NOON

ADDRESS = "info@acme.example"
LASTS = 15 * MINUTE


def test_an_address_belongs_to_whoever_claims_it_first(claims: AddressClaims) -> None:
    """Who comes second is told, and its neighbours are not held up."""
    assert not claims.take({"ada": ADDRESS}, now=NOON, lasts=LASTS)

    wanted = {"bob": ADDRESS, "eve": "eve@acme.example"}

    assert set(claims.take(wanted, now=NOON + MINUTE, lasts=LASTS)) == {"bob"}
    assert set(claims.take({"dan": "eve@acme.example"}, now=NOON, lasts=LASTS)) == {"dan"}


def test_a_claim_is_renewed(claims: AddressClaims) -> None:
    """Whoever comes again is no rival of its own."""
    claims.take({"ada": ADDRESS}, now=NOON, lasts=LASTS)

    assert not claims.take({"ada": ADDRESS}, now=NOON + 10 * MINUTE, lasts=LASTS)
    assert claims.take({"bob": ADDRESS}, now=NOON + 20 * MINUTE, lasts=LASTS)


@pytest.mark.parametrize(("after", "late"), [(14, True), (15, False)])
def test_a_claim_ends(claims: AddressClaims, after: int, *, late: bool) -> None:
    """Should nobody give it back, it lasts for as long as it was meant to."""
    claims.take({"ada": ADDRESS}, now=NOON, lasts=LASTS)

    assert bool(claims.take({"bob": ADDRESS}, now=NOON + after * MINUTE, lasts=LASTS)) == late


def test_a_claim_is_given_back(claims: AddressClaims) -> None:
    """By whom it belongs to, and by nobody else."""
    claims.take({"ada": ADDRESS}, now=NOON, lasts=LASTS)
    claims.give_back("bob", ADDRESS)
    assert claims.take({"bob": ADDRESS}, now=NOON, lasts=LASTS)

    claims.give_back("ada", ADDRESS)

    assert not claims.take({"bob": ADDRESS}, now=NOON, lasts=LASTS)
