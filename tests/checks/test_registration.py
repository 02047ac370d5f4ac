"""All checks are registered, listed, and silent on a host that does everything right."""

import ast
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.checks.registry import registry
from django.core.exceptions import ImproperlyConfigured

import scim_provisioning
from scim_provisioning import checks
from scim_provisioning.apps import ScimProvisioningConfig
from scim_provisioning.checks import deployment, mappings
from scim_provisioning.checks import settings as setting_checks
from tests.checks.conftest import found
from tests.factories import IS_EXAMPLE

PACKAGE = Path(checks.__file__).parent
TESTS = Path(__file__).parent


def test_every_check_function_is_registered() -> None:
    written = {
        getattr(module, name)
        for module in (setting_checks, mappings, deployment)
        for name in vars(module)
        if name.startswith("check_") and getattr(module, name).__module__ == module.__name__
    }
    assert len(written) == 5
    assert written <= set(registry.get_checks(include_deployment_checks=True))
    assert written - set(registry.get_checks()) == {deployment.check_deployment}


def test_every_id_is_used_in_the_code_and_in_a_test() -> None:
    for folder in (PACKAGE, TESTS):
        text = "".join(path.read_text() for path in folder.glob("*.py") if path.name != "catalogue.py")
        assert set(re.findall(r'"([EW]\d{3})"', text)) == set(checks.CHECKS)


def test_ids_are_without_gaps_and_each_has_a_sentence_and_a_fix() -> None:
    ids = list(checks.CHECKS)
    errors = [one for one in ids if one.startswith("E")]
    warnings = [one for one in ids if one.startswith("W")]
    assert errors == [f"E{number:03}" for number in range(1, len(errors) + 1)]
    assert warnings == [f"W{number:03}" for number in range(1, len(warnings) + 1)]
    assert ids == errors + warnings
    for check in checks.CHECKS.values():
        assert check.sentence.endswith(".")
        assert check.fix.endswith(".")
        assert check.is_error == (check.id in errors)


def test_the_places_of_a_fix_are_those_of_its_sentence_or_given_with_it() -> None:
    """Every ``CHECKS[…].message(…)`` in the code gives each place of the sentence and of the fix."""
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".message"):
                [check] = [one for one in checks.CHECKS if f"'{one}'" in ast.unparse(node.func)]
                text = f"{checks.CHECKS[check].sentence} {checks.CHECKS[check].fix}"
                places = set(re.findall(r"(?<!\{)\{(\w+)\}", text))
                assert places == {keyword.arg for keyword in node.keywords}, check


def test_the_host_itself_passes() -> None:
    # The second host's names are unique in its whole table, as the check says.
    assert found() == ([] if IS_EXAMPLE else ["W002"])


@pytest.mark.parametrize("setting", ["SCIM_ORGANIZATION_MODEL", "SCIM_GROUP_MODEL"])
@pytest.mark.parametrize("value", [None, "", "Organization", 7, "hub.models.Organization"])
def test_a_model_that_is_not_named_ends_the_start_with_the_fix(
    settings: Any, setting: str, value: Any
) -> None:
    """No system check can run without it: the tables' foreign keys are made from it."""
    setattr(settings, setting, value)
    with pytest.raises(ImproperlyConfigured, match=rf'{setting} is .*"app_label.ModelName"'):
        ScimProvisioningConfig("scim_provisioning", scim_provisioning)


def test_a_model_setting_that_is_missing_ends_the_start_with_the_fix(settings: Any) -> None:
    del settings.SCIM_GROUP_MODEL
    module: ModuleType = scim_provisioning
    with pytest.raises(ImproperlyConfigured, match="SCIM_GROUP_MODEL is None"):
        ScimProvisioningConfig("scim_provisioning", module)
