"""Rows written to a CSV or parquet file piece by piece; the file is there whole or not at all."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from agent.errors import BadFile
from agent.words import t

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.parquet as pq


class Rows:
    """Writes beside the path and moves it there at the end; nothing stays of what breaks off.

    Raises BadFile where the place cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._aside = path.with_name(f".{path.name}.part")
        self._parquet = path.suffix.lower() in (".parquet", ".pq")
        self._writer: pq.ParquetWriter | None = None
        self._begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.close()
        if kind is None and self._begun:
            self._aside.replace(self._path)
        self._aside.unlink(missing_ok=True)

    def put(self, rows: pd.DataFrame) -> None:
        """Write more rows, of the same columns as the first."""
        try:
            self._put(rows)
        except OSError as error:
            said = error.strerror or str(error)
            raise BadFile(
                t("{path} cannot be written: {why}", path=str(self._path), why=said)
            ) from None
        self._begun = True

    def _put(self, rows: pd.DataFrame) -> None:
        if not self._parquet:
            how = "gzip" if self._path.suffix.lower() == ".gz" else None
            mode = "a" if self._begun else "w"
            rows.to_csv(
                self._aside, index=False, mode=mode, header=not self._begun, compression=how
            )
            return
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = self._writer.schema if self._writer else None
        table = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._aside, table.schema)
        self._writer.write_table(table)
