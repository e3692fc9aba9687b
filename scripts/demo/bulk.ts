import { escapeIdentifier } from 'pg'
import { enterTenant, type LoadClient } from './load.ts'

/** First entry of the bulk log; one every 30 seconds from here, so a million rows span about a year. */
const FIRST_ENTRY = '2025-01-01T00:00:00Z'

/**
 * Fills a tenant's audit_logs with `count` rows made on the server, for measurements on large tables. Ids and contents depend on
 * the row's number alone: calling it twice for one tenant is refused by the primary key. Locks the table meanwhile, and leaves it
 * vacuumed and analyzed, as on a server that has been running.
 */
export async function makeRows(client: LoadClient, schema: string, count: number): Promise<void> {
  await client.query('begin')
  try {
    await enterTenant(client, schema)
    // Five indexes kept up row by row take longer than the rows: the four that no constraint needs are built afterwards.
    const indexes = await client.query<{ name: string; definition: string }>(
      `select c.oid::regclass::text as name, pg_get_indexdef(c.oid) as definition
       from pg_index i join pg_class c on c.oid = i.indexrelid
       where i.indrelid = 'audit_logs'::regclass and not i.indisunique`,
    )
    for (const { name } of indexes.rows) await client.query(`drop index ${name}`)
    await insertEntries(client, count)
    for (const { definition } of indexes.rows) await client.query(definition)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
  await client.query(`vacuum (analyze) ${escapeIdentifier(schema)}.audit_logs`)
}

const insertEntries = (client: LoadClient, count: number) =>
  client.query(
    `with actors as (select coalesce(array_agg(id order by id), '{}') as ids from users)
     insert into audit_logs (id, user_id, action, entity_type, entity_id, changes, created_at)
     select md5('entry ' || n)::uuid,
            actors.ids[1 + n % nullif(cardinality(actors.ids), 0)],
            (array['user.login', 'leave.requested', 'leave.approved', 'employee.updated', 'payroll.processed'])[1 + n % 5],
            (array['user', 'leave', 'leave', 'employee', 'payroll'])[1 + n % 5],
            md5('entity ' || n / 4)::uuid,
            jsonb_build_object('number', n),
            $2::timestamptz + n * interval '30 seconds'
     from actors, generate_series(1, $1::integer) as n`,
    [count, FIRST_ENTRY],
  )
