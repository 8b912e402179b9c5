"""Organizations, people and who belongs where."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class Organization(Base):
    """The tenant. ``slug`` is unique over the installation. Its members change ``name`` alone, who runs it all else.

    ``residency`` says where its data lie, in the words of who runs the installation.
    """

    __tablename__ = "organization"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    is_demo: Mapped[bool]
    tier: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default=text("'active'"))
    suspended_at: Mapped[datetime | None]
    residency: Mapped[str | None] = mapped_column(Text)
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


class UserPreference(Base):
    """How a person wants the app, in every organization; only they can read or write it."""

    __tablename__ = "user_preference"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    theme: Mapped[str] = mapped_column(Text)
    density: Mapped[str] = mapped_column(Text)
    quiet_keys: Mapped[list[str]] = mapped_column(ARRAY(Text))


class Team(Base):
    """A team of an organization; teams form a tree."""

    __tablename__ = "team"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "parent_id"], ["team.org_id", "team.id"]),
        Index("uq_team_name", "org_id", text("lower(name)"), unique=True),
    )

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[UUID | None]


class RoleRow(Base):
    """A role that an organization has made. ``permissions`` are kept as they were written."""

    __tablename__ = "role"
    __table_args__ = (Index("uq_role_name", "org_id", text("lower(name)"), unique=True),)

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class TeamRole(Base):
    """What the members of a team may do within it: a system role, or with ``role_id`` one of the organization."""

    __tablename__ = "team_role"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "team_id"], ["team.org_id", "team.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["org_id", "role_id"], ["role.org_id", "role.id"]),
        Index("ix_team_role_role_id", "org_id", "role_id"),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str | None] = mapped_column(Text)
    role_id: Mapped[UUID | None]


class Membership(Base):
    """A person in an organization with a system role, or with ``role_id`` one of the organization."""

    __tablename__ = "membership"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "role_id"], ["role.org_id", "role.id"]),
        Index("ix_membership_role_id", "org_id", "role_id"),
    )

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    role: Mapped[str | None] = mapped_column(Text)
    role_id: Mapped[UUID | None]
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
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    user_agent: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)


class RefreshToken(Base):
    """One refresh token of a family. A spent one that comes back ends the whole family."""

    __tablename__ = "refresh_token"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    token_hash: Mapped[bytes]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    issued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    user_agent: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
