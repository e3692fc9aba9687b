import type { Comparison, DifferencePage } from '#shared/contract/backup.model.ts'
import { AppError, invalidInput } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { throwIfCancelled } from '../../../connections/deadline.ts'
import { decodeCursor, encodeCursor } from '../../../connections/postgres/cursor.ts'
import type { WriteDb } from '../../../connections/postgres/database.ts'
import type { Archive } from '../archive/reader.ts'
import { closeSnapshot, openSnapshot } from '../archive/snapshot.ts'
import { OpenReaders } from '../browse/open-readers.ts'
import { type CompareProgress, meterOf } from './compare-progress.ts'
import { oneSided, reportOf } from './compare-report.ts'
import { compareTable, type TableResult } from './compare-table.ts'
import { ComparisonFolder, toDiskError, writePrivate } from './comparison-folder.ts'
import { differenceRows, type OpenedSides, shownColumns } from './difference-page.ts'
import { keepLiveOnly } from './live-only.ts'
import { archiveSide, type BothSides, liveSide } from './sides.ts'
import {
  type DifferenceKind,
  linesPath,
  pairsPath,
  type StoredComparison,
  type StoredTable,
  storedTable,
} from './stored-comparison.ts'
import { isFoundByKey, planTable, type TablePlan } from './table-plan.ts'

/** Comparisons whose rows can be asked for; the one that was not asked for longest is forgotten first. */
const MOST_KEPT = 20

/** The live tenant: a connection of its own is borrowed for the whole of the comparison. */
export interface LiveTenant {
  db: Pick<WriteDb<'tenant'>, 'session'>
  schema: string
}

export interface CompareRequest {
  /** Who may ask for the rows: environment and tenant, as one text. */
  owner: string
  left: Archive
  right: Archive | LiveTenant
  /** How the sides are called in the report. */
  labels: { left: string; right: string }
}

export interface DifferenceRequest {
  comparisonId: string
  owner: string
  table: string
  kind: DifferenceKind
  limit: number
  cursor?: string | undefined
}

interface Opened extends BothSides {
  request: CompareRequest
  signal: AbortSignal
  onProgress: CompareProgress
}

/**
 * Compares an archive with the live tenant or with another archive, and shows the rows that differ. Results live as long as the
 * console, in a folder that only this user can read.
 */
export class CompareService {
  private readonly folder: ComparisonFolder
  private readonly kept = new Map<string, StoredComparison>()
  private readonly readers: OpenReaders

  constructor(options: { directory: string; idleMs?: number }) {
    this.folder = new ComparisonFolder(options.directory)
    this.readers = new OpenReaders(options.idleMs)
  }

  /** Removes what consoles that died left behind. */
  async start(): Promise<void> {
    await this.folder.removeLeftovers()
  }

  async close(): Promise<void> {
    await this.readers.close()
    this.kept.clear()
    await this.folder.close()
  }

  async compare(
    request: CompareRequest,
    signal: AbortSignal,
    onProgress: CompareProgress = () => undefined,
  ): Promise<Comparison> {
    const { right } = request
    const left = archiveSide(request.left, signal)
    if (!('db' in right)) {
      return await this.compareSides({ request, left, right: archiveSide(right, signal), signal, onProgress })
    }
    return await right.db.session(async ({ connection }) => {
      const snapshot = await openSnapshot(connection, right.schema)
      try {
        const live = liveSide(connection, snapshot)
        const report = await this.compareSides({ request, left, right: live, signal, onProgress })
        await closeSnapshot(connection, snapshot)
        return report
      } catch (error) {
        await connection.query('ROLLBACK').catch(() => undefined)
        throw error
      }
    })
  }

  /** Which archives a comparison is of, for opening them again; `right` is null for live. */
  sidesOf(comparisonId: string, owner: string): { left: string; right: string | null } {
    const { leftPrefix, rightPrefix } = this.find(comparisonId, owner)
    return { left: leftPrefix, right: rightPrefix }
  }

  async rows(request: DifferenceRequest, sides: OpenedSides, signal: AbortSignal): Promise<DifferencePage> {
    const comparison = this.find(request.comparisonId, request.owner)
    refuseOtherSides(comparison, sides)
    const { table: name, kind, limit } = request
    const table = storedTable(comparison, name)
    const from = request.cursor === undefined ? 0 : offsetOf(request, table.listed[kind])
    const work = { comparison, name, table, kind, sides, readers: this.readers, signal }
    const rows = await differenceRows(work, from, limit)
    const end = from + rows.length
    const nextCursor = end < table.listed[kind] ? encodeCursor([cursorScope(request), String(end)]) : null
    return { columns: shownColumns(table, kind), rows, nextCursor }
  }

  private async compareSides(opened: Opened): Promise<Comparison> {
    const { request } = opened
    const comparisonId = newId()
    const directory = await this.folder.make(comparisonId)
    const { left, right, labels, owner } = request
    const comparison: StoredComparison = {
      owner,
      directory,
      leftHash: left.manifest.hash,
      leftPrefix: left.prefix,
      rightHash: 'db' in right ? null : right.manifest.hash,
      rightPrefix: 'db' in right ? null : right.prefix,
      tables: new Map(),
      report: { comparisonId, ...labels, comparedAt: new Date().toISOString(), tables: [] },
    }
    try {
      await this.compareTables(opened, comparison)
      await this.keep(comparison)
      return comparison.report
    } catch (error) {
      await this.folder.remove(comparisonId)
      throw toDiskError(error)
    }
  }

  private async compareTables(opened: Opened, comparison: StoredComparison): Promise<void> {
    const names = [...new Set([...opened.left.tables.keys(), ...opened.right.tables.keys()])].sort()
    const meter = meterOf(opened, names, opened.onProgress)
    for (const [index, name] of names.entries()) {
      throwIfCancelled(opened.signal)
      const left = opened.left.tables.get(name)
      const right = opened.right.tables.get(name)
      if (left === undefined || right === undefined) {
        comparison.report.tables.push(await oneSided(opened, name))
        continue
      }
      const plan = planTable(left, right)
      const work = {
        plan,
        left: opened.left,
        right: opened.right,
        directory: comparison.directory,
        signal: opened.signal,
      }
      const result = await compareTable({ ...work, onBytes: bytes => meter.bytes(name, bytes) })
      if (comparison.rightHash === null) {
        await keepLiveOnly({ plan, side: opened.right, path: linesPath(comparison.directory, index) }, result.onlyRight)
      }
      comparison.tables.set(name, await storeLists({ comparison, plan, index }, result))
      comparison.report.tables.push(reportOf(plan, result))
      meter.tableDone(name)
    }
  }

  private async keep(comparison: StoredComparison): Promise<void> {
    this.kept.set(comparison.report.comparisonId, comparison)
    const [oldest] = this.kept.keys()
    if (this.kept.size <= MOST_KEPT || oldest === undefined) return
    this.kept.delete(oldest)
    await this.folder.remove(oldest)
  }

  /** Another tenant's comparison is answered as one that does not exist. */
  private find(comparisonId: string, owner: string): StoredComparison {
    const found = this.kept.get(comparisonId)
    if (found === undefined || found.owner !== owner) {
      throw new AppError('NOT_FOUND', 'This comparison is no longer kept.', { hint: 'Compare again.' })
    }
    this.kept.delete(comparisonId)
    this.kept.set(comparisonId, found)
    return found
  }
}

async function storeLists(
  { comparison, plan, index }: { comparison: StoredComparison; plan: TablePlan; index: number },
  { onlyLeft, onlyRight, changed }: TableResult,
): Promise<StoredTable> {
  const lists = { onlyLeft, onlyRight, changed }
  for (const kind of ['onlyLeft', 'onlyRight', 'changed'] as const) {
    if (lists[kind].listed > 0) await writePrivate(pairsPath(comparison.directory, index, kind), lists[kind].toBytes())
  }
  return {
    left: plan.left.columns,
    right: plan.right.columns,
    common: plan.common,
    key: plan.key,
    index,
    listed: { onlyLeft: onlyLeft.listed, onlyRight: onlyRight.listed, changed: changed.listed },
    isFoundByKey: isFoundByKey(plan),
  }
}

function refuseOtherSides(comparison: StoredComparison, { left, right }: OpenedSides): void {
  const rightHash = 'manifest' in right ? right.manifest.hash : null
  if (left.manifest.hash === comparison.leftHash && rightHash === comparison.rightHash) return
  throw new AppError('CONFLICT', 'The archive is not the one that was compared.', { hint: 'Compare again.' })
}

const cursorScope = ({ comparisonId, table, kind }: DifferenceRequest): string => `${comparisonId} ${kind} ${table}`

function offsetOf(request: DifferenceRequest, listed: number): number {
  const [scope, text] = decodeCursor(request.cursor ?? '', 2)
  const offset = Number(text)
  if (scope === cursorScope(request) && Number.isSafeInteger(offset) && offset > 0 && offset < listed) return offset
  throw invalidInput({ cursor: 'This cursor does not belong to this list.' })
}
