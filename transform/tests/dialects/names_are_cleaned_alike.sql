-- depends_on: {{ ref("currencies") }}
-- A pattern replaces its first match on DuckDB and PostgreSQL, every one on Spark.
with
    answers as (
        select
            {{ normalised_name("'Müller & Söhne B.V. Holding'") }} as name,
            {{ normalised_code("'add  sso (v2)'") }} as code,
            {{ domain_of("'https://www.acme.com/www./about'") }} as domain
    )

select *
from answers
where name <> 'muller sohne' or code <> 'ADD-SSO-V2' or domain <> 'acme.com'
