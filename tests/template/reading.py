"""The template as data, with its intrinsic functions in their long form."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cfnlint.decode import cfn_yaml

ROOT = Path(__file__).resolve().parents[2]


class Template:
    """The template, asked the questions that the tests have."""

    def __init__(self, path: Path) -> None:
        self.text = path.read_text()
        self.body: dict[str, Any] = cfn_yaml.loads(self.text)
        self.resources: dict[str, dict[str, Any]] = self.body["Resources"]
        self.parameters: dict[str, dict[str, Any]] = self.body["Parameters"]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of the resources of this type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    @property
    def functions(self) -> dict[str, dict[str, Any]]:
        """Return the properties of the functions, those of Globals included."""
        common = self.body["Globals"]["Function"]
        return {
            name: {
                **common,
                **properties,
                "LoggingConfig": {**common["LoggingConfig"], **properties["LoggingConfig"]},
            }
            for name, properties in self.of_type("AWS::Serverless::Function").items()
        }

    def grants(self, function: str) -> list[dict[str, Any]]:
        """Return the statements of a function's policies."""
        return [
            statement
            for policy in self.functions[function]["Policies"]
            for statement in policy["Statement"]
        ]


def walk(node: Any) -> Iterator[Any]:  # noqa: ANN401 - a template's node is any JSON value
    """Yield every value in *node*, itself included."""
    yield node
    if isinstance(node, dict):
        for child in node.values():
            yield from walk(child)
    elif isinstance(node, list):
        for child in node:
            yield from walk(child)


def is_about(node: Any, logical_id: str) -> bool:  # noqa: ANN401 - as above
    """Return whether *node* refers to *logical_id* by Ref, GetAtt or Sub."""
    for value in walk(node):
        if isinstance(value, dict):
            target = value.get("Fn::GetAtt")
            if value.get("Ref") == logical_id or (target and target[0] == logical_id):
                return True
        elif isinstance(value, str) and f"${{{logical_id}" in value:
            return True
    return False
