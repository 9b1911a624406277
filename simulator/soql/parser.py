"""Turns the text of a query into a tree, or into Salesforce's complaint about it."""

from functools import lru_cache
from pathlib import Path as FilePath

from lark import Lark, UnexpectedInput
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from simulator.errors import SalesforceError
from simulator.soql.builder import TreeBuilder
from simulator.soql.complaints import malformed
from simulator.soql.tree import Query

MAX_LENGTH = 100_000


@lru_cache(maxsize=1)
def grammar() -> Lark:
    """Return the parser, which is built once."""
    text = FilePath(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", start="query", maybe_placeholders=False)


def parse(text: str) -> Query:
    """Return the query that *text* says."""
    if len(text) > MAX_LENGTH:
        raise SalesforceError(
            "QUERY_TOO_COMPLICATED", "SOQL statements cannot be longer than 100,000 characters."
        )
    try:
        tree = grammar().parse(text)
    except UnexpectedToken as exc:
        if exc.token.type == "$END":
            raise malformed("unexpected token: '<EOF>'") from exc
        raise malformed(f"unexpected token: '{exc.token}'", text, exc.token.start_pos) from exc
    except UnexpectedCharacters as exc:
        raise malformed(f"unexpected token: '{exc.char}'", text, exc.pos_in_stream) from exc
    except UnexpectedInput as exc:
        raise malformed("unexpected token: '<EOF>'") from exc
    try:
        return TreeBuilder(text).transform(tree)
    except VisitError as exc:
        raise exc.orig_exc from exc
