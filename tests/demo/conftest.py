"""The demo is about the example Hub; on another host project there is nothing here to collect."""

from tests.factories import IS_EXAMPLE

collect_ignore_glob = [] if IS_EXAMPLE else ["test_*.py"]
