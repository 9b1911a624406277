"""The demo proves nothing unless it can fail."""

from typing import Any

import pytest

from scripts.demo.sides import Sides, changed
from scripts.demo.stack import Stack, UnexpectedAnswerError
from scripts.demo.telling import Step, conclude, run


class Counting:
    """A Salesforce that has answered three calls more each time somebody asks."""

    def __init__(self) -> None:
        self._calls = 0

    def calls_by_others(self) -> int:
        """Return the calls so far."""
        self._calls += 3
        return self._calls


@pytest.fixture
def stack() -> Stack:
    """Return a stack of which only the calls are looked at."""
    counting: Any = Counting()
    nothing: Any = None
    return Stack(api=nothing, salesforce=counting, known={})


def true_claim(step: Step) -> None:
    """Claim what is so."""
    step.verify("two is two", expected=2, found=2)


def false_claim(step: Step) -> None:
    """Claim what is not so, after something that is."""
    true_claim(step)
    step.verify("two is three", expected=3, found=2)


def no_claim(step: Step) -> None:
    """Do something, and look at nothing."""
    step.tell("Trust me.")


def refused(step: Step) -> None:
    """Meet a server that answers otherwise, after a claim that was true."""
    true_claim(step)
    raise UnexpectedAnswerError("GET /contacts: 500")


def test_a_step_whose_claims_are_true_is_verified_and_its_calls_are_counted(stack: Stack) -> None:
    """What it cost is what the org counted meanwhile."""
    step = run("true", true_claim, stack=stack, number=1)

    assert step.is_verified
    assert step.calls == 3


@pytest.mark.parametrize("play", [false_claim, no_claim, refused])
def test_a_step_that_fails_or_claims_nothing_is_not_verified(
    stack: Stack,
    play: Any,  # noqa: ANN401 - one of the plays above
) -> None:
    """One false claim among true ones is enough, and so is a server that fails."""
    assert not run("not so", play, stack=stack, number=1).is_verified


def test_the_demo_succeeds_only_if_every_step_was_verified(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line counts them."""
    good = run("true", true_claim, stack=stack, number=1)
    bad = run("not so", false_claim, stack=stack, number=2)

    assert conclude([good])
    assert not conclude([good, bad])
    assert capsys.readouterr().out.endswith("demo: 1 of 2 steps verified\n")


def a_row(**values: object) -> dict[str, Any]:
    """Return a lead as a query returns it."""
    blank = dict.fromkeys(("FirstName", "LastName", "Title", "Phone", "City", "Country"))
    row = {"Id": "00Q1", "Email": "Ada@acme.example", "attributes": {"type": "Lead"}}
    return {**row, **blank, **values}


def a_contact(**fields: object) -> dict[str, Any]:
    """Return a contact as the API returns it."""
    return {"email": "ada@acme.example", "company_id": None, "fields": fields}


def test_a_field_that_differs_is_found_whatever_surrounds_it() -> None:
    """Blanks around a text, and the case of an address, are no difference."""
    sides = Sides(
        theirs={"00Q1": a_row(FirstName=" Ada ", Title="Buyer")},
        ours={"00Q1": a_contact(first_name="Ada", job_title="Curator")},
        shared=[],
    )

    assert sides.differences() == ["00Q1 job_title: theirs 'Buyer', ours 'Curator'"]
    assert sides.missing() == []


def test_whoever_is_on_one_side_alone_is_missing() -> None:
    """In either direction."""
    sides = Sides(theirs={"00Q1": a_row()}, ours={"00Q2": a_contact()}, shared=[])

    assert sides.missing() == ["00Q1", "00Q2"]


def test_a_record_changes_by_its_fields_and_not_by_its_stamps() -> None:
    """Each write moves the stamps; what it wrote is what matters."""
    before = {"Title": "Buyer", "City": "Oslo", "SystemModstamp": "1"}

    assert changed(before, {"Title": "Curator", "City": "Oslo", "SystemModstamp": "2"}) == {"Title"}
