import type { DifferencePage } from '#shared/contract/backup.model.ts'
import type { PendingDecision, Restore } from '#shared/contract/restore.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import type { ReadDb } from '../../../connections/postgres/database.ts'
import type { Decisions } from './decisions.ts'
import * as repository from './restore.repository.ts'
import { type DifferenceQuery, readDifferences } from './side-differences.ts'

/** A page of a join over large tables may take long; it can be cancelled. */
const DIFFERENCES_TIMEOUT_MS = 300_000

type Asked = Omit<DifferenceQuery, 'side' | 'live'> & { restoreId: string }

/** What can be asked about the restores of a tenant. */
export class RestoreQueries {
  private readonly decisions: Pick<Decisions, 'pending'>

  constructor(decisions: Pick<Decisions, 'pending'>) {
    this.decisions = decisions
  }

  async list(db: ReadDb<'registry'>, tenant: TenantRow, limit: number): Promise<Restore[]> {
    const rows = await db.read(tx => repository.listRestores(tx, tenant.id, limit))
    return rows.map(repository.toRestore)
  }

  /** Rejects with NOT_FOUND for a restore of another tenant. */
  async state(
    db: ReadDb<'registry'>,
    tenant: TenantRow,
    restoreId: string,
  ): Promise<{ restore: Restore; pending: PendingDecision | null }> {
    const restore = repository.toRestore(await this.find(db, tenant, restoreId))
    return { restore, pending: this.decisions.pending(restoreId) }
  }

  async differences(db: ReadDb<'registry'>, tenant: TenantRow, asked: Asked): Promise<DifferencePage> {
    const { restoreId, ...query } = asked
    const row = await this.find(db, tenant, restoreId)
    // After the swap the two have changed places: what was live is the kept schema.
    const side = row.hasSideSchema ? row.sideSchema : null
    if (row.state !== 'ready' || side === null) {
      throw new AppError(
        'CONFLICT',
        `This restore is ${row.state}; rows can be compared while it stands ready beside live.`,
      )
    }
    return await db.read(tx => readDifferences(tx, { ...query, side, live: tenant.databaseSchema }), {
      statementTimeoutMs: DIFFERENCES_TIMEOUT_MS,
    })
  }

  private async find(db: ReadDb<'registry'>, tenant: TenantRow, id: string): Promise<repository.RestoreRow> {
    const row = await db.read(tx => repository.findRestore(tx, id))
    if (row === undefined || row.tenantId !== tenant.id) throw repository.noSuchRestore()
    return row
  }
}
