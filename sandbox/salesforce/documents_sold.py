"""Salesforce: what was sold as opportunity products and assets; options of bundles."""

from decimal import Decimal

from sandbox.company.catalogue import (
    ALL_BY_SKU,
    BUNDLES,
    EXPONENTS,
    Charge,
    Product,
)
from sandbox.company.company import Company
from sandbox.company.facts import Deal, DealLine
from sandbox.salesforce.documents_ids import (
    account_id,
    asset_id,
    opportunity_id,
    opportunity_product_id,
    price_book_name,
    pricebook_entry_id,
    product_id,
    product_option_id,
    quote_line_id,
    stamped,
)
from sandbox.salesforce.users import seller_id
from sandbox.shapes import Document, major


def sold_documents(company: Company) -> dict[str, list[Document]]:
    """Return the products of opportunities, and the assets, by object name.

    The package writes the lines of the primary quote into its opportunity. When a deal
    is won its recurring lines become subscriptions and the others assets.
    """
    return {
        "OpportunityLineItem": [
            _opportunity_product(company, deal, line, place)
            for deal in company.deals
            for place, line in enumerate(deal.lines, start=1)
        ],
        "Asset": [
            _asset(company, deal, line)
            for deal in company.deals
            if deal.is_won
            for line in deal.lines
            if ALL_BY_SKU[line.sku].charge is Charge.ONE_TIME
        ],
    }


def _opportunity_product(
    company: Company, deal: Deal, line: DealLine, place: int
) -> Document:
    currency, product = deal.customer.currency, ALL_BY_SKU[line.sku]
    total, quantity = major(line.total_minor, currency), Decimal(line.quantity)
    step = Decimal(1).scaleb(-EXPONENTS[currency])
    entry = None
    if "bundles" in company.features:
        book = price_book_name(currency)
        entry = pricebook_entry_id(company, book, line.sku, currency)
    return {
        "Id": opportunity_product_id(line.key),
        "OpportunityId": opportunity_id(deal.key),
        "SortOrder": place,
        "PricebookEntryId": entry,
        "Product2Id": product_id(company, line.sku),
        "Name": f"{deal.name} {product.name}",
        "ProductCode": line.sku,
        "Quantity": quantity,
        # What is left of the total's last digit is lost, as it is at Salesforce.
        "UnitPrice": (total / quantity).quantize(step),
        "TotalPrice": total,
        "ListPrice": major(line.list_minor, currency),
        "ServiceDate": (line.starts_on or deal.starts_on).isoformat(),
        "SBQQ__QuoteLine__c": quote_line_id(line.key),
        "CurrencyIsoCode": currency,
        **stamped(
            deal.created_on,
            deal.closed_on if deal.is_closed else deal.created_on,
            seller_id(deal.customer.number),
        ),
    }


def _asset(company: Company, deal: Deal, line: DealLine) -> Document:
    is_installed = deal.starts_on <= company.as_of
    return {
        "Id": asset_id(line.key),
        "Name": ALL_BY_SKU[line.sku].name,
        "AccountId": account_id(deal.customer),
        "Product2Id": product_id(company, line.sku),
        "ProductCode": line.sku,
        "Status": "Installed" if is_installed else "Purchased",
        "PurchaseDate": deal.closed_on.isoformat(),
        "InstallDate": deal.starts_on.isoformat() if is_installed else None,
        "Quantity": Decimal(line.quantity),
        "Price": major(line.unit_minor, deal.customer.currency),
        "SBQQ__QuoteLine__c": quote_line_id(line.key),
        "OwnerId": seller_id(deal.customer.number),
        "CurrencyIsoCode": deal.customer.currency,
        **stamped(deal.closed_on, deal.closed_on),
    }


def option_documents(company: Company) -> dict[str, list[Document]]:
    """Return what may be chosen within each bundle: all of it must be."""
    options = [
        (bundle, place, ALL_BY_SKU[component])
        for bundle, components in BUNDLES.items()
        for place, component in enumerate(components, start=1)
    ]
    return {
        "SBQQ__ProductOption__c": [
            _option(company, number, *option)
            for number, option in enumerate(options, start=1)
        ]
    }


def _option(
    company: Company, number: int, bundle: str, place: int, component: Product
) -> Document:
    return {
        "Id": product_option_id(company, bundle, component.sku),
        "Name": f"PO-{number:05}",
        "SBQQ__ConfiguredSKU__c": product_id(company, bundle),
        "SBQQ__OptionalSKU__c": product_id(company, component.sku),
        "SBQQ__Number__c": Decimal(place),
        "SBQQ__ProductCode__c": component.sku,
        "SBQQ__ProductName__c": component.name,
        "SBQQ__ProductFamily__c": component.family,
        "SBQQ__Quantity__c": None,
        "SBQQ__QuantityEditable__c": True,
        # The component keeps its own price; a bundled one would cost nothing.
        "SBQQ__Bundled__c": False,
        "SBQQ__Required__c": True,
        "SBQQ__Selected__c": True,
        "SBQQ__Type__c": "Component",
        "CurrencyIsoCode": "USD",
        **stamped(company.starts_on, company.starts_on),
    }
