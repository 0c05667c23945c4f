{#
    Legal names and domains as checks compare them. Accents go first, because lower() of
    an accented letter depends on the server's locale.
#}
{% macro without_accents(name) -%}
    translate(
        replace(replace(replace({{ name }}, 'ß', 'ss'), 'æ', 'ae'), 'Æ', 'AE'),
        'ÀÁÂÃÄÅĀÇĆČĎÈÉÊËĒĘĚÌÍÎÏĪŁÑŃŇÒÓÔÕÖØŌŘŚŠŤÙÚÛÜŪŮÝŹŻŽàáâãäåāçćčďèéêëēęěìíîïīłñńňòóôõöøōřśšťùúûüūůýÿźżž',
        'AAAAAAACCCDEEEEEEEIIIIILNNNOOOOOOORSSTUUUUUUYZZZaaaaaaacccdeeeeeeeiiiiilnnnooooooorsstuuuuuuyyzzz'
    )
{%- endmacro %}

{# Every match of a pattern replaced; Spark replaces all of them without being asked. #}
{% macro replace_all(text, pattern, replacement) -%}
    {{
        return(
            adapter.dispatch("replace_all", "concord")(text, pattern, replacement)
        )
    }}
{%- endmacro %}

{% macro default__replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}

{# "Müller & Söhne GmbH" -> "muller sohne": no accents, punctuation or legal form. #}
{% macro normalised_name(name) -%}
    {#- "B.V." is "bv", not "b v". -#}
    {%- set letters = "replace(lower(" ~ without_accents(name) ~ "), '.', '')" -%}
    {%- set legal_forms = "( (inc|incorporated|corp|corporation|co|company|llc|llp|lp|ltd|limited|plc|gmbh|ag|kg|se|sa|sas|sarl|srl|spa|bv|nv|oy|ab|as|aps|kk|pty|pte|holding|holdings|group|the|and))+ *$" -%}
    nullif(
        trim(
            {{ replace_all(replace_all(letters, "[^a-z0-9]+", " "), legal_forms, "") }}
        ),
        ''
    )
{%- endmacro %}

{# "https://www.acme.com/about" or "billing@acme.com" -> "acme.com". #}
{% macro domain_of(address) -%}
    nullif(
        regexp_replace(
            regexp_replace(
                lower(trim({{ address }})), '^([a-z]+://)?([^@/]*@)?(www[.])?', ''
            ),
            '[/:?#].*$',
            ''
        ),
        ''
    )
{%- endmacro %}

{# Text ordered by its bytes: an order that no server's collation changes. #}
{% macro by_bytes(text) -%}
    {{ return(adapter.dispatch("by_bytes", "concord")(text)) }}
{%- endmacro %}

{% macro default__by_bytes(text) -%} {{ text }} {%- endmacro %}

{% macro postgres__by_bytes(text) -%} {{ text }} collate "C" {%- endmacro %}

{# Text that says something: an empty or blank value is no value. #}
{% macro filled(column) -%} nullif(trim({{ column }}), '') {%- endmacro %}

{# "add sso" -> "ADD-SSO": a product code as people spell it in different systems. #}
{% macro normalised_code(code) -%}
    upper(trim(both '-' from {{ replace_all(code, "[^A-Za-z0-9]+", "-") }}))
{%- endmacro %}

{#
    A tax number as it can be compared: without country and punctuation. Null for words
    and zeros, with which people fill a field that must not be empty.
#}
{% macro normalised_tax_number(tax_id) -%}
    {%- set bare = replace_all("upper(" ~ tax_id ~ ")", "[^A-Z0-9]+", "") -%}
    case
        when {{ replace_all(tax_id, "[^1-9]+", "") }} <> ''
        then {{ replace_all(bare, "^[A-Z][A-Z]", "") }}
    end
{%- endmacro %}

{# How CPQ says that a product is charged, in our words. #}
{% macro revenue_type_of(charge_type) -%}
    case
        {{ charge_type }}
        when 'Recurring'
        then 'recurring'
        when 'Usage'
        then 'usage'
        when 'One-Time'
        then 'one_time'
    end
{%- endmacro %}

{# Text in the order of its characters, whatever the language of the database. #}
{% macro binary_order(text) -%}
    {{ return(adapter.dispatch("binary_order", "concord")(text)) }}
{%- endmacro %}

{% macro default__binary_order(text) -%} {{ text }} {%- endmacro %}

{% macro postgres__binary_order(text) -%} {{ text }} collate "C" {%- endmacro %}
