"""How a query is refused: in a sentence, under the piece that it is about."""

from simulator.errors import SalesforceError


def malformed(message: str, text: str = "", position: int | None = None) -> SalesforceError:
    """Return the refusal of a query that is not well formed."""
    return SalesforceError("MALFORMED_QUERY", pointed(message, text, position))


def pointed(message: str, text: str, position: int | None) -> str:
    """Return *message* under the piece of the query that it is about."""
    if position is None:
        return message
    line = text.count("\n", 0, position) + 1
    start = text.rfind("\n", 0, position) + 1
    column = position - start + 1
    before = text[max(start, position - 25) : position]
    after = text[position : position + 25].partition("\n")[0]
    return (
        f"\n{before}{after}\n{' ' * len(before)}^\nERROR at Row:{line}:Column:{column}\n{message}"
    )
