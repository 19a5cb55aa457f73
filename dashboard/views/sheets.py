"""Forecasts and their record as the rows of files."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from agent.forecasting.outlook import Outlook
from agent.records.forecasts import Forecast
from agent.words import t
from dashboard.files.parts import Part, floats, sheet_from, text
from dashboard.files.sheets import Heading, Sheet
from dashboard.panels import Table
from dashboard.views import accuracy


def fan_sheet(outlook: Outlook, steps: int) -> Sheet:
    """Every known step, then every one to come with its bands and the plain guess."""
    past, unit = outlook.past.size, outlook.metric.unit
    dates = np.concatenate([outlook.past_dates, outlook.dates[:steps]])

    def part(label: str, name: str, values: np.ndarray, before: int) -> Part:
        column = np.full(past + steps, np.nan)
        column[before : before + values.size] = values
        known = [None if value != value else float(value) for value in column]
        return floats(Heading(label, unit, name=name), known)

    parts = [
        text(t("Date"), [str(day) for day in dates]),
        part(t("Actual"), "actual", outlook.past, 0),
        part(t("Forecast"), "forecast", outlook.point[:steps], past),
        part(t("Plain guess"), "naive", outlook.naive[:steps], past),
    ]
    for level, (low, high) in sorted(outlook.bounds.items()):
        share = f"{level:.0%}"
        parts.append(part(t("{share} from", share=share), f"lo{level:.0%}", low[:steps], past))
        parts.append(part(t("{share} to", share=share), f"hi{level:.0%}", high[:steps], past))
    return sheet_from(parts, t("Forecast"), outlook.wanted.shop.currency, outlook.track.sentence())


def score_sheet(found: list[Forecast]) -> Sheet:
    """One row a forecast."""
    tallies = [accuracy.tally([one]) for one in found]
    parts = [
        text(t("Made on"), [one.origin for one in found]),
        text(t("Method"), [one.method for one in found]),
        floats(Heading(t("Average miss"), "percent"), [one.miss for one in tallies]),
        floats(Heading(t("Plain guess"), "percent"), [one.naive for one in tallies]),
        floats(Heading(t("In 80% band"), "percent"), [one.inside_80 for one in tallies]),
        floats(Heading(t("In 95% band"), "percent"), [one.inside_95 for one in tallies]),
    ]
    return sheet_from(parts, t(accuracy.OVER_TIME), "")


def sheet_of(table: Table, currency: str) -> Sheet:
    """A table's texts as they are read, beside the figures that they were made from."""
    parts = [text(table.headings[0].label, [row.name for row in table.rows])]
    for place, heading in enumerate(table.headings[1:]):
        cells = [row.cells[place] for row in table.rows]
        if heading.number and any(cell.value is not None for cell in cells):
            column = pa.array([cell.value for cell in cells], pa.float64())
            parts.append(Part(Heading(heading.label, "number"), column))
        else:
            parts.append(text(heading.label, [cell.text for cell in cells]))
    return sheet_from(parts, table.title, currency, table.footer)
