"""PynamoDB's model of a table's items, bound to the table's name and to the shared connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pynamodb.connection.base import MetaTable
from pynamodb.connection.table import TableConnection
from pynamodb.models import Model

if TYPE_CHECKING:
    from counterpart.adapters.dynamodb.database import Database

ItemT = TypeVar("ItemT", bound=Model)


def bound(model: type[ItemT], name: str, database: Database) -> tuple[type[ItemT], TableConnection]:
    """Return *model* as the model of one table; the class itself stays free of names."""

    class Meta:
        table_name = name

    metaclass: Any = type(model)
    own: type[ItemT] = metaclass(model.__name__, (model,), {"Meta": Meta})
    connection = TableConnection(name)
    connection.connection = database.connection
    # PynamoDB would make a client for each table, and knows no public way around it.
    own._connection = connection  # noqa: SLF001
    database.introduce(_described(name, own))
    return own, connection


def _described(name: str, model: type[Model]) -> MetaTable:
    schema = model._get_schema()  # noqa: SLF001 - there is no public way to it
    return MetaTable(
        {
            "TableName": name,
            "KeySchema": schema["key_schema"],
            "AttributeDefinitions": schema["attribute_definitions"],
            "GlobalSecondaryIndexes": [
                {"IndexName": index["index_name"], "KeySchema": index["key_schema"]}
                for index in schema["global_secondary_indexes"]
            ],
        }
    )
