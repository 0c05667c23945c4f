"""HubSpot's objects: one record at a time, and pages of them."""

from typing import Any

import pytest

from sandbox.clients import DoorName
from tests.sandbox.doors import Doors

FIRST = "100000000000000"
CONTACTS = "/crm/v3/objects/contacts"
COMPANIES = "/crm/objects/2026-09/companies"


def company(account: Any, **query: Any) -> dict[str, Any]:
    """Return the first company."""
    answer: dict[str, Any] = account.hubspot.get(
        f"{COMPANIES}/{FIRST}", params=query
    ).json()
    return answer


@pytest.mark.parametrize(
    "root",
    [
        "/crm/v3/objects",
        "/crm/objects/2025-09",
        "/crm/objects/2026-03",
        "/crm/objects/2026-09",
    ],
)
def test_every_version_is_one_implementation(account: Any, root: str) -> None:
    """The paths with a date and those of v3 answer alike."""
    page = account.hubspot.get(f"{root}/contacts", params={"limit": 2}).json()

    assert [each["id"][-1] for each in page["results"]] == ["0", "1"]
    assert page["paging"]["next"]["after"] == "100000000000001"


def test_an_unknown_version_is_not_found(account: Any) -> None:
    """A date that was never a version has no paths."""
    answer = account.hubspot.get("/crm/objects/2024-01/contacts")

    assert answer.status_code == 404


def test_the_link_of_a_page_leads_to_the_next(account: Any) -> None:
    """Following the links reaches every record once."""
    ids, url = [], f"{CONTACTS}?limit=100&properties=email"
    while url:
        page = account.hubspot.get(url).json()
        ids += [each["id"] for each in page["results"]]
        url = page.get("paging", {}).get("next", {}).get("link")

    assert len(ids) == len(set(ids)) == 250


@pytest.mark.parametrize("door", ["process", "path", "host"])
def test_the_link_of_a_page_leads_to_the_next_at_every_door(
    doors: Doors, door: DoorName
) -> None:
    """Whoever follows a link comes back in by the door through which it was given."""
    token = doors.keys.hubspot_access_token
    with doors.client("hubspot", door) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        first = client.get(CONTACTS, params={"limit": 100, "properties": "email"})
        link = first.json()["paging"]["next"]["link"]
        second = client.get(link)

    home = str(client.base_url).removesuffix("/")
    assert link.startswith(f"{home}{CONTACTS}?")
    assert [len(each.json()["results"]) for each in (first, second)] == [100, 100]
    assert first.json()["results"][-1]["id"] < second.json()["results"][0]["id"]


def test_a_page_has_at_most_a_hundred_records(account: Any) -> None:
    """A limit outside 1 to 100, or 50 with history, is refused."""
    ask = account.hubspot.get

    answers = [
        ask(CONTACTS, params={"limit": limit}).status_code
        for limit in ("100", "101", "0", "-1", "x", "9" * 40, "")
    ]
    past = ask(CONTACTS, params={"limit": 51, "propertiesWithHistory": "email"})

    assert answers == [200, 400, 400, 400, 400, 400, 400]
    assert past.status_code == 400


def test_a_property_not_asked_for_is_absent(account: Any) -> None:
    """Only what was asked for is there: null without a value, absent if unknown."""
    asked = company(account, properties="city,domain,nonsense")

    assert asked["properties"] == {
        "createdate": "2026-01-01T09:00:00.000Z",
        "hs_lastmodifieddate": "2026-10-01T12:00:00.000Z",
        "hs_object_id": FIRST,
        "city": None,
        "domain": "c0.example",
    }


def test_a_page_may_show_more_properties_than_sql_takes(account: Any) -> None:
    """A page with every property equals the records read one by one."""
    names = [
        each["name"]
        for each in account.hubspot.get("/crm/v3/properties/companies").json()[
            "results"
        ]
    ]
    for number in range(70):
        made = {"name": f"extra_{number}", "label": "Extra", "groupName": "x"}
        made |= {"type": "string", "fieldType": "text"}
        names.append(made["name"])
        account.hubspot.post("/crm/v3/properties/companies", json=made)

    query = {"properties": ",".join(names)}
    page = account.hubspot.get(COMPANIES, params=query).json()

    assert page["results"][0] == company(account, **query)
    assert len(page["results"][0]["properties"]) > 90


def test_every_value_is_a_string(account: Any) -> None:
    """Numbers keep their digits, booleans and days their one spelling."""
    values = {
        "annualrevenue": 1200.50,
        "numberofemployees": 12,
        "is_strategic": True,
        "became_customer_on": 1_790_812_800_000,
        "domain": "NEW.Example",
    }

    changed = account.hubspot.patch(
        f"{COMPANIES}/{FIRST}", json={"properties": values}
    ).json()["properties"]

    assert {name: changed[name] for name in values} == {
        "annualrevenue": "1200.5",
        "numberofemployees": "12",
        "is_strategic": "true",
        "became_customer_on": "2026-10-01",
        "domain": "new.example",
    }


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("nickname", "x", "PROPERTY_DOESNT_EXIST"),
        ("hs_object_id", "1", "READ_ONLY_VALUE"),
        ("createdate", "2026-01-01", "READ_ONLY_VALUE"),
        ("annualrevenue", "much", "INVALID_LONG"),
        ("annualrevenue", " 1", "INVALID_VALUE"),
        ("industry", "Gardening", "INVALID_OPTION"),
        ("is_strategic", "yes", "INVALID_OPTION"),
        ("became_customer_on", "yesterday", "INVALID_DATE"),
        ("became_customer_on", "1790812800001", "INVALID_DATE"),
        ("name", "x" * 65_537, "INVALID_LENGTH"),
        ("name", ["x"], "INVALID_VALUE"),
    ],
)
def test_a_value_that_its_property_does_not_take_is_refused(
    account: Any, name: str, value: Any, code: str
) -> None:
    """The answer names the property and says what is wrong with its value."""
    answer = account.hubspot.patch(
        f"{COMPANIES}/{FIRST}", json={"properties": {name: value}}
    )

    error = answer.json()["errors"][0]
    assert (answer.status_code, error["code"]) == (400, code)
    assert error["context"] == {"propertyName": [name]}
    assert answer.json()["category"] == "VALIDATION_ERROR"


def test_a_bad_value_leaves_the_good_ones_unwritten(account: Any) -> None:
    """A write with one bad value changes nothing."""
    before = company(account)

    account.hubspot.patch(
        f"{COMPANIES}/{FIRST}", json={"properties": {"name": "New", "industry": "x"}}
    )

    assert company(account) == before


def test_a_write_moves_the_stamp(account: Any) -> None:
    """A change shows in `hs_lastmodifieddate`, to the millisecond."""
    account.clock.advance(0.125)

    changed = account.hubspot.patch(
        f"{COMPANIES}/{FIRST}", json={"properties": {"city": "Ulm"}}
    ).json()

    assert changed["updatedAt"] == "2026-11-01T12:00:00.125Z"
    assert changed["properties"]["hs_lastmodifieddate"] == changed["updatedAt"]


def test_an_empty_value_takes_the_property_away(account: Any) -> None:
    """Writing nothing clears a property; its history remembers it."""
    account.hubspot.patch(f"{COMPANIES}/{FIRST}", json={"properties": {"phone": ""}})

    read = company(account, properties="phone", propertiesWithHistory="phone")

    assert read["properties"]["phone"] is None
    steps = read["propertiesWithHistory"]["phone"]
    assert [(each["value"], each["sourceType"]) for each in steps] == [
        ("", "INTEGRATION"),
        ("+49 30 1", "IMPORT"),
    ]


def test_history_tells_people_from_apps(account: Any) -> None:
    """A colleague's edit stands in the history as one made on a screen."""
    account.edit("companies", 0, **{"properties.city": "Köln"})

    read = company(account, propertiesWithHistory="city")

    assert read["propertiesWithHistory"]["city"][0]["sourceType"] == "CRM_UI"


def test_an_email_belongs_to_one_contact(account: Any) -> None:
    """A taken email is a conflict for creates and updates, in any spelling."""
    taken = {"properties": {"email": "PERSON1@c1.example"}}

    made = account.hubspot.post(CONTACTS, json=taken)
    changed = account.hubspot.patch(f"{CONTACTS}/{FIRST}", json=taken)

    sentence = "Contact already exists. Existing ID: 100000000000001"
    for answer in (made, changed):
        assert (answer.status_code, answer.json()["message"]) == (409, sentence)
        assert answer.json()["category"] == "CONFLICT"


def test_an_archived_record_shows_only_when_asked_for(account: Any) -> None:
    """Archived records have a list of their own, and their email is free again."""
    email = {"properties": {"email": "person0@c0.example"}}
    gone = account.hubspot.delete(f"{CONTACTS}/{FIRST}")

    listed = account.hubspot.get(CONTACTS, params={"limit": 1}).json()
    archived = account.hubspot.get(CONTACTS, params={"archived": "true"}).json()
    made = account.hubspot.post(CONTACTS, json=email)

    assert gone.status_code == 204
    assert listed["results"][0]["id"] != FIRST
    assert [each["id"] for each in archived["results"]] == [FIRST]
    assert archived["results"][0]["archivedAt"] == "2026-11-01T12:00:00.000Z"
    assert account.hubspot.get(f"{CONTACTS}/{FIRST}").status_code == 404
    assert made.status_code == 201


def test_archiving_twice_is_no_error(account: Any) -> None:
    """A second archive is as good as the first; an unknown record is not found."""
    account.hubspot.delete(f"{CONTACTS}/{FIRST}")

    again = account.hubspot.delete(f"{CONTACTS}/{FIRST}")
    unknown = account.hubspot.delete(f"{CONTACTS}/4711")

    assert (again.status_code, unknown.status_code) == (204, 404)


def test_a_merge_keeps_what_either_had(account: Any) -> None:
    """The survivor keeps its values, gets those it lacked, and answers to both ids."""
    second = "100000000000001"
    account.edit("contacts", 1, **{"properties.jobtitle": "CFO"})
    link = f"/crm/v4/objects/contacts/{second}/associations/default/companies/{FIRST}"
    account.hubspot.put(link)
    body = {"primaryObjectId": FIRST, "objectIdToMerge": second}

    kept = account.hubspot.post(f"{CONTACTS}/merge", json=body).json()

    values = kept["properties"]
    assert values["email"] == "person0@c0.example"
    assert values["jobtitle"] == "CFO"
    assert values["hs_merged_object_ids"] == second
    assert values["hs_additional_emails"] == "person1@c1.example"
    query = {"associations": "companies", "archived": "false"}
    read = account.hubspot.get(f"{CONTACTS}/{second}", params=query).json()
    assert read["id"] == FIRST
    assert read["associations"]["companies"]["results"][0]["id"] == FIRST
    archived = account.hubspot.get(CONTACTS, params={"archived": "true"}).json()
    assert archived["results"] == []


def test_a_merged_email_still_finds_its_contact(account: Any) -> None:
    """The email that became second in a merge finds the survivor, and is taken."""
    body = {"primaryObjectId": FIRST, "objectIdToMerge": "100000000000001"}
    account.hubspot.post(f"{CONTACTS}/merge", json=body)
    email = "person1@c1.example"

    found = account.hubspot.get(f"{CONTACTS}/{email}?idProperty=email")
    made = account.hubspot.post(CONTACTS, json={"properties": {"email": email}})

    assert found.json()["id"] == FIRST
    assert made.status_code == 409


def test_ids_lead_through_a_chain_of_merges(account: Any) -> None:
    """A record that took in another may be taken in itself."""
    ids = [f"10000000000000{number}" for number in range(3)]
    for kept, gone in ((1, 0), (2, 1)):
        body = {"primaryObjectId": ids[kept], "objectIdToMerge": ids[gone]}
        account.hubspot.post(f"{CONTACTS}/merge", json=body)

    assert account.hubspot.get(f"{CONTACTS}/{ids[0]}").json()["id"] == ids[2]


def test_a_record_is_created_with_its_associations(account: Any) -> None:
    """A create associates in the same step, or makes nothing at all."""
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}
    body: dict[str, Any] = {"properties": {"email": "a@c1.example"}}
    link = {"to": {"id": "4711"}, "types": [spec]}
    failed = account.hubspot.post(CONTACTS, json=body | {"associations": [link]})

    link["to"] = {"id": FIRST}
    made = account.hubspot.post(CONTACTS, json=body | {"associations": [link]}).json()

    assert failed.status_code == 404
    read = company(account, associations="contacts")
    assert read["associations"]["contacts"]["results"] == [
        {"id": made["id"], "type": "company_to_contact"}
    ]


def test_a_lead_needs_somebody(account: Any) -> None:
    """A lead without a contact or company is refused."""
    lead = {"properties": {"hs_lead_name": "Somebody"}}

    answer = account.hubspot.post("/crm/v3/objects/leads", json=lead)

    assert answer.status_code == 400


def test_a_kind_goes_by_several_names(account: Any) -> None:
    """A kind is found by its plural, singular and number; others do not exist."""
    paths = ("companies", "company", "0-2", "COMPANIES", "dragons")

    answers = [
        account.hubspot.get(f"/crm/v3/objects/{path}").status_code for path in paths
    ]

    assert answers == [200, 200, 200, 200, 400]


def test_the_amount_of_a_line_item_is_computed(account: Any) -> None:
    """An amount follows from price, quantity and discount, to the digit."""
    root = "/crm/v3/objects/line_items"
    item = {"price": "19.99", "quantity": "3", "hs_discount_percentage": "10"}
    made = account.hubspot.post(root, json={"properties": item}).json()

    changed = account.hubspot.patch(
        f"{root}/{made['id']}", json={"properties": {"quantity": ""}}
    ).json()

    assert made["properties"]["amount"] == "53.973"
    assert "amount" not in changed["properties"]


def test_a_new_deal_enters_the_pipeline(account: Any) -> None:
    """A deal without a pipeline gets the default one, and closes by its stage."""
    root = "/crm/v3/objects/deals"
    deal = {"properties": {"dealname": "x", "dealstage": "contractsent"}}
    made = account.hubspot.post(root, json=deal).json()

    won = account.hubspot.patch(
        f"{root}/{made['id']}", json={"properties": {"dealstage": "closedwon"}}
    ).json()

    assert made["properties"]["pipeline"] == "default"
    assert made["properties"]["hs_is_closed"] == "false"
    assert won["properties"]["hs_is_closed"] == "true"
