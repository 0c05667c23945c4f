"""HubSpot's schema: properties that people make, drift, rules, and reference lists."""

from typing import Any

import pytest

from sandbox.hubspot.kinds import KINDS, Kind

FIRST = "100000000000000"
PROPERTIES = "/crm/v3/properties/companies"
NEW = {
    "name": "churn_risk",
    "label": "Churn risk",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "companyinformation",
    "options": [{"label": "Low", "value": "low"}, {"label": "High", "value": "high"}],
}


def write(account: Any, **values: Any) -> Any:
    """Write values into the first company."""
    path = f"/crm/objects/2026-09/companies/{FIRST}"
    return account.hubspot.patch(path, json={"properties": values})


def read(account: Any, *names: str) -> dict[str, Any]:
    """Return values of the first company."""
    path = f"/crm/objects/2026-09/companies/{FIRST}"
    answer = account.hubspot.get(path, params={"properties": ",".join(names)})
    values: dict[str, Any] = answer.json()["properties"]
    return values


def test_a_new_property_holds_values_at_once(account: Any) -> None:
    """A property is made, written, read and searched without delay."""
    made = account.hubspot.post(PROPERTIES, json=NEW)

    good, bad = write(account, churn_risk="high"), write(account, churn_risk="medium")

    assert made.status_code == 201
    assert made.json()["hubspotDefined"] is False
    assert (good.status_code, bad.status_code) == (200, 400)
    assert read(account, "churn_risk")["churn_risk"] == "high"
    given = {"propertyName": "churn_risk", "operator": "EQ", "value": "high"}
    assert account.found("companies", given) == ["0"]


def test_an_archived_property_vanishes(account: Any) -> None:
    """An archived property is absent from reads, refused in writes, listed apart."""
    account.hubspot.post(PROPERTIES, json=NEW)
    write(account, churn_risk="high")

    gone = account.hubspot.delete(f"{PROPERTIES}/churn_risk")

    assert gone.status_code == 204
    assert "churn_risk" not in read(account, "churn_risk")
    refused = write(account, churn_risk="low").json()
    assert refused["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"
    archived = account.hubspot.get(PROPERTIES, params={"archived": "true"}).json()
    assert [each["name"] for each in archived["results"]] == ["churn_risk"]


def test_a_property_can_be_made_unique(account: Any) -> None:
    """A property with unique values finds records and refuses the second."""
    unique = NEW | {"name": "erp_number", "type": "string", "fieldType": "text"}
    account.hubspot.post(PROPERTIES, json=unique | {"hasUniqueValue": True})
    write(account, erp_number="4711")
    root = "/crm/v3/objects/companies"

    found = account.hubspot.get(f"{root}/4711", params={"idProperty": "erp_number"})
    taken = account.hubspot.post(root, json={"properties": {"erp_number": "4711"}})

    assert found.json()["id"] == FIRST
    assert taken.status_code == 409


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "name"}, 409),
        ({"name": "With Space"}, 400),
        ({"name": "Upper"}, 400),
        ({"name": "x" * 101}, 400),
        ({"label": ""}, 400),
        ({"groupName": None}, 400),
        ({"type": "colour"}, 400),
        ({"fieldType": "knob"}, 400),
        ({"options": ["low"]}, 400),
        ({"displayOrder": "first"}, 400),
    ],
)
def test_a_definition_that_cannot_be_is_refused(
    account: Any, change: dict[str, Any], status: int
) -> None:
    """A definition must be whole, and its name free."""
    answer = account.hubspot.post(PROPERTIES, json=NEW | change)

    assert answer.status_code == status


def test_a_definition_changes(account: Any) -> None:
    """A label changes on anything, the type only on what people made."""
    account.hubspot.post(PROPERTIES, json=NEW)

    label = account.hubspot.patch(f"{PROPERTIES}/name", json={"label": "Firm"})
    own = account.hubspot.patch(f"{PROPERTIES}/churn_risk", json={"type": "string"})
    fixed = account.hubspot.patch(f"{PROPERTIES}/name", json={"type": "number"})

    assert label.json()["label"] == "Firm"
    assert (own.status_code, fixed.status_code) == (200, 400)
    assert write(account, churn_risk="anything").status_code == 200


def test_the_schema_drifts(account: Any) -> None:
    """Fields come, go and change their type behind a reader's back."""
    account.conditions(
        drift=[
            {"object": "companies", "field": "phone", "change": "removed"},
            {"object": "companies", "field": "fax", "change": "added"},
            {
                "object": "companies",
                "field": "city",
                "change": "retyped",
                "type": "number",
            },
        ]
    )

    listed = account.hubspot.get(PROPERTIES).json()["results"]

    types = {each["name"]: each["type"] for each in listed}
    assert "phone" not in types
    assert (types["fax"], types["city"]) == ("string", "number")
    assert "phone" not in read(account, "phone")
    assert write(account, city="Ulm").status_code == 400
    assert write(account, phone="1").status_code == 400
    assert write(account, fax="1").json()["properties"]["fax"] == "1"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_drifts(account: Any, kind: Kind) -> None:
    """In the definitions of each kind a field comes, one goes, one is a number."""
    path = f"/crm/v3/properties/{kind.name}"

    def types() -> dict[str, str]:
        listed = account.hubspot.get(path).json()["results"]
        return {each["name"]: each["type"] for each in listed}

    before = types()
    free = [name for name in before if name not in kind.always]
    gone, other = free[0], next(n for n in free[1:] if before[n] != "number")
    account.conditions(
        drift=[
            {"object": kind.name, "field": "region", "change": "added"},
            {"object": kind.singular, "field": gone, "change": "removed"},
            {
                "object": kind.name,
                "field": other,
                "change": "retyped",
                "type": "number",
            },
        ]
    )

    wanted = before | {"region": "string", other: "number"}
    assert types() == {name: sort for name, sort in wanted.items() if name != gone}
    assert account.hubspot.get(f"{path}/{gone}").status_code == 404
    shown = account.hubspot.get(f"/crm/v3/objects/{kind.name}?properties={gone}")
    assert all(gone not in each["properties"] for each in shown.json()["results"])
    account.conditions(drift=None)
    assert types() == before


@pytest.mark.parametrize(
    ("rule", "argument", "bad", "good"),
    [
        ("MIN_LENGTH", "3", "ab", "abc"),
        ("MAX_LENGTH", "3", "abcd", "abc"),
        ("REGEX", "[A-Z].*", "abc", "Abc"),
        ("REQUIRED", "", "", "abc"),
    ],
)
def test_the_admins_rules_bind_the_api(
    account: Any, rule: str, argument: str, bad: str, good: str
) -> None:
    """A validation rule of the account holds for writes by API on every path."""
    held = {"object": "companies", "property": "name", "rule": rule}
    account.conditions(validation_rules=[held | {"argument": argument}])

    refused, taken = write(account, name=bad), write(account, name=good)

    assert (refused.status_code, taken.status_code) == (400, 200)
    assert refused.json()["errors"][0]["code"] == "VALIDATION_RULE"


def test_a_required_property_is_asked_of_creates(account: Any) -> None:
    """A create without a required value is refused; an update may leave it out."""
    rule = {"object": "companies", "property": "country", "rule": "REQUIRED"}
    account.conditions(validation_rules=[rule])

    made = account.hubspot.post(
        "/crm/v3/objects/companies", json={"properties": {"name": "x"}}
    )

    assert made.json()["errors"][0]["code"] == "REQUIRED_PROPERTY"
    assert write(account, name="x").status_code == 200


def test_batches_of_definitions(account: Any) -> None:
    """Definitions are made, read and archived in batches, with their errors."""
    root = f"{PROPERTIES}/batch"
    made = account.hubspot.post(f"{root}/create", json={"inputs": [NEW, NEW]})
    names = {"inputs": [{"name": "churn_risk"}, {"name": "nonsense"}]}

    read_ = account.hubspot.post(f"{root}/read", json=names)
    gone = account.hubspot.post(f"{root}/archive", json=names)

    assert (made.status_code, made.json()["numErrors"]) == (207, 1)
    assert (read_.status_code, len(read_.json()["results"])) == (207, 1)
    assert gone.status_code == 204


@pytest.mark.parametrize(
    "path",
    [
        "/crm/v3/owners",
        "/crm/v3/owners/",
        "/crm/owners/2026-03",
        "/crm/v3/pipelines/deals",
        "/crm/pipelines/2026-09/deals",
        "/crm/v3/properties/deals/groups",
    ],
)
def test_reference_lists_are_there(account: Any, path: str) -> None:
    """Owners, pipelines and groups are listed on both kinds of paths."""
    assert account.hubspot.get(path).json()["results"]


def test_one_of_each_reference_is_there(account: Any) -> None:
    """An owner, pipeline, stage and schema is found by its id; others are not."""
    ask = account.hubspot.get
    owner = "/crm/v3/owners"

    assert ask(f"{owner}/7", params={"idProperty": "userId"}).json()["type"] == "PERSON"
    assert ask(owner, params={"email": "x@y.example"}).json()["results"] == []
    stage = "/crm/v3/pipelines/deals/default/stages/closedwon"
    assert ask(stage).json()["metadata"]["probability"] == "1.0"
    assert ask("/crm/v3/schemas/contacts").json()["objectTypeId"] == "0-1"
    assert ask("/crm/v3/schemas").json() == {"results": []}
    assert ask("/account-info/2026-03/details").json()["portalId"]
    for path in ("owners/1", "pipelines/deals/x", "pipelines/deals/default/stages/x"):
        assert ask(f"/crm/v3/{path}").status_code == 404
