"""Salesforce: orders with their products, and the price books that prices come from."""

from decimal import Decimal

from sandbox.company.catalogue import Product, list_minor
from sandbox.company.company import Company
from sandbox.company.days import plus
from sandbox.company.facts import Order, OrderLine
from sandbox.identifiers import salesforce_id
from sandbox.salesforce.documents_ids import (
    contract_id,
    opportunity_id,
    order_item_id,
    price_book_name,
    pricebook_entry_id,
    pricebook_id,
    product_id,
    quote_id,
    quote_line_id,
    stamped,
)
from sandbox.salesforce.users import seller_id
from sandbox.shapes import Document, major

STANDARD = "Standard Price Book"


def price_documents(company: Company) -> dict[str, list[Document]]:
    """Return the price books, one for each currency besides the standard one."""
    currencies = sorted({customer.currency for customer in company.customers})
    books = [STANDARD, *(price_book_name(currency) for currency in currencies)]
    entries = [
        _entry(company, book, product, currency)
        for product in company.products
        for currency in currencies
        for book in (STANDARD, price_book_name(currency))
    ]
    return {
        "Pricebook2": [_pricebook(company, name) for name in books],
        "PricebookEntry": entries,
    }


def _pricebook(company: Company, name: str) -> Document:
    return {
        "Id": pricebook_id(company, name),
        "Name": name,
        "IsActive": True,
        "IsStandard": name == STANDARD,
        "Description": None,
        **stamped(company.starts_on, company.starts_on),
    }


def _entry(company: Company, book: str, product: Product, currency: str) -> Document:
    price = list_minor(product.sku, currency) if product.list_cents else 0
    return {
        "Id": pricebook_entry_id(company, book, product.sku, currency),
        "Name": product.name,
        "Pricebook2Id": pricebook_id(company, book),
        "Product2Id": product_id(company, product.sku),
        "ProductCode": product.sku,
        "UnitPrice": major(price, currency),
        "CurrencyIsoCode": currency,
        "IsActive": True,
        "UseStandardPrice": False,
        **stamped(company.starts_on, company.starts_on),
    }


def order_documents(company: Company) -> dict[str, list[Document]]:
    """Return the orders and their lines."""
    return {
        "Order": [_order(company, each) for each in company.orders],
        "OrderItem": [
            _item(company, order, line, place)
            for order in company.orders
            for place, line in enumerate(order.lines, start=1)
        ],
    }


def _order(company: Company, order: Order) -> Document:
    starts_on = min([line.starts_on for line in order.lines] or [order.activated_on])
    ends_before = max([line.ends_before for line in order.lines] or [starts_on])
    deal = order.deal_key
    seller = seller_id(company.customer_by_key[order.customer_key].number)
    return {
        "Id": salesforce_id("Order", order.key),
        "OrderNumber": f"{order.number:08}",
        "AccountId": salesforce_id("Account", order.customer_key),
        "ContractId": contract_id(order.contract_key),
        "OpportunityId": None if deal is None else opportunity_id(deal),
        "SBQQ__Quote__c": None if deal is None else quote_id(deal),
        "Pricebook2Id": _book_of(company, order),
        "EffectiveDate": starts_on.isoformat(),
        "EndDate": max(plus(ends_before, -1), starts_on).isoformat(),
        "Status": "Activated",
        "ActivatedDate": order.activated_on.isoformat(),
        "TotalAmount": major(
            sum(line.quantity * line.unit_minor for line in order.lines),
            order.currency,
        ),
        "Type": "Cancellation" if deal is None else "Order",
        "OwnerId": seller,
        "CurrencyIsoCode": order.currency,
        **stamped(order.activated_on, order.activated_on, seller),
    }


def _book_of(company: Company, order: Order) -> str | None:
    if "bundles" not in company.features:
        return None
    return pricebook_id(company, price_book_name(order.currency))


def _item(company: Company, order: Order, line: OrderLine, place: int) -> Document:
    entry = None
    if "bundles" in company.features:
        book = price_book_name(order.currency)
        entry = pricebook_entry_id(company, book, line.sku, order.currency)
    quoted, bundle = line.deal_line_key, line.bundle_line_key
    return {
        "Id": order_item_id(line.key),
        "OrderId": salesforce_id("Order", order.key),
        "OrderItemNumber": f"{order.number:08}{place:02}",
        "Product2Id": product_id(company, line.sku),
        "PricebookEntryId": entry,
        "Quantity": Decimal(line.quantity),
        "UnitPrice": major(line.unit_minor, order.currency),
        "TotalPrice": major(line.quantity * line.unit_minor, order.currency),
        "ServiceDate": line.starts_on.isoformat(),
        "EndDate": max(plus(line.ends_before, -1), line.starts_on).isoformat(),
        "SBQQ__QuoteLine__c": None if quoted is None else quote_line_id(quoted),
        "SBQQ__RequiredBy__c": None if bundle is None else order_item_id(bundle),
        "SBQQ__Status__c": "Activated",
        "Action__c": str(line.action),
        "Previous_Quantity__c": Decimal(line.before_quantity),
        "Supersedes__c": (
            None if line.supersedes is None else order_item_id(line.supersedes)
        ),
        "CurrencyIsoCode": order.currency,
        **stamped(order.activated_on, order.activated_on),
    }
