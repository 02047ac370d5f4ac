"""What every test has, whichever host project and database it runs on."""

import os

from hypothesis import settings

# A property test fails on a wrong answer, not on a slow machine; and a CI run can be repeated exactly.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
