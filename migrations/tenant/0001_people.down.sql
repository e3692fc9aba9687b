alter table departments drop constraint departments_head_fkey;
drop table employees;
drop table designations;
drop table departments;
drop table users;
drop table role_permissions;
drop table roles;
drop table schema_migrations;
