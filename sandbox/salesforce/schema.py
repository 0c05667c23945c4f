"""Salesforce's objects and their field types, as `describe` tells them.

The fields that the invented company uses; a real organisation has more.
"""

from collections.abc import Mapping
from typing import Any

_STAMPS = {
    "Id": "id",
    "IsDeleted": "boolean",
    "CreatedDate": "datetime",
    "LastModifiedDate": "datetime",
    "SystemModstamp": "datetime",
}

FIELDS: Mapping[str, Mapping[str, str]] = {
    "Account": _STAMPS
    | {
        "Name": "string",
        "Website": "url",
        "BillingCountry": "string",
        "CurrencyIsoCode": "picklist",
        "Tax_Id__c": "string",
        "Billing_Email__c": "email",
        "Payment_Status__c": "picklist",
        "Duplicate_Of__c": "reference",
        "Type": "picklist",
    },
    "Contact": _STAMPS
    | {
        "AccountId": "reference",
        "FirstName": "string",
        "LastName": "string",
        "Email": "email",
    },
    "Product2": _STAMPS
    | {
        "Name": "string",
        "ProductCode": "string",
        "Family": "picklist",
        "IsActive": "boolean",
        "ERP_Item__c": "string",
    },
    "Opportunity": _STAMPS
    | {
        "AccountId": "reference",
        "Name": "string",
        "StageName": "picklist",
        "Type": "picklist",
        "Amount": "currency",
        "CurrencyIsoCode": "picklist",
        "CloseDate": "date",
        "IsClosed": "boolean",
        "IsWon": "boolean",
    },
    "SBQQ__Quote__c": _STAMPS
    | {
        "Name": "string",
        "SBQQ__Account__c": "reference",
        "SBQQ__Opportunity2__c": "reference",
        "SBQQ__Primary__c": "boolean",
        "SBQQ__Ordered__c": "boolean",
        "SBQQ__Status__c": "picklist",
        "SBQQ__Type__c": "picklist",
        "SBQQ__MasterContract__c": "reference",
        "SBQQ__StartDate__c": "date",
        "SBQQ__EndDate__c": "date",
        "SBQQ__NetAmount__c": "currency",
        "CurrencyIsoCode": "picklist",
    },
    "SBQQ__QuoteLine__c": _STAMPS
    | {
        "SBQQ__Quote__c": "reference",
        "SBQQ__Product__c": "reference",
        "SBQQ__ProductCode__c": "string",
        "SBQQ__Quantity__c": "double",
        "SBQQ__ListPrice__c": "currency",
        "SBQQ__Discount__c": "percent",
        "Discount_Months__c": "double",
        "SBQQ__NetPrice__c": "currency",
        "SBQQ__NetTotal__c": "currency",
        "SBQQ__ChargeType__c": "picklist",
        "CurrencyIsoCode": "picklist",
    },
    "Contract": _STAMPS
    | {
        "AccountId": "reference",
        "ContractNumber": "string",
        "Status": "picklist",
        "StartDate": "date",
        "EndDate": "date",
        "SBQQ__Quote__c": "reference",
        "SBQQ__Opportunity__c": "reference",
        "Master_Contract__c": "reference",
        "CurrencyIsoCode": "picklist",
    },
    "SBQQ__Subscription__c": _STAMPS
    | {
        "SBQQ__Contract__c": "reference",
        "SBQQ__Account__c": "reference",
        "SBQQ__Product__c": "reference",
        "SBQQ__QuoteLine__c": "reference",
        "SBQQ__Quantity__c": "double",
        "SBQQ__NetPrice__c": "currency",
        "SBQQ__Discount__c": "percent",
        "Discount_Months__c": "double",
        "SBQQ__SubscriptionStartDate__c": "date",
        "SBQQ__SubscriptionEndDate__c": "date",
        "SBQQ__ChargeType__c": "picklist",
        "CurrencyIsoCode": "picklist",
    },
}

# The values of the picklists that Salesforce enforces on a write.
RESTRICTED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("Account", "Payment_Status__c"): ("current", "past_due"),
}
REQUIRED = {
    ("Account", "Name"),
    ("Contact", "LastName"),
    ("Product2", "Name"),
    ("Opportunity", "Name"),
    ("Opportunity", "StageName"),
    ("Opportunity", "CloseDate"),
}
# Fields that Salesforce alone writes.
READ_ONLY = frozenset(_STAMPS) | {"ContractNumber", "IsClosed", "IsWon"}
MAX_LENGTH = 255


def describe(name: str) -> dict[str, Any]:
    """Return what `describe` says about an object."""
    return {
        "name": name,
        "label": name,
        "custom": name.endswith("__c"),
        "queryable": True,
        "updateable": True,
        "fields": [
            {
                "name": field,
                "label": field,
                "type": kind,
                "custom": field.endswith("__c"),
                "nillable": field not in _STAMPS and (name, field) not in REQUIRED,
                "updateable": field not in READ_ONLY,
                "restrictedPicklist": (name, field) in RESTRICTED,
                "picklistValues": [
                    {"active": True, "label": value, "value": value}
                    for value in RESTRICTED.get((name, field), ())
                ],
            }
            for field, kind in FIELDS[name].items()
        ],
    }
