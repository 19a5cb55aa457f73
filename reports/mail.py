"""A Document as a letter: HTML without script or web font, all of it as text, PDF and workbook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from babel.numbers import get_currency_name

from agent.errors import NotConfigured
from agent.ports import Attachment, Letter
from agent.words import locale, t
from dashboard.panels import Cell, Row, Table
from reports.charts import to_png
from reports.documents import REPORTS, Document, KeyFigure, Part
from reports.excel import to_workbook
from reports.inks import Sheet
from reports.pdf import environment, to_pdf
from reports.words import NOTHING, alternative, compared

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_SUBJECT = 150
NOTED = 3


@dataclass(frozen=True)
class Enclosed:
    """What goes with every copy of a letter, made once. `missing` says why there is no PDF."""

    attachments: tuple[Attachment, ...]
    inline: Mapping[str, Attachment]
    missing: str = ""

    @property
    def sentence(self) -> str:
        if self.missing:
            return t("The workbook is attached. The PDF could not be made: {why}", why=self.missing)
        return t("The PDF and the workbook are attached.")


def enclose(document: Document) -> Enclosed:
    """PDF, workbook and pictures. Without the PDF's libraries the rest is made all the same."""
    attachments, missing = [], ""
    try:
        content = to_pdf(document)
        attachments.append(Attachment(document.file_name("pdf"), content, "application/pdf"))
    except NotConfigured as error:
        missing = str(error)
    attachments.append(Attachment(document.file_name("xlsx"), to_workbook(document), XLSX))
    pictures = {
        f"{part.id}-{theme}": _picture(part, theme)
        for part in _parts(document)
        for theme in ("light", "dark")
        if part.chart is not None
    }
    return Enclosed(tuple(attachments), pictures, missing)


def to_letter(
    document: Document,
    recipients: tuple[str, ...],
    message_id: str,
    enclosed: Enclosed | None = None,
) -> Letter:
    """The letter, ready to send. Subject is the headline, the preheader the sentence after it."""
    enclosed = enclosed or enclose(document)
    subject = subject_of(document)
    html = (
        environment()
        .get_template("letter.html")
        .render(
            document=document,
            subject=subject,
            preheader=_preheader(document),
            enclosed=enclosed.sentence,
            nothing=t(NOTHING),
            parts=_parts(document),
            currency=get_currency_name(document.currency, locale=locale(), count=2),
            alternative=alternative,
            compared=compared,
            lines=lines,
        )
    )
    return Letter(
        message_id=message_id,
        to=recipients,
        subject=subject,
        text=text_of(document, enclosed),
        html=html,
        attachments=enclosed.attachments,
        inline=enclosed.inline,
    )


def subject_of(document: Document) -> str:
    """The headline on one line, without anything that a header must not hold."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", document.headline).split())
    line = line.rstrip(".")
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1].rstrip()}…"


def _preheader(document: Document) -> str:
    if len(document.lead) > 1:
        return document.lead[1]
    return t("{title} for {period}.", title=document.title, period=document.period)


def _parts(document: Document) -> tuple[Part, ...]:
    wanted = REPORTS[document.name].letter
    return tuple(part for part in document.parts if part.id in wanted)


def _picture(part: Part, theme: str) -> Attachment:
    assert part.chart is not None
    content = to_png(part.chart, Sheet(528, 210, 2.0, theme))
    return Attachment(f"{part.id}-{theme}.png", content, "image/png")


def lines(table: Table) -> list[Row]:
    """Rows as narrow as a mail: the name, its main figure, its change; under the first names what
    is noted of them."""
    places = _places(table)
    return [
        Row(
            row.name,
            tuple(row.cells[at] for at in places),
            row.key,
            row.kind,
            row.note if place < NOTED and not row.kind else "",
        )
        for place, row in enumerate(table.rows)
    ]


def _places(table: Table) -> list[int]:
    heads = table.headings[1:]
    main = next((i for i, head in enumerate(heads) if head.sorted), 0)
    last = len(heads) - 1
    changes = heads[last].label == t("Change") and main != last
    return [main, last] if changes else [main]


def text_of(document: Document, enclosed: Enclosed) -> str:
    """Everything that the report says, as plain text."""
    blocks = [
        f"{document.shop.name}: {document.title}",
        " ".join(document.lead),
        f"{document.period}{compared(document.against)}. {enclosed.sentence}",
    ]
    if document.empty:
        blocks.append(t(NOTHING))
    blocks.append("\n".join(_figure_lines(document)))
    blocks += [_part_text(part) for part in document.parts]
    blocks.append(t("Open the live page: {link}", link=document.link))
    blocks.append("\n".join(f"{name}: {words}" for name, words in document.notes))
    return "\n\n".join(blocks) + "\n"


def _figure_lines(document: Document) -> list[str]:
    return [f"{f.label}: {f.text}{_beside(f, document.against)}" for f in document.figures]


def _beside(figure: KeyFigure, against: str) -> str:
    said = figure.reason or (_moved(figure) if against else "")
    return f" ({said})" if said else ""


def _moved(figure: KeyFigure) -> str:
    said = {"change": figure.change.text, "former": figure.text_before}
    return t("{change}, from {former}", **said)


def _part_text(part: Part) -> str:
    if part.chart is not None:
        return alternative(part.chart)
    assert part.table is not None
    rows = "\n".join(f"  {row.name}: {_cells(row.cells)}" for row in part.table.rows)
    heads = ", ".join(head.label for head in part.table.headings[1:])
    foot = f"\n  {part.table.footer}" if part.table.footer else ""
    return f"{part.table.title} ({part.table.measure}; {heads})\n{rows}{foot}"


def _cells(cells: tuple[Cell, ...]) -> str:
    return ", ".join(cell.text for cell in cells if cell.text)
