"""Products: what is sold. A company has dozens: there is nothing to learn weights from.

The model's weights are set by hand so that they say these rules: the same code is the
same product, whatever it is called; the same name makes one only of records without
different codes, and then a person is asked; a code in another order of its parts, or
with one character changed, is a question.
"""

from identity.entities.entity import Comparison, Entity, Rules, alike, unknown
from identity.features import products as features

PRODUCTS = Entity(
    name="products",
    prefix="product_",
    written=(
        "system",
        "object",
        "record_id",
        "name",
        "sku",
        "catalogue",
        "reference_keys",
        "duplicate_of",
        "created_at",
        "is_live",
    ),
    belongs_to=None,
    begins="salesforce:product:",
    features=features.select,
    feature_names=features.NAMES,
    compared=features.NAMES,
    comparisons=(
        Comparison(
            "sku",
            unknown("sku_key"),
            (
                ("sku_key_l = sku_key_r", "the same code"),
                (
                    (
                        "sku_parts_l = sku_parts_r"
                        " or damerau_levenshtein(sku_key_l, sku_key_r) = 1"
                    ),
                    "almost the same code",
                ),
            ),
            "different codes",
        ),
        Comparison(
            "name",
            unknown("name_key"),
            (
                ("name_key_l = name_key_r", "the same name"),
                (alike("name_key", 0.93), "almost the same name"),
            ),
            "different names",
        ),
    ),
    blocking=(("sku_key",), ("sku_parts",), ("name_key",)),
    rules=Rules(
        columns=("sku_key", "name_key", "catalogue"),
        # Each company of an ERP has a catalogue of its own.
        kind="concat_ws(':', system, catalogue)",
        scope="null",
        value="null",
        proof="null",
        telling=("sku_key", "name_key"),
        named="null",
        placed="null",
        parent="null",
        # Two items of one catalogue with one code are a question.
        is_strong="false",
    ),
    shown=("name", "sku", "catalogue"),
)
