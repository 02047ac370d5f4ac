"""URLs of the example Hub, and grappelli's."""

from django.urls import include, path

from example_project.config.urls import urlpatterns as example

urlpatterns = [path("grappelli/", include("grappelli.urls")), *example]
