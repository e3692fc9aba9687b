import type { Environment } from '#shared/contract/environment.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import { everyObject } from '../../connections/backup/backup-store.ts'
import type { Connections } from '../../connections/connections.ts'
import type { ReadDb } from '../../connections/postgres/database.ts'
import { readExtent, readPeopleFacts } from './tenant-facts.repository.ts'

/** Daily backups leave at most this much between two of them. */
export const RECENT_BACKUP_MS = 24 * 3_600_000

export interface Backup {
  key: string
  /** ISO 8601, UTC. */
  at: string
}

interface Target {
  registry: ReadDb<'registry'>
  tenant: TenantRow
  environment: Environment
  signal: AbortSignal
}

/** `backups/schemas/<schema>/backup_schema_<stamp>…`, the key layout of DOMAIN. */
const STAMP = /\/backup_schema_(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})(\.sql\.gz$|\/manifest\.json$)/

/** The moment a backup key names, or undefined for keys that are not a finished backup. */
export function backupAt(key: string): string | undefined {
  const [, day, hour, minute, second] = STAMP.exec(key) ?? []
  return day === undefined ? undefined : `${day}T${hour}:${minute}:${second}.000Z`
}

/** Stands between a tenant and its deletion: says what would be lost, and asks for a recent backup. */
export class DeletionGuard {
  private readonly connections: Pick<Connections, 'backup'>
  private readonly now: () => number

  constructor(connections: Pick<Connections, 'backup'>, now: () => number = Date.now) {
    this.connections = connections
    this.now = now
  }

  async plan({ registry, tenant, environment, signal }: Target) {
    const { extent, employees } = await registry.read(async tx => {
      const extent = await readExtent(tx, tenant)
      const [people] = extent.tables === 0 ? [] : await readPeopleFacts(tx, [tenant])
      return { extent, employees: people?.employees ?? null }
    })
    const { backup, problem } = await this.findBackup({ environment, tenant, signal })
    return {
      slug: tenant.slug,
      databaseSchema: tenant.databaseSchema,
      ...extent,
      employees,
      latestBackupAt: backup?.at ?? null,
      latestBackupKey: backup?.key ?? null,
      backupIsRecent: this.isRecent(backup),
      backupProblem: problem,
    }
  }

  /** Rejects with CONFLICT when no backup of the last 24 hours exists and the person did not say to go on without one. */
  async requireBackup(target: Omit<Target, 'registry'>, withoutBackup: boolean): Promise<void> {
    if (withoutBackup) return
    const { backup, problem } = await this.findBackup(target)
    if (this.isRecent(backup)) return
    const latest = backup === undefined ? 'It has no backup' : `Its latest backup is of ${backup.at}`
    throw new AppError('CONFLICT', `${latest}${problem === null ? '' : ` that could be found (${problem})`}.`, {
      hint: 'Back the tenant up first, or say explicitly that it is to be deleted without a recent backup.',
      details: { reason: 'no-recent-backup', latestBackupAt: backup?.at ?? null },
    })
  }

  private isRecent(backup: Backup | undefined): boolean {
    return backup !== undefined && this.now() - Date.parse(backup.at) <= RECENT_BACKUP_MS
  }

  private async findBackup({
    environment,
    tenant,
    signal,
  }: Omit<Target, 'registry'>): Promise<{ backup: Backup | undefined; problem: string | null }> {
    try {
      const store = await this.connections.backup(environment)
      const prefix = `backups/schemas/${tenant.databaseSchema}/`
      let latest: Backup | undefined
      for await (const { key } of everyObject(store, prefix, signal)) {
        const at = backupAt(key)
        if (at !== undefined && (latest === undefined || at > latest.at)) latest = { key, at }
      }
      return { backup: latest, problem: null }
    } catch (error) {
      if (!isAppError(error)) throw error
      return { backup: undefined, problem: error.message }
    }
  }
}
