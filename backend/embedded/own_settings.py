"""The settings for a command that works on an installation: its environment's, or those of the stack started here."""

from backend.core import settings
from backend.core.settings import Settings
from backend.embedded import demo_file, temporal
from backend.embedded.errors import StartupError
from backend.embedded.launch import Launch
from backend.embedded.postgres import EmbeddedPostgres


def of_installation(launch: Launch) -> Settings:
    """The environment's settings where it names a database; else the stack's."""
    if launch.environ.get("COUNTERSIGN_DATABASE_URL"):
        return settings.load(launch.environ)
    return of_stack(launch)


def of_stack(launch: Launch) -> Settings:
    """Needs the state folder, whose owner may read everything anyway. Raises :class:`StartupError` without one."""
    if not launch.master_key.exists():
        raise StartupError("The demo is not running: start it with `make up`.")
    postgres = EmbeddedPostgres(launch.state / "postgres")
    demo = demo_file.read(launch.demo) if launch.demo.exists() else None
    return settings.load(
        {
            "COUNTERSIGN_DATABASE_URL": postgres.dsn("app_rw"),
            "COUNTERSIGN_SYSTEM_DATABASE_URL": postgres.dsn("app_system"),
            "COUNTERSIGN_MASTER_KEY_FILE": str(launch.master_key),
            "COUNTERSIGN_PUBLIC_URL": demo.web_url if demo else "",
            "COUNTERSIGN_TEMPORAL_ADDRESS": demo.temporal_address if demo else "",
            "COUNTERSIGN_TEMPORAL_NAMESPACE": temporal.NAMESPACE,
        }
    )
