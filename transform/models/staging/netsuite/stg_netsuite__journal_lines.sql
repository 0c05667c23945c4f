select
    id as netsuite_journal_line_id,
    transaction as netsuite_journal_id,
    linesequencenumber as line_number,
    mainline as is_main,
    account as netsuite_account_id,
    subsidiary as netsuite_subsidiary_id,
    item as netsuite_item_id,
    memo,
    foreignamount as signed_amount,
    debitforeignamount as debit_amount,
    creditforeignamount as credit_amount,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "journal_lines") }}
