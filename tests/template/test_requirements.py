"""What is installed is pinned, from no particular place, and the layer carries no ballast."""

import re
from pathlib import Path

import pytest

from tests.template.reading import ROOT

PINNED = sorted(
    [ROOT / "shared/requirements.txt", *(ROOT / "requirements").glob("*.txt")],
)


@pytest.mark.parametrize("path", PINNED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_requirement_is_pinned_by_version_and_hash(path: Path) -> None:
    """An install tomorrow brings what an install today brought."""
    entries = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n?", "", path.read_text(), flags=re.MULTILINE))

    assert entries
    for entry in filter(str.strip, entries):
        assert re.match(r"[\w.-]+(\[[\w, -]+\])?==[\w.]+", entry)
        assert "--hash=sha256:" in entry


@pytest.mark.parametrize("path", PINNED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_pin_names_no_place_to_fetch_from(path: Path) -> None:
    """Whoever installs through a mirror uses the same pins."""
    assert "://" not in path.read_text()
    assert path.with_suffix(".in").exists()


def test_the_layer_leaves_out_what_lambda_has() -> None:
    """boto3 and botocore come with the runtime, and weigh more than all the rest."""
    names = re.findall(r"^([\w-]+)==", (ROOT / "shared/requirements.txt").read_text(), re.MULTILINE)

    assert "pynamodb" in names
    assert not {"boto3", "botocore", "s3transfer"} & set(names)


def test_development_uses_the_versions_of_the_layer() -> None:
    """What is tested is what runs."""
    pin = re.compile(r"^([\w-]+)(?:\[[\w, -]+\])?==([\w.]+)", re.MULTILINE)
    layer = dict(pin.findall((ROOT / "shared/requirements.txt").read_text()))
    developed = dict(pin.findall((ROOT / "requirements/dev.txt").read_text()))

    assert {name: developed[name] for name in layer} == layer
