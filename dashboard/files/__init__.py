"""Files of rows, written while they are read: CSV and XLSX from batches of Arrow."""

from __future__ import annotations

from dashboard.files.csv import csv_of
from dashboard.files.frames import sheet_of
from dashboard.files.names import file_name
from dashboard.files.sheets import LIMIT, Heading, Sheet, at_most, cut
from dashboard.files.xlsx import xlsx_of

__all__ = [
    "LIMIT",
    "Heading",
    "Sheet",
    "at_most",
    "csv_of",
    "cut",
    "file_name",
    "sheet_of",
    "xlsx_of",
]
