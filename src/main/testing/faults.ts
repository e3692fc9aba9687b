import type pg from 'pg'

/** What happens when the named table is created anywhere in the database. */
export type DdlFault = 'fail' | 'hang'

/**
 * Puts a fault into the middle of provisioning with an event trigger of the real server: creating the table fails, or hangs until
 * the statement is cancelled. Returns a function that takes the fault away.
 */
export async function faultOnCreateTable(
  client: pg.Client,
  table: string,
  fault: DdlFault,
): Promise<() => Promise<void>> {
  const action = fault === 'fail' ? `raise exception 'injected fault' using errcode = '58030'` : 'perform pg_sleep(120)'
  await client.query(`
    create or replace function public.injected_fault() returns event_trigger language plpgsql as $$
    begin
      if exists (
        select 1 from pg_event_trigger_ddl_commands() where object_type = 'table' and object_identity like '%.${table}'
      ) then ${action}; end if;
    end $$;
    create event trigger injected_fault on ddl_command_end when tag in ('CREATE TABLE')
      execute function public.injected_fault()`)
  return async () => {
    await client.query('drop event trigger injected_fault; drop function public.injected_fault()')
  }
}

/** Process ids of the backends that are inside the injected fault right now. */
export async function hangingBackends(client: pg.Client): Promise<number[]> {
  const found = await client.query<{ pid: number }>(
    `select pid from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and wait_event = 'PgSleep'`,
  )
  return found.rows.map(row => row.pid)
}
