"""What a query costs, and the leaky bucket that it is taken from.

The requested cost is worked out from the text alone: a scalar is 0, an object 1, money and
addresses 0, a plain list 1 whatever its `first`, a connection 2 + max(1, floor(2 ln first)) times
its node. So bigger pages are cheaper by the row. A mutation is 10, whatever it asks back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from tests.shopify_standin.shop import Clock

MOST = 1000
FREE = ("MoneyBag", "MoneyV2", "MailingAddress", "LocationAddress", "PageInfo")
Composite = GraphQLObjectType | GraphQLInterfaceType
Doc = Mapping[str, Any]


@dataclass(frozen=True)
class Reckoner:
    """Works out the cost of one operation; `data` makes it the actual one of an answer."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]

    def selection(self, chosen: SelectionSetNode, of: Composite, data: Doc | None) -> int:
        """The cost of what is selected of a type; of alternatives (`... on X`) the dearest."""
        total, dearest = 0, 0
        for node in chosen.selections:
            if isinstance(node, FieldNode):
                total += self.field(node, of, data)
                continue
            inner, name = self._fragment(node, of)
            within = self.schema.type_map[name]
            assert isinstance(within, Composite)
            found = self.selection(inner, within, data)
            if name == of.name:
                total += found
            else:
                dearest = max(dearest, found)
        return total + dearest

    def _fragment(self, node: Any, of: Composite) -> tuple[SelectionSetNode, str]:
        if isinstance(node, FragmentSpreadNode):
            node = self.fragments[node.name.value]
        assert isinstance(node, InlineFragmentNode | FragmentDefinitionNode)
        condition = node.type_condition
        return node.selection_set, condition.name.value if condition else of.name

    def field(self, node: FieldNode, of: Composite, data: Doc | None) -> int:
        field = of.fields.get(node.name.value)
        if field is None or node.selection_set is None:
            return 0
        kind = get_named_type(field.type)
        value = None
        if data is not None:
            value = data.get(node.alias.value if node.alias else node.name.value)
            if value is None:
                return 0
        if kind.name.endswith("Connection"):
            return self._connection(node, kind, value)
        if not isinstance(kind, Composite):
            return 1
        if of.name == "QueryRoot" and kind.name == "Count":
            return 10
        sample = value[0] if isinstance(value, list) and value else value
        inner = self.selection(node.selection_set, kind, sample if sample else None)
        return inner + (0 if kind.name in FREE else 1)

    def _connection(self, node: FieldNode, kind: Any, value: Doc | None) -> int:
        """2, and its node as often as its page is long: less than in proportion."""
        assert node.selection_set is not None
        if value is not None:
            rows = value.get("nodes") or [e.get("node") for e in value.get("edges") or ()]
            return 2 + sum(self._node(node.selection_set, kind, row) for row in rows if row)
        times = 1
        for name in ("first", "last"):
            size = self._argument(node, name)
            times = max(times, math.floor(2 * math.log(size)) if size and size > 0 else 1)
        return 2 + times * self._node(node.selection_set, kind, None)

    def _node(self, chosen: SelectionSetNode, connection: Any, data: Doc | None) -> int:
        of = get_named_type(connection.fields["nodes"].type)
        for node in chosen.selections:
            name = node.name.value if isinstance(node, FieldNode) else ""
            if isinstance(node, FieldNode) and name == "nodes" and node.selection_set:
                return 1 + self.selection(node.selection_set, of, data)
            if isinstance(node, FieldNode) and name == "edges" and node.selection_set:
                return 1 + self._edge(node.selection_set, of, data)
        return 1

    def _edge(self, chosen: SelectionSetNode, of: Composite, data: Doc | None) -> int:
        return sum(
            self.selection(node.selection_set, of, data)
            for node in chosen.selections
            if isinstance(node, FieldNode) and node.name.value == "node" and node.selection_set
        )

    def _argument(self, node: FieldNode, name: str) -> int | None:
        for argument in node.arguments or ():
            if argument.name.value == name:
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    given = self.variables.get(argument.value.name.value)
                    return given if isinstance(given, int) else None
        return None


def operation_of(document: DocumentNode, name: str | None = None) -> OperationDefinitionNode | None:
    """The operation that is meant; None where the document has no such one."""
    found = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name:
        found = [d for d in found if d.name and d.name.value == name]
    return found[0] if len(found) == 1 else None


def cost(
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: Mapping[str, Any],
    *,
    name: str | None = None,
    data: Doc | None = None,
) -> int:
    """Requested cost of an operation; with its answer's `data`, the actual one."""
    operation = operation_of(document, name)
    if operation is None:
        return 0
    if operation.operation is OperationType.MUTATION:
        return 10
    fragments = {
        d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    defaults = {
        v.variable.name.value: int(v.default_value.value)
        for v in operation.variable_definitions or ()
        if isinstance(v.default_value, IntValueNode)
    }
    reckoner = Reckoner(schema, fragments, {**defaults, **variables})
    assert schema.query_type is not None
    return reckoner.selection(operation.selection_set, schema.query_type, data)


@dataclass
class Bucket:
    """Points of one app in one shop: `maximum`, refilled by `rate` a second of the clock."""

    clock: Clock
    maximum: float = 2000
    rate: float = 100
    level: float = 2000
    seen: datetime | None = None

    def available(self) -> int:
        now = self.clock.now()
        if self.seen is not None:
            passed = max(0.0, (now - self.seen).total_seconds())
            self.level = min(self.maximum, self.level + passed * self.rate)
        self.seen = now
        return int(self.level)

    def take(self, points: int) -> None:
        self.available()
        self.level -= points

    def status(self) -> dict[str, float]:
        return {
            "maximumAvailable": self.maximum,
            "currentlyAvailable": self.available(),
            "restoreRate": self.rate,
        }
