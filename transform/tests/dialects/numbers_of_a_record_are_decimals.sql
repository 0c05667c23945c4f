-- depends_on: {{ ref("currencies") }}
-- Engines write a number's text again, 1234.5 for 1234.50, and read it as a double on
-- the
-- way: fifteen digits are safe. Amounts with more are columns of their stream.
{%- set record = '\'{"a": {"amount": 123456789012.340, "none": null}}\'' %}
with
    answers as (
        select
            {{ json_text(record, ["a", "amount"]) }} as amount,
            {{ json_text(record, ["a", "none"]) }} as said_null,
            {{ json_text(record, ["b", "amount"]) }} as absent
    )

select *
from answers
where
    amount is null
    or cast(amount as decimal(38, 9)) <> cast('123456789012.34' as decimal(38, 9))
    or said_null is not null
    or absent is not null
