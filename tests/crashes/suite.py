"""The tests that are named after a fault and drive no killed process, with more rounds than a run of the tests has."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from docs._ext.proofs import numbers_in, proofs
from tests.crashes.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]
HERE = "crashes/"


def play_suite(*, faults: range, rounds: int, seed: int, say: Callable[[str], None]) -> Verdict:
    """Run the tests of some faults in a process of its own, and count them for each fault.

    :param rounds: what each loop of theirs is multiplied with.
    """
    chosen = sorted(
        {
            f"tests/{proof.path}::{proof.name}"
            for number in faults
            for proof in proofs().get(("faults", f"F{number}"), [])
            if not proof.path.startswith(HERE)
        }
    )
    say(f"{len(chosen)} tests")
    verdict = Verdict()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}"]
        rounds_of = {
            "SCIM_TEST_ROUNDS": str(rounds),
            "SCIM_TEST_SEED": str(seed),
            "SCIM_TEST_DATABASE": "postgres",
        }
        environment = {**os.environ, **rounds_of}
        done = subprocess.run(
            [*command, *chosen], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        if not report.exists():
            verdict.wrong.append(done.stdout[-500:] + done.stderr[-500:])
            return verdict
        passed: Counter[int] = Counter()
        for name, fault in _results(report):
            if fault:
                verdict.wrong.append(f"{name}: {fault}")
                continue
            passed.update(int(number) for letter, number in numbers_in(name) if letter == "F")
    for number in faults:
        if passed[number]:
            verdict.figures[f"F{number}_tests"] = passed[number]
    verdict.figures["rounds_times"] = rounds
    return verdict


def _results(report: Path) -> Iterator[tuple[str, str]]:
    """Yield each test's name, and what was wrong with it or nothing."""
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("name", "").partition("[")[0]
        faults = [
            child.get("message", child.tag) for child in case if child.tag in ("failure", "error", "skipped")
        ]
        yield name, (faults[0] or "failed").splitlines()[0][:200] if faults else ""
