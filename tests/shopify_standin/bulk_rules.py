"""What a bulk query must not be, with Shopify's words for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    SelectionSetNode,
    get_named_type,
    parse,
    validate,
)

from tests.shopify_standin.cost import operation_of

LONGEST = 65_535
MOST_CONNECTIONS = 5
DEEPEST = 2
SYNTAX = "Invalid bulk query: syntax error, unexpected end of file"
NOT_QUERY = "Invalid operation type. Only `query` operations are supported."
NODE = "Bulk queries cannot contain a top level `node` field."
NONE = "Bulk queries must contain at least one connection."
MANY = "Bulk queries cannot contain more than 5 connections."
DEEP = "Bulk queries cannot contain connections with a nesting depth greater than 2."
IN_LIST = "Queries that contain a connection field within a list field are not currently supported."
NODES = (
    "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g:"
    " 'orders {{ edges {{ node {{'. Selecting via 'nodes' is not supported. Invalid connection"
    " fields: {}."
)
NO_ID = (
    "The parent 'node' field for a nested connection must select the 'id' field without an alias"
    " and must be of 'ID' return type. Connection fields without 'id': {}."
)


@dataclass(frozen=True)
class Met:
    """A connection in a query: how deep it lies, and what was found wrong with it."""

    name: str
    depth: int
    in_list: bool
    by_nodes: bool
    # Its node has connections of its own and no id.
    lacks_id: bool


@lru_cache(maxsize=64)
def check(schema: GraphQLSchema, text: str) -> Sequence[str]:
    """What Shopify refuses in a bulk query, in its words; empty where nothing is."""
    if len(text.encode()) > LONGEST:
        return [f"Query is too long (maximum is {LONGEST} bytes)"]
    try:
        document = parse(text)
    except GraphQLError:
        return [SYNTAX]
    operation = operation_of(document)
    if operation is None or operation.operation is not OperationType.QUERY:
        return [NOT_QUERY]
    errors = validate(schema, document)
    if errors:
        return [f"Invalid bulk query: {errors[0].message}"]
    roots = [n.name.value for n in operation.selection_set.selections if isinstance(n, FieldNode)]
    if "node" in roots or "nodes" in roots:
        return [NODE]
    walk = _Walk(document)
    assert schema.query_type is not None
    return _wrong(list(walk.met(operation.selection_set, schema.query_type, (0, False))))


def _wrong(found: list[Met]) -> list[str]:
    wrong = []
    by_nodes = [met.name for met in found if met.by_nodes]
    without = [met.name for met in found if met.lacks_id]
    if not found:
        wrong.append(NONE)
    if by_nodes:
        wrong.append(NODES.format(", ".join(f"'{name}'" for name in by_nodes)))
    if any(met.in_list for met in found):
        wrong.append(IN_LIST)
    if any(met.depth > DEEPEST for met in found):
        wrong.append(DEEP)
    if len(found) > MOST_CONNECTIONS:
        wrong.append(MANY)
    if without:
        wrong.append(NO_ID.format(", ".join(without)))
    return wrong


class _Walk:
    def __init__(self, document: DocumentNode) -> None:
        self.schema_fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }

    def fields(self, chosen: SelectionSetNode) -> Iterator[FieldNode]:
        """Fields of a selection, those of its fragments too."""
        for node in chosen.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                yield from self.fields(self.schema_fragments[node.name.value].selection_set)
            else:
                yield from self.fields(node.selection_set)  # type: ignore[attr-defined]

    def met(self, chosen: SelectionSetNode, of: Any, at: tuple[int, bool]) -> Iterator[Met]:
        """Connections under a selection, themselves before what lies in them."""
        depth, in_list = at
        for node in self.fields(chosen):
            kind = _type_of(of, node.name.value)
            if kind is None or node.selection_set is None:
                continue
            named = get_named_type(kind)
            if not named.name.endswith("Connection"):
                listed = in_list or _is_list(kind)
                yield from self.met(node.selection_set, named, (depth, listed))
                continue
            inner = self._node(node.selection_set)
            below = (
                list(self.met(inner, _type_of(named, "nodes"), (depth + 1, False))) if inner else []
            )
            named_ids = [f for f in self.fields(inner) if f.name.value == "id"] if inner else []
            has_id = any(f.alias is None for f in named_ids)
            by_nodes = any(f.name.value == "nodes" for f in self.fields(node.selection_set))
            yield Met(node.name.value, depth, in_list, by_nodes, bool(below) and not has_id)
            yield from below

    def _node(self, chosen: SelectionSetNode) -> SelectionSetNode | None:
        for node in self.fields(chosen):
            if node.name.value == "nodes":
                return node.selection_set
            if node.name.value == "edges" and node.selection_set:
                return next(
                    (f.selection_set for f in self.fields(node.selection_set)
                     if f.name.value == "node"),
                    None,
                )  # fmt: skip
        return None


def _type_of(of: Any, name: str) -> Any:
    named = get_named_type(of)
    if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) and name in named.fields:
        return named.fields[name].type
    return None


def _is_list(kind: Any) -> bool:
    inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    return isinstance(inner, GraphQLList)
