"""Reading the checked-in tables, and saying exactly which line of which file is wrong.

Belongs here: CSV rows, typed access to their cells, the error. Does not belong here: what any one table means.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import resources


class TableError(ValueError):
    """A malformed line of a table; the message reads ``file:line: what is wrong``."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"{file}:{line}: {problem}")
        self.file = file
        self.line = line
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, its cells stripped."""

    file: str
    line: int
    cells: dict[str, str]

    def fail(self, problem: str) -> TableError:
        """Build the error that names this line."""
        return TableError(self.file, self.line, problem)

    def get(self, column: str) -> str:
        """Give the cell, empty if it is."""
        return self.cells[column]

    def text(self, column: str) -> str:
        """Give the cell; it may not be empty."""
        if not self.cells[column]:
            raise self.fail(f"{column} is empty")
        return self.cells[column]

    def words(self, column: str) -> tuple[str, ...]:
        """Split a cell at ``|``."""
        return tuple(part for part in (part.strip() for part in self.cells[column].split("|")) if part)

    def one_of(self, column: str, allowed: tuple[str, ...]) -> str:
        """Give the cell; it must be one of ``allowed``."""
        if self.cells[column] not in allowed:
            raise self.fail(f"{column} {self.cells[column]!r} is none of {', '.join(allowed)}")
        return self.cells[column]

    def whole(self, column: str) -> int | None:
        """Give the cell as a whole number above 0, ``None`` if empty."""
        cell = self.cells[column]
        if not cell:
            return None
        if not (cell.isascii() and cell.isdigit() and int(cell) > 0):
            raise self.fail(f"{column} {cell!r} is not a whole number above 0")
        return int(cell)

    def numbers(self, column: str) -> tuple[int | float, ...]:
        """Split a cell at ``|`` into ascending numbers above 0, at least one; whole ones as ``int``."""
        values: list[int | float] = []
        for word in self.words(column):
            try:
                value = float(word)
            except ValueError:
                raise self.fail(f"{column} {word!r} is not a number") from None
            if not 0 < value < 100_000:
                raise self.fail(f"{column} {word!r} is not a number above 0")
            values.append(int(value) if value.is_integer() else value)
        if not values or values != sorted(set(values)):
            raise self.fail(f"{column} {self.cells[column]!r} is not an ascending list such as 8|16")
        return tuple(values)

    def day(self, column: str) -> date | None:
        """Give the cell as a day (``YYYY-MM-DD``), ``None`` if empty."""
        cell = self.cells[column]
        try:
            return date.fromisoformat(cell) if cell else None
        except ValueError:
            raise self.fail(f"{column} {cell!r} is not a day such as 2025-01-30") from None


@dataclass(frozen=True, slots=True)
class Table:
    """The text of a table and the name to blame."""

    name: str
    text: str

    def rows(self, columns: tuple[str, ...]) -> Iterator[Row]:
        """Yield the lines; raises ``TableError`` for a wrong header, too many or too few cells, or broken quoting."""
        reader = csv.reader(io.StringIO(self.text, newline=""), strict=True)
        try:
            header = next(reader, [])
            if tuple(header) != columns:
                raise TableError(self.name, 1, f"the header must read {','.join(columns)}")
            for cells in reader:
                if len(cells) != len(columns):
                    raise TableError(self.name, reader.line_num, f"{len(cells)} cells instead of {len(columns)}")
                stripped = (cell.strip() for cell in cells)
                yield Row(self.name, reader.line_num, dict(zip(columns, stripped, strict=True)))
        except csv.Error as error:
            raise TableError(self.name, reader.line_num, str(error)) from error


def packaged(name: str) -> Table:
    """Read a table that ships with the package."""
    return Table(name, resources.files("gpu_etl.catalog").joinpath(name).read_text(encoding="utf-8"))
