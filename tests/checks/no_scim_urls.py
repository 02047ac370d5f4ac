"""URLs of a Hub that forgot to include ours."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
