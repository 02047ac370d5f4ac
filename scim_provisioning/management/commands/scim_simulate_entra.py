"""`manage.py scim_simulate_entra`: rehearse Entra's provisioning against any SCIM server."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from scim_provisioning.simulator import (
    DIALECTS,
    MAPPINGS,
    MISTAKES,
    Directory,
    DirectoryFileError,
    EntraApp,
    JobSettings,
    MappingTable,
    OnDemandResult,
    Recipe,
    TokenForm,
    UnknownObject,
    generate_directory,
    load_directory,
    save_directory,
)
from scim_provisioning.simulator.certification import Candidate, Certification, OAuthClient, Specimens
from scim_provisioning.simulator.certification.report import show_certification
from scim_provisioning.simulator.certification.specimens import DOMAIN
from scim_provisioning.simulator.life import ChapterResult, play
from scim_provisioning.simulator.report import (
    LOG_ROWS,
    as_document,
    console_for,
    exit_code,
    progress_bar,
    show_chapters,
    show_connection_test,
    show_cycles,
    show_exchanges,
    show_log,
    show_on_demand,
)
from scim_provisioning.simulator.results import ConnectionTest, CycleResult


def natural(text: str) -> int:
    """Read a number that is not negative."""
    if not text.isascii() or not text.isdigit():
        raise ArgumentTypeError(f"{text!r} is not a number of 0 or more")
    return int(text)


class Command(BaseCommand):
    """Play Entra's provisioning service against a SCIM server and print its provisioning log."""

    help = (
        "Rehearses Entra provisioning against any SCIM server over HTTP: test connection, cycles, a whole "
        "life of users and groups, provision on demand, or Microsoft's certification (T1 to T25). Exits with "
        "0 when all went well, 1 when an object or a test failed or a chapter came out differently, 2 when "
        "the connection or the whole job failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--url", required=True, help="tenant URL")
        parser.add_argument("--token", required=True, help="secret token")
        parser.add_argument("--token-form", choices=[form.value for form in TokenForm], default="bearer")
        parser.add_argument("--mapping", choices=sorted(MAPPINGS), default="default")
        parser.add_argument("--mistake", choices=sorted(MISTAKES), action="append", default=[])
        parser.add_argument("--dialect", choices=sorted(DIALECTS), help="default: as the tenant URL says")
        parser.add_argument("--cycles", type=natural, default=1, help="how many cycles to run; default 1")
        parser.add_argument("--life", action="store_true", help="play a whole life, one cycle per chapter")
        parser.add_argument("--on-demand", metavar="NAME", help="provision this user or group first")
        parser.add_argument("--directory", type=Path, help="JSON file with users, groups, roles, assignments")
        parser.add_argument("--users", type=natural, default=20, help="size of the generated directory")
        parser.add_argument("--groups", type=natural, default=3)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--save-directory", type=Path, metavar="FILE", help="write the directory used")
        parser.add_argument("--sync-all", action="store_true", help="scope: all users and groups")
        parser.add_argument("--deletion-threshold", type=natural, help="prevent accidental deletion above N")
        parser.add_argument("--skip-out-of-scope-deletions", action="store_true")
        parser.add_argument("--timeout", type=float, default=30.0, help="seconds per request")
        parser.add_argument("--json", action="store_true", help="print everything as JSON")
        self._add_certification(parser)

    @staticmethod
    def _add_certification(parser: CommandParser) -> None:
        group = parser.add_argument_group(
            "certification",
            "Microsoft's 25 tests, in both dialects unless --dialect names one. It creates users and groups "
            "with names of its own and deletes them again. Departments, country and mail domain are taken "
            "from --directory where one is given.",
        )
        group.add_argument("--certify", action="store_true", help="run the certification instead of cycles")
        group.add_argument(
            "--department",
            action="append",
            default=[],
            metavar="NAME",
            help="one the server knows; repeat it",
        )
        group.add_argument("--country", metavar="CODE", help="the country of those departments, such as NO")
        group.add_argument("--domain", default=DOMAIN, help=f"mail domain of the people; default {DOMAIN}")
        group.add_argument("--token-url", metavar="URL", help="OAuth token endpoint, for T21 and T22")
        group.add_argument("--client-id", default="", metavar="ID")
        group.add_argument("--client-secret", metavar="SECRET", help="for T21")
        group.add_argument("--client-assertion", metavar="JWT", help="signed by Entra, for T22")
        group.add_argument("--scope", help="scope of the access token")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the rehearsal."""
        # rich ends its own lines.
        self.stdout.ending = ""
        console = console_for(cast("IO[str]", self.stdout))
        if options["certify"]:
            code = self._certify(options, console)
            if code:
                sys.exit(code)
            return
        directory = self._directory(options)
        with self._application(options, directory) as app:
            code = _Rehearsal(app, options, console).run()
        if options["save_directory"]:
            save_directory(directory, options["save_directory"])
        if code:
            sys.exit(code)

    def _certify(self, options: dict[str, Any], console: Console) -> int:
        candidate = Candidate(
            options["url"],
            options["token"],
            self._mapping(options),
            self._specimens(options),
            oauth=self._oauth_client(options),
            token_form=options["token_form"],
            timeout=options["timeout"],
        )
        dialects = [DIALECTS[options["dialect"]]] if options["dialect"] else list(DIALECTS.values())
        try:
            with progress_bar(Console(stderr=True)) as progress:
                result = Certification(candidate, dialects).run(progress)
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            console.file.write(json.dumps(result.as_dict(), indent=2, ensure_ascii=False) + "\n")
            return result.exit_code
        show_connection_test(console, result.connection)
        show_certification(console, result)
        if options["verbosity"] > 1:
            show_exchanges(console, [exchange for row in result.rows for exchange in row.exchanges])
        return result.exit_code

    def _specimens(self, options: dict[str, Any]) -> Specimens:
        if options["department"] or options["directory"] is None:
            return Specimens.of_departments(options["department"], options["country"], options["domain"])
        return Specimens.like(self._directory(options))

    @staticmethod
    def _oauth_client(options: dict[str, Any]) -> OAuthClient | None:
        if not options["token_url"]:
            return None
        return OAuthClient(
            options["token_url"],
            options["client_id"],
            options["client_secret"],
            options["client_assertion"],
            options["scope"],
        )

    @staticmethod
    def _mapping(options: dict[str, Any]) -> MappingTable:
        table = MAPPINGS[options["mapping"]]
        for mistake in options["mistake"]:
            table = table.with_mistake(mistake)
        return table

    @staticmethod
    def _directory(options: dict[str, Any]) -> Directory:
        if options["directory"] is None:
            return generate_directory(
                Recipe(users=options["users"], groups=options["groups"], seed=options["seed"])
            )
        try:
            return load_directory(options["directory"])
        except (DirectoryFileError, OSError) as error:
            raise CommandError(str(error)) from error

    def _application(self, options: dict[str, Any], directory: Directory) -> EntraApp:
        settings = JobSettings(
            everybody=options["sync_all"],
            deletion_threshold=options["deletion_threshold"],
            skip_out_of_scope_deletions=options["skip_out_of_scope_deletions"],
        )
        try:
            return EntraApp(
                options["url"],
                options["token"],
                directory,
                self._mapping(options),
                options["dialect"],
                settings=settings,
                token_form=options["token_form"],
                timeout=options["timeout"],
            )
        except ValueError as error:
            raise CommandError(str(error)) from error


class _Rehearsal:
    """One run of the command: what was asked for, what came of it, and how to show it."""

    def __init__(self, app: EntraApp, options: dict[str, Any], console: Console) -> None:
        self.app = app
        self.options = options
        self.console = console
        self.cycles: list[CycleResult] = []
        self.life: list[ChapterResult] = []
        self.on_demand: OnDemandResult | None = None

    def run(self) -> int:
        """Run, show, and return the exit code."""
        test = self.app.test_connection()
        if test.ok:
            with progress_bar(Console(stderr=True)) as progress:
                if self.options["on_demand"]:
                    self.on_demand = self._provision_on_demand()
                if self.options["life"]:
                    self.life = list(play(self.app, progress))
                    self.cycles = [chapter.cycle for chapter in self.life]
                else:
                    self.cycles = [self.app.cycle(progress) for _ in range(self.options["cycles"])]
        if self.options["json"]:
            document = as_document(self.app, test, self.cycles, self.life, self.on_demand)
            self.console.file.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        else:
            self._show(test)
        return exit_code(test, self.cycles, self.life, self.on_demand)

    def _provision_on_demand(self) -> OnDemandResult:
        try:
            return self.app.provision_on_demand(self.options["on_demand"])
        except UnknownObject as error:
            raise CommandError(str(error)) from error

    def _show(self, test: ConnectionTest) -> None:
        detailed = self.options["verbosity"] > 1
        show_connection_test(self.console, test)
        if self.on_demand:
            show_on_demand(self.console, self.on_demand)
        actions = [row for cycle in self.cycles for row in cycle.actions]
        if actions:
            show_log(self.console, actions, len(actions) if detailed else LOG_ROWS)
        if self.cycles:
            show_cycles(self.console, self.cycles)
        if self.life:
            show_chapters(self.console, self.life)
        if detailed:
            show_exchanges(self.console, self.app.log)
