"""What only the example Hub can import is not collected on another host project."""

from tests.factories import IS_EXAMPLE

collect_ignore = [] if IS_EXAMPLE else ["test_places_and_roles.py"]
