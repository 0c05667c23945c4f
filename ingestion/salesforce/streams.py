"""Streams: Salesforce's objects as raw tables: CRM, and what is quoted and sold."""

from decimal import Decimal
from typing import Any

from ingestion.streams import Column, Stream, day, flag, instant, number, text

# Their records are never deleted: they have no IsDeleted.
STANDING = frozenset({"User"})


def _stream(name: str, object_name: str, *columns: Column) -> Stream:
    stamps = (
        instant("created_date", "CreatedDate"),
        instant("system_modstamp", "SystemModstamp"),
    )
    if object_name in STANDING:
        every = (*columns, *stamps)
        return Stream(name, object_name, every, "system_modstamp", ("Id",))
    return Stream(
        name,
        object_name,
        (*columns, *stamps),
        cursor="system_modstamp",
        identity=("Id",),
        is_deleted=lambda document: document["IsDeleted"] is True,
    )


def _whole(name: str, path: str) -> Column:
    """A number field that holds whole numbers: Salesforce writes its 3 as 3.0."""
    return Column(name, "integer", path, _integral)


def _integral(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError
    if value != int(value) or not -(2**63) <= value < 2**63:
        raise ValueError(f"{value} is no whole number that fits")
    return int(value)


_CRM = (
    _stream(
        "accounts",
        "Account",
        text("name", "Name"),
        text("website", "Website"),
        text("billing_country", "BillingCountry"),
        text("currency_iso_code", "CurrencyIsoCode"),
        text("tax_id__c", "Tax_Id__c"),
        text("billing_email__c", "Billing_Email__c"),
        text("payment_status__c", "Payment_Status__c"),
        text("duplicate_of__c", "Duplicate_Of__c"),
        text("type", "Type"),
        text("industry", "Industry"),
        text("parent_id", "ParentId"),
        text("owner_id", "OwnerId"),
        # Of a deleted record: the one it was merged into.
        text("master_record_id", "MasterRecordId"),
    ),
    _stream(
        "contacts",
        "Contact",
        text("account_id", "AccountId"),
        text("first_name", "FirstName"),
        text("last_name", "LastName"),
        text("email", "Email"),
        text("phone", "Phone"),
        text("title", "Title"),
        text("owner_id", "OwnerId"),
        text("master_record_id", "MasterRecordId"),
    ),
    _stream(
        "leads",
        "Lead",
        text("first_name", "FirstName"),
        text("last_name", "LastName"),
        text("company", "Company"),
        text("email", "Email"),
        text("country", "Country"),
        text("status", "Status"),
        text("lead_source", "LeadSource"),
        flag("is_converted", "IsConverted"),
        day("converted_date", "ConvertedDate"),
        text("converted_account_id", "ConvertedAccountId"),
        text("converted_contact_id", "ConvertedContactId"),
        text("converted_opportunity_id", "ConvertedOpportunityId"),
        text("owner_id", "OwnerId"),
        text("master_record_id", "MasterRecordId"),
    ),
    _stream(
        "campaigns",
        "Campaign",
        text("name", "Name"),
        text("type", "Type"),
        text("status", "Status"),
        day("start_date", "StartDate"),
        day("end_date", "EndDate"),
        flag("is_active", "IsActive"),
        number("budgeted_cost", "BudgetedCost"),
        number("actual_cost", "ActualCost"),
        text("currency_iso_code", "CurrencyIsoCode"),
        text("parent_id", "ParentId"),
    ),
    _stream(
        "campaign_members",
        "CampaignMember",
        text("campaign_id", "CampaignId"),
        text("lead_id", "LeadId"),
        text("contact_id", "ContactId"),
        text("status", "Status"),
        flag("has_responded", "HasResponded"),
        day("first_responded_date", "FirstRespondedDate"),
    ),
    _stream(
        "users",
        "User",
        text("username", "Username"),
        text("first_name", "FirstName"),
        text("last_name", "LastName"),
        text("email", "Email"),
        flag("is_active", "IsActive"),
        text("user_type", "UserType"),
    ),
)
_CATALOGUE = (
    _stream(
        "products",
        "Product2",
        text("name", "Name"),
        text("product_code", "ProductCode"),
        text("family", "Family"),
        flag("is_active", "IsActive"),
        text("erp_item__c", "ERP_Item__c"),
    ),
    _stream(
        "pricebook_entries",
        "PricebookEntry",
        text("pricebook2_id", "Pricebook2Id"),
        text("product2_id", "Product2Id"),
        number("unit_price", "UnitPrice"),
        flag("is_active", "IsActive"),
        flag("use_standard_price", "UseStandardPrice"),
        text("currency_iso_code", "CurrencyIsoCode"),
    ),
    _stream(
        "product_options",
        "SBQQ__ProductOption__c",
        text("sbqq__configured_sku__c", "SBQQ__ConfiguredSKU__c"),
        text("sbqq__optional_sku__c", "SBQQ__OptionalSKU__c"),
        number("sbqq__number__c", "SBQQ__Number__c"),
        number("sbqq__quantity__c", "SBQQ__Quantity__c"),
        flag("sbqq__bundled__c", "SBQQ__Bundled__c"),
        flag("sbqq__required__c", "SBQQ__Required__c"),
        text("sbqq__type__c", "SBQQ__Type__c"),
        number("sbqq__unit_price__c", "SBQQ__UnitPrice__c"),
        text("currency_iso_code", "CurrencyIsoCode"),
    ),
)
_SALES = (
    _stream(
        "opportunities",
        "Opportunity",
        text("account_id", "AccountId"),
        text("name", "Name"),
        text("stage_name", "StageName"),
        text("type", "Type"),
        number("amount", "Amount"),
        text("currency_iso_code", "CurrencyIsoCode"),
        day("close_date", "CloseDate"),
        flag("is_closed", "IsClosed"),
        flag("is_won", "IsWon"),
        number("probability", "Probability"),
        text("campaign_id", "CampaignId"),
        text("lead_source", "LeadSource"),
        text("owner_id", "OwnerId"),
    ),
    _stream(
        "opportunity_line_items",
        "OpportunityLineItem",
        text("opportunity_id", "OpportunityId"),
        text("pricebook_entry_id", "PricebookEntryId"),
        text("product2_id", "Product2Id"),
        text("product_code", "ProductCode"),
        number("quantity", "Quantity"),
        number("list_price", "ListPrice"),
        number("unit_price", "UnitPrice"),
        number("total_price", "TotalPrice"),
        day("service_date", "ServiceDate"),
        text("sbqq__quote_line__c", "SBQQ__QuoteLine__c"),
        text("currency_iso_code", "CurrencyIsoCode"),
    ),
    _stream(
        "quotes",
        "SBQQ__Quote__c",
        text("name", "Name"),
        text("sbqq__account__c", "SBQQ__Account__c"),
        text("sbqq__opportunity2__c", "SBQQ__Opportunity2__c"),
        flag("sbqq__primary__c", "SBQQ__Primary__c"),
        flag("sbqq__ordered__c", "SBQQ__Ordered__c"),
        text("sbqq__status__c", "SBQQ__Status__c"),
        text("sbqq__type__c", "SBQQ__Type__c"),
        text("sbqq__master_contract__c", "SBQQ__MasterContract__c"),
        day("sbqq__start_date__c", "SBQQ__StartDate__c"),
        day("sbqq__end_date__c", "SBQQ__EndDate__c"),
        number("sbqq__net_amount__c", "SBQQ__NetAmount__c"),
        number("sbqq__list_amount__c", "SBQQ__ListAmount__c"),
        number("sbqq__customer_discount__c", "SBQQ__CustomerDiscount__c"),
        text("sbqq__payment_terms__c", "SBQQ__PaymentTerms__c"),
        text("currency_iso_code", "CurrencyIsoCode"),
    ),
    _stream(
        "quote_lines",
        "SBQQ__QuoteLine__c",
        text("sbqq__quote__c", "SBQQ__Quote__c"),
        text("sbqq__product__c", "SBQQ__Product__c"),
        text("sbqq__product_code__c", "SBQQ__ProductCode__c"),
        number("sbqq__quantity__c", "SBQQ__Quantity__c"),
        number("sbqq__list_price__c", "SBQQ__ListPrice__c"),
        number("sbqq__discount__c", "SBQQ__Discount__c"),
        _whole("discount_months__c", "Discount_Months__c"),
        number("sbqq__net_price__c", "SBQQ__NetPrice__c"),
        number("sbqq__net_total__c", "SBQQ__NetTotal__c"),
        text("sbqq__charge_type__c", "SBQQ__ChargeType__c"),
        text("sbqq__required_by__c", "SBQQ__RequiredBy__c"),
        flag("sbqq__bundle__c", "SBQQ__Bundle__c"),
        day("sbqq__start_date__c", "SBQQ__StartDate__c"),
        day("sbqq__end_date__c", "SBQQ__EndDate__c"),
    ),
)
_SOLD = (
    _stream(
        "contracts",
        "Contract",
        text("account_id", "AccountId"),
        text("contract_number", "ContractNumber"),
        text("status", "Status"),
        day("start_date", "StartDate"),
        day("end_date", "EndDate"),
        text("sbqq__quote__c", "SBQQ__Quote__c"),
        text("sbqq__opportunity__c", "SBQQ__Opportunity__c"),
        text("master_contract__c", "Master_Contract__c"),
        text("currency_iso_code", "CurrencyIsoCode"),
        _whole("contract_term", "ContractTerm"),
    ),
    _stream(
        "subscriptions",
        "SBQQ__Subscription__c",
        text("sbqq__contract__c", "SBQQ__Contract__c"),
        text("sbqq__account__c", "SBQQ__Account__c"),
        text("sbqq__product__c", "SBQQ__Product__c"),
        text("sbqq__quote_line__c", "SBQQ__QuoteLine__c"),
        number("sbqq__quantity__c", "SBQQ__Quantity__c"),
        number("sbqq__net_price__c", "SBQQ__NetPrice__c"),
        number("sbqq__discount__c", "SBQQ__Discount__c"),
        _whole("discount_months__c", "Discount_Months__c"),
        day("sbqq__subscription_start_date__c", "SBQQ__SubscriptionStartDate__c"),
        day("sbqq__subscription_end_date__c", "SBQQ__SubscriptionEndDate__c"),
        text("sbqq__charge_type__c", "SBQQ__ChargeType__c"),
    ),
    _stream(
        "orders",
        "Order",
        text("order_number", "OrderNumber"),
        text("account_id", "AccountId"),
        text("contract_id", "ContractId"),
        text("opportunity_id", "OpportunityId"),
        text("sbqq__quote__c", "SBQQ__Quote__c"),
        text("pricebook2_id", "Pricebook2Id"),
        text("status", "Status"),
        text("type", "Type"),
        day("effective_date", "EffectiveDate"),
        day("end_date", "EndDate"),
        number("total_amount", "TotalAmount"),
        text("currency_iso_code", "CurrencyIsoCode"),
    ),
    _stream(
        "order_items",
        "OrderItem",
        text("order_id", "OrderId"),
        text("order_item_number", "OrderItemNumber"),
        text("product2_id", "Product2Id"),
        text("pricebook_entry_id", "PricebookEntryId"),
        number("quantity", "Quantity"),
        number("unit_price", "UnitPrice"),
        number("total_price", "TotalPrice"),
        day("service_date", "ServiceDate"),
        day("end_date", "EndDate"),
        text("sbqq__quote_line__c", "SBQQ__QuoteLine__c"),
        text("sbqq__required_by__c", "SBQQ__RequiredBy__c"),
        text("sbqq__status__c", "SBQQ__Status__c"),
        # What the order did to the quantity in force, as the organisation keeps it.
        text("action__c", "Action__c"),
        number("previous_quantity__c", "Previous_Quantity__c"),
        text("supersedes__c", "Supersedes__c"),
        text("currency_iso_code", "CurrencyIsoCode"),
    ),
    _stream(
        "assets",
        "Asset",
        text("name", "Name"),
        text("account_id", "AccountId"),
        text("product2_id", "Product2Id"),
        text("product_code", "ProductCode"),
        text("status", "Status"),
        day("purchase_date", "PurchaseDate"),
        day("install_date", "InstallDate"),
        day("usage_end_date", "UsageEndDate"),
        number("quantity", "Quantity"),
        number("price", "Price"),
        text("sbqq__quote_line__c", "SBQQ__QuoteLine__c"),
        text("currency_iso_code", "CurrencyIsoCode"),
    ),
)

STREAMS = (*_CRM, *_CATALOGUE, *_SALES, *_SOLD)
