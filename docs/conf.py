"""How Sphinx builds the documentation."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

import django
from django.conf import settings

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

# The tables of the reference are made from the code. Any model will do for the Hub's; no database is asked.
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "scim_provisioning"],
    SCIM_ORGANIZATION_MODEL="auth.Group",
    SCIM_GROUP_MODEL="auth.Group",
    SECRET_KEY="documentation",  # noqa: S106
    USE_TZ=True,
)
django.setup()

project = "django-scim-provisioning"
author = "The django-scim-provisioning maintainers"
copyright = f"2026, {author}"
release = version = installed_version("django-scim-provisioning")

extensions = ["myst_parser", "sphinx.ext.autodoc", "docs._ext.pages"]
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"
# Types of other projects have no pages here.
nitpick_ignore_regex = [("py:.*", ".*")]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
