with

    entries as (
        select *
        from {{ ref("int_gl__entries") }}
        where held_for = 'unbalanced_document'
    ),

    currencies as (select * from {{ ref("currencies") }}),

    documents as (
        select
            erp_system,
            legal_entity_code,
            document_id,
            document_type,
            document_number,
            currency,
            min({{ by_bytes("erp_entry_id") }}) as erp_entry_id,
            min(posted_on) as posted_on,
            {{ sum_minor("case when signed_minor > 0 then signed_minor else 0 end") }}
            as debit_minor,
            {{
                sum_minor(
                    "case when signed_minor < 0 then - signed_minor else 0 end"
                )
            }} as credit_minor
        from entries
        group by
            erp_system,
            legal_entity_code,
            document_id,
            document_type,
            document_number,
            currency
    ),

    found as (
        select
            case
                documents.erp_system
                when 'netsuite'
                then 'netsuite:transactionline:'
                else documents.erp_system || ':generalledgerentries:'
            end || replace(
                replace(documents.erp_entry_id, 'journal:', ''), 'invoice:', ''
            ) as record_key,
            documents.legal_entity_code as part,
            coalesce(documents.document_type, 'Document')
            || ' '
            || coalesce(documents.document_number, documents.document_id)
            || ' does not balance' as subject,
            documents.currency,
            {{ first_of_month("documents.posted_on") }} as period,
            documents.erp_system as left_system,
            {{ amount_text("documents.debit_minor", "currencies.minor_per_major") }}
            as left_value,
            documents.erp_system as right_system,
            {{ amount_text("documents.credit_minor", "currencies.minor_per_major") }}
            as right_value,
            documents.debit_minor - documents.credit_minor as difference_minor
        from documents
        inner join currencies on currencies.currency = documents.currency
    )

    {{
        breaks(
            [
                "part",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}
