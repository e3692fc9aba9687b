-- Backups and restores of tenants: what was archived, what was verified, which restores stand beside live data, and what runs by itself.

-- A tenant is `restoring` only while it is swapped. A console that died in between leaves the status that was before to be shown.
alter table tenants add column status_before text
  constraint tenants_status_before_known check (status_before in ('active', 'suspended', 'archived', 'failed'));
alter table tenants drop constraint tenants_status_check;
alter table tenants add constraint tenants_status_check
  check (status in ('active', 'suspended', 'archived', 'provisioning', 'failed', 'restoring'));
alter table tenants add constraint tenants_restoring_knows_status_before
  check (status <> 'restoring' or status_before is not null);

-- What migrations give on a server of this major version: making it costs a scratch schema, so it is kept. Nothing here is lost with it.
create table schema_fingerprints (
  -- SHA-256 over the checksums of the migrations, in their order.
  migrations   text        not null check (migrations ~ '^[0-9a-f]{64}$'),
  server_major integer     not null check (server_major > 0),
  -- Raised when the console writes definitions in another way.
  format       integer     not null check (format > 0),
  version      integer     not null check (version > 0),
  fingerprint  text        not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  -- The canonical text behind the fingerprint, so that a difference can be named.
  definitions  text        not null,
  created_at   timestamptz not null default now(),
  primary key (migrations, server_major, format)
);

-- The catalogue's quick copy of what the backup store holds, written after an archive's manifest. The store has the last word.
create table tenant_backups (
  archive_key     text        primary key check (archive_key <> ''),
  -- No foreign key: archives outlive their tenant.
  tenant_id       uuid        not null,
  slug            text        not null,
  database_schema text        not null,
  archive_hash    text        not null check (archive_hash ~ '^[0-9a-f]{64}$'),
  snapshot_at     timestamptz not null,
  rows            bigint      not null check (rows >= 0),
  -- COPY text, uncompressed.
  bytes           bigint      not null check (bytes >= 0),
  stored_bytes    bigint      not null check (stored_bytes >= 0),
  -- Null where the tenant has no ledger.
  schema_version  integer     check (schema_version > 0),
  written_at      timestamptz not null default now()
);
create index tenant_backups_tenant_id_snapshot_at_idx on tenant_backups (tenant_id, snapshot_at desc, archive_key);

-- One manifest over the archives of many tenants.
create table fleet_backups (
  id           uuid        primary key default gen_random_uuid(),
  started_at   timestamptz not null,
  finished_at  timestamptz not null,
  who          text        not null check (who <> ''),
  manifest_key text        not null unique check (manifest_key <> ''),
  -- Tenants that were tried, the failed ones among them.
  tenants      integer     not null check (tenants >= 0),
  failed       integer     not null check (failed between 0 and tenants),
  constraint fleet_backups_finished_after_start check (finished_at >= started_at)
);
create index fleet_backups_started_at_idx on fleet_backups (started_at desc, id);

-- What was proved about an archive, by whom and how fast: evidence, so it outlives the archive.
create table backup_verifications (
  id           uuid        primary key default gen_random_uuid(),
  tenant_id    uuid        not null,
  archive_key  text        not null check (archive_key <> ''),
  archive_hash text        not null check (archive_hash ~ '^[0-9a-f]{64}$'),
  depth        text        not null check (depth in ('hashes', 'restore', 'drill')),
  outcome      text        not null check (outcome in ('passed', 'failed')),
  started_at   timestamptz not null,
  duration_ms  integer     not null check (duration_ms >= 0),
  who          text        not null check (who <> ''),
  details      jsonb       not null default '{}'
);
create index backup_verifications_archive_key_idx on backup_verifications (archive_key, started_at desc);
create index backup_verifications_tenant_id_idx on backup_verifications (tenant_id, started_at desc);

-- Every restore, with the names of the schemas it made: what a crash leaves behind is found through its row.
create table tenant_restores (
  id           uuid        primary key default gen_random_uuid(),
  -- No foreign key: outlives the tenant, and a clone's row is there before its tenant.
  tenant_id    uuid        not null,
  slug         text        not null,
  archive_key  text        not null check (archive_key <> ''),
  archive_hash text        not null check (archive_hash ~ '^[0-9a-f]{64}$'),
  purpose      text        not null check (purpose in ('replace', 'clone', 'transfer', 'rows')),
  state        text        not null default 'preparing'
    check (state in ('preparing', 'ready', 'swapping', 'done', 'undone', 'failed', 'cancelled', 'discarded')),
  side_schema  text        check (octet_length(side_schema) between 1 and 63),
  -- The schema that was live before the swap.
  kept_schema  text        check (octet_length(kept_schema) between 1 and 63),
  kept_until   timestamptz,
  plan         jsonb       not null default '{}',
  comparison   jsonb,
  verification jsonb,
  error        jsonb,
  reason       text,
  who          text        not null check (who <> ''),
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  finished_at  timestamptz
);
create index tenant_restores_tenant_id_created_at_idx on tenant_restores (tenant_id, created_at desc, id);
create unique index tenant_restores_side_schema_idx on tenant_restores (side_schema) where side_schema is not null;
create index tenant_restores_kept_until_idx on tenant_restores (kept_until) where kept_schema is not null;

create table backup_schedules (
  id           uuid        primary key default gen_random_uuid(),
  kind         text        not null unique check (kind in ('fleet', 'full', 'drill', 'cleanup')),
  -- Read in UTC.
  cron         text        not null check (cron <> ''),
  is_enabled   boolean     not null default true,
  options      jsonb       not null default '{}' check (jsonb_typeof(options) = 'object'),
  last_run_at  timestamptz,
  last_outcome text        check (last_outcome <> ''),
  last_error   jsonb,
  next_run_at  timestamptz,
  -- Runs whose time passed while nothing was there to start them, since the last one that was on time and done.
  missed_runs  integer     not null default 0 check (missed_runs >= 0),
  missed_since timestamptz,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  updated_by   text        not null check (updated_by <> '')
);
