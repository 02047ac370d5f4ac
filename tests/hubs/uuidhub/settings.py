"""Settings of the second Hub; DATABASE_URL chooses its database, as in the example."""

import os
from pathlib import Path

from example_project.config.databases import databases

SECRET_KEY = "for tests only"
ALLOWED_HOSTS = ["*"]
DEBUG = False

INSTALLED_APPS = [
    "tests.hubs.uuidhub.apps.UuidHubConfig",
    "scim_provisioning",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]

MIDDLEWARE = [
    "scim_provisioning.middleware.ScimHostMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "tests.hubs.uuidhub.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = databases(os.environ.get("DATABASE_URL", ""), Path(__file__).resolve().parent / "uuidhub.sqlite3")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "uuidhub.Person"

SCIM_ORGANIZATION_MODEL = "uuidhub.Company"
SCIM_GROUP_MODEL = "uuidhub.Team"
SCIM_PROVISIONING = {
    "USER_MAPPING": "tests.hubs.uuidhub.scim.People",
    "GROUP_MAPPING": "tests.hubs.uuidhub.scim.Teams",
}

USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
