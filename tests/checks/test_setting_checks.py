"""Checks of settings, database, URLs and deployment: each break is told by exactly its id."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection

from scim_provisioning.checks import TAG
from tests.checks.conftest import found

# What the host itself is told, whatever else is broken.
ALWAYS = found()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"USER_MAPING": "hub.scim.HubUsers"}, "E002"),
        ({"MAX_PAGE": 0}, "E003"),
        ({"MAX_PAGE": -1}, "E003"),
        ({"MAX_PAGE": "200"}, "E003"),
        ({"MAX_PAGE": True}, "E003"),
        ({"MAX_PAGE": None}, "E003"),
        ({"RETRY_AFTER_SECONDS": 1.5}, "E003"),
        ({"BASE_URL": "hub.example/scim"}, "E004"),
        ({"BASE_URL": "ftp://hub.example"}, "E004"),
        ({"BASE_URL": "https:///scim"}, "E004"),
        ({"BASE_URL": "https://hub.example/scim?aadOptscim062020"}, "E004"),
        ({"BASE_URL": 7}, "E004"),
        ({"TOKEN_PREFIX": "hub_scim"}, "E005"),
        ({"TOKEN_PREFIX": ""}, "E005"),
        ({"TOKEN_PREFIX": None}, "E005"),
        ({"TOKEN_PEPPERS": "one text"}, "E006"),
        ({"TOKEN_PEPPERS": [""]}, "E006"),
        ({"TOKEN_PEPPERS": 7}, "E006"),
        ({"HOST_FOR": "tests.checks.absent"}, "E009"),
        ({"PRESETS": None}, "E028"),
        ({"PRESETS": ["teamwork"]}, "E028"),
        ({"PRESETS": {"teamwork": None}}, "E028"),
        ({"PRESETS": {"teamwork": {"letter_cases": "fold"}}}, "E029"),
        ({"PRESETS": {"teamwork": {"letter_case": "lower"}}}, "E029"),
        ({"PRESETS": {"teamwork": {"groups": "sometimes"}}}, "E029"),
        ({"PRESETS": {"teamwork": {"token_lifetime": 0}}}, "E029"),
        ({"PRESETS": {"teamwork": {"tenant_id": None}}}, "E029"),
        ({"REQUESTS_PER_SECOND": 24}, "E030"),
        ({"REQUESTS_PER_SECOND": "200"}, "E003"),
        ({"REQUESTS_PER_SECOND": 25.0}, "E003"),
        ({"TRUSTED_PROXIES": 0}, "E003"),
        ({"TRUSTED_PROXIES": True}, "E003"),
        ({"LOCK_TIMEOUT_SECONDS": 0}, "E003"),
    ],
)
def test_a_bad_value_is_told(settings: Any, changed: dict[str, Any], expected: str) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, **changed}
    assert found() == [expected, *ALWAYS]


@pytest.mark.parametrize(
    "changed",
    [
        {"BASE_URL": "https://hub.example/scim", "TOKEN_PREFIX": "hub2", "TOKEN_PEPPERS": ["new", "old"]},
        {"BASE_URL": "http://127.0.0.1:8000/", "MAX_PAGE": 1, "TOKEN_PEPPERS": ()},
        {"PRESETS": {"teamwork": {"letter_case": "fold", "groups": True, "group_patch_response": 204}}},
        {"REQUESTS_PER_SECOND": 25, "TRUSTED_PROXIES": 1},
        {"REQUESTS_PER_SECOND": None, "TRUSTED_PROXIES": None},
    ],
)
def test_good_values_are_not(settings: Any, changed: dict[str, Any]) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, **changed}
    assert found() == ALWAYS


def test_a_misspelt_setting_is_told_with_the_one_that_was_meant(settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "BASEURL": "https://hub.example"}
    [message] = [one for one in run_checks(tags=[TAG]) if str(one.id).endswith("E002")]
    assert message.msg == "SCIM_PROVISIONING has no setting BASEURL (did you mean BASE_URL?)."
    assert message.hint is not None
    assert "MAX_PAGE" in message.hint


@pytest.mark.parametrize("value", [None, "hub.scim.HubUsers", ["USER_MAPPING"]])
def test_settings_that_are_no_dict(settings: Any, value: Any) -> None:
    settings.SCIM_PROVISIONING = value
    assert found(deploy=True) == ["E001"]


@pytest.mark.parametrize("setting", ["SCIM_ORGANIZATION_MODEL", "SCIM_GROUP_MODEL"])
def test_a_model_that_is_not_installed(settings: Any, setting: str) -> None:
    setattr(settings, setting, "absent.Model")
    assert found().count("E007") == 1


@pytest.mark.parametrize("value", [None, "", {"USER_MAPPING": None}, {}])
def test_no_user_mapping(settings: Any, value: Any) -> None:
    given = value if isinstance(value, dict) else {**settings.SCIM_PROVISIONING, "USER_MAPPING": value}
    settings.SCIM_PROVISIONING = given
    assert found() == ["E008"]


def test_a_host_may_have_no_group_mapping(settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "GROUP_MAPPING": None}
    assert found() == ALWAYS


@pytest.mark.parametrize("setting", ["USER_MAPPING", "GROUP_MAPPING"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("absent.module.Class", "E009"),
        ("scim_provisioning.mapping.Absent", "E009"),
        ("NoDots", "E009"),
        (7, "E009"),
        ("scim_provisioning.mapping.Status", "E010"),
        ("scim_provisioning.mapping.ENTERPRISE", "E010"),
    ],
)
def test_a_mapping_that_is_none(settings: Any, setting: str, value: Any, expected: str) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, setting: value}
    assert [one for one in found() if one not in ALWAYS] == [expected]


def test_the_mappings_taken_for_each_other(settings: Any) -> None:
    given = settings.SCIM_PROVISIONING
    settings.SCIM_PROVISIONING = {
        "USER_MAPPING": given["GROUP_MAPPING"],
        "GROUP_MAPPING": given["USER_MAPPING"],
    }
    assert found() == ["E010", "E010"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="is about SQLite: run it with --database=sqlite")
@pytest.mark.parametrize("options", [{}, {"transaction_mode": None}, {"transaction_mode": "DEFERRED"}])
def test_sqlite_that_begins_as_a_reader(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    assert found() == [*ALWAYS, "W004"]


def test_urls_that_are_not_included(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.checks.no_scim_urls"
    assert found() == [*ALWAYS, "W005"]


def test_hosts_that_nobody_tells_whose_they_are(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.checks.hosts_alone"
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "HOST_FOR": None}
    assert found() == [*ALWAYS, "W009"]
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "HOST_FOR": "builtins.str"}
    assert found() == ALWAYS


def test_a_project_without_urls_is_not_asked_for_ours(settings: Any) -> None:
    settings.ROOT_URLCONF = None
    assert found() == ALWAYS


@pytest.mark.parametrize(
    ("redirect", "base_url", "expected"),
    [
        (False, None, ["W006"]),
        (True, None, []),
        (True, "http://hub.example/scim", ["W006"]),
        (False, "https://hub.example/scim", []),
    ],
)
def test_tenant_urls_without_encryption(
    settings: Any, redirect: bool, base_url: str | None, expected: list[str]
) -> None:
    settings.SECURE_SSL_REDIRECT = redirect
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "BASE_URL": base_url}
    assert found(deploy=True) == [*ALWAYS, *expected]
    assert found() == ALWAYS


@pytest.mark.parametrize(("size", "expected"), [(1024, ["W007"]), (1024 * 1024, []), (None, [])])
def test_a_body_limit_of_django_below_ours(settings: Any, size: int | None, expected: list[str]) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = size
    assert found(deploy=True) == [*ALWAYS, *expected]


OURS = "scim_provisioning.middleware.ScimHostMiddleware"
COMMON = "django.middleware.common.CommonMiddleware"
SECURITY = "django.middleware.security.SecurityMiddleware"


@pytest.mark.parametrize(
    ("middleware", "expected"),
    [
        ([OURS, SECURITY, COMMON], []),
        (["django.contrib.sessions.middleware.SessionMiddleware", OURS, COMMON], []),
        ([], []),
        ([COMMON], ["W010"]),
        ([COMMON, OURS], ["W010"]),
        ([SECURITY, OURS, COMMON], ["W010"]),
    ],
)
def test_T33_a_forged_host_that_django_would_answer(
    settings: Any, middleware: list[str], expected: list[str]
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.MIDDLEWARE = middleware
    assert found(deploy=True) == [*ALWAYS, *expected]
    assert found() == ALWAYS


@pytest.mark.parametrize(
    ("backend", "ceiling", "expected"),
    [
        ("locmem.LocMemCache", 200, ["W008"]),
        ("dummy.DummyCache", 200, ["W008"]),
        ("locmem.LocMemCache", None, []),
        ("redis.RedisCache", 200, []),
    ],
)
def test_a_ceiling_that_each_process_counts_for_itself(
    settings: Any, backend: str, ceiling: int | None, expected: list[str]
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.CACHES = {
        "default": {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": "redis://x"}
    }
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "REQUESTS_PER_SECOND": ceiling}
    assert found(deploy=True) == [*ALWAYS, *expected]
