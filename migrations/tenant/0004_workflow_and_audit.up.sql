-- Who decides what, what was done, and the organization's own settings.

create table approval_workflows (
  id          uuid        primary key default gen_random_uuid(),
  name        text        not null check (name <> ''),
  entity_type text        not null check (entity_type <> ''),
  steps       jsonb       not null default '[]' check (jsonb_typeof(steps) = 'array'),
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now()
);
create index approval_workflows_entity_type_idx on approval_workflows (entity_type);

create table approvals (
  id           uuid        primary key default gen_random_uuid(),
  workflow_id  uuid        not null references approval_workflows (id) deferrable initially immediate,
  entity_type  text        not null check (entity_type <> ''),
  entity_id    uuid        not null,
  current_step integer     not null default 1 check (current_step > 0),
  assigned_to  uuid        references users (id) deferrable initially immediate,
  status       text        not null default 'pending' check (status in ('pending', 'approved', 'rejected', 'cancelled')),
  actioned_at  timestamptz,
  comments     text,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now()
);
create index approvals_workflow_id_idx on approvals (workflow_id);
create index approvals_assigned_to_status_idx on approvals (assigned_to, status);
create index approvals_status_idx on approvals (status);
create index approvals_entity_idx on approvals (entity_type, entity_id);

-- Append only, hence no updated_at. An entry stays when its user is deleted for good.
create table audit_logs (
  id          uuid        primary key default gen_random_uuid(),
  user_id     uuid        references users (id) on delete set null deferrable initially immediate,
  action      text        not null check (action <> ''),
  entity_type text        not null check (entity_type <> ''),
  entity_id   uuid,
  changes     jsonb       not null default '{}',
  created_at  timestamptz not null default now()
);
create index audit_logs_created_at_idx on audit_logs (created_at, id);
create index audit_logs_user_id_idx on audit_logs (user_id, created_at);
create index audit_logs_action_idx on audit_logs (action, created_at);
create index audit_logs_entity_idx on audit_logs (entity_type, entity_id);

create table organization_settings (
  id         uuid        primary key default gen_random_uuid(),
  key        text        not null unique check (key <> ''),
  value      jsonb       not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
