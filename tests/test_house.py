"""The house's rules, held by a walk over the source: who may import whom, no loops, budgets of
size."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("agent", "dashboard", "reports", "commands")
FILES = [*sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py")), ROOT / "app.py"]

# Floors from the ground up: a module imports from its own floor or below.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("agent", "agent.errors", "agent.ports", "agent.files", "agent.sharing"),
    (
        "agent.warehouse",
        "agent.records",
        "agent.cache",
        "agent.bus",
        "agent.mailer",
        "agent.resilience",
        "agent.fitting",
        "agent.secrets",
        "agent.settings",
        "agent.kinds",
        "agent.logs",
        "agent.health",
    ),
    ("agent.metrics",),
    (
        "agent.services",
        "agent.opening",
        "agent.insights",
        "agent.targets",
        "agent.events",
        "agent.narrating",
    ),
    ("agent.quality", "agent.forecasting", "agent.why"),
    ("agent.sources", "agent.anomalies"),
    ("agent.scheduling", "dashboard"),
    ("reports",),
    ("commands", "app"),
)
# Rooms of one floor that must not know each other: they speak through tables and events.
STRANGERS = (
    ("agent.scheduling", "dashboard"),
    ("agent.records", "agent.warehouse"),
    ("agent.forecasting", "agent.why"),
    ("agent.sources", "agent.anomalies"),
)

# A library, and the only places that may import it.
KEEPERS: dict[str, tuple[str, ...]] = {
    "dash": (
        "dashboard.callbacks",
        "dashboard.shell",
        "dashboard.components",
        "dashboard.build",
        "dashboard.pages",
    ),
    "flask": ("dashboard.routes", "dashboard.build", "app"),
    "starlette": ("dashboard.live", "app"),
    "duckdb": ("agent.warehouse",),
    "psycopg2": ("agent.warehouse",),
    "redis": ("agent.cache", "agent.bus", "agent.resilience"),
    "limits": ("agent.resilience",),
    "pybreaker": ("agent.resilience",),
    "tenacity": ("agent.resilience",),
    "requests": ("agent.sources", "agent.secrets", "agent.narrating"),
    "hvac": ("agent.secrets",),
    "boto3": ("agent.secrets",),
    "graphql": (),
    "sklearn": ("agent.forecasting", "agent.anomalies"),
    "lightgbm": ("agent.forecasting",),
    "holidays": ("agent.forecasting.feasts",),
    "weasyprint": ("reports.pdf",),
    "xlsxwriter": ("dashboard.files",),
    "matplotlib": ("reports.charts", "reports.axes"),
    "apscheduler": ("agent.scheduling",),
    "plotly": ("dashboard.figures",),
    "dash_bootstrap_components": (
        "dashboard.callbacks",
        "dashboard.shell",
        "dashboard.components",
        "dashboard.build",
        "dashboard.pages",
    ),
}
BROAD_HANDLERS = {"agent.scheduling": 1, "dashboard.faults": 1}

MAX_FILE = 300
MAX_FUNCTION = 60
MAX_FUNCTION_MEDIAN = 9
MAX_FUNCTION_P95 = 35
MAX_NESTING = 3
MAX_PARAMETERS = 5
MAX_IMPORTS = 16
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


MODULES = {name_of(path): path for path in FILES}


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        inner = [f"{node.module}.{alias.name}" for alias in node.names]
        return [name if name in MODULES else node.module for name in inner]
    return []


def is_typing_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


@cache
def imports(path: Path) -> set[str]:
    """What a module imports anywhere, functions included, but not for type checkers only."""
    found: set[str] = set()
    todo: list[ast.AST] = [tree(path)]
    while todo:
        node = todo.pop()
        if not is_typing_only(node):
            found.update(imported(node))
            todo.extend(ast.iter_child_nodes(node))
    return found


def floor(module: str) -> int:
    """The floor of the longest prefix that the table names."""
    best = max(
        (
            (len(room), level)
            for level, rooms in enumerate(FLOORS)
            for room in rooms
            if within(module, room)
        ),
        default=None,
    )
    assert best is not None, f"{module} has no floor: add its room to FLOORS and ARCHITECTURE.md"
    return best[1]


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def functions(path: Path) -> list[Function]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, Function)]


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_arrows_point_down() -> None:
    wrong = [
        f"{module} imports {other}"
        for module, path in MODULES.items()
        for other in imports(path)
        if other.split(".")[0] in (*ROOMS, "app")
        and floor(other) > floor(module)
        # The composition root is what the command line starts.
        and not (within(module, "commands") and other == "app")
    ]
    assert wrong == []


def test_strangers_do_not_meet() -> None:
    wrong = [
        f"{module} imports {other}"
        for one, two in STRANGERS
        for a, b in ((one, two), (two, one))
        for module, path in MODULES.items()
        if within(module, a)
        for other in imports(path)
        if within(other, b)
    ]
    assert wrong == []


@pytest.mark.parametrize("library", KEEPERS)
def test_a_library_stays_in_its_rooms(library: str) -> None:
    wrong = [
        module
        for module, path in MODULES.items()
        if any(within(other, library) for other in imports(path))
        and not any(within(module, keeper) for keeper in KEEPERS[library])
    ]
    assert wrong == []


def test_no_loops_not_even_lazy_ones() -> None:
    graph = {module: {o for o in imports(path) if o in MODULES} for module, path in MODULES.items()}
    # app.py starts the command line, which builds the app: the one knot, at the root.
    graph["app"] = {other for other in graph["app"] if not within(other, "commands")}
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path[path.index(module) :], module))
        if module not in done:
            for other in graph[module]:
                if other != module:
                    walk(other, (*path, module))
            done.add(module)

    for module in graph:
        walk(module, ())


def test_files_are_rooms_of_a_size() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for p in FILES
        if (n := len(p.read_text().splitlines())) > MAX_FILE
    }
    assert long == {}


def test_functions_are_short() -> None:
    sizes = sorted(length(node) for path in FILES for node in functions(path))
    long = [
        f"{path.relative_to(ROOT)}:{n.lineno} {n.name}"
        for path in FILES
        for n in functions(path)
        if length(n) > MAX_FUNCTION
    ]
    assert long == []
    assert median(sizes) <= MAX_FUNCTION_MEDIAN
    assert sizes[int(len(sizes) * 0.95)] <= MAX_FUNCTION_P95


def test_functions_take_few_parameters() -> None:
    wide = [
        f"{path.relative_to(ROOT)}:{n.lineno} {n.name}"
        for path in FILES
        for n in functions(path)
        if len([a for a in n.args.args + n.args.posonlyargs if a.arg not in ("self", "cls")])
        > MAX_PARAMETERS
    ]
    assert wide == []


def nesting(node: ast.AST) -> int:
    deep = isinstance(
        node, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.AsyncFor | ast.AsyncWith
    )
    inner = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            continue
        # elif is no deeper than its if
        flat = isinstance(node, ast.If) and isinstance(child, ast.If) and [child] == node.orelse
        inner = max(inner, nesting(child) - flat)
    return deep + inner


def test_nesting_is_shallow() -> None:
    deep = [
        f"{path.relative_to(ROOT)}:{n.lineno} {n.name}"
        for path in FILES
        for n in functions(path)
        if nesting(n) > MAX_NESTING
    ]
    assert deep == []


def test_modules_import_few_others() -> None:
    wide = {}
    for path in FILES:
        count = sum(
            isinstance(n, ast.Import | ast.ImportFrom) and not is_grammar(n)
            for n in tree(path).body
        )
        if count > MAX_IMPORTS:
            wide[str(path.relative_to(ROOT))] = count
    assert wide == {}


def is_grammar(node: ast.AST) -> bool:
    """Imports that every typed module begins with say nothing about what it depends on."""
    common = ("__future__", "typing", "collections.abc", "dataclasses")
    return isinstance(node, ast.ImportFrom) and node.module in common


def test_every_return_is_annotated() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{n.lineno} {n.name}"
        for path in FILES
        for n in functions(path)
        if n.returns is None
    ]
    assert bare == []


def test_broad_handlers_stand_at_the_edges_only() -> None:
    found: dict[str, int] = {}
    for module, path in MODULES.items():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ExceptHandler) and is_broad(node):
                room = next((r for r in BROAD_HANDLERS if within(module, r)), module)
                found[room] = found.get(room, 0) + 1
    assert found == BROAD_HANDLERS


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Catches everything and keeps it: cleaning up and raising again is no catch."""
    caught = "" if handler.type is None else ast.unparse(handler.type)
    reraises = any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))
    return caught in ("", "Exception", "BaseException") and not reraises


def test_nothing_is_global_and_nothing_prints() -> None:
    wrong = []
    for module, path in MODULES.items():
        for node in ast.walk(tree(path)):
            prints = isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
            if isinstance(node, ast.Global) or (prints and not within(module, "commands")):
                wrong.append(f"{module}:{node.lineno}")
    assert wrong == []


def test_importing_opens_nothing() -> None:
    """Every module but app.py's own attributes: no socket, no file written, no environment read
    by us."""
    script = f"""
import builtins, importlib, os, socket, sys
sys.path.insert(0, {str(ROOT)!r})
def refuse(*args, **kwargs): raise AssertionError("opened a socket while importing")
socket.socket.connect = refuse
real = builtins.open
def watched(file, mode="r", *args, **kwargs):
    if set(mode) & set("wax+"): raise AssertionError(f"wrote {{file}} while importing")
    return real(file, mode, *args, **kwargs)
builtins.open = watched
for name in {sorted(MODULES)!r}:
    importlib.import_module(name)
import threading
assert threading.active_count() == 1, threading.enumerate()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
