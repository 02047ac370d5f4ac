"""Requests compared with the catalogue's bodies, byte for byte (R1–R23)."""

import pytest

from scim_provisioning.simulator import LEGACY, OPTSCIM, AppRole, Dialect, Directory, MappingTable, variant
from scim_provisioning.simulator import expression as expression_line
from scim_provisioning.simulator import requests as catalogue
from scim_provisioning.simulator.client import TokenForm, authorization
from scim_provisioning.simulator.dialects import Change, compact_json
from scim_provisioning.simulator.expressions import RoleSet
from scim_provisioning.simulator.mapping_presets import FLOW_CONNECT, FLOWCASE
from scim_provisioning.simulator.paths import ENTERPRISE, parse_target
from scim_provisioning.simulator.requests import ScimRequest, address
from scim_provisioning.simulator.sources import GroupSource, UserSource

PATCH = '"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]'
WORK_MAIL = 'emails[type eq "work"].value'
CODE = "urn:ietf:params:scim:schemas:extension:flowcase:2.0:User:countryCode"
CONSULTANT = AppRole("consultant", "Consultant", "11111111-2222-3333-4444-555555555555")
EXTERNAL = AppRole("external", "External", "21111111-2222-3333-4444-555555555555")


def body(request: ScimRequest) -> str:
    return compact_json(request.body)


def url(request: ScimRequest, dialect: Dialect = LEGACY, tenant: str = "https://h/scim/v2") -> str:
    return address(tenant, request, dialect).removeprefix("https://h/scim/v2")


def change(verb: str, path: str, value: str | RoleSet) -> Change:
    return Change(verb, parse_target(path), value)


def operations(dialect: Dialect, *changes: Change) -> str:
    text = body(catalogue.update_user("u1", changes, dialect))
    start = f'{{{PATCH},"Operations":'
    assert text.startswith(start)
    return text.removeprefix(start).removesuffix("}")


def test_r2_filters_in_both_encodings() -> None:
    request = catalogue.find_user(parse_target("userName"), "ada@contoso.example")
    assert url(request, LEGACY) == "/Users?filter=userName+eq+%22ada%40contoso.example%22"
    assert url(request, OPTSCIM) == "/Users?filter=userName%20eq%20%22ada%40contoso.example%22"


def test_r2_filter_on_a_value_path_and_on_hard_values() -> None:
    mail = catalogue.find_user(parse_target(WORK_MAIL), "a+b@x")
    assert url(mail) == "/Users?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22a%2Bb%40x%22"
    hard = catalogue.find_user(parse_target("externalId"), 'O\'Brien & "Łódź" #EXT#')
    assert dict(hard.query)["filter"] == 'externalId eq "O\'Brien & \\"Łódź\\" #EXT#"'
    assert "#" not in url(hard)
    assert "%23EXT%23" in url(hard)


def test_r11_reference_check() -> None:
    expected = "/Users?filter=id+eq+%22u1%22+and+manager+eq+%22u2%22&attributes=id"
    assert url(catalogue.check_manager("u1", "u2")) == expected


def test_r15_both_orders_of_the_parameters() -> None:
    name = parse_target("displayName")
    legacy = url(catalogue.find_group(name, "Team A", LEGACY), LEGACY)
    flagged = url(catalogue.find_group(name, "Team A", OPTSCIM), OPTSCIM)
    assert legacy == "/Groups?excludedAttributes=members&filter=displayName+eq+%22Team+A%22"
    assert flagged == "/Groups?filter=displayName%20eq%20%22Team%20A%22&excludedAttributes=members"


def test_b1_what_the_tenant_url_has_as_query_stays() -> None:
    tenant = catalogue.flagged("https://h/scim/v2/")
    assert tenant == "https://h/scim/v2/?aadOptscim062020"
    assert catalogue.flagged(tenant) == tenant
    assert catalogue.flagged("https://h/v2?x=1") == "https://h/v2?x=1&aadOptscim062020"
    assert url(catalogue.read_user("u1"), OPTSCIM, tenant) == "/Users/u1?aadOptscim062020"
    found = url(catalogue.read_group("g/1"), OPTSCIM, tenant)
    assert found == "/Groups/g%2F1?aadOptscim062020&excludedAttributes=members"


def test_the_other_requests_of_the_catalogue() -> None:
    assert (catalogue.delete_user("u1").method, url(catalogue.delete_user("u1"))) == ("DELETE", "/Users/u1")
    assert (catalogue.delete_group("g1").method, url(catalogue.delete_group("g1"))) == (
        "DELETE",
        "/Groups/g1",
    )
    assert url(catalogue.read_schemas()) == "/Schemas"
    assert url(catalogue.list_users(1, 5)) == "/Users?startIndex=1&count=5"


@pytest.mark.parametrize("dialect", [LEGACY, OPTSCIM], ids=lambda dialect: dialect.name)
def test_r4_creation_is_the_same_in_both_dialects(dialect: Dialect) -> None:
    directory = Directory()
    ada = directory.add_user("ada@contoso.example", objectId="5f0c", mail="ada@contoso.example")
    directory.change(ada, displayName="Ada L", givenName="Ada", surname="L", jobTitle="Eng", city="Oslo")
    directory.change(ada, telephoneNumber="5551", department="R&D", employeeId="7")
    values = FLOW_CONNECT.user_values(UserSource(ada, directory), creating=True)
    assert body(catalogue.create_user(values, dialect)) == (
        '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",'
        '"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"5f0c",'
        '"userName":"ada@contoso.example","active":true,"displayName":"Ada L",'
        '"emails":[{"primary":true,"type":"work","value":"ada@contoso.example"}],'
        '"meta":{"resourceType":"User"},"name":{"formatted":"Ada L","familyName":"L","givenName":"Ada"},'
        '"title":"Eng","phoneNumbers":[{"type":"work","value":"5551"}],'
        '"addresses":[{"type":"work","locality":"Oslo"}],"roles":[],'
        '"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D","employeeNumber":"7"}}'
    )


def test_r4_r12_product_extension_travels_without_its_urn_in_schemas() -> None:
    directory = Directory()
    ada = directory.add_user("Ada@contoso.example", mail="Ada@contoso.example", country="NO")
    directory.add_role("consultant", "Consultant")
    directory.assign(ada, "consultant")
    request = catalogue.create_user(FLOWCASE.user_values(UserSource(ada, directory), creating=True), OPTSCIM)
    assert request.body is not None
    assert "flowcase" not in "".join(request.body["schemas"])
    assert request.body[CODE.rpartition(":")[0]] == {"countryCode": "NO"}
    assert request.body["userName"] == "ada@contoso.example"
    assert compact_json(request.body["roles"]) == (
        '[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"Consultant","value":"consultant"}]'
    )
    assert "name" not in request.body


def test_r10_creation_carries_the_manager_as_a_plain_string() -> None:
    request = catalogue.create_user({parse_target("userName"): "a"}, LEGACY, manager="u1")
    assert request.body is not None
    assert request.body[ENTERPRISE] == {"manager": "u1"}


def test_r4_habits_of_old_clients() -> None:
    values = {parse_target("userName"): "a", parse_target("active"): "True"}
    request = catalogue.create_user(values, variant(LEGACY, null_members=True, active_as_text=True))
    assert request.body is not None
    assert request.body["active"] == "True"
    assert request.body["title"] is None
    assert request.body["manager"] is None


MANY = (
    change("replace", "displayName", "A"),
    change("replace", WORK_MAIL, "a@x.example"),
    change("add", "name.givenName", "Ada"),
    change("replace", f"{ENTERPRISE}:department", "R&D"),
)


def test_r5_legacy_sends_one_operation_each() -> None:
    assert operations(LEGACY, *MANY) == (
        '[{"op":"Replace","path":"displayName","value":"A"},'
        '{"op":"Replace","path":"emails[type eq \\"work\\"].value","value":"a@x.example"},'
        '{"op":"Add","path":"name.givenName","value":"Ada"},'
        '{"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",'
        '"value":"R&D"}]'
    )


def test_r5_flag_folds_what_has_no_filter() -> None:
    changes = [change("replace", c.target.text, c.value) for c in MANY]
    changes += [change("replace", "active", "True"), change("replace", CODE, "NO")]
    assert operations(OPTSCIM, *changes) == (
        '[{"op":"replace","path":"emails[type eq \\"work\\"].value","value":"a@x.example"},'
        '{"op":"replace","value":{"displayName":"A","name.givenName":"Ada",'
        '"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"R&D","active":true,'
        f'"{CODE}":"NO"}}}}]'
    )


def test_r5_flag_folds_additions_apart_from_replacements() -> None:
    assert operations(OPTSCIM, change("replace", "title", "B"), change("add", "displayName", "A")) == (
        '[{"op":"add","value":{"displayName":"A"}},{"op":"replace","value":{"title":"B"}}]'
    )


def test_r6_filtered_path_on_an_absent_element() -> None:
    mobile = change("add", 'phoneNumbers[type eq "mobile"].value', "1")
    assert (
        operations(LEGACY, mobile)
        == '[{"op":"Add","path":"phoneNumbers[type eq \\"mobile\\"].value","value":"1"}]'
    )
    assert (
        operations(OPTSCIM, mobile)
        == '[{"op":"add","path":"phoneNumbers[type eq \\"mobile\\"].value","value":"1"}]'
    )


def test_r7_rename() -> None:
    rename = change("replace", "userName", "new@x")
    assert operations(LEGACY, rename) == '[{"op":"Replace","path":"userName","value":"new@x"}]'
    assert operations(OPTSCIM, rename) == '[{"op":"replace","value":{"userName":"new@x"}}]'


@pytest.mark.parametrize(("word", "json"), [("False", "false"), ("True", "true")])
def test_r8_r9_disable_and_enable(word: str, json: str) -> None:
    active = change("replace", "active", word)
    assert operations(LEGACY, active) == f'[{{"op":"Replace","path":"active","value":"{word}"}}]'
    assert operations(OPTSCIM, active) == f'[{{"op":"replace","path":"active","value":{json}}}]'
    odd = variant(LEGACY, active_verb="add")
    assert operations(odd, active) == f'[{{"op":"Add","path":"active","value":"{word}"}}]'


def test_r9_schemas_after_operations() -> None:
    request = catalogue.update_user(
        "u1", [change("replace", "title", "x")], variant(LEGACY, schemas_last=True)
    )
    assert body(request) == f'{{"Operations":[{{"op":"Replace","path":"title","value":"x"}}],{PATCH}}}'


def test_r10_manager_is_a_plain_string() -> None:
    expected = "{{" + PATCH + ',"Operations":[{{"op":"{}","path":"{}:manager","value":"u9"}}]}}'
    assert body(catalogue.set_manager("u1", "add", "u9", LEGACY)) == expected.format("Add", ENTERPRISE)
    assert body(catalogue.set_manager("u1", "replace", "u9", OPTSCIM)) == expected.format(
        "replace", ENTERPRISE
    )


def test_r13_single_role() -> None:
    path = 'roles[primary eq "True"].value'
    expected = '[{"op":"Replace","path":"roles[primary eq \\"True\\"].value","value":"consultant"}]'
    assert operations(LEGACY, change("replace", path, "consultant")) == expected
    created = catalogue.create_user({parse_target(path): "consultant"}, LEGACY).body
    assert created is not None
    assert created["roles"] == [
        {"primary": True, "type": "WindowsAzureActiveDirectoryRole", "value": "consultant"}
    ]


def test_r13_complex_roles_are_json_in_a_string_in_legacy() -> None:
    roles = change("add", "roles", RoleSet((CONSULTANT,)))
    assert operations(LEGACY, roles) == (
        '[{"op":"Add","path":"roles","value":[{"value":"{\\"id\\":\\"11111111-2222-3333-4444-555555555555\\",'
        '\\"value\\":\\"consultant\\",\\"displayName\\":\\"Consultant\\"}"}]}]'
    )
    assert operations(OPTSCIM, roles) == (
        '[{"op":"add","path":"roles","value":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole",'
        '"display":"Consultant","value":"consultant"}]}]'
    )


def test_r13_assertive_roles_replace_the_full_set() -> None:
    roles = change("replace", "roles", RoleSet((CONSULTANT, EXTERNAL), assertive=True))
    text = operations(LEGACY, roles)
    assert text.startswith('[{"op":"Replace","path":"roles","value":[{"primary":false,')
    assert text.count('"type":"WindowsAzureActiveDirectoryRole"') == 2


def test_r17_group_is_created_without_members() -> None:
    group = Directory().add_group("Team A", object_id="9a")
    request = catalogue.create_group(FLOW_CONNECT.group_values(GroupSource(group), creating=True))
    assert body(request) == (
        '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group",'
        '"http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"externalId":"9a",'
        '"displayName":"Team A","meta":{"resourceType":"Group"}}'
    )


LEGACY_PAIR = '[{"$ref":null,"value":"u1"},{"$ref":null,"value":"u2"}]'
PAIR = '[{"value":"u1"},{"value":"u2"}]'
BY_FILTER = ",".join(f'{{"op":"remove","path":"members[value eq \\"{i}\\"]"}}' for i in ("u1", "u2"))


def with_value(verb: str, value: str) -> str:
    return f'[{{"op":"{verb}","path":"members","value":{value}}}]'


@pytest.mark.parametrize(
    ("dialect", "verb", "expected"),
    [
        (LEGACY, "add", with_value("Add", LEGACY_PAIR)),
        (OPTSCIM, "add", with_value("add", PAIR)),
        (LEGACY, "remove", with_value("Remove", LEGACY_PAIR)),
        (OPTSCIM, "remove", f"[{BY_FILTER}]"),
        (variant(LEGACY, bare_members=True), "add", with_value("Add", '["u1","u2"]')),
        (variant(OPTSCIM, members_replace=True), "add", with_value("replace", PAIR)),
    ],
)
def test_r18_r19_members(dialect: Dialect, verb: str, expected: str) -> None:
    request = catalogue.change_members("g1", verb, ["u1", "u2"], dialect)
    assert body(request) == f'{{{PATCH},"Operations":{expected}}}'
    assert request.rule == ("R19" if verb == "remove" else "R18")


def test_r20_group_rename() -> None:
    rename = [change("replace", "displayName", "Team B")]
    legacy = body(catalogue.update_group("g1", rename, LEGACY))
    flagged = body(catalogue.update_group("g1", rename, OPTSCIM))
    assert '"Operations":[{"op":"Replace","path":"displayName","value":"Team B"}]' in legacy
    assert '"Operations":[{"op":"replace","value":{"displayName":"Team B"}}]' in flagged


def test_b2_both_forms_of_the_token() -> None:
    assert authorization("X") == "Bearer X"
    assert authorization("X", TokenForm.PARAMETER) == 'Bearer token="X"'
    assert authorization('token="X"', TokenForm.PARAMETER) == 'Bearer token="X"'


def test_r12_a_urn_ends_at_the_last_colon_despite_its_dots() -> None:
    target = parse_target(f"{ENTERPRISE}:manager.value")
    assert (target.urn, target.name, target.sub) == (ENTERPRISE, "manager", "value")
    with pytest.raises(ValueError, match="not a target attribute"):
        parse_target('emails[type ne "work"].value')


def test_a_mapping_line_may_hold_any_expression() -> None:
    line = expression_line('Join(".", [givenName], [surname])', "nickName")
    table = MappingTable("own", (line,))
    directory = Directory()
    ada = directory.add_user("ada@x", givenName="Ada", surname="L")
    values = table.user_values(UserSource(ada, directory), creating=True)
    assert {target.text: value for target, value in values.items()} == {"nickName": "Ada.L"}
