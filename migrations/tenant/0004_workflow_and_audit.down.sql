drop table organization_settings;
drop table audit_logs;
drop table approvals;
drop table approval_workflows;
