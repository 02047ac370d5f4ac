"""Every wrong mapping of a guide's prerequisites, one at a time: refused on the wire, and named by the guide at once.

The simulator provisions over HTTP, and the guide is read as the customer's IT reads it, through a setup link.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from time import monotonic, sleep

import httpx
import pytest
from django.apps import apps
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from scim_provisioning.guide.findings import State
from scim_provisioning.guide.links import create_link, link_path
from scim_provisioning.guide.progress import Progress
from scim_provisioning.guide.subjects import SUBJECTS
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import Connection, Token
from scim_provisioning.simulator import Directory, EntraApp, MappingTable
from scim_provisioning.simulator.mapping import COUNTRY_CODE
from scim_provisioning.simulator.requests import flagged
from tests.conftest import MakeConnection
from tests.factories import OrganizationFactory, UserFactory, seed_places
from tests.guide.conftest import Pass, findings, named, steps

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 10.0


@dataclass
class Customer:
    """An organization's Entra and its IT: the directory, the application, and the open guide."""

    connection: Connection
    directory: Directory
    app: EntraApp
    guide: str

    def read(self) -> str:
        """Return the text of the guide."""
        return unescape(httpx.get(self.guide).text)

    def reads(self, *sentences: str) -> bool:
        """Return whether the guide says all of it, as soon as the last answer's bookkeeping is done."""
        end = monotonic() + PATIENCE
        while monotonic() < end:
            text = self.read()
            if all(sentence in text for sentence in sentences):
                return True
            sleep(0.05)
        return False

    def codes(self) -> set[str]:
        """Return the codes of the refusals so far."""
        return {e.detail.rpartition("[")[2].rstrip("]") for e in self.app.log if e.status >= 400}


MakeCustomer = Callable[..., Customer]


@pytest.fixture
def make_customer(live_server: LiveServer) -> Iterator[MakeCustomer]:
    """Return a function that makes the customer of a connection; *flag* as the guide asks for it, or not."""
    made: list[EntraApp] = []

    def make(connection: Connection, mapping: str, *, flag: bool) -> Customer:
        directory = people()
        _token, secret = Token.issue(connection)
        path = reverse("scim_provisioning:users", kwargs={"connection": connection.pk})
        url = live_server.url + path.removesuffix("/Users")
        app = EntraApp(
            flagged(url) if flag else url,
            secret,
            directory,
            mapping,
            token_form="token" if flag else "bearer",
        )
        made.append(app)
        _link, text = create_link(connection, None)
        return Customer(connection, directory, app, live_server.url + link_path(text))

    yield make
    for app in made:
        app.close()


def people() -> Directory:
    """Ada manages Bo; both are consultants in Norway's Engineering, and their names begin with a capital letter."""
    directory = Directory()
    directory.add_role("consultant")
    for name in ("Ada", "Bo"):
        address = f"{name}@Contoso.example"
        user = directory.add_user(
            address, mail=address, mail_nickname=name, department="Engineering", country="NO"
        )
        directory.assign(user, "consultant")
    directory.change("Bo@Contoso.example", manager="Ada@Contoso.example")
    directory.assign(directory.add_group("Team", ["Ada@Contoso.example"]))
    return directory


@pytest.fixture
def flowcase() -> Connection:
    """Return a connection of an organization that has departments."""
    organization = OrganizationFactory.create(slug="fabrikam")
    seed_places(organization)
    # Who stands behind a token is another matter.
    return create_connection(organization, "flowcase", token_principal=False)


Mistake = Callable[[Customer], None]


def mapping(change: Callable[[MappingTable], MappingTable]) -> Mistake:
    """Return a mistake on the mapping screen."""
    return lambda customer: customer.app.use_mapping(change(customer.app.job.mapping))


def mistake(name: str) -> Mistake:
    """Return one of the simulator's mistakes on the mapping screen."""
    return mapping(lambda table: table.with_mistake(name))


def directory(**attributes: str) -> Mistake:
    """Return a mistake in the properties of Ada."""

    def made(customer: Customer) -> None:
        customer.directory.change("Ada@Contoso.example", **attributes)

    return made


def misspelt_role(customer: Customer) -> None:
    """Make an app role whose value differs by a capital letter, and assign it to Ada."""
    customer.directory.add_role("Consultant")
    customer.directory.unassign("Ada@Contoso.example")
    customer.directory.assign("Ada@Contoso.example", "Consultant")


def two_accounts(customer: Customer) -> None:
    """Let the Hub know two accounts that have Ada's e-mail, and none that has her user name."""
    for name in ("ada.l", "ada.lovelace"):
        UserFactory.create(
            organization=customer.connection.organization, user_name=name, mail="ada@contoso.example"
        )


# The mistake, the subject that the guide names, and the code of the refusal; without one it is accepted.
FLOWCASE: dict[str, tuple[Mistake, str, str | None]] = {
    "no ToLower()": (mistake("without_to_lower"), "lower_case", "not_lower_case"),
    "group mapping on": (mistake("groups_left_on"), "groups", "groups_off"),
    "manager mapped": (mistake("manager_mapped"), "manager", None),
    "both country attributes": (mistake("both_countries"), "exclusive", "exclusive_attributes"),
    "department unknown": (directory(department="Enginering"), "reference_known", "unknown_reference"),
    "department elsewhere": (directory(department="Finance"), "reference_known", "reference_elsewhere"),
    "department ambiguous, no country": (
        mapping(lambda table: table.without_user_line(COUNTRY_CODE)),
        "reference_unique",
        "ambiguous_reference",
    ),
    "country unknown": (directory(country="XX"), "choice", "unknown_choice"),
    "role value misspelt": (misspelt_role, "roles", "unknown_role"),
}


@pytest.mark.examplehub
def test_with_the_right_mapping_the_guide_names_nothing(
    flowcase: Connection, make_customer: MakeCustomer, let_pass: Pass
) -> None:
    customer = make_customer(flowcase, "flowcase", flag=True)
    assert customer.app.test_connection().ok
    assert customer.app.cycle().ok
    let_pass(41)
    assert named(flowcase) == set()
    text = customer.read()
    assert "8 of 8 steps are done." in text
    assert set(steps(flowcase).values()) == {Progress.SEEN}
    assert "What mends it:" not in text


@pytest.mark.examplehub
@pytest.mark.parametrize("name", FLOWCASE)
def test_B05_B06_B07_B13_B14_B15_B19_a_mistake_is_refused_and_named_within_its_cycle(
    name: str, flowcase: Connection, make_customer: MakeCustomer
) -> None:
    make, subject, code = FLOWCASE[name]
    customer = make_customer(flowcase, "flowcase", flag=True)
    make(customer)
    result = customer.app.cycle()
    assert customer.codes() == ({code} if code else set())
    assert bool(result.failures) is (code is not None)
    assert customer.reads(str(SUBJECTS[subject].wrong), str(SUBJECTS[subject].fix))
    assert named(flowcase) == {subject}


@pytest.mark.examplehub
def test_B10_accounts_that_one_user_may_be_either_of_are_named_and_nobody_is_guessed(
    flowcase: Connection, make_customer: MakeCustomer
) -> None:
    customer = make_customer(flowcase, "flowcase", flag=True)
    two_accounts(customer)
    result = customer.app.cycle()
    assert [row.name for row in result.failures] == ["Ada@Contoso.example"]
    assert "DuplicateTargetEntries" in str(result.failures)
    assert customer.reads(str(SUBJECTS["accounts"].wrong), str(SUBJECTS["accounts"].fix), "a••@contoso")
    users = apps.get_model("hub", "User").objects.filter(organization=flowcase.organization)
    assert users.filter(email="ada@contoso.example").count() == 2
    assert not users.filter(username="ada@contoso.example").exists()


@pytest.mark.examplehub
def test_B14_a_country_without_its_department_is_refused_and_named(
    flowcase: Connection, make_customer: MakeCustomer
) -> None:
    Connection.objects.filter(pk=flowcase.pk).update(dependent_attributes="reject")
    flowcase.refresh_from_db()
    customer = make_customer(flowcase, "flowcase", flag=True)
    customer.directory.change("Ada@Contoso.example", department=None)
    assert customer.app.cycle().failures
    assert customer.codes() == {"dependent_attribute"}
    assert customer.reads(str(SUBJECTS["dependent"].wrong), str(SUBJECTS["dependent"].fix))
    assert named(flowcase) == {"dependent"}


@pytest.mark.examplehub
def test_T8_a_role_that_may_not_be_given_is_refused_and_named(
    flowcase: Connection, make_customer: MakeCustomer
) -> None:
    Connection.objects.filter(pk=flowcase.pk).update(allowed_roles="external")
    flowcase.refresh_from_db()
    customer = make_customer(flowcase, "flowcase", flag=True)
    assert customer.app.cycle().failures
    assert customer.codes() == {"role_not_allowed"}
    assert customer.reads(str(SUBJECTS["roles_allowed"].wrong), str(SUBJECTS["roles_allowed"].fix))
    assert named(flowcase) == {"roles_allowed"}


@pytest.mark.examplehub
def test_A38_a_department_that_is_not_known_is_ignored_and_told_but_nothing_is_wrong(
    make_connection: MakeConnection, make_customer: MakeCustomer, let_pass: Pass
) -> None:
    connection = make_connection("flow_connect")
    seed_places(connection.organization)
    customer = make_customer(connection, "flow_connect", flag=False)
    customer.directory.change("Ada@Contoso.example", department="Enginering")
    customer.directory.change("Bo@Contoso.example", department="Finance")
    assert customer.app.test_connection().ok
    assert customer.app.cycle().ok
    ignored = "A department, or other value that must exist here, was not known, and ignored."
    assert customer.reads(ignored, "Seen in 1 request,", "Enginering", "6 of 6 steps are done.")
    assert named(connection) == set()
    found = findings(connection)["reference_known"]
    assert found.wrong is not None
    assert (found.state, found.wrong.count, found.requests) == (State.IGNORED, 1, 2)
    # Nobody sends again what was taken, so that it would be forgotten if it were not kept.
    let_pass(60 * 24)
    assert findings(connection)["reference_known"].state == State.IGNORED


@pytest.mark.examplehub
def test_B01_B43_a_missing_flag_is_served_and_named(
    flowcase: Connection, make_customer: MakeCustomer
) -> None:
    customer = make_customer(flowcase, "flowcase", flag=False)
    assert customer.app.cycle().ok
    assert customer.reads(str(SUBJECTS["flag"].wrong), str(SUBJECTS["flag"].fix))
    assert named(flowcase) == {"flag"}


def test_A32_an_external_id_from_mail_nickname_is_refused_and_named(
    make_connection: MakeConnection, make_customer: MakeCustomer
) -> None:
    connection = make_connection("flow_connect")
    customer = make_customer(connection, "flow_connect", flag=False)
    mistake("external_id_from_mail_nickname")(customer)
    assert customer.app.cycle().failures
    assert "external_id_not_guid" in customer.codes()
    assert customer.reads(str(SUBJECTS["external_id"].wrong), str(SUBJECTS["external_id"].fix))
    assert "external_id" in named(connection)


def test_A32_with_the_right_mapping_flow_connects_guide_names_nothing(
    make_connection: MakeConnection, make_customer: MakeCustomer
) -> None:
    connection = make_connection("flow_connect")
    customer = make_customer(connection, "flow_connect", flag=False)
    assert customer.app.test_connection().ok
    assert customer.app.cycle().ok
    assert customer.reads("6 of 6 steps are done.")
    assert named(connection) == set()
    assert set(steps(connection).values()) == {Progress.SEEN}


@pytest.mark.examplehub
def test_a_mistake_that_is_mended_ticks_the_step_after_a_cycle(
    flowcase: Connection, make_customer: MakeCustomer, let_pass: Pass
) -> None:
    customer = make_customer(flowcase, "flowcase", flag=True)
    right = customer.app.job.mapping
    mistake("without_to_lower")(customer)
    assert customer.app.cycle().failures
    let_pass(40)
    customer.app.use_mapping(right)
    assert customer.app.cycle().ok
    assert customer.reads("Every userName and work e-mail is lower-case.")
    let_pass(41)
    assert named(flowcase) == set()
