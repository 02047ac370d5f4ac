"""The guides: what they ask to write works as they write it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.docs.pages import DOCS, ROOT, files_of, page

GUIDE = "how-to/add-scim-to-your-hub"
# What a reader has before the guide begins.
BEFORE = {
    "hub/__init__.py": "",
    "hub/migrations/__init__.py": "",
    "config/__init__.py": "",
    "config/settings.py": """
DEBUG = True
SECRET_KEY = "a-scratch-project"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "hub.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "config.urls"
USE_TZ = True
""",
    "config/urls.py": "urlpatterns = []\n",
}
# The commands of the guide's fifth step, and what an identity provider does next.
CONNECT = """
import io, json, django
django.setup()
from django.core.management import call_command
from django.test import Client
from hub.models import Organization, User

def said(*arguments):
    out = io.StringIO()
    call_command(*arguments, "--json", stdout=out)
    return json.loads(out.getvalue())

Organization.objects.create(slug="acme")
made = said("scim_connection", "create", "--organization", "acme", "--preset", "rfc")
token = said("scim_token", "create", "--connection", made["connection"])["token"]
path = made["tenant_url"].partition("8000")[2] + "/Users"
client = Client(SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {token}"})
body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@acme.example",
        "emails": [{"type": "work", "value": "ada@acme.example"}], "title": "Engineer"}
answer = client.post(path, body, content_type="application/scim+json")
user = User.objects.get()
print(answer.status_code, answer.json()["title"], user.username, user.email, user.status, user.organization.slug)
"""


class Project(NamedTuple):
    """A Django project in a folder of its own."""

    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the project."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{self.folder}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command."""
        return self.run("-m", "django", *arguments)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the project that the guide makes."""
    folder = tmp_path_factory.mktemp("scratch")
    files = dict(BEFORE)
    for name, text in files_of(page(GUIDE)).items():
        files[name] = files.get(name, "") + text
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    made = Project(folder)
    made.manage("makemigrations", "hub")
    made.manage("migrate")
    return made


def test_the_guide_leads_to_a_hub_without_errors(project: Project) -> None:
    said = project.manage("check").stderr
    expected = re.search(r"<!-- output: check -->\n```text\n(.*?)```", page(GUIDE), re.DOTALL)
    assert expected is not None
    assert set(re.findall(r"scim_provisioning\.[EW]\d+", said)) == set(expected[1].split())


def test_the_guides_models_leave_nothing_to_migrate(project: Project) -> None:
    assert "No changes detected" in project.manage("makemigrations", "--check", "--dry-run").stdout


def test_the_guide_leads_to_a_user(project: Project) -> None:
    answer = project.run("-c", CONNECT).stdout
    assert answer.split() == ["201", "Engineer", *["ada@acme.example"] * 2, "active", "acme"]


def test_the_readme_shows_the_mapping_of_the_example() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    mapping = next(block for block in blocks if "(UserMapping)" in block)
    source = (ROOT / "example_project" / "hub" / "scim.py").read_text(encoding="utf-8")
    assert mapping in source


def test_every_link_of_the_readme_leads_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (ROOT / target).exists(), target


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.stem)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    if "_build" in path.parts:
        return
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target


def test_A31_A34_the_guide_says_what_an_entra_administrator_needs_and_how_often_it_comes() -> None:
    text = " ".join(page("how-to/connect-microsoft-entra-id").split())
    assert "Cloud Application Administrator" in text
    assert "Integrate any other application you don't find in the gallery" in text
    assert "every 40 minutes" in text
