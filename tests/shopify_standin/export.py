"""What a bulk operation writes: one line an object, children with `__parentId`.

The selection is made into a plan once and read off the documents: an export has too many fields to
ask graphql-core for each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    value_from_ast_untyped,
)

Doc = dict[str, Any]
Resolve = Callable[[str, Doc], Any]


@dataclass(frozen=True)
class Pick:
    """One field of a plan; of the type `of` only, where it stood in a fragment on one."""

    key: str
    name: str
    of: str | None
    arguments: Mapping[str, Any]
    inner: Plan | None
    connection: bool

    @cached_property
    def nests(self) -> bool:
        """Whether it is a connection, or has one in it."""
        return self.connection or (self.inner is not None and self.inner.nests)


@dataclass(frozen=True)
class Plan:
    picks: Sequence[Pick]

    def object(self, doc: Doc) -> Doc:
        """The document's own fields, without its connections."""
        return {
            pick.key: _value(pick, doc)
            for pick in self.picks
            if not pick.connection and _meant(pick, doc)
        }

    def children(self, doc: Doc) -> Iterator[tuple[Plan, list[Doc]]]:
        """Its connections, those of things within it too: how their nodes are written, and which
        those are."""
        for pick in self.picks:
            if pick.inner is None or not _meant(pick, doc):
                continue
            found = doc[pick.name]
            found = found(None) if callable(found) and pick.nests else found
            if pick.connection:
                yield pick.inner, found
            elif pick.nests and isinstance(found, dict):
                yield from pick.inner.children(found)

    def asks(self, name: str) -> bool:
        """Whether a field of that name is anywhere in it."""
        return any(
            pick.name == name or (pick.inner is not None and pick.inner.asks(name))
            for pick in self.picks
        )

    @cached_property
    def nests(self) -> bool:
        return any(pick.nests for pick in self.picks)


def _meant(pick: Pick, doc: Doc) -> bool:
    return pick.of is None or doc.get("__typename") == pick.of


def _value(pick: Pick, doc: Doc) -> Any:
    found = doc.get(pick.name)
    if callable(found):
        found = found(None, **pick.arguments)
    if pick.inner is None or found is None:
        return found
    if isinstance(found, list):
        return [pick.inner.object(one) for one in found]
    return pick.inner.object(found)


def plan(document: DocumentNode, chosen: SelectionSetNode) -> Plan:
    """The plan of a selection; a connection's plan is that of its node."""
    fragments = {
        d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    return Plan(tuple(_picks(fragments, chosen, None)))


def _picks(
    fragments: Mapping[str, FragmentDefinitionNode], chosen: SelectionSetNode, of: str | None
) -> Iterator[Pick]:
    for node in chosen.selections:
        if isinstance(node, FieldNode):
            yield _pick(fragments, node, of)
            continue
        if isinstance(node, FragmentSpreadNode):
            node = fragments[node.name.value]  # type: ignore[assignment]
        assert isinstance(node, InlineFragmentNode | FragmentDefinitionNode)
        condition = node.type_condition.name.value if node.type_condition else of
        plain = condition in ("Node", "Sale", "SalesAgreement", "MoneyBag", "MoneyV2")
        yield from _picks(fragments, node.selection_set, of if plain else condition)


def _pick(fragments: Mapping[str, FragmentDefinitionNode], node: FieldNode, of: str | None) -> Pick:
    arguments = {a.name.value: value_from_ast_untyped(a.value) for a in node.arguments or ()}
    key = node.alias.value if node.alias else node.name.value
    inner, connection = node.selection_set, False
    node_of = inner and _node_of(inner)
    if node_of:
        inner, connection = node_of, True
    below = Plan(tuple(_picks(fragments, inner, None))) if inner else None
    return Pick(key, node.name.value, of, arguments, below, connection)


def _node_of(chosen: SelectionSetNode) -> SelectionSetNode | None:
    """The selection under edges { node }, where that is what was selected."""
    edges = _under(chosen, "edges")
    return _under(edges, "node") if edges else None


def _under(chosen: SelectionSetNode, name: str) -> SelectionSetNode | None:
    for node in chosen.selections:
        if isinstance(node, FieldNode) and node.name.value == name:
            return node.selection_set
    return None


def written(doc: Doc) -> str:
    """One line; slashes are escaped."""
    return json.dumps(doc, separators=(",", ":"), ensure_ascii=False).replace("/", "\\/")


def lines(of: Plan, docs: Sequence[Doc], grouped: bool) -> list[str]:
    """Every object as a line, parents before children.

    Where they are not grouped, the children that have children themselves come long after their
    parents, those of several orders together.
    """
    if grouped:
        return [line for doc in docs for line in _grouped(of, doc, None)]
    found: list[str] = []
    later: list[tuple[Plan, Doc, str]] = []
    for doc in docs:
        found.append(written(of.object(doc)))
        for plan_of, children in of.children(doc):
            if plan_of.nests:
                later += [(plan_of, child, doc["id"]) for child in children]
            else:
                found += [_child(plan_of, child, doc["id"]) for child in children]
    return found + _apart(later)


def _apart(later: Sequence[tuple[Plan, Doc, str]], together: int = 7) -> list[str]:
    found: list[str] = []
    for start in range(0, len(later), together):
        some = later[start : start + together]
        found += [_child(of, doc, parent) for of, doc, parent in some]
        for of, doc, _ in some:
            for plan_of, children in of.children(doc):
                found += [_child(plan_of, child, doc["id"]) for child in children]
    return found


def _child(of: Plan, doc: Doc, parent: str) -> str:
    return written({**of.object(doc), "__parentId": parent})


def _grouped(of: Plan, doc: Doc, parent: str | None) -> Iterator[str]:
    yield written(of.object(doc)) if parent is None else _child(of, doc, parent)
    for plan_of, children in of.children(doc):
        for child in children:
            yield from _grouped(plan_of, child, doc["id"])
