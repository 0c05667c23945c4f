"""Contacts: people, each at one customer. Who works at two is two contacts."""

from identity.entities.entity import Comparison, Entity, Rules, alike, unknown
from identity.entities.vocabulary import of_people
from identity.features import contacts as features

_ONE_INITIAL = (
    "(length(name_given_l) = 1 or length(name_given_r) = 1)"
    " and name_initial_l = name_initial_r"
)

CONTACTS = Entity(
    name="contacts",
    prefix="contact_",
    written=(
        "system",
        "object",
        "record_id",
        "name",
        "given_name",
        "family_name",
        "email",
        "phone",
        "customer_key",
        "customer_id",
        "reference_keys",
        "duplicate_of",
        "created_at",
        "is_live",
    ),
    belongs_to="customer_key",
    begins="salesforce:contact:",
    features=features.select,
    feature_names=features.NAMES,
    compared=(*features.NAMES, "customer_id"),
    comparisons=(
        Comparison(
            "name",
            unknown("name_full"),
            (
                (
                    (
                        "name_full_l = name_full_r or replace(name_full_l, ' ', '')"
                        " = replace(name_full_r, ' ', '')"
                    ),
                    "the same name",
                ),
                (
                    (
                        "name_family_l = name_family_r"
                        f" and (name_given_l = name_given_r or {_ONE_INITIAL})"
                    ),
                    "the same family name, the given name for short or an initial",
                ),
                (
                    f"{alike('name_full', 0.93)} and {alike('name_family', 0.88)}",
                    "almost the same name",
                ),
                (
                    "name_family_l = name_family_r",
                    "the same family name, another given name",
                ),
                (
                    "name_given_l = name_given_r",
                    "the same given name, another family name",
                ),
            ),
            "different names",
        ),
        Comparison(
            "email",
            unknown("email_key"),
            (
                ("email_key_l = email_key_r", "the same address"),
                (
                    "email_short_l = email_short_r",
                    "the same domain, and an address that another rule makes",
                ),
                ("email_local_l = email_local_r", "the same before another domain"),
                (
                    "email_is_private_l <> email_is_private_r",
                    "a private address, and one at a company",
                ),
            ),
            "different addresses",
        ),
        Comparison(
            "phone",
            unknown("phone_key"),
            (("phone_key_l = phone_key_r", "the same telephone number"),),
            "different telephone numbers",
        ),
        Comparison(
            "customer",
            unknown("customer_id"),
            (("customer_id_l = customer_id_r", "the same customer"),),
            "different customers",
        ),
    ),
    # Not all people of a customer meet: of a large one there are thousands.
    blocking=(
        ("email_key",),
        ("customer_id", "email_local"),
        ("customer_id", "name_family"),
        ("customer_id", "name_given"),
        ("customer_id", "email_short"),
        ("phone_key",),
    ),
    rules=Rules(
        columns=("customer_id", "name_full", "name_given", "email_key"),
        # A lead and a contact of one CRM may be one person.
        kind="system || ':' || object",
        scope="'customer'",
        value="customer_id",
        proof="null",
        telling=("customer_id", "name_full", "email_key"),
        named="name_given",
        placed="null",
        parent="null",
        is_strong="email = 4 and name >= 3",
    ),
    shown=("name", "customer_id", "email_key", "phone_key"),
    vocabulary=of_people,
    # One name at one customer, and nothing else told by both, is worth 5 to 6 bits: two
    # colleagues of one name are rarer than people whom a system has no address of.
    link_weight=4.0,
)
