"""What a team can choose is explained, used, and said the same way everywhere."""

import re
import tomllib

from tests.template.reading import ROOT, Template, is_about

# CloudFormation can name these by itself; a name by hand forbids a second stack and a replacement.
NAMES = {
    "AlarmName",
    "DashboardName",
    "FunctionName",
    "LayerName",
    "LogGroupName",
    "ManagedPolicyName",
    "Name",
    "QueueName",
    "RoleName",
    "TableName",
    "TopicName",
}


def test_no_resource_is_named_by_hand(template: Template) -> None:
    """Two stacks can share an account, and a resource can be replaced."""
    for name, resource in template.resources.items():
        assert not NAMES & set(resource.get("Properties", {})), name
    for function in template.functions.values():
        for event in function.get("Events", {}).values():
            if event["Type"] == "ScheduleV2":
                assert event["Properties"]["OmitName"] is True


def test_a_parameter_is_described_and_has_a_default(template: Template) -> None:
    """Guided deployment shows the one and offers the other."""
    for parameter in template.parameters.values():
        assert parameter["Description"].endswith(".")
        assert "Default" in parameter


def test_a_parameter_has_an_effect(template: Template) -> None:
    """An option that does nothing is a lie."""
    rest = {key: part for key, part in template.body.items() if key != "Parameters"}
    for name in template.parameters:
        assert is_about(rest, name), name


def test_a_pattern_is_explained(template: Template) -> None:
    """CloudFormation shows the explanation in place of the pattern, when a value is refused."""
    for parameter in template.parameters.values():
        if "AllowedPattern" in parameter:
            assert parameter["ConstraintDescription"]
            assert re.fullmatch(parameter["AllowedPattern"], parameter["Default"])


def test_the_console_shows_every_parameter_in_a_group(template: Template) -> None:
    """None is left over at the end of the form."""
    groups = template.body["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    shown = [name for group in groups for name in group["Parameters"]]

    assert sorted(shown) == sorted(template.parameters)


def test_a_deployment_sets_only_parameters_that_exist(template: Template) -> None:
    """A misspelt override in samconfig.toml would be ignored without a word."""
    environments = tomllib.loads((ROOT / "samconfig.toml").read_text())

    assert {"local", "dev", "prod"} < set(environments)
    for environment in ("dev", "prod"):
        overrides = environments[environment]["global"]["parameters"]["parameter_overrides"]
        chosen = dict(override.split("=", 1) for override in overrides)
        # The layer is built for what stands here, so it has to stand here.
        assert {"PythonRuntime", "Architecture"} <= set(chosen)
        for name, value in chosen.items():
            allowed = template.parameters[name].get("AllowedValues")
            assert allowed is None or value in {str(choice) for choice in allowed}


def test_the_layer_is_built_for_the_defaults_of_the_template(template: Template) -> None:
    """A plain sam build cannot tell the layer's makefile, so both have to say the same."""
    makefile = (ROOT / "shared/Makefile").read_text()
    defaults = dict(re.findall(r"^(\w+) \?= (\S+)$", makefile, re.MULTILINE))

    assert defaults["PYTHON_RUNTIME"] == template.parameters["PythonRuntime"]["Default"]
    assert defaults["ARCHITECTURE"] == template.parameters["Architecture"]["Default"]
