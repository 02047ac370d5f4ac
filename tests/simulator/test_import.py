"""The simulator stands alone, so that it can be used against any SCIM server."""

import subprocess
import sys


def test_it_needs_nothing_of_django() -> None:
    parts = (
        "scim_provisioning.simulator.report",
        "scim_provisioning.simulator.life",
        "scim_provisioning.simulator.certification.report",
        "scim_provisioning.simulator.issuer",
    )
    code = f"import sys, {', '.join(parts)}; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
