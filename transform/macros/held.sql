{# Why a document of billing is held, in a sentence; `held_for`, currency and
   billing_customer_id must be in scope. #}
{% macro held_document(kind, number) -%}
    case
        when held_for = 'currency_without_rate'
        then
            '{{ kind }} '
            || {{ number }}
            || ' is in '
            || coalesce(currency, 'no currency')
            || ', for which there is no rate'
        else
            '{{ kind }} '
            || {{ number }}
            || ' is of '
            || coalesce(billing_customer_id, 'nobody')
            || ', whom no customer record describes'
    end
{%- endmacro %}
