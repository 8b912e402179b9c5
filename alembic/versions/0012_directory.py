"""Teams that can be changed: a tree without circles, names once each, and what is empty can be deleted."""

from alembic import op

revision = '0012'
down_revision = '0011'

# One change of the tree of an organization at a time: two moves that pass each other could close a circle.
REFUSE_CIRCLES = """
CREATE FUNCTION refuse_team_circles() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE above uuid := NEW.parent_id;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('team tree ' || NEW.org_id, 0));
  WHILE above IS NOT NULL LOOP
    IF above = NEW.id THEN
      RAISE EXCEPTION 'a team cannot lie below itself' USING ERRCODE = 'check_violation';
    END IF;
    SELECT parent_id INTO above FROM team WHERE org_id = NEW.org_id AND id = above;
  END LOOP;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute(REFUSE_CIRCLES)
    op.execute("CREATE TRIGGER circles BEFORE INSERT OR UPDATE OF parent_id ON team"
               " FOR EACH ROW EXECUTE FUNCTION refuse_team_circles()")
    op.execute("CREATE UNIQUE INDEX uq_team_name ON team (org_id, lower(name))")
    op.execute("GRANT DELETE ON team TO app_rw")
