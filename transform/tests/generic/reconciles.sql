{#
    Every break of the check is explained. A warning: breaks are work for people and for
    reverse ETL, and no reason to stop the numbers, which are published with them.
#}
{% test reconciles(model) %}

    {{ config(severity="warn") }} select * from {{ model }} where explained_by is null

{% endtest %}
