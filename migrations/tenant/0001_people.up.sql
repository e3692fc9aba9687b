-- The tenant's own ledger, who may sign in, and who works where.

create table schema_migrations (
  version     integer     primary key check (version > 0),
  name        text        not null check (name <> ''),
  checksum    text        not null check (checksum ~ '^[0-9a-f]{64}$'),
  applied_at  timestamptz not null default now(),
  applied_by  text        not null default current_user,
  duration_ms integer     not null check (duration_ms >= 0)
);

create table roles (
  id          uuid        primary key default gen_random_uuid(),
  name        text        not null unique check (name <> ''),
  description text,
  is_system   boolean     not null default false,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now()
);

create table role_permissions (
  id         uuid        primary key default gen_random_uuid(),
  role       text        not null references roles (name) on update cascade on delete cascade deferrable initially immediate,
  permission text        not null check (permission <> ''),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (role, permission)
);

create table users (
  id            uuid        primary key default gen_random_uuid(),
  email         citext      not null unique check (email <> ''),
  password_hash text        not null,
  first_name    text        not null,
  last_name     text        not null,
  role          text        not null default 'user' references roles (name) on update cascade deferrable initially immediate,
  is_active     boolean     not null default true,
  last_login_at timestamptz,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  deleted_at    timestamptz
);
create index users_role_idx on users (role);
create index users_name_idx on users (last_name, first_name, id);

create table departments (
  id         uuid        primary key default gen_random_uuid(),
  name       text        not null check (name <> ''),
  code       text        not null unique check (code <> ''),
  parent_id  uuid        references departments (id) deferrable initially immediate,
  head       uuid,
  status     text        not null default 'active' check (status in ('active', 'inactive')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint departments_not_own_parent check (parent_id <> id)
);
create index departments_parent_id_idx on departments (parent_id);
create index departments_head_idx on departments (head);

create table designations (
  id         uuid        primary key default gen_random_uuid(),
  name       text        not null check (name <> ''),
  code       text        not null unique check (code <> ''),
  level      integer     not null check (level > 0),
  status     text        not null default 'active' check (status in ('active', 'inactive')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table employees (
  id              uuid        primary key default gen_random_uuid(),
  -- Not unique: someone who left and came back has one user and two employments.
  user_id         uuid        not null references users (id) deferrable initially immediate,
  employee_code   text        not null unique check (employee_code <> ''),
  email           citext      not null check (email <> ''),
  phone           text,
  date_of_birth   date,
  gender          text,
  department_id   uuid        references departments (id) deferrable initially immediate,
  designation_id  uuid        references designations (id) deferrable initially immediate,
  manager_id      uuid        references employees (id) deferrable initially immediate,
  employment_type text        not null default 'full_time' check (employment_type <> ''),
  date_of_joining date        not null,
  date_of_leaving date,
  status          text        not null default 'active' check (status in ('active', 'on_leave', 'inactive', 'terminated')),
  -- Personal data. No format checks: masked copies and employees from other countries must fit.
  pan             text,
  aadhaar         text,
  bank_account    text,
  ifsc_code       text,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  deleted_at      timestamptz,
  constraint employees_born_before_joining check (date_of_birth < date_of_joining),
  constraint employees_leaves_after_joining check (date_of_leaving >= date_of_joining),
  constraint employees_not_own_manager check (manager_id <> id)
);
create index employees_user_id_idx on employees (user_id);
create index employees_department_id_idx on employees (department_id);
create index employees_designation_id_idx on employees (designation_id);
create index employees_manager_id_idx on employees (manager_id);
create index employees_email_idx on employees (email);
create index employees_status_idx on employees (status);
create index employees_date_of_joining_idx on employees (date_of_joining);

-- Departments and employees point at each other; this half of the cycle can only be added now.
alter table departments add constraint departments_head_fkey
  foreign key (head) references employees (id) deferrable initially immediate;
