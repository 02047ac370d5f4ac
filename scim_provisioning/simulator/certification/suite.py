"""The run: 25 tests in one dialect after the other."""

from __future__ import annotations

from collections.abc import Sequence

from scim_provisioning.simulator.app import silent
from scim_provisioning.simulator.certification import (
    credentials,
    direct,
    empty_values,
    groups,
    paging,
    schemas,
    users,
)
from scim_provisioning.simulator.certification.bench import Bench
from scim_provisioning.simulator.certification.candidate import Candidate
from scim_provisioning.simulator.certification.catalogue import CertificationTest, Needs
from scim_provisioning.simulator.certification.cleaning import clean_up
from scim_provisioning.simulator.certification.outcomes import (
    CertificationResult,
    CertificationRow,
    NotApplicable,
    Outcome,
    TestFailed,
)
from scim_provisioning.simulator.dialects import DIALECTS, Dialect
from scim_provisioning.simulator.faults import JobStopped, ProvisioningFault
from scim_provisioning.simulator.requests import read_resource_types
from scim_provisioning.simulator.results import ConnectionTest, Progress

_MODULES = (users, groups, schemas, empty_values, direct, paging, credentials)
TESTS: tuple[CertificationTest, ...] = tuple(
    sorted((test for module in _MODULES for test in module.TESTS), key=lambda test: test.number)
)


class Certification:
    """Runs Microsoft's 25 tests against a server.

    ::

        candidate = Candidate(tenant_url, token, MAPPINGS["flow_connect"])
        result = Certification(candidate).run()
        assert result.ok, result.failures
    """

    def __init__(self, candidate: Candidate, dialects: Sequence[Dialect] = tuple(DIALECTS.values())) -> None:
        """Take the server to test, and the dialects: by default both."""
        self.candidate = candidate
        self.dialects = dialects

    def run(self, progress: Progress = silent) -> CertificationResult:
        """Run every test in every dialect and clean up after each."""
        connection, lacking = self._first_look()
        result = CertificationResult(self.candidate.mapping.name, connection)
        if not connection.ok:
            return result
        total = len(TESTS) * len(self.dialects)
        for dialect in self.dialects:
            for test in TESTS:
                progress(f"T{test.number} {dialect.name}", len(result.rows), total)
                self._run_test(test, dialect, lacking, result)
        progress("Done", total, total)
        return result

    def _first_look(self) -> tuple[ConnectionTest, dict[Needs, str]]:
        """Press *Test connection*, and say for each need that is not met why (C23)."""
        bench = Bench(self.candidate, self.dialects[0])
        with bench.app:
            connection = bench.app.test_connection()
            lacking = {Needs.GROUPS: _why_no_groups(bench)} if connection.ok else {}
        mapping = self.candidate.mapping
        if not mapping.maps_manager:
            lacking[Needs.MANAGER] = "the mapping has no manager"
        if not mapping.maps_active:
            lacking[Needs.ACTIVE] = "nothing is mapped to active"
        return connection, {need: why for need, why in lacking.items() if why}

    def _run_test(
        self,
        test: CertificationTest,
        dialect: Dialect,
        lacking: dict[Needs, str],
        result: CertificationResult,
    ) -> None:
        row = CertificationRow(test.number, test.name, dialect.name, test.expected, test.optional)
        result.rows.append(row)
        reasons = [why for need, why in lacking.items() if need in test.needs]
        if reasons:
            row.outcome, row.seen = Outcome.NOT_APPLICABLE, reasons[0]
            return
        bench = Bench(self.candidate, dialect, test.number)
        with bench.app:
            try:
                row.seen = test.steps(bench)
            except NotApplicable as reason:
                row.outcome, row.seen = Outcome.NOT_APPLICABLE, str(reason)
            except (TestFailed, ProvisioningFault, JobStopped) as failure:
                row.outcome, row.seen = Outcome.FAILED, str(failure)
            finally:
                # What cleaning up takes is not part of the test.
                row.exchanges = list(bench.exchanges)
                result.left_behind += clean_up(bench)


def _why_no_groups(bench: Bench) -> str:
    """Return why group tests are not applicable, empty when they are."""
    answer = bench.app.job.client.send(read_resource_types(), bench.dialect)
    types = schemas.objects((answer.resource or {}).get("Resources"))
    names = {str(kind.get("name", kind.get("id"))) for kind in types}
    if answer.ok and "Group" not in names:
        return "/ResourceTypes has no Group"
    return "" if bench.mapping.groups else "the mapping has groups switched off"
