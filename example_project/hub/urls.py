"""The Hub's own pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from example_project.hub import views

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.sign_in, name="login"),
    path("login/microsoft/", views.microsoft_begin, name="microsoft"),
    path("login/microsoft/callback/", views.microsoft_callback, name="microsoft-callback"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
