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

{# "Müller & Söhne GmbH" -> "muller sohne": no accents, punctuation or legal form. #}
{% macro normalised_name(name) -%}
    nullif(
        trim(
            regexp_replace(
                regexp_replace(
                    -- "B.V." is "bv", not "b v".
                    replace(lower({{ without_accents(name) }}), '.', ''),
                    '[^a-z0-9]+',
                    ' ',
                    'g'
                ),
                '( (inc|incorporated|corp|corporation|co|company|llc|llp|lp|ltd|limited|plc|gmbh|ag|kg|se|sa|sas|sarl|srl|spa|bv|nv|oy|ab|as|aps|kk|pty|pte|holding|holdings|group|the|and))+ *$',
                '',
                'g'
            )
        ),
        ''
    )
{%- endmacro %}

{# "https://www.acme.com/about" or "billing@acme.com" -> "acme.com". #}
{% macro domain_of(address) -%}
    nullif(
        regexp_replace(
            regexp_replace(
                lower(trim({{ address }})), '^([a-z]+://)?([^@/]*@)?(www\.)?', ''
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
    upper(trim(both '-' from regexp_replace({{ code }}, '[^A-Za-z0-9]+', '-', 'g')))
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
