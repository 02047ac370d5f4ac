"""The tokens of other packages end with their user's access, in a Hub of its own that has them installed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PACKAGES = {"authtoken", "knox", "oauth2_provider", "social_auth"}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Play the scenario in a process with those apps, on a database of its own."""
    database = tmp_path_factory.mktemp("tokenhub") / "hub.sqlite3"
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "tests.hubs.tokenhub.settings",
    }
    environment.pop("CELERY_BROKER_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.hubs.tokenhub.scenario"],
        cwd=Path(__file__).resolve().parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_t12_each_package_that_is_installed_is_owed_an_effect(played: Any) -> None:
    assert set(played["owed"]) == PACKAGES | {"sessions"}


def test_t12_every_token_of_the_user_has_ended(played: Any) -> None:
    assert set(played["ada"].values()) == {0}, played["ada"]


def test_t12_nobody_elses_has(played: Any) -> None:
    assert set(played["eva"].values()) == {1}, played["eva"]


def test_a_provider_that_refuses_is_asked_again_and_its_token_kept_until_then(played: Any) -> None:
    assert played["first"][0] == "due"
    assert played["first"][1]
    assert played["second"] == ["done", ""]
    assert played["revoked"] == [True]


def test_all_that_was_owed_is_done(played: Any) -> None:
    assert played["states"] == ["done"]
