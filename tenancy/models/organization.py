"""Organizations, people and who belongs where."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class Organization(Base):
    """The tenant. ``slug`` is unique over the installation."""

    __tablename__ = "organization"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    is_demo: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class UserAccount(Base):
    """A person, known once over the installation; visible to the organizations they belong to."""

    __tablename__ = "user_account"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class UserPassword(Base):
    """The argon2 hash of a password; only the system role can read it."""

    __tablename__ = "user_password"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(Text)


class Team(Base):
    """A team of an organization; teams form a tree."""

    __tablename__ = "team"
    __table_args__ = (ForeignKeyConstraint(["org_id", "parent_id"], ["team.org_id", "team.id"]),)

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[UUID | None]


class Membership(Base):
    """A person in an organization with a system role."""

    __tablename__ = "membership"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    role: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class TeamMember(Base):
    """A member in a team. ``is_primary`` marks the team that their runs belong to."""

    __tablename__ = "team_member"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "team_id"], ["team.org_id", "team.id"]),
        ForeignKeyConstraint(["org_id", "user_id"], ["membership.org_id", "membership.user_id"]),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    is_primary: Mapped[bool]


class WebSession(Base):
    """A browser's session. Only the SHA-256 of its cookie is kept."""

    __tablename__ = "web_session"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RefreshToken(Base):
    """One refresh token of a family. A spent one that comes back ends the whole family."""

    __tablename__ = "refresh_token"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    token_hash: Mapped[bytes]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    issued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
