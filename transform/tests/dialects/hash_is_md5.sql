-- depends_on: {{ ref("currencies") }}
-- hash() is another number on every engine: what is kept is hashed with md5.
with answers as (select {{ dbt.hash("'a'") }} as hashed)

select *
from answers
where hashed <> '0cc175b9c0f1b6a831c399e269772661'
