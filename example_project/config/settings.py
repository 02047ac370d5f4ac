"""Settings of the example Hub: a multi-tenant product made an SCIM service provider.

Environment: DATABASE_URL, CELERY_BROKER_URL, HUB_SECRET_KEY, HUB_ALLOWED_HOSTS, HUB_DEBUG, HUB_DEMO_LOGIN,
HUB_DOMAIN, HUB_OIDC_ISSUER, HUB_OIDC_CLIENT_ID, HUB_OIDC_CLIENT_SECRET.
The defaults are for a demonstration on the loopback interface.
"""

import os
from pathlib import Path

from example_project.config.databases import databases
from scim_provisioning.schedule import BEAT_SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("HUB_DEBUG", "") == "1"
SECRET_KEY = os.environ.get("HUB_SECRET_KEY", "demonstration-only-set-HUB_SECRET_KEY-anywhere-else")
ALLOWED_HOSTS = os.environ.get("HUB_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

# With a domain, organizations are reached as <slug>.<domain> too, and provisioned there (B1).
HUB_DOMAIN = os.environ.get("HUB_DOMAIN", "")
if HUB_DOMAIN:
    ALLOWED_HOSTS.append(f".{HUB_DOMAIN}")

# The page that stands for "Sign in with Microsoft" asks for no password.
HUB_DEMO_LOGIN = os.environ.get("HUB_DEMO_LOGIN", "1") == "1"

# "Sign in with Microsoft" itself: https://login.microsoftonline.com/organizations/v2.0 and an app registration,
# or what `manage.py scim_simulate_issuer` serves. Without an issuer there is no such button.
HUB_OIDC_ISSUER = os.environ.get("HUB_OIDC_ISSUER", "")
HUB_OIDC_CLIENT_ID = os.environ.get("HUB_OIDC_CLIENT_ID", "hub")
HUB_OIDC_CLIENT_SECRET = os.environ.get("HUB_OIDC_CLIENT_SECRET", "hub-secret")

INSTALLED_APPS = [
    "example_project.hub.apps.HubConfig",
    "scim_provisioning",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "scim_provisioning.middleware.ScimHostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "example_project.config.urls"
WSGI_APPLICATION = "example_project.config.wsgi.application"

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

DATABASES = databases(os.environ.get("DATABASE_URL", ""), BASE_DIR / "hub.sqlite3")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "hub.User"
AUTHENTICATION_BACKENDS = [
    "example_project.hub.backends.HubBackend",
    "scim_provisioning.backends.DirectoryBackend",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
# User names are unique within an organization, and HubBackend is written for that.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

SCIM_ORGANIZATION_MODEL = "hub.Organization"
SCIM_GROUP_MODEL = "hub.Group"
SCIM_PROVISIONING = {
    "USER_MAPPING": "example_project.hub.scim.HubUsers",
    "GROUP_MAPPING": "example_project.hub.scim.HubGroups",
    "ORGANIZATIONS_FOR": "example_project.hub.access.organizations_for",
    "HOST_FOR": "example_project.hub.access.host_for",
    "NOTIFY": "example_project.hub.access.addresses_of_admins",
}

# Mail is printed; a Hub in earnest names its server here.
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = "hub@localhost"

# Without a broker, effects run from the outbox in process.
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL") or None
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A refused SCIM request is an event in the provisioning log, not a line on the console.
    "loggers": {"django.request": {"level": "ERROR"}},
}
