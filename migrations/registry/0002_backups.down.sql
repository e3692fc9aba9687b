drop table backup_schedules;
drop table tenant_restores;
drop table backup_verifications;
drop table fleet_backups;
drop table tenant_backups;
drop table schema_fingerprints;
alter table tenants drop constraint tenants_restoring_knows_status_before;
update tenants set status = status_before where status = 'restoring';
alter table tenants drop constraint tenants_status_check;
alter table tenants add constraint tenants_status_check
  check (status in ('active', 'suspended', 'archived', 'provisioning', 'failed'));
alter table tenants drop column status_before;
