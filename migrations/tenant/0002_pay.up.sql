-- What people are paid. Money is numeric(14,2) in the organization's currency, never floating point.

create table salary_structures (
  id         uuid        primary key default gen_random_uuid(),
  name       text        not null check (name <> ''),
  components jsonb       not null default '[]',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table employee_salaries (
  id             uuid          primary key default gen_random_uuid(),
  employee_id    uuid          not null references employees (id) deferrable initially immediate,
  structure_id   uuid          references salary_structures (id) deferrable initially immediate,
  base_salary    numeric(14,2) not null check (base_salary >= 0),
  gross_salary   numeric(14,2) not null check (gross_salary >= 0),
  allowances     jsonb         not null default '{}',
  deductions     jsonb         not null default '{}',
  effective_from date          not null,
  effective_to   date,
  created_at     timestamptz   not null default now(),
  updated_at     timestamptz   not null default now(),
  deleted_at     timestamptz,
  constraint employee_salaries_ends_after_start check (effective_to >= effective_from)
);
-- Finds the salary effective on a day: the last one that started on or before it.
create index employee_salaries_employee_id_effective_from_idx on employee_salaries (employee_id, effective_from);
create index employee_salaries_structure_id_idx on employee_salaries (structure_id);

create table payroll (
  id               uuid          primary key default gen_random_uuid(),
  employee_id      uuid          not null references employees (id) deferrable initially immediate,
  month            text          not null constraint payroll_month_format check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  days_worked      numeric(4,1)  not null default 0 check (days_worked between 0 and 31),
  days_absent      numeric(4,1)  not null default 0 check (days_absent between 0 and 31),
  days_leave_taken numeric(4,1)  not null default 0 check (days_leave_taken between 0 and 31),
  gross_salary     numeric(14,2) not null check (gross_salary >= 0),
  allowances       numeric(14,2) not null default 0 check (allowances >= 0),
  deductions       numeric(14,2) not null default 0 check (deductions >= 0),
  -- May be below zero: fixed deductions can exceed what was earned in a month of unpaid leave.
  net_salary       numeric(14,2) not null,
  status           text          not null default 'draft' check (status in ('draft', 'approved', 'processed', 'failed')),
  processed_at     timestamptz,
  created_at       timestamptz   not null default now(),
  updated_at       timestamptz   not null default now(),
  unique (employee_id, month)
);
create index payroll_month_status_idx on payroll (month, status);
create index payroll_status_idx on payroll (status);
