"""Connections, records, playbooks, runs and proposals; a trigger refuses every transition that is not listed."""

from alembic import op
from tenancy import rls
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    op.create_table('proposal_transition',
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('before', 'after', name=op.f('pk_proposal_transition'))
    )
    op.create_table('connection',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('vendor', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('credentials', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('synced_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_connection_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_connection'))
    )
    op.create_table('playbook',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('current_version', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_playbook_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_playbook')),
    sa.UniqueConstraint('org_id', 'slug', name=op.f('uq_playbook_org_id_slug'))
    )
    op.create_table('customer_record',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('connection_id', sa.Uuid(), nullable=False),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('source_version', sa.Text(), nullable=False),
    sa.Column('source_created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('currency', sa.Text(), nullable=True),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('custom_fields', JSONB(), nullable=False),
    sa.Column('raw', JSONB(), nullable=False),
    sa.Column('synced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['org_id', 'connection_id'], ['connection.org_id', 'connection.id'], name=op.f('fk_customer_record_org_id_connection_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_customer_record')),
    sa.UniqueConstraint('org_id', 'connection_id', 'source_id', name=op.f('uq_customer_record_org_id_connection_id_source_id'))
    )
    op.create_table('playbook_version',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('playbook_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('definition', JSONB(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['org_id', 'playbook_id'], ['playbook.org_id', 'playbook.id'], name=op.f('fk_playbook_version_org_id_playbook_id')),
    sa.PrimaryKeyConstraint('org_id', 'playbook_id', 'version', name=op.f('pk_playbook_version'))
    )
    op.create_table('invoice_record',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('connection_id', sa.Uuid(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('source_version', sa.Text(), nullable=False),
    sa.Column('source_created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('balance', sa.BigInteger(), nullable=False),
    sa.Column('credited', sa.BigInteger(), nullable=False),
    sa.Column('issue_date', sa.Date(), nullable=True),
    sa.Column('due_date', sa.Date(), nullable=True),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('memo', sa.Text(), nullable=True),
    sa.Column('lines', JSONB(), nullable=False),
    sa.Column('custom_fields', JSONB(), nullable=False),
    sa.Column('raw', JSONB(), nullable=False),
    sa.Column('synced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['org_id', 'connection_id'], ['connection.org_id', 'connection.id'], name=op.f('fk_invoice_record_org_id_connection_id')),
    sa.ForeignKeyConstraint(['org_id', 'customer_id'], ['customer_record.org_id', 'customer_record.id'], name=op.f('fk_invoice_record_org_id_customer_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_invoice_record')),
    sa.UniqueConstraint('org_id', 'connection_id', 'source_id', name=op.f('uq_invoice_record_org_id_connection_id_source_id'))
    )
    op.create_index('ix_invoice_record_customer', 'invoice_record', ['org_id', 'customer_id', 'source_created_at'], unique=False)
    op.create_index('ix_invoice_record_due', 'invoice_record', ['org_id', 'status', 'due_date', 'id'], unique=False)
    op.create_table('run',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('playbook_id', sa.Uuid(), nullable=False),
    sa.Column('playbook_version', sa.BigInteger(), nullable=False),
    sa.Column('parent_run_id', sa.Uuid(), nullable=True),
    sa.Column('team_id', sa.Uuid(), nullable=True),
    sa.Column('requested_by', sa.Uuid(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('proposed', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('inputs', JSONB(), nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('input_tokens', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('output_tokens', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('model_calls', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['org_id', 'parent_run_id'], ['run.org_id', 'run.id'], name=op.f('fk_run_org_id_parent_run_id')),
    sa.ForeignKeyConstraint(['org_id', 'playbook_id', 'playbook_version'], ['playbook_version.org_id', 'playbook_version.playbook_id', 'playbook_version.version'], name=op.f('fk_run_org_id_playbook_id_playbook_version')),
    sa.ForeignKeyConstraint(['org_id', 'team_id'], ['team.org_id', 'team.id'], name=op.f('fk_run_org_id_team_id')),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_run_org_id')),
    sa.ForeignKeyConstraint(['requested_by'], ['user_account.id'], name=op.f('fk_run_requested_by')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_run'))
    )
    op.create_index('ix_run_parent', 'run', ['org_id', 'parent_run_id', 'id'], unique=False)
    op.create_table('proposal',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('playbook_id', sa.Uuid(), nullable=False),
    sa.Column('playbook_version', sa.BigInteger(), nullable=False),
    sa.Column('team_id', sa.Uuid(), nullable=True),
    sa.Column('requested_by', sa.Uuid(), nullable=False),
    sa.Column('connection_id', sa.Uuid(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('target_kind', sa.Text(), nullable=False),
    sa.Column('target_record_id', sa.Uuid(), nullable=False),
    sa.Column('target_source_id', sa.Text(), nullable=False),
    sa.Column('target_label', sa.Text(), nullable=False),
    sa.Column('party', sa.Text(), nullable=False),
    sa.Column('source_version', sa.Text(), nullable=False),
    sa.Column('guard', JSONB(), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.Column('parameters', JSONB(), nullable=False),
    sa.Column('changes', JSONB(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=True),
    sa.Column('currency', sa.Text(), nullable=True),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('sentence', sa.Text(), nullable=False),
    sa.Column('how', JSONB(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('reasoning', sa.Text(), nullable=False),
    sa.Column('plan', JSONB(), nullable=False),
    sa.Column('attempts', JSONB(), nullable=False),
    sa.Column('evidence', JSONB(), nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('confidence', sa.Double(), nullable=False),
    sa.Column('risk_score', sa.BigInteger(), nullable=False),
    sa.Column('risk_reasons', JSONB(), nullable=False),
    sa.Column('required_signatures', sa.BigInteger(), nullable=False),
    sa.Column('policy_reason', sa.Text(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=False),
    sa.Column('execution', sa.Text(), nullable=False),
    sa.Column('dispatch_after', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stale_changes', JSONB(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['org_id', 'connection_id'], ['connection.org_id', 'connection.id'], name=op.f('fk_proposal_org_id_connection_id')),
    sa.ForeignKeyConstraint(['org_id', 'playbook_id'], ['playbook.org_id', 'playbook.id'], name=op.f('fk_proposal_org_id_playbook_id')),
    sa.ForeignKeyConstraint(['org_id', 'run_id'], ['run.org_id', 'run.id'], name=op.f('fk_proposal_org_id_run_id')),
    sa.ForeignKeyConstraint(['org_id', 'team_id'], ['team.org_id', 'team.id'], name=op.f('fk_proposal_org_id_team_id')),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_proposal_org_id')),
    sa.ForeignKeyConstraint(['requested_by'], ['user_account.id'], name=op.f('fk_proposal_requested_by')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_proposal'))
    )
    op.create_index('ix_proposal_created', 'proposal', ['org_id', 'created_at', 'id'], unique=False)
    op.create_index('ix_proposal_risk', 'proposal', ['org_id', 'risk_score', 'id'], unique=False)
    op.create_index('ix_proposal_run', 'proposal', ['org_id', 'run_id'], unique=False)
    op.create_index('ix_proposal_target', 'proposal', ['org_id', 'target_record_id'], unique=False)
    op.create_table('run_step',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('input_tokens', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('output_tokens', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['org_id', 'run_id'], ['run.org_id', 'run.id'], name=op.f('fk_run_step_org_id_run_id')),
    sa.PrimaryKeyConstraint('org_id', 'run_id', 'key', name=op.f('pk_run_step'))
    )
    op.create_table('decision',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('proposal_id', sa.Uuid(), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('live_check', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['org_id', 'proposal_id'], ['proposal.org_id', 'proposal.id'], name=op.f('fk_decision_org_id_proposal_id')),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_decision_org_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_decision_user_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_decision')),
    sa.UniqueConstraint('org_id', 'proposal_id', 'revision', 'user_id', name=op.f('uq_decision_org_id_proposal_id_revision_user_id'))
    )
    op.create_table('effect',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('proposal_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('dispatched_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('vendor_object_id', sa.Text(), nullable=True),
    sa.Column('vendor_object_url', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['org_id', 'proposal_id'], ['proposal.org_id', 'proposal.id'], name=op.f('fk_effect_org_id_proposal_id')),
    sa.ForeignKeyConstraint(['org_id'], ['organization.id'], name=op.f('fk_effect_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_effect')),
    sa.UniqueConstraint('org_id', 'proposal_id', name=op.f('uq_effect_org_id_proposal_id'))
    )
    for statement in _SECURITY:
        op.execute(statement)
    op.bulk_insert(
        sa.table("proposal_transition", sa.column("before"), sa.column("after")),
        [{"before": before, "after": after} for before, after in _TRANSITIONS],
    )


_TRANSITIONS = (
    ("", "pending/none"),
    ("pending/none", "approved/queued"),
    ("pending/none", "rejected/none"),
    ("pending/none", "expired/none"),
    ("pending/none", "withdrawn/none"),
    ("pending/none", "stale/none"),
    ("approved/queued", "pending/none"),
    ("approved/queued", "stale/none"),
    ("approved/queued", "approved/executing"),
    ("approved/executing", "approved/executed"),
    ("approved/executing", "approved/failed"),
    ("approved/executing", "approved/unknown"),
    ("approved/unknown", "approved/executed"),
    ("approved/unknown", "approved/failed"),
    ("approved/executed", "approved/undone"),
)

_SECURITY = (
    *rls.tenant_table("connection"),
    *rls.tenant_table("customer_record"),
    *rls.tenant_table("invoice_record"),
    *rls.tenant_table("playbook"),
    *rls.tenant_table("playbook_version", grants=("SELECT", "INSERT")),
    *rls.tenant_table("run"),
    *rls.tenant_table("run_step"),
    *rls.tenant_table("proposal"),
    *rls.tenant_table("decision", grants=("SELECT", "INSERT")),
    *rls.tenant_table("effect"),
    "GRANT SELECT ON proposal_transition TO app_rw",
    """
    CREATE FUNCTION check_proposal_transition() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      step_from text := CASE WHEN TG_OP = 'INSERT' THEN '' ELSE OLD.decision || '/' || OLD.execution END;
      step_to text := NEW.decision || '/' || NEW.execution;
    BEGIN
      IF step_from <> step_to AND NOT EXISTS (
        SELECT FROM proposal_transition t WHERE t.before = step_from AND t.after = step_to
      ) THEN
        RAISE EXCEPTION 'a proposal cannot go from % to %', step_from, step_to
          USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_transition';
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER transition BEFORE INSERT OR UPDATE OF decision, execution ON proposal"
    " FOR EACH ROW EXECUTE FUNCTION check_proposal_transition()",
)
