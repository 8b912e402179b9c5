"""Marks the columns that hold sealed secrets: all there are is what a rotation of the master key has to go through."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.orm import MappedColumn, mapped_column

_PURPOSE = "sealed for"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of secrets, and what each is sealed for: words with the names of its row's columns."""

    table: Table
    column: Column[bytes]
    purpose: str

    @property
    def of_tenants(self) -> bool:
        """Whether each secret is one organization's own."""
        return "org_id" in self.table.primary_key.columns

    @property
    def named(self) -> Sequence[Column[Any]]:
        """The columns that ``purpose`` names."""
        return [self.table.c[name] for _, name, _, _ in Formatter().parse(self.purpose) if name]


def sealed(purpose: str) -> MappedColumn[Any]:
    """A column whose values :class:`backend.core.crypto.Keys` has sealed for this purpose."""
    return mapped_column(info={_PURPOSE: purpose})


def sealed_columns(metadata: MetaData) -> Sequence[SealedColumn]:
    """All of them, by table."""
    return [
        SealedColumn(table, column, column.info[_PURPOSE])
        for table in metadata.sorted_tables
        for column in table.columns
        if _PURPOSE in column.info
    ]
