with

    versions as (select * from {{ ref("int_price_book_entries__versions") }}),

    books as (select * from {{ ref("stg_salesforce__pricebooks") }}),

    products as (
        select *
        from {{ ref("stg_salesforce__products") }}
        where not is_deleted and sku is not null
    ),

    currencies as (select * from {{ ref("currencies") }})

select
    versions.salesforce_pricebook_entry_id as price_book_entry_id,
    versions.salesforce_pricebook_id as price_book_id,
    books.name as price_book_name,
    books.is_standard,
    products.sku as product_id,
    versions.list_minor,
    versions.currency,
    versions.is_active,
    versions.valid_from,
    versions.valid_to,
    'salesforce' as system,
    versions.salesforce_pricebook_entry_id as record_id
from versions
inner join products using (salesforce_product_id)
inner join currencies on currencies.currency = versions.currency
left join books using (salesforce_pricebook_id)
