"""Records reached from a record over a relationship, one step far."""

from simulator.errors import not_found
from simulator.messages import Response, answer
from simulator.rest.call import Call
from simulator.rest.queries import page_body
from simulator.rest.selecting import record_of, select_list
from simulator.schema import ObjectType


def read_related(call: Call, kind: ObjectType, record_id: str, name: str) -> Response:
    """Answer the parent or the children that the relationship *name* leads to."""
    row = call.writer.existing(kind, record_id)
    reference = kind.by_relationship.get(name.lower())
    if reference is not None:
        parent_id = row.get(reference.column)
        parent = call.org.schema.of_id(parent_id) if parent_id else None
        if parent is None or parent_id is None:
            raise not_found()
        return answer(record_of(call, parent, parent_id))
    for link in call.org.schema.children(kind.name):
        if (link.field.child_relationship or "").lower() == name.lower():
            names = select_list(link.child, call.request.query.get("fields"))
            text = f"SELECT {names} FROM {link.child.name} WHERE {link.field.name} = '{row['Id']}'"
            return answer(page_body(call, call.query(text)))
    raise not_found()
