"""Raw tables of a very large company: its customers as each system writes them.

What a customer bought is not drawn, and no vendor is asked: a million records over HTTP
would take longer than what is measured. The columns are those that ingestion makes.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from sandbox.company.cast import drawn
from sandbox.company.drawing import Drawer
from sandbox.company.entities import BY_CODE
from sandbox.company.facts import Customer
from sandbox.company.identity import WrittenIdentity, written
from sandbox.company.lifecycle import Window
from sandbox.company.names import word
from tests.identity.company import FEATURES

# Salesforce, HubSpot, Zendesk, Vitally, one billing system and one ERP.
RECORDS_EACH = 6
AT_ONCE = 20_000
Row = dict[str, Any]


def _salesforce(customer: Customer, said: WrittenIdentity) -> Row:
    return {
        "name": said.name,
        "website": f"https://www.{said.domain}",
        "billing_email__c": said.email,
        "tax_id__c": said.tax_id,
        "billing_country": customer.country,
        "parent_id": customer.parent_key,
        "master_record_id": None,
        "duplicate_of__c": None,
        "created_date": "2026-01-01",
    }


def _hubspot(customer: Customer, said: WrittenIdentity) -> Row:
    return {
        "name": said.name,
        "domain": said.domain,
        "website": None,
        "billing_email": said.email,
        "tax_id": None,
        **_address(said),
        "phone": said.phone,
        "hs_parent_company_id": customer.parent_key,
        "salesforceaccountid": customer.key,
        "hs_merged_object_ids": None,
        "createdate": "2026-01-01",
    }


def _stripe(customer: Customer, said: WrittenIdentity) -> Row:
    place = _address(said)
    record = {
        "address": {
            "line1": place["address"],
            "city": place["city"],
            "postal_code": place["zip"],
        },
        "phone": said.phone,
    }
    return {
        "name": said.name,
        "email": said.email,
        "metadata_tax_id": said.tax_id,
        "country": customer.country,
        "record": json.dumps(record),
        "metadata_salesforce_account_id": _unless(customer, "stripe"),
        "metadata_duplicate_of": None,
        "created": "2026-01-01",
    }


def _chargebee(customer: Customer, said: WrittenIdentity) -> Row:
    place = _address(said)
    return {
        "company": said.name,
        "email": said.email,
        "vat_number": said.tax_id,
        "billing_address_country": customer.country,
        "billing_address_line1": place["address"],
        "billing_address_city": place["city"],
        "billing_address_zip": place["zip"],
        "phone": said.phone,
        "relationship_parent_id": None,
        "meta_data_salesforce_account_id": customer.key,
        "created_at": "2026-01-01",
    }


def _zendesk(customer: Customer, said: WrittenIdentity) -> Row:
    return {
        "name": said.name,
        "domain_name": said.domain,
        "external_id": _unless(customer, "zendesk"),
        "created_at": "2026-01-01",
    }


def _netsuite(customer: Customer, said: WrittenIdentity) -> Row:
    billed = BY_CODE[customer.entity].billing == "stripe"
    return {
        "companyname": said.name,
        "email": said.email,
        "vatregnumber": said.tax_id,
        "country": customer.country,
        "externalid": _unless(customer, "netsuite") if billed else None,
        "isinactive": False,
    }


def _business_central(customer: Customer, said: WrittenIdentity) -> Row:
    place = _address(said)
    return {
        "display_name": said.name,
        "website": f"https://www.{said.domain}",
        "email": said.email,
        "tax_registration_number": said.tax_id,
        "country": customer.country,
        "address_line1": place["address"],
        "city": place["city"],
        "postal_code": place["zip"],
        "phone_number": said.phone or "",
    }


def _vitally(customer: Customer, said: WrittenIdentity) -> Row:
    return {
        "name": said.name,
        "traits": json.dumps({"domain": said.domain}),
        "external_id": customer.key,
        "created_at": "2026-01-01",
    }


TABLES: Mapping[str, tuple[str, Callable[[Customer, WrittenIdentity], Row]]] = {
    "salesforce": ("accounts", _salesforce),
    "hubspot": ("companies", _hubspot),
    "stripe": ("customers", _stripe),
    "chargebee": ("customers", _chargebee),
    "zendesk": ("organizations", _zendesk),
    "netsuite": ("customers", _netsuite),
    "business_central": ("customers", _business_central),
    "vitally": ("accounts", _vitally),
}


def fill(warehouse: Path, seed: int, records: int) -> None:
    """Write about so many records to a new warehouse; a record's id is its customer."""
    connection = duckdb.connect(str(warehouse))
    held: dict[str, list[Row]] = {system: [] for system in TABLES}
    made: set[str] = set()

    def write(system: str) -> None:
        table, _ = TABLES[system]
        rows = held[system]
        if not rows:
            return
        connection.register("rows", pa.Table.from_pylist(rows))
        if system not in made:
            connection.execute(f"create schema raw_{system}")
            nulls = ", ".join(
                f"{name}::varchar as {name}"
                for name, value in rows[0].items()
                if not isinstance(value, bool)
            )
            connection.execute(
                f"create table raw_{system}.{table} as"
                f" select * replace ({nulls}) from rows limit 0"
            )
            made.add(system)
        connection.execute(f"insert into raw_{system}.{table} by name from rows")
        connection.unregister("rows")
        rows.clear()

    for customer in customers(seed, records // RECORDS_EACH):
        for system in _systems_of(customer):
            _, row = TABLES[system]
            said = written(customer, system)
            held[system].append(
                {"id": customer.key, **row(customer, said), "is_deleted": False}
            )
            if len(held[system]) >= AT_ONCE:
                write(system)
    for system in TABLES:
        write(system)
    connection.close()


def customers(seed: int, count: int) -> Iterator[Customer]:
    """Yield customers as a company of so many has them, without their stories."""
    window = Window(date(2026, 5, 1), date(2026, 10, 31), 6)
    drawer = Drawer(seed, window, FEATURES)
    for number in range(count):
        part = drawn(seed, number)
        rng = random.Random(f"{seed}:{number}")  # noqa: S311 - repeatable chance
        name = word(seed, number)
        yield drawer._named(number, name, drawer._behaving(number, part), rng)


def _systems_of(customer: Customer) -> tuple[str, ...]:
    entity = BY_CODE[customer.entity]
    return ("salesforce", "hubspot", "zendesk", "vitally", entity.billing, entity.erp)


def _unless(customer: Customer, system: str) -> str | None:
    return None if system in customer.missing_links else customer.key


def _address(said: WrittenIdentity) -> dict[str, str | None]:
    place = said.address
    if place is None:
        return {"address": None, "city": None, "zip": None, "country": None}
    return {
        "address": place.line1,
        "city": place.city,
        "zip": place.postal_code,
        "country": place.country,
    }
