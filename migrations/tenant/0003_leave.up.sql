-- Kinds of leave, requests for it, and what is left of it each year.

create table leave_types (
  id                uuid         primary key default gen_random_uuid(),
  name              text         not null check (name <> ''),
  code              text         not null unique check (code <> ''),
  max_days_per_year numeric(5,1) not null check (max_days_per_year between 0 and 366),
  is_paid           boolean      not null default true,
  requires_approval boolean      not null default true,
  status            text         not null default 'active' check (status in ('active', 'inactive')),
  created_at        timestamptz  not null default now(),
  updated_at        timestamptz  not null default now()
);

create table leaves (
  id                uuid         primary key default gen_random_uuid(),
  employee_id       uuid         not null references employees (id) deferrable initially immediate,
  leave_type_id     uuid         not null references leave_types (id) deferrable initially immediate,
  start_date        date         not null,
  end_date          date         not null,
  -- Working days, so at most as many as the calendar days between the two dates; halves are allowed.
  number_of_days    numeric(5,1) not null check (number_of_days > 0),
  reason            text,
  status            text         not null default 'pending' check (status in ('pending', 'approved', 'rejected', 'cancelled')),
  approved_by       uuid         references users (id) deferrable initially immediate,
  approved_at       timestamptz,
  approval_comments text,
  created_at        timestamptz  not null default now(),
  updated_at        timestamptz  not null default now(),
  deleted_at        timestamptz,
  constraint leaves_ends_after_start check (end_date >= start_date),
  constraint leaves_number_of_days_within_dates check (number_of_days <= end_date - start_date + 1)
);
create index leaves_employee_id_start_date_idx on leaves (employee_id, start_date);
create index leaves_leave_type_id_idx on leaves (leave_type_id);
create index leaves_approved_by_idx on leaves (approved_by);
create index leaves_status_start_date_idx on leaves (status, start_date);

create table employee_leave_balance (
  id              uuid         primary key default gen_random_uuid(),
  employee_id     uuid         not null references employees (id) deferrable initially immediate,
  leave_type_id   uuid         not null references leave_types (id) deferrable initially immediate,
  year            integer      not null check (year between 1900 and 2999),
  opening_balance numeric(5,1) not null default 0,
  leaves_taken    numeric(5,1) not null default 0 check (leaves_taken >= 0),
  leaves_approved numeric(5,1) not null default 0 check (leaves_approved >= 0),
  closing_balance numeric(5,1) not null default 0,
  created_at      timestamptz  not null default now(),
  updated_at      timestamptz  not null default now(),
  unique (employee_id, leave_type_id, year)
);
create index employee_leave_balance_leave_type_id_idx on employee_leave_balance (leave_type_id);
