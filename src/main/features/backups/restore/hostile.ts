/**
 * Objects that a tenant of ours never has and a drifted one may have: whatever is restored must come back as it was. Names are quoted
 * here as SQL needs them.
 */
export const HOSTILE = `
create type mood as enum ('sad', 'ok "fine"', 'it''s');
create domain positive as numeric check (value > 0);
create table "Quoted ""table"" with . and é 🙂" (
  "select" int generated always as identity primary key,
  "a""b" text, "tab	and
newline" text, doubled int generated always as (42) stored
);
insert into "Quoted ""table"" with . and é 🙂" ("a""b", "tab	and
newline") values (E'\\\\N', E'\\t\\n\\r\\\\'), ('', null), ('\\.', E'\\x01\\x7f'), (null, '🙂');
create table every_type (
  a bytea, b numeric, c float8, d interval, e inet, f point, g xml, h json, i jsonb, j text[], k int4range, l mood, m positive,
  n timestamptz, o bit varying, p money, q tsvector, r char(5), s "char", t timetz, u float4, v date, w positive[], x mood[]
);
insert into every_type values
  ('\\x00ff0a5c', 1.10, '-0', '1 mon -1 day 00:00:00.1', '::1/64', '(1,2)', '<a/>', '{"b": 1,  "b":2}', '{"n": 1.00}', '{NULL,"NULL","a,b"}',
   '[1,5)', 'ok "fine"', 0.001, 'infinity', B'101', '12.34', 'a b:1A', 'ab', 'x', '10:00+02', 'NaN', '0044-03-15 BC', '{1,2}', '{sad,it''s}'),
  ('', 'NaN', 'Infinity', '0', null, null, null, 'null', 'null', '{}', 'empty', null, null, '-infinity', B'', '0', '', '', '', null, 0, '-infinity', null, null);
create table no_key (a int, b text);
insert into no_key values (1, 'x'), (1, 'x'), (null, null);
create table parted (id int, region text, primary key (id, region)) partition by list (region);
create table parted_in partition of parted for values in ('in');
create table parted_rest partition of parted default;
insert into parted select n, case n % 2 when 0 then 'in' else 'de' end from generate_series(1, 50) n;
create table node (id int primary key, next int not null, constraint ring foreign key (next) references node (id) deferrable initially deferred);
insert into node values (1, 2), (2, 3), (3, 1);
create table child (id bigserial primary key, node_id int references node (id), parted_id int, parted_region text,
  foreign key (parted_id, parted_region) references parted (id, region));
insert into child (node_id, parted_id, parted_region) select 1 + n % 3, 2, 'in' from generate_series(1, 20) n;
select setval('child_id_seq', 777, false);
create function node_count() returns bigint language sql stable as 'select count(*) from node';
create table checked (a int, constraint needs_nodes check (node_count() >= 3), constraint old_rule check (a > 0) not valid);
alter table checked drop constraint old_rule; insert into checked values (-1); alter table checked add constraint old_rule check (a > 0) not valid;
create function shout() returns trigger language plpgsql as $$ begin new.b = upper(new.b); return new; end $$;
create trigger shouting before insert on no_key for each row execute function shout();
create trigger always_shouting before insert on no_key for each row execute function shout();
alter table no_key enable always trigger always_shouting;
create trigger silent before insert on no_key for each row execute function shout();
alter table no_key disable trigger silent;
create table large (
  id uuid primary key default gen_random_uuid(), code text not null, amount numeric(10, 2), note text, during int4range, changed_at timestamptz not null default now(),
  constraint large_code unique (code) deferrable initially deferred,
  constraint no_overlap exclude using gist (during with &&)
);
create index large_expression on large (lower(code), amount desc nulls last) include (during) where amount > 0;
create index "large ""quoted""" on large using hash (note);
create index large_commented on large (changed_at); comment on index large_commented is 'Keep me';
insert into large (code, amount, note, during) select 'c' || n, n / 3.0, repeat(md5(n::text), 8), int4range(n * 10, n * 10 + 5) from generate_series(1, 20000) n;
delete from large where code like 'c1%9';
insert into large (code, amount, note) values ('huge', 1, repeat('x', 3000000));
create materialized view totals as select count(*) as nodes from node;
create view plain as select * from node;
create table hidden (id int primary key, owner text); alter table hidden enable row level security; alter table hidden force row level security;
create policy own on hidden using (owner = current_user);
insert into hidden values (1, 'nobody');
`
