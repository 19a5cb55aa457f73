"""Formulas: arithmetic over names, read from text without ever running it.

`net_sales / sessions` is a tree of names, numbers and + - * /. A sum of exact amounts stays exact;
whatever divides or multiplies is a float, unknown where a divisor is zero.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Literal, Protocol, TypeVar

from agent.errors import Refused
from agent.words import mark, t

LONGEST = 500
DEEPEST = 40
Sign = Literal["+", "-", "*", "/"]
_SIGNS: Mapping[type[ast.operator], Sign] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
_GRAMMAR = mark("Write names of metrics and numbers with + - * / and parentheses.")
T = TypeVar("T")


@dataclass(frozen=True)
class Name:
    name: str


@dataclass(frozen=True)
class Constant:
    value: float


@dataclass(frozen=True)
class Minus:
    inner: Node


@dataclass(frozen=True)
class Pair:
    sign: Sign
    left: Node
    right: Node


Node = Name | Constant | Minus | Pair


class Arithmetic(Protocol[T]):
    """How values of a kind are combined; `pair` gives unknown where a divisor is zero."""

    def constant(self, value: float) -> T: ...

    def minus(self, value: T) -> T: ...

    def pair(self, sign: Sign, left: T, right: T) -> T: ...


@dataclass(frozen=True)
class Formula:
    """`text` as it was written, `tree` what it means."""

    text: str
    tree: Node

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name once, in the order of reading."""
        return tuple(dict.fromkeys(node.name for node in walk(self.tree) if isinstance(node, Name)))

    @cached_property
    def ratio(self) -> bool:
        """Whether anything is divided by a name: a longer period does not simply have more of
        it."""
        return any(
            isinstance(node, Pair) and node.sign == "/" and _has_name(node.right)
            for node in walk(self.tree)
        )

    @cached_property
    def exact(self) -> bool:
        """Whether it only adds and subtracts names."""
        return all(
            not isinstance(node, Constant) and (not isinstance(node, Pair) or node.sign in "+-")
            for node in walk(self.tree)
        )

    @cached_property
    def below(self) -> str:
        """The divisor of the outermost division as text; empty where that is none."""
        divides = isinstance(self.tree, Pair) and self.tree.sign == "/"
        return written(self.tree.right) if divides and isinstance(self.tree, Pair) else ""

    def value(self, read: Callable[[str], T], how: Arithmetic[T]) -> T:
        """What it comes to where `read` gives the value of a name."""
        return _value(self.tree, read, how)

    def expanded(self, formula_of: Callable[[str], Formula]) -> Formula:
        """With every name replaced by what it stands for."""
        tree = _expanded(self.tree, formula_of)
        return Formula(written(tree), tree)


def parse(text: str, known: Collection[str] = ()) -> Formula:
    """Read a formula; with `known`, only these names may stand in it. Raises Refused."""
    if len(text) > LONGEST:
        raise Refused(t("The formula is longer than {count} characters.", count=LONGEST))
    try:
        tree = _node(ast.parse(text.strip(), mode="eval").body, 0)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise Refused(
            t("The formula {text!r} cannot be read.", text=text[:80]), hint=t(_GRAMMAR)
        ) from error
    formula = Formula(text.strip(), tree)
    for name in formula.names if known else ():
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = (
                t("Did you mean {name}?", name=near[0])
                if near
                else t("Known: {names}.", names=", ".join(known))
            )
            raise Refused(t("There is no metric called {name!r}.", name=name[:60]), hint=hint)
    if not formula.names:
        raise Refused(t("The formula names no metric."), hint=t(_GRAMMAR))
    return formula


def walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Minus):
        yield from walk(node.inner)
    elif isinstance(node, Pair):
        yield from walk(node.left)
        yield from walk(node.right)


def written(node: Node) -> str:
    """A tree as text, with no more parentheses than it needs."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Constant):
        return f"{node.value:.15g}"
    if isinstance(node, Minus):
        return f"-{_braced(node.inner, 3)}"
    rank = _rank(node)
    right = rank + (node.sign in "-/")
    return f"{_braced(node.left, rank)} {node.sign} {_braced(node.right, right)}"


def _rank(node: Node) -> int:
    if isinstance(node, Pair):
        return 1 if node.sign in "+-" else 2
    return 2 if isinstance(node, Minus) else 3


def _braced(node: Node, rank: int) -> str:
    return f"({written(node)})" if _rank(node) < rank else written(node)


def _node(found: ast.expr, depth: int) -> Node:
    if depth > DEEPEST:
        raise Refused(t("The formula is nested more than {count} deep.", count=DEEPEST))
    if isinstance(found, ast.Name):
        return Name(found.id)
    if isinstance(found, ast.Constant) and type(found.value) in (int, float):
        return Constant(_finite(found.value))
    if isinstance(found, ast.UnaryOp) and isinstance(found.op, ast.USub):
        return Minus(_node(found.operand, depth + 1))
    if isinstance(found, ast.BinOp) and type(found.op) in _SIGNS:
        sign = _SIGNS[type(found.op)]
        left, right = _node(found.left, depth + 1), _node(found.right, depth + 1)
        if sign == "/" and isinstance(right, Constant) and right.value == 0:
            raise Refused(t("The formula divides by zero."))
        return Pair(sign, left, right)
    raise Refused(
        t("{text!r} cannot stand in a formula.", text=ast.unparse(found)[:80]), hint=t(_GRAMMAR)
    )


def _finite(value: object) -> float:
    number = float(str(value))
    if abs(number) > 1e15:
        raise Refused(t("A number in the formula is too large."))
    return number


def _has_name(node: Node) -> bool:
    return any(isinstance(inner, Name) for inner in walk(node))


def _value(node: Node, read: Callable[[str], T], how: Arithmetic[T]) -> T:
    if isinstance(node, Name):
        return read(node.name)
    if isinstance(node, Constant):
        return how.constant(node.value)
    if isinstance(node, Minus):
        return how.minus(_value(node.inner, read, how))
    return how.pair(node.sign, _value(node.left, read, how), _value(node.right, read, how))


def _expanded(node: Node, formula_of: Callable[[str], Formula]) -> Node:
    if isinstance(node, Name):
        return formula_of(node.name).tree
    if isinstance(node, Minus):
        return Minus(_expanded(node.inner, formula_of))
    if isinstance(node, Pair):
        left, right = _expanded(node.left, formula_of), _expanded(node.right, formula_of)
        return Pair(node.sign, left, right)
    return node
