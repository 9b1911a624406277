"""The template, read once."""

import pytest

from tests.template.reading import ROOT, Template


@pytest.fixture(scope="session")
def template() -> Template:
    """Return template.yaml."""
    return Template(ROOT / "template.yaml")
