"""Rules: what an administrator forbids: values that contradict, records that repeat.

Both sets are conditions (`validation_rules`, `duplicate_rules`), so that a test or an
operator of the sandbox may write others; nonsense in them is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.field import SObject
from sandbox.salesforce.org import Org
from sandbox.store import Document


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """A record is refused if `field operator value` holds.

    Attributes:
        object: whose records.
        field: the field compared, and the one that the error names.
        operator: `<`, `>`, `=`, `!=`, `blank` or `starts_with`.
        value: what it is compared with; `{"field": name}` is another field.
        message: what the administrator wrote for the user.
    """

    object: str
    field: str
    operator: str
    value: Any
    message: str

    def broken_by(self, document: Mapping[str, Any]) -> bool:
        """Say whether a record breaks the rule."""
        left, right = document.get(self.field), self.value
        if isinstance(right, dict):
            right = document.get(str(right.get("field")))
        if self.operator == "blank":
            return left in (None, "")
        if left is None or right is None:
            return False
        if self.operator == "starts_with":
            return str(left).startswith(str(right))
        if self.operator in ("=", "!="):
            return bool(left == right) == (self.operator == "=")
        numbers = isinstance(left, int | Decimal) and isinstance(
            right, int | float | Decimal
        )
        if not numbers and not (isinstance(left, str) and isinstance(right, str)):
            return False
        return bool(left < right if self.operator == "<" else left > right)


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """Records that agree in all `fields` are the same thing twice.

    Attributes:
        object: whose records.
        fields: compared without regard to case; an empty one matches nothing.
        on: `create`, `update` or both.
        blocks: if so, `allowSave` does not help.
        name: of the rule.
    """

    object: str
    fields: tuple[str, ...]
    on: tuple[str, ...] = ("create",)
    blocks: bool = False
    name: str = "Standard_Duplicate_Rule"


VALIDATION_RULES = (
    ValidationRule(
        *("Contract", "EndDate", "<", {"field": "StartDate"}),
        "A contract does not end before it starts.",
    ),
    ValidationRule(
        *("SBQQ__Subscription__c", "SBQQ__SubscriptionEndDate__c", "<"),
        *({"field": "SBQQ__SubscriptionStartDate__c"},),
        "A subscription does not end before it starts.",
    ),
    ValidationRule(
        *("Opportunity", "Amount", "<", 0),
        "The amount of an opportunity is not negative.",
    ),
)
DUPLICATE_RULES = (
    DuplicateRule("Account", ("Name",), name="Standard_Account_Duplicate_Rule"),
    DuplicateRule("Contact", ("Email",), name="Standard_Contact_Duplicate_Rule"),
    DuplicateRule("Lead", ("Email",), name="Standard_Lead_Duplicate_Rule"),
)


class Rules:
    """The rules of one organisation."""

    def __init__(self, org: Org) -> None:
        """Read the rules from the organisation's conditions."""
        self.org = org

    def check_valid(self, sobject: SObject, document: Document) -> None:
        """Refuse a record that breaks a validation rule."""
        for rule in self._validation():
            if rule.object == sobject.name and rule.broken_by(document):
                fields = (rule.field,)
                raise Refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields)

    def check_unique(
        self, sobject: SObject, document: Document, event: str, *, allowed: bool
    ) -> None:
        """Refuse a record that a duplicate rule finds a second time.

        Args:
            sobject: the record's object.
            document: the record as it would be.
            event: `create` or `update`.
            allowed: whether the caller said allowSave.
        """
        for rule in self._duplicates():
            if rule.object != sobject.name or event not in rule.on:
                continue
            if allowed and not rule.blocks:
                continue
            found = self._found(rule, sobject, document)
            if found:
                raise _detected(rule, found)

    def _found(
        self, rule: DuplicateRule, sobject: SObject, document: Document
    ) -> Sequence[Document]:
        first, *others = rule.fields
        field, value = sobject.field(first), document.get(first)
        if field is None or not isinstance(value, str) or not value:
            return ()
        return [
            each
            for each in self.org.matching(sobject, field, value)
            if each["Id"] != document.get("Id")
            and all(_same(each.get(name), document.get(name)) for name in others)
        ]

    def _validation(self) -> Sequence[ValidationRule]:
        wanted = self.org.condition("validation_rules", None)
        if not isinstance(wanted, list):
            return VALIDATION_RULES
        return [
            ValidationRule(
                *(str(row.get("object")), str(row.get("field"))),
                *(str(row.get("operator")), row.get("value")),
                str(row.get("message") or "The value is not valid."),
            )
            for row in wanted
            if isinstance(row, dict)
        ]

    def _duplicates(self) -> Sequence[DuplicateRule]:
        wanted = self.org.condition("duplicate_rules", None)
        if not isinstance(wanted, list):
            return DUPLICATE_RULES
        return [
            DuplicateRule(
                str(row.get("object")),
                tuple(map(str, row["fields"])),
                tuple(map(str, row.get("on") or ("create",))),
                blocks=row.get("action") == "block",
            )
            for row in wanted
            if isinstance(row, dict) and isinstance(row.get("fields"), list)
            if row["fields"]
        ]


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold() and left != ""
    return left is not None and left == right


def _detected(rule: DuplicateRule, found: Sequence[Document]) -> Refused:
    records = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {"attributes": {"type": rule.object}, "Id": each["Id"]},
        }
        for each in found
    ]
    match = {
        "entityType": rule.object,
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": records,
        "rule": rule.name.replace("Duplicate", "Match"),
        "size": len(records),
        "success": True,
    }
    result = {
        "allowSave": not rule.blocks,
        "duplicateRule": rule.name,
        "duplicateRuleEntityType": rule.object,
        "errorMessage": "Use one of these records?",
        "matchResults": [match],
    }
    return Refused(
        "DUPLICATES_DETECTED", "Use one of these records?", duplicateResult=result
    )
