import { type ClientBase, escapeIdentifier } from 'pg'
import type { TenantData } from './rows.ts'

export type LoadClient = Pick<ClientBase, 'query'>
type Table = keyof TenantData
type Row = Record<string, unknown>

/** Keeps one statement's parameter to a few megabytes. */
const ROWS_PER_STATEMENT = 5_000

/** Tables that already hold default data: the column that tells which row is which, and what a known row takes over. */
const REFERENCE: Partial<Record<Table, { key: string; takes: string[] }>> = {
  designations: { key: 'code', takes: [] },
  leave_types: { key: 'code', takes: [] },
  approval_workflows: { key: 'entity_type', takes: [] },
  organization_settings: { key: 'key', takes: ['value'] },
  departments: { key: 'code', takes: ['parent_id', 'head', 'updated_at'] },
}

const ORDER: readonly Table[] = [
  'designations',
  'leave_types',
  'approval_workflows',
  'organization_settings',
  'departments',
  'users',
  'employees',
  'salary_structures',
  'employee_salaries',
  'payroll',
  'leaves',
  'employee_leave_balance',
  'approvals',
  'audit_logs',
]

/**
 * Writes generated rows into a tenant that has its migrations and default data, in one transaction of its own: all rows or none.
 * Rows of the default data stay, take part in the new data's references, and departments get their heads and place in the tree.
 * Returns how many rows each table got.
 */
export async function loadTenantData(
  client: LoadClient,
  schema: string,
  data: TenantData,
): Promise<Record<Table, number>> {
  await client.query('begin')
  try {
    await enterTenant(client, schema)
    await client.query('set constraints all deferred')
    const loaded = await insertAll(client, data)
    await client.query('set constraints all immediate')
    // The row estimates of the table list come from these statistics.
    await client.query(`analyze ${ORDER.map(escapeIdentifier).join(', ')}`)
    await client.query('commit')
    return loaded
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

/** Sets the search path to the tenant and the schema of citext until the transaction ends. */
export async function enterTenant(client: LoadClient, schema: string): Promise<void> {
  const found = await client.query<{ nspname: string }>(
    `select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'citext'`,
  )
  const path = [schema, ...found.rows.map(row => row.nspname)].map(escapeIdentifier)
  await client.query(`set local search_path to ${path.join(', ')}`)
}

async function insertAll(client: LoadClient, data: TenantData): Promise<Record<Table, number>> {
  const loaded = {} as Record<Table, number>
  // Generated id → the id of the default row that stands for it.
  const ids = new Map<string, string>()
  for (const table of ORDER) {
    const rows = data[table] as readonly unknown[] as readonly Row[]
    if (REFERENCE[table]) await matchReference(client, table, { rows, ids })
    loaded[table] = 0
    for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
      loaded[table] += await insert(client, table, { rows: rows.slice(start, start + ROWS_PER_STATEMENT), ids })
    }
  }
  return loaded
}

interface Batch {
  rows: readonly Row[]
  ids: Map<string, string>
}

async function matchReference(client: LoadClient, table: Table, { rows, ids }: Batch): Promise<void> {
  const key = REFERENCE[table]?.key ?? 'id'
  const present = await client.query<{ id: string; key: string }>(
    `select id, ${escapeIdentifier(key)} as key from ${escapeIdentifier(table)} order by created_at desc, id`,
  )
  const idOf = new Map(present.rows.map(row => [row.key, row.id]))
  for (const row of rows) {
    const known = idOf.get(String(row[key]))
    if (known) ids.set(String(row.id), known)
  }
}

async function insert(client: LoadClient, table: Table, { rows, ids }: Batch): Promise<number> {
  const columns = Object.keys(rows[0] ?? {}).map(escapeIdentifier)
  const takes = (REFERENCE[table]?.takes ?? []).map(
    column => `${escapeIdentifier(column)} = excluded.${escapeIdentifier(column)}`,
  )
  const onKnown = REFERENCE[table]
    ? `on conflict (id) do ${takes.length > 0 ? `update set ${takes.join(', ')}` : 'nothing'}`
    : ''
  const text = JSON.stringify(rows, (_key, value) => (typeof value === 'string' ? (ids.get(value) ?? value) : value))
  const result = await client.query(
    `insert into ${escapeIdentifier(table)} (${columns.join(', ')})
     select ${columns.join(', ')} from jsonb_populate_recordset(null::${escapeIdentifier(table)}, $1::jsonb) ${onKnown}`,
    [text],
  )
  return result.rowCount ?? 0
}
