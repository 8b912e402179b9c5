"""Approval policies as rules, revisions, questions to the agent, delegation, and decisions that a policy takes."""

from alembic import op
from tenancy import rls
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    op.add_column('proposal', sa.Column('terms', JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column('proposal', sa.Column('asks', ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.create_index('ix_proposal_asks', 'proposal', ['asks'], postgresql_using='gin')
    op.add_column('proposal', sa.Column('edited_by', sa.Uuid(), nullable=True))
    op.add_column('proposal', sa.Column('edit_lowers', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('proposal', sa.Column('remind_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('proposal', sa.Column('escalate_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('proposal', sa.Column('escalated_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('proposal', sa.Column('undoes_id', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_proposal_edited_by'), 'proposal', 'user_account', ['edited_by'], ['id'])
    op.create_foreign_key(op.f('fk_proposal_org_id_undoes_id'), 'proposal', 'proposal',
                          ['org_id', 'undoes_id'], ['org_id', 'id'])
    op.add_column('decision', sa.Column('to_user_id', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_decision_to_user_id'), 'decision', 'user_account', ['to_user_id'], ['id'])
    op.alter_column('decision', 'user_id', nullable=True)
    op.create_index('ix_decision_proposal', 'decision', ['org_id', 'proposal_id'], unique=False)
    op.create_table('proposal_revision',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('proposal_id', sa.Uuid(), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('sentence', sa.Text(), nullable=False),
    sa.Column('parameters', JSONB(), nullable=False),
    sa.Column('changes', JSONB(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=True),
    sa.Column('author_id', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_proposal_revision_author_id')),
    sa.ForeignKeyConstraint(['org_id', 'proposal_id'], ['proposal.org_id', 'proposal.id'], name=op.f('fk_proposal_revision_org_id_proposal_id')),
    sa.PrimaryKeyConstraint('org_id', 'proposal_id', 'revision', name=op.f('pk_proposal_revision'))
    )
    op.create_table('question',
    sa.Column('org_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('proposal_id', sa.Uuid(), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.Column('asked_by', sa.Uuid(), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('evidence', JSONB(), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['asked_by'], ['user_account.id'], name=op.f('fk_question_asked_by')),
    sa.ForeignKeyConstraint(['org_id', 'proposal_id'], ['proposal.org_id', 'proposal.id'], name=op.f('fk_question_org_id_proposal_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_question'))
    )
    op.create_index('ix_question_proposal', 'question', ['org_id', 'proposal_id'], unique=False)
    for statement in (*_SECURITY, _OLD_POLICIES, _FIRST_REVISIONS):
        op.execute(statement)


_SECURITY = (
    *rls.tenant_table('proposal_revision', grants=('SELECT', 'INSERT')),
    *rls.tenant_table('question'),
)

# Versions that were stored with the first form of a policy say the same in the new one.
_OLD_POLICIES = """
UPDATE playbook_version SET definition = jsonb_set(definition, '{policy}', jsonb_build_object(
  'rules', CASE WHEN definition #>> '{policy,two_above_minor}' IS NULL THEN '[{}]'::jsonb
    ELSE jsonb_build_array(
      jsonb_build_object('above_minor', definition #> '{policy,two_above_minor}', 'signatures', 2), '{}'::jsonb)
    END,
  'due_seconds', (definition #>> '{policy,due_hours}')::float8 * 3600,
  'hold_seconds', definition #> '{policy,hold_seconds}'
)) WHERE definition -> 'policy' ? 'due_hours'
"""

_FIRST_REVISIONS = """
INSERT INTO proposal_revision (org_id, proposal_id, revision, digest, sentence, parameters, changes, amount_minor, at)
SELECT org_id, id, revision, digest, sentence, parameters, changes, amount_minor, created_at FROM proposal
"""
