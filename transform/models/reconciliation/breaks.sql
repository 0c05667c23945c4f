{% for check in checks() %}
    select * from {{ ref(check) }} {{ "union all" if not loop.last }}
{% endfor %}
