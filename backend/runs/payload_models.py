"""The table of what is too large for the workflow engine's histories."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class StoredPayload(Base):
    """One payload that a history refers to, encrypted as it would lie there. Written once, never changed."""

    __tablename__ = "stored_payload"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    data: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
