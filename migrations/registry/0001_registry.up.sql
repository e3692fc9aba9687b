-- The registry of system A: which tenants exist, what they may use, what was done to them, and how far each is migrated.
-- Names are unqualified: the runner sets search_path to the registry schema and the schema that holds citext.

create table registry_migrations (
  version     integer     primary key check (version > 0),
  name        text        not null check (name <> ''),
  checksum    text        not null check (checksum ~ '^[0-9a-f]{64}$'),
  applied_at  timestamptz not null default now(),
  applied_by  text        not null default current_user,
  duration_ms integer     not null check (duration_ms >= 0)
);

create table tenants (
  id                uuid        primary key default gen_random_uuid(),
  name              text        not null check (btrim(name) <> ''),
  slug              text        not null unique check (slug ~ '^[a-z][a-z0-9-]{0,38}[a-z0-9]$'),
  -- PostgreSQL cuts identifiers after 63 bytes, silently: two long names would become one schema.
  database_schema   text        not null unique
    constraint tenants_database_schema_length check (octet_length(database_schema) between 1 and 63)
    constraint tenants_database_schema_not_system
      check (database_schema !~ '^pg_' and database_schema not in ('public', 'information_schema')),
  admin_email       citext      not null check (admin_email <> ''),
  description       text,
  settings          jsonb       not null default '{}' check (jsonb_typeof(settings) = 'object'),
  status            text        not null default 'provisioning'
    check (status in ('active', 'suspended', 'archived', 'provisioning', 'failed')),
  suspended_at      timestamptz,
  suspension_reason text,
  created_at        timestamptz not null default now(),
  updated_at        timestamptz not null default now(),
  deleted_at        timestamptz
);
-- One index per sort order of the tenant list; id breaks ties, so a page cursor (value, id) is exact.
create index tenants_name_id_idx on tenants (name, id);
create index tenants_slug_id_idx on tenants (slug, id);
create index tenants_created_at_id_idx on tenants (created_at, id);
create index tenants_updated_at_id_idx on tenants (updated_at, id);
create index tenants_status_name_id_idx on tenants (status, name, id);

create table tenant_features (
  id         uuid        primary key default gen_random_uuid(),
  tenant_id  uuid        not null references tenants (id) on delete cascade deferrable initially immediate,
  feature    text        not null check (feature <> ''),
  enabled    boolean     not null default false,
  config     jsonb       not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, feature)
);

-- Outlives the tenant: no foreign key, and the slug is kept beside the id.
create table tenant_audit (
  id        uuid        primary key default gen_random_uuid(),
  who       text        not null check (who <> ''),
  -- clock_timestamp, not now(): several entries of one transaction keep their order.
  "when"    timestamptz not null default clock_timestamp(),
  action    text        not null check (action <> ''),
  tenant_id uuid        not null,
  slug      text        not null,
  before    jsonb,
  after     jsonb,
  reason    text
);
create index tenant_audit_tenant_id_when_idx on tenant_audit (tenant_id, "when", id);
create index tenant_audit_when_idx on tenant_audit ("when", id);

-- The fleet ledger: written in the same transaction as the tenant's own schema_migrations.
create table tenant_migrations (
  tenant_id   uuid        not null references tenants (id) on delete cascade deferrable initially immediate,
  version     integer     not null check (version > 0),
  name        text        not null check (name <> ''),
  checksum    text        not null check (checksum ~ '^[0-9a-f]{64}$'),
  state       text        not null check (state in ('applied', 'failed', 'pending', 'running', 'drifted', 'unknown')),
  applied_at  timestamptz,
  applied_by  text,
  duration_ms integer     check (duration_ms >= 0),
  error       jsonb,
  primary key (tenant_id, version)
);
-- "Who has version N", and with the rest of the fleet subtracted "who is behind".
create index tenant_migrations_version_state_idx on tenant_migrations (version, state, tenant_id);
-- Trouble is rare: this index stays small however large the fleet grows.
create index tenant_migrations_unfinished_idx on tenant_migrations (state, tenant_id, version) where state <> 'applied';
