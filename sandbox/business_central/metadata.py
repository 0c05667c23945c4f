"""Business Central's `$metadata`: its entities as OData describes them."""

from xml.sax.saxutils import quoteattr

from sandbox.business_central.books import Books
from sandbox.business_central.entities import ENTITIES, EntitySet

_EDM = {
    "string": "Edm.String",
    "guid": "Edm.Guid",
    "decimal": "Edm.Decimal",
    "date": "Edm.Date",
    "datetime": "Edm.DateTimeOffset",
    "boolean": "Edm.Boolean",
    "int": "Edm.Int32",
}


def metadata(books: Books) -> str:
    """Return the description of all sets, as drift leaves them."""
    types = "".join(_type(books, each) for each in ENTITIES.values())
    sets = "".join(
        f'<EntitySet Name="{each.name}" EntityType="Microsoft.NAV.{each.type}"/>'
        for each in ENTITIES.values()
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx Version="4.0"'
        ' xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
        '<Schema Namespace="Microsoft.NAV"'
        ' xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f'{types}<EntityContainer Name="NAV">{sets}</EntityContainer>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )


def _type(books: Books, entity: EntitySet) -> str:
    properties = "".join(
        f'<Property Name={quoteattr(name)} Type="{_EDM.get(kind, "Edm.String")}"/>'
        for name, kind in books.properties(entity).items()
    )
    links = "".join(
        f'<NavigationProperty Name="{name}" Type="'
        + (
            f"Collection(Microsoft.NAV.{ENTITIES[link.target].type})"
            if link.is_many
            else f"Microsoft.NAV.{ENTITIES[link.target].type}"
        )
        + '"/>'
        for name, link in entity.links.items()
    )
    return (
        f'<EntityType Name="{entity.type}"><Key><PropertyRef Name="id"/></Key>'
        f"{properties}{links}</EntityType>"
    )
