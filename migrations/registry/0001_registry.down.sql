drop table tenant_migrations;
drop table tenant_audit;
drop table tenant_features;
drop table tenants;
drop table registry_migrations;
