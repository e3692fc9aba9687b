import { MANIFEST_NAME, SCHEMA_NAME } from './layout.ts'
import { type ArchivedTable, damaged } from './manifest.ts'
import type { Archive } from './reader.ts'
import { findingOf, isDamage } from './reader-checks.ts'

const PARALLEL = 2
/** A prefix that is full of foreign objects is told by the first of them. */
const MOST_FINDINGS = 100
const NEWLINE = 0x0a

export interface VerifiedTable {
  table: string
  rows: number
  /** Bytes of COPY text. */
  bytes: number
  storedBytes: number
  /** Null when all is as written. */
  problem: string | null
}

export interface ObjectsReport {
  isWhole: boolean
  /** In the manifest's order. */
  tables: VerifiedTable[]
  /** One line per finding, those of the tables included. */
  problems: string[]
}

/** Bytes of COPY text read so far, of all; and the table that was read last. */
export type VerifyProgress = (progress: { done: number; total: number; table: string }) => void

export async function verifyObjects(
  archive: Archive,
  signal: AbortSignal,
  onProgress?: VerifyProgress,
): Promise<ObjectsReport> {
  const own = new AbortController()
  const both = AbortSignal.any([signal, own.signal])
  const problems = await compareNames(archive, both)
  const schemaProblem = await findingIn(() => archive.schemaSql(both))
  if (schemaProblem !== null) problems.push(schemaProblem)
  const { tables, bytes: total } = archive.manifest
  const results: VerifiedTable[] = []
  let done = 0
  let next = 0
  const work = async () => {
    for (let index = next++; index < tables.length; index = next++) {
      const table = tables[index]
      if (table === undefined) return
      const problem = await findingIn(() =>
        checkTable({ archive, table, signal: both }, bytes => {
          done += bytes
          onProgress?.({ done, total, table: table.name })
        }),
      )
      const { name, rows, bytes, object } = table
      results[index] = { table: name, rows, bytes, storedBytes: object?.bytes ?? 0, problem }
    }
  }
  try {
    await Promise.all(Array.from({ length: PARALLEL }, work))
  } finally {
    // Where one failed, the other must not go on reading.
    own.abort()
  }
  problems.push(...results.flatMap(result => result.problem ?? []))
  const findings = [...new Set(problems)].slice(0, MOST_FINDINGS)
  return { isWhole: findings.length === 0, tables: results, problems: findings }
}

async function findingIn(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work()
    return null
  } catch (error) {
    if (isDamage(error)) return findingOf(error)
    throw error
  }
}

/** What lies under the prefix beside what the manifest names. Sizes and absences of data are found by reading. */
async function compareNames(archive: Archive, signal: AbortSignal): Promise<string[]> {
  const { prefix, manifest, store } = archive
  const data = manifest.tables.flatMap(table => table.object?.name ?? [])
  const expected = new Set([MANIFEST_NAME, SCHEMA_NAME, ...data])
  const problems: string[] = []
  for await (const { key } of store.listAll(prefix, signal)) {
    const name = key.slice(prefix.length)
    if (!expected.has(name)) problems.push(`${name} does not belong to the archive`)
    if (problems.length >= MOST_FINDINGS) break
  }
  return problems
}

interface TableCheck {
  archive: Archive
  table: ArchivedTable
  signal: AbortSignal
}

async function checkTable({ archive, table, signal }: TableCheck, onBytes: (bytes: number) => void): Promise<void> {
  let rows = 0
  let last = NEWLINE
  for await (const chunk of archive.copyText(table, signal) as AsyncIterable<Buffer>) {
    for (let index = 0; index < chunk.length; index++) if (chunk[index] === NEWLINE) rows++
    last = chunk.at(-1) ?? last
    onBytes(chunk.length)
  }
  if (rows !== table.rows) throw damaged(`table "${table.name}" has ${rows} rows, not ${table.rows}`)
  if (last !== NEWLINE) throw damaged(`the text of table "${table.name}" ends inside a row`)
}
