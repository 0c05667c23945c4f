"""HubSpot's associations: from both ends, in batches, with labels."""

from typing import Any

FIRST, SECOND, THIRD = (f"10000000000000{number}" for number in range(3))
V4 = "/crm/v4/objects"
MANY = "/crm/v4/associations"
PLAIN = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}


def put(account: Any, contact: str, company: str) -> Any:
    """Associate a contact with a company, without a label."""
    path = f"{V4}/contacts/{contact}/associations/default/companies/{company}"
    return account.hubspot.put(path)


def types(account: Any, path: str) -> dict[str, list[int]]:
    """Return the types of each association by the id of the other end."""
    results = account.hubspot.get(f"{V4}/{path}").json()["results"]
    return {
        str(row["toObjectId"]): [each["typeId"] for each in row["associationTypes"]]
        for row in results
    }


def test_an_association_has_two_ends(account: Any) -> None:
    """The first company is the primary one, and each end has its own numbers."""
    put(account, FIRST, FIRST)
    answer = put(account, FIRST, SECOND)

    specs = [each["associationSpec"] for each in answer.json()["results"]]
    assert [spec["associationTypeId"] for spec in specs] == [279, 280]
    assert types(account, f"contacts/{FIRST}/associations/companies") == {
        FIRST: [279, 1],
        SECOND: [279],
    }
    assert types(account, f"companies/{FIRST}/associations/contacts") == {
        FIRST: [280, 2]
    }


def test_a_company_is_primary_from_either_end(account: Any) -> None:
    """Whoever associates, it is the contact's first company that becomes primary."""
    for contact in (FIRST, SECOND):
        path = f"{V4}/companies/{FIRST}/associations/default/contacts/{contact}"
        account.hubspot.put(path)

    assert types(account, f"companies/{FIRST}/associations/contacts") == {
        FIRST: [280, 2],
        SECOND: [280, 2],
    }


def test_a_record_has_one_primary_company(account: Any) -> None:
    """Naming another company primary takes the label from the one before."""
    put(account, FIRST, FIRST)
    path = f"{V4}/contacts/{FIRST}/associations/companies/{SECOND}"

    account.hubspot.put(path, json=[PLAIN | {"associationTypeId": 1}])

    assert types(account, f"contacts/{FIRST}/associations/companies") == {
        FIRST: [279],
        SECOND: [1, 279],
    }
    assert types(account, f"companies/{FIRST}/associations/contacts") == {FIRST: [280]}


def test_a_company_has_children(account: Any) -> None:
    """A child seen from its parent is a parent seen from its child."""
    root = f"{V4}/companies"
    child = PLAIN | {"associationTypeId": 13}
    path = f"{root}/{FIRST}/associations/companies/{SECOND}"

    account.hubspot.put(path, json=[child])

    assert types(account, f"companies/{FIRST}/associations/companies") == {
        SECOND: [13, 450]
    }
    assert types(account, f"companies/{SECOND}/associations/companies") == {
        FIRST: [14, 450]
    }


def test_a_create_may_use_an_own_label(account: Any) -> None:
    """The label of a create tells which kind is at the other end."""
    made = account.hubspot.post(
        f"{MANY}/contacts/deals/labels", json={"label": "Signs", "name": "signs"}
    ).json()["results"]
    spec = {"associationCategory": "USER_DEFINED"}
    spec["associationTypeId"] = made[0]["typeId"]
    link = {"to": {"id": FIRST}, "types": [spec]}
    body = {"properties": {"email": "a@b.example"}, "associations": [link]}

    contact = account.hubspot.post("/crm/v3/objects/contacts", json=body).json()

    there = types(account, f"contacts/{contact['id']}/associations/deals")
    assert there == {FIRST: [made[0]["typeId"], 4]}


def test_paths_with_a_date_answer_alike(account: Any) -> None:
    """The dated paths read what the v4 paths wrote."""
    put(account, FIRST, FIRST)
    root = "/crm/objects/2026-09/contacts"

    answer = account.hubspot.get(f"{root}/{FIRST}/associations/companies")

    assert [row["toObjectId"] for row in answer.json()["results"]] == [int(FIRST)]


def test_associations_come_in_pages(account: Any) -> None:
    """Following `after` reaches every association once."""
    for number in range(5):
        put(account, f"10000000000000{number}", FIRST)
    path = f"{V4}/companies/{FIRST}/associations/contacts"
    seen, after = [], ""
    while after is not None:
        query = {"limit": 2} | ({"after": after} if after else {})
        page = account.hubspot.get(path, params=query).json()
        seen += [row["toObjectId"] for row in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")

    assert seen == [int(FIRST) + number for number in range(5)]


def test_an_association_ends_at_both_ends(account: Any) -> None:
    """Ending an association takes it from either record; ending it again is fine."""
    put(account, FIRST, FIRST)
    path = f"{V4}/companies/{FIRST}/associations/contacts/{FIRST}"

    statuses = [account.hubspot.delete(path).status_code for _ in range(2)]

    assert statuses == [204, 204]
    assert types(account, f"contacts/{FIRST}/associations/companies") == {}


def test_an_archived_record_has_none(account: Any) -> None:
    """Archiving a record ends its associations."""
    put(account, FIRST, FIRST)
    account.hubspot.delete(f"/crm/v3/objects/contacts/{FIRST}")

    assert types(account, f"companies/{FIRST}/associations/contacts") == {}


def test_what_cannot_be_associated_is_refused(account: Any) -> None:
    """Kinds that never meet, types of other pairs and lost records are refused."""
    root = f"{V4}/contacts/{FIRST}/associations"
    answers = [
        account.hubspot.put(f"{root}/default/products/{FIRST}"),
        account.hubspot.put(f"{root}/default/companies/4711"),
        account.hubspot.put(
            f"{root}/companies/{FIRST}", json=[PLAIN | {"associationTypeId": 3}]
        ),
        account.hubspot.put(f"{root}/companies/{FIRST}", json={}),
        account.hubspot.put(f"{root}/companies/{FIRST}", json=[{}]),
    ]

    assert [each.status_code for each in answers] == [404, 404, 400, 400, 400]


def test_batches_tell_what_is_not_there(account: Any) -> None:
    """A batch associates the records that are there, and reads and ends them."""
    root = f"{MANY}/contacts/companies/batch"
    pairs = [(FIRST, FIRST), (SECOND, "4711"), (THIRD, SECOND)]
    inputs = [
        {"from": {"id": one}, "to": {"id": other}, "types": [PLAIN]}
        for one, other in pairs
    ]

    made = account.hubspot.post(f"{root}/create", json={"inputs": inputs})
    ids = [{"id": each} for each in (FIRST, SECOND, THIRD)]
    read = account.hubspot.post(f"{root}/read", json={"inputs": ids})
    ends = {"from": {"id": FIRST}, "to": [{"id": FIRST}]}
    gone = account.hubspot.post(f"{root}/archive", json={"inputs": [ends]})

    assert made.status_code == 207
    assert [row["toObjectId"] for row in made.json()["results"]] == [
        int(FIRST),
        int(SECOND),
    ]
    assert made.json()["errors"][0]["context"] == {"ids": ["4711"]}
    assert read.status_code == 207
    assert [row["from"]["id"] for row in read.json()["results"]] == [FIRST, THIRD]
    lost = read.json()["errors"][0]
    assert lost["context"] == {"fromObjectId": [SECOND]}
    assert lost["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert gone.status_code == 204
    assert types(account, f"contacts/{FIRST}/associations/companies") == {}


def test_a_batch_associates_without_labels(account: Any) -> None:
    """The default batch needs no types and answers for both directions."""
    one = {"from": {"id": FIRST}, "to": {"id": FIRST}}

    answer = account.hubspot.post(
        f"{MANY}/contacts/companies/batch/associate/default", json={"inputs": [one]}
    )

    assert (answer.status_code, len(answer.json()["results"])) == (200, 2)


def test_a_label_has_an_inverse(account: Any) -> None:
    """A label that people made shows at one end, its inverse at the other."""
    made = account.hubspot.post(
        f"{MANY}/contacts/companies/labels",
        json={"label": "Buyer", "inverseLabel": "Bought by", "name": "buyer"},
    ).json()["results"]
    number, inverse = (each["typeId"] for each in made)
    spec = {"associationCategory": "USER_DEFINED", "associationTypeId": number}
    path = f"{V4}/contacts/{FIRST}/associations/companies/{FIRST}"

    pair = account.hubspot.put(path, json=[spec]).json()

    there = types(account, f"contacts/{FIRST}/associations/companies")
    back = types(account, f"companies/{FIRST}/associations/contacts")
    assert pair["labels"] == ["Buyer"]
    assert number in there[FIRST]
    assert inverse in back[FIRST]


def test_a_label_is_renamed_taken_and_deleted(account: Any) -> None:
    """Taking a label leaves the association; deleting one ends it for the pair."""
    root = f"{MANY}/contacts/companies"
    made = account.hubspot.post(
        f"{root}/labels", json={"label": "Buyer", "name": "buyer"}
    ).json()["results"]
    number = made[0]["typeId"]
    spec = {"associationCategory": "USER_DEFINED", "associationTypeId": number}
    one = {"from": {"id": FIRST}, "to": {"id": FIRST}, "types": [spec]}
    account.hubspot.post(f"{root}/batch/create", json={"inputs": [one]})
    renamed = {"associationTypeId": number, "label": "Payer"}

    account.hubspot.put(f"{root}/labels", json=renamed)
    labels = account.hubspot.get(f"{root}/labels").json()["results"]
    account.hubspot.post(f"{root}/batch/labels/archive", json={"inputs": [one]})
    left = types(account, f"contacts/{FIRST}/associations/companies")
    gone = account.hubspot.delete(f"{root}/labels/{number}")
    again = account.hubspot.delete(f"{root}/labels/{number}")

    assert [each["label"] for each in labels] == [None, "Primary", "Payer"]
    assert left == {FIRST: [279, 1]}
    assert (gone.status_code, again.status_code) == (204, 404)
