"""Salesforce's ids of what the company has, and the stamps of every record."""

from datetime import date

from sandbox.company.company import Company
from sandbox.company.facts import Customer
from sandbox.identifiers import checksum, salesforce_id
from sandbox.salesforce.schema import OBJECTS
from sandbox.salesforce.users import USER_ID
from sandbox.shapes import Document, salesforce_time


def account_id(customer: Customer) -> str:
    """Return the id of the customer's account."""
    return salesforce_id("Account", customer.key)


def product_id(company: Company, sku: str) -> str:
    """Return the id of the product."""
    return salesforce_id("Product2", company.seed, sku)


def contract_id(contract_key: str) -> str:
    """Return the id of the contract."""
    return salesforce_id("Contract", contract_key)


def quote_id(deal_key: str) -> str:
    """Return the id of the deal's primary quote."""
    return salesforce_id("SBQQ__Quote__c", deal_key)


def opportunity_id(deal_key: str) -> str:
    """Return the id of the deal's opportunity."""
    return salesforce_id("Opportunity", deal_key)


def subscription_id(line_key: str) -> str:
    """Return the id of the contract line."""
    return salesforce_id("SBQQ__Subscription__c", line_key)


def quote_line_id(line_key: str) -> str:
    """Return the id of the quote line."""
    return salesforce_id("SBQQ__QuoteLine__c", line_key)


def order_item_id(line_key: str) -> str:
    """Return the id of the order's line."""
    return salesforce_id("OrderItem", line_key)


def pricebook_id(company: Company, name: str) -> str:
    """Return the id of a price book."""
    return salesforce_id("Pricebook2", company.seed, name)


def pricebook_entry_id(company: Company, book: str, sku: str, currency: str) -> str:
    """Return the id of a product's price in a price book and currency."""
    return salesforce_id("PricebookEntry", company.seed, book, sku, currency)


def opportunity_product_id(line_key: str) -> str:
    """Return the id of what the quote line is in its opportunity."""
    return _twin("OpportunityLineItem", quote_line_id(line_key))


def asset_id(line_key: str) -> str:
    """Return the id of the asset that the quote line became."""
    return _twin("Asset", quote_line_id(line_key))


def product_option_id(company: Company, bundle: str, sku: str) -> str:
    """Return the id of a product's place in a bundle."""
    pair = salesforce_id("Product2", company.seed, bundle, sku)
    return _twin("SBQQ__ProductOption__c", pair)


def _twin(name: str, record_id: str) -> str:
    """Return the id of another object's record that has the same digits."""
    id15 = OBJECTS[name].prefix + record_id[3:15]
    return id15 + checksum(id15)


def price_book_name(currency: str) -> str:
    """Return the name of the price book of a currency."""
    return f"Price Book {currency}"


def stamped(created_on: date, changed_on: date, by: str = USER_ID) -> Document:
    """Return the fields by which a record tells when it was made and changed.

    `by` is the user who made it; the nightly integration was the last to change it.
    """
    changed = salesforce_time(changed_on, 16, 30)
    return {
        "IsDeleted": False,
        "CreatedDate": salesforce_time(created_on),
        "CreatedById": by,
        "LastModifiedDate": changed,
        "LastModifiedById": USER_ID,
        "SystemModstamp": changed,
    }
