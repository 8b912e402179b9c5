"""The table of what organizations have used."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class ApiUsage(Base):
    """Calls of the API in a calendar month (UTC); ``month`` is its first day."""

    __tablename__ = "api_usage"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int]
