"""How Sphinx builds the documentation."""

from importlib.metadata import version as installed_version

project = "django-scim-provisioning"
author = "The django-scim-provisioning maintainers"
copyright = f"2026, {author}"
release = version = installed_version("django-scim-provisioning")

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["_static"]
