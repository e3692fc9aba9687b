import type { DataCell } from '#shared/contract/data.ts'
import type { StoreTest } from '#shared/contract/environments.ts'
import type { OutputOf, ResultOf } from '#shared/contract/index.ts'
import { type Section, sectionsOf } from './sections.ts'
import { byteSize } from './text.ts'

/** Which columns a list shows. Everything is in the JSON; a table shows what fits beside each other. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  'audit.list': ['at', 'who', 'operation', 'environmentName', 'tenantSlug', 'outcome', 'durationMs'],
  'backups.kept': ['schema', 'kind', 'slug', 'sizeBytes', 'keptUntil', 'isExpired'],
  'backups.list': ['at', 'state', 'rows', 'storedBytes', 'schemaVersion', 'verified.outcome', 'verified.at', 'archive'],
  'backups.listFull': ['at', 'state', 'format', 'storedBytes', 'database', 'key'],
  'backups.overview': ['slug', 'name', 'status', 'latestAt', 'isOverdue', 'storedBytes', 'verified.outcome'],
  'backups.restores': ['id', 'state', 'archiveAt', 'createdAt', 'who', 'keptSchema', 'keptUntil'],
  'environments.list': ['name', 'class', 'role', 'id', 'updatedAt'],
  'jobs.list': ['id', 'state', 'title', 'who', 'createdAt', 'finishedAt'],
  'tenants.history': ['at', 'who', 'action', 'reason'],
  'tenants.list': [
    'slug',
    'name',
    'status',
    'facts.schemaVersion',
    'facts.employees',
    'facts.sizeBytes',
    'facts.lastActivityAt',
  ],
}

type Views = Readonly<Record<string, (result: never) => Section[]>>

const VIEWS: Views = {
  'check-tenant': ({ facts, ...tenant }: OutputOf<'tenants.get'>) => [
    {
      fields: [
        ['status', tenant.status],
        ['schema', tenant.databaseSchema],
        ['schemaVersion', facts.schemaVersion],
        ['created', tenant.createdAt],
        ['employees', facts.employees],
        ['lastActivity', facts.lastActivityAt],
      ],
    },
  ],
  'data.page': ({ columns, rows }: OutputOf<'data.page'>) => [
    { titles: columns.map(column => column.name), cells: rows.map(row => row.map(cellOf)) },
  ],
  'environments.test': (stores: OutputOf<'environments.test'>) => [
    { paths: ['store', 'ok', 'serverVersion', 'latencyMs', 'detail'], rows: stores.map(withProblem) },
  ],
  'health.check': ({ stores }: OutputOf<'health.check'>) => [
    {
      paths: ['store', 'state', 'latencyMs', 'problem'],
      rows: stores.map(store => ({ ...store, problem: store.error?.message })),
    },
    {
      title: 'Figures',
      paths: ['store', 'name', 'value', 'unit'],
      rows: stores.flatMap(({ store, figures }) => figures.map(figure => ({ store, ...readable(figure) }))),
    },
  ],
  'tenants.create': provisioned,
  'tenants.retry': provisioned,
}

const readable = (figure: { value: string; unit: string | null }) =>
  figure.unit === 'bytes' ? { ...figure, value: byteSize(figure.value), unit: null } : figure

const withProblem = (store: StoreTest) => ({
  ...store,
  detail: store.error === null ? store.detail : [store.error.message, store.error.hint].filter(Boolean).join(' '),
})

/** NULL is told apart from an empty text. */
function cellOf(cell: DataCell): string {
  if (cell === null) return 'NULL'
  return typeof cell === 'string' ? cell : `${cell.preview}… (${byteSize(cell.bytes)})`
}

/** The steps were told while they ran. */
function provisioned({
  tenant,
  adminEmail,
  ...rest
}: ResultOf<'tenants.create'> & { oneTimePassword?: string }): Section[] {
  return [
    {
      fields: [
        ['id', tenant.id],
        ['slug', tenant.slug],
        ['name', tenant.name],
        ['status', tenant.status],
        ['schema', tenant.databaseSchema],
        ['administrator', adminEmail],
        ...(rest.oneTimePassword === undefined ? [] : [['one-time password', rest.oneTimePassword] as const]),
      ],
    },
  ]
}

/** How the result of a command is shown. */
export function viewOf(name: string, result: unknown): Section[] {
  const view = VIEWS[name]
  if (view !== undefined) return view(result as never)
  const columns = COLUMNS[name]
  const rows = Array.isArray(result) ? result : itemsOf(result)
  if (rows === undefined) return sectionsOf(result)
  return columns === undefined ? sectionsOf(rows) : [{ paths: columns, rows }]
}

function itemsOf(result: unknown): unknown[] | undefined {
  const items: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, 'items') : undefined
  return Array.isArray(items) ? items : undefined
}
