"""A Page is panels; a Panel is a question and a way to show its answer. Both are data: one file
a page, one loop draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from agent.errors import NotFound
from agent.metrics.frames import Frame
from agent.metrics.questions import Ask, Question, Scope
from agent.words import t
from dashboard.charts import Chart
from dashboard.files.sheets import Sheet

if TYPE_CHECKING:
    from agent.services import Services

Own = Mapping[str, str]
Has = Callable[[str], bool]
"""Whether the shop has ever had rows in a table of the warehouse."""


@dataclass(frozen=True)
class Cell:
    """One figure of a table row: text as shown, and the number it was made from.

    `heat` from 0 to 1 shades the cell, `masked` stripes one whose days are not over; `sign` is an
    icon with its word in `text`. `over` stands small above the text. `key` is the value that a
    click on this very cell filters by, `href` where that leads and `adds` where a shift-click does;
    `made` leads to its receipt. `span` draws a range, from 0 to 1: its low and high end, what is
    likely and a line to hold it against.
    """

    text: str
    value: float | None = None
    tone: Literal["", "pos", "neg", "mut"] = ""
    bar: float | None = None
    tick: float | None = None
    spark: tuple[float, ...] = ()
    heat: float | None = None
    masked: bool = False
    sign: str = ""
    over: str = ""
    key: str | None = None
    href: str = ""
    adds: str = ""
    chosen: bool = False
    made: str = ""
    span: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Row:
    """`key` is the value to drill by, None where nothing lies below; `kind` sets rest and total
    rows apart.

    `href` is where a click on the row leads and `adds` where a shift-click does, `chosen` whether
    the page is filtered by it, `explore` the quiet second link: the screen fills them in, paper
    leaves them out. `brief` stands under the name on phones only, for what leaves there.
    """

    name: str
    cells: tuple[Cell, ...]
    key: str | None = None
    kind: Literal["", "rest", "total"] = ""
    note: str = ""
    href: str = ""
    adds: str = ""
    chosen: bool = False
    explore: str = ""
    brief: str = ""


@dataclass(frozen=True)
class Heading:
    """`priority` 2 leaves on phones, 3 on tablets too.

    `key` is what a click on it sorts by and `href` where that leads: filled in by the screen where
    the table can be sorted, `rising` where the smallest stands first. `track` draws its bars short
    and behind the text.
    """

    label: str
    number: bool = True
    priority: Literal[1, 2, 3] = 1
    sorted: bool = False
    key: str = ""
    href: str = ""
    rising: bool = False
    track: bool = False


@dataclass(frozen=True)
class Table:
    """A breakdown as a person reads it: every row, then the rest, then the total. `dimension` is
    what a click drills by."""

    title: str
    measure: str
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    dimension: str = ""
    footer: str = ""


View: TypeAlias = Chart | Table
Shape = Callable[[Frame, Scope], View]


@dataclass(frozen=True)
class More:
    """A second question that needs the first one's answer, and what its frame adds to the view.

    `beside` asks the same of every row of the panel: its metrics are columns of the panel's files.
    A frame that stands `instead` takes the place of the first one, in files too.
    """

    ask: Callable[[Frame, Scope], Question | None]
    add: Callable[[View, Frame], View]
    beside: Callable[[Scope], Question] | None = None
    instead: bool = False


@dataclass(frozen=True)
class Listed:
    """Rows that are no answer to one question, such as targets: as they are read, and as a file
    has them."""

    view: View
    sheet: Sheet


@dataclass(frozen=True)
class Switch:
    """A choice at a panel's head: `word` is its word in the address, the first option is meant
    where the address says nothing."""

    word: str
    label: str
    options: tuple[tuple[str, str], ...]

    def chosen(self, own: Own) -> str:
        return own.get(self.word, self.options[0][0])


@dataclass(frozen=True)
class Panel:
    """`view` turns the frame into what is shown, pure and without I/O; it serves the screen, the
    PDF and the workbook.

    `bars` shows a table of few rows as a list of bars on the screen; `fill` lets the section grow
    to its neighbour. `within` changes the scope it is asked in (a longer history, for cohorts).
    `selects` is the dimension that its parts filter the page by; it is then asked without that
    filter itself. `needs` names the table of the warehouse without which there is nothing to
    show. `also` asks further questions, whose refusal leaves the view as it is.
    A table that `grows` is searched by name, sorted by its headings and lengthened. `rows` is how
    many its skeleton has. `aims` names the metric whose target a chart is held to, empty for none;
    `foretells` the one whose kept forecast goes on behind it, `rings` the one whose findings it
    rings; `settles` the days whose refunds would change it yet, if any. `sheet` makes the rows of
    its files where they are not the frame's own. What is `listed` has its rows from there on paper
    and in files; the screen draws it from more than a frame.
    """

    id: str
    title: str
    ask: Callable[[Scope], Ask]
    view: Shape
    width: Literal[3, 4, 5, 6, 7, 8, 12] = 12
    more: More | None = None
    bars: bool = False
    fill: bool = False
    within: Callable[[Scope], Scope] | None = None
    selects: str = ""
    switches: tuple[Switch, ...] = ()
    needs: str = ""
    also: tuple[More, ...] = ()
    grows: bool = False
    rows: int = 6
    aims: Callable[[Scope], str] | None = None
    foretells: Callable[[Scope], str] | None = None
    sheet: Callable[[Frame, Scope], Sheet] | None = None
    listed: Callable[[Services, Scope], Listed] | None = None
    rings: str = ""
    settles: Callable[[Scope], tuple[date, date] | None] | None = None

    def scope(self, scope: Scope) -> Scope:
        """The scope that its question is asked in."""
        # What is left out of the page stays out of the panel that one chooses in.
        others = (f for f in scope.filters if f.dimension != self.selects or f.exclude)
        scope = replace(scope, filters=tuple(others)) if self.selects else scope
        return self.within(scope) if self.within else scope


def a_list(
    panel_id: str,
    title: str,
    listed: Callable[[Services, Scope], Listed],
    width: Literal[4, 5, 6, 7, 8, 12] = 12,
    **more: Any,
) -> Panel:
    """A panel whose rows come from the records: there is no question that it asks."""
    return Panel(panel_id, title, _unasked, _unshown, width, listed=listed, **more)


def _unasked(scope: Scope) -> Ask:
    raise LookupError("a list asks no question")


def _unshown(frame: Frame, scope: Scope) -> View:
    raise LookupError("a list is no frame")


@dataclass(frozen=True)
class Spoken:
    """What a page says on paper: its opening sentences, and the days that it shows."""

    lead: tuple[str, ...]
    period: str


@dataclass(frozen=True)
class Page:
    """`panels` are shown when the address says nothing else; `choose` makes them from the page's
    own words in it.

    `above` names the parts that stand over the panels, `report` the document that Export prints;
    `filters` puts the row of chips between head and parts. `hero` names the metrics of a row of
    large figures under the head, the first the largest. `figures` names those that depend on
    the page's own words or on the tables of the warehouse that a shop has. `lists` are panels that
    the screen draws in other ways and files have. `key` is the letter that leads here after G,
    `group` the heading over it in the navigation, `tab` whether a phone's bar has it. `choices` are
    parts that stand before the chips. What is not `dated` shows other days than the address names;
    `says` which.
    """

    path: str
    title: str
    icon: str
    panels: tuple[Panel, ...]
    choose: Callable[[Own], tuple[Panel, ...]] | None = None
    above: tuple[str, ...] = ()
    report: str = ""
    filters: bool = False
    hero: tuple[str, ...] = ()
    figures: Callable[[Own, Has], tuple[str, ...]] | None = None
    lists: tuple[Panel, ...] = ()
    key: str = ""
    group: str = ""
    tab: bool = False
    choices: tuple[str, ...] = ()
    dated: bool = True
    says: Callable[[Services, Scope, Own], Spoken] | None = None

    @property
    def name(self) -> str:
        return self.title.lower().replace(" ", "-")

    def within(self, own: Own) -> tuple[Panel, ...]:
        return self.choose(own) if self.choose else self.panels

    def filed(self, own: Own) -> tuple[Panel, ...]:
        """What paper and files have of the page."""
        return (*self.within(own), *self.lists)

    def panel(self, panel_id: str, own: Own) -> Panel:
        """Raises NotFound."""
        found = next((p for p in self.filed(own) if p.id == panel_id), None)
        if found is None:
            raise NotFound(
                t(
                    "The page {title} has no part called {name!r}.",
                    title=t(self.title),
                    name=panel_id,
                )
            )
        return found
