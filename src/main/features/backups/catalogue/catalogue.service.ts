import type { ArchiveDetail } from '#shared/contract/backup.model.ts'
import type { Environment } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import type { Connections } from '../../../connections/connections.ts'
import { encodeCursor } from '../../../connections/postgres/cursor.ts'
import type { WriteDb } from '../../../connections/postgres/database.ts'
import { requireRegistry } from '../../migrations/migration.service.ts'
import { archiveDetail, storeName } from './archive-row.ts'
import * as repository from './catalogue.repository.ts'
import { ownArchive } from './own-archive.ts'
import { reconcile } from './reconcile.ts'
import { type ArchivedTenant, type FleetTarget, openTimeLine, type TenantTarget, type TimeLine } from './time-line.ts'
import { latestByTenant, verificationsOf } from './verification.repository.ts'

/** Of one archive, the latest that are shown. */
const VERIFICATIONS_SHOWN = 100

/** Called when the registry's copy of a tenant's archives differs from the store. It must not wait for the repair. */
export type OnDifference = (environment: Environment, tenant: ArchivedTenant) => void

interface Dependencies {
  connections: Pick<Connections, 'backup'>
  onDifference?: OnDifference | undefined
  now?: (() => Date) | undefined
}

/** The archives of a tenant as the backup store has them, which is the truth; the registry adds what was verified. */
export class CatalogueService {
  private readonly connections: Pick<Connections, 'backup'>
  private readonly onDifference: OnDifference | undefined
  private readonly now: () => Date

  constructor({ connections, onDifference, now = () => new Date() }: Dependencies) {
    this.connections = connections
    this.onDifference = onDifference
    this.now = now
  }

  /** The latest first. One request to the store per thousand archives, and one for each archive of the page. */
  async list(target: TenantTarget, query: { limit: number; cursor?: string | undefined }) {
    const view = await this.open(target)
    const from = query.cursor === undefined ? 0 : view.after(query.cursor)
    const shown = view.folders.slice(from, from + query.limit)
    const rows = await view.rows(shown)
    const last = shown.at(-1)
    const isMore = from + shown.length < view.folders.length
    const isFirst = from === 0
    if (await view.differs(rows, { isFirst, isLast: !isMore })) this.onDifference?.(target.environment, target.tenant)
    return {
      items: rows,
      nextCursor: isMore && last !== undefined ? encodeCursor([last.archive]) : null,
      total: view.folders.length,
    }
  }

  /** @throws AppError NOT_FOUND for an archive that is not this tenant's, or not there (any more) */
  async get(target: TenantTarget, archive: string): Promise<ArchiveDetail> {
    const own = ownArchive(target.tenant, archive)
    const view = await this.open(target)
    const folder = view.folders.find(candidate => candidate.archive === own.archive)
    if (folder === undefined) throw noSuchArchive()
    const [row] = await view.rows([folder])
    if (row === undefined) throw noSuchArchive()
    const answer = await view.answerOf(folder)
    const verifications = await target.registry.read(tx => verificationsOf(tx, archive, VERIFICATIONS_SHOWN))
    return archiveDetail(row, {
      manifest: answer.state === 'complete' ? answer.manifest : undefined,
      tenant: target.tenant,
      environmentName: target.environment.name,
      verifications,
    })
  }

  /** The latest archive that can be trusted; undefined when the tenant has none. */
  async lastGood(target: TenantTarget): Promise<string | undefined> {
    return await (await this.open(target)).lastGood()
  }

  /** Tenants with their latest backup out of the registry: a constant number of queries, and none to the store. */
  async overview(target: FleetTarget, query: repository.OverviewQuery) {
    const { backup } = target.environment.stores
    const now = this.now()
    return await target.registry.read(async tx => {
      await requireRegistry(tx)
      const page = await repository.listOverview(tx, query, now)
      const counts = await repository.countOverview(tx, query.search, now)
      const verified = await latestByTenant(
        tx,
        page.items.map(row => row.tenantId),
      )
      return {
        items: page.items.map(row => ({ ...row, verified: verified.get(row.tenantId) ?? null })),
        nextCursor: page.nextCursor,
        ...counts,
        store: backup === undefined ? null : storeName(backup),
      }
    })
  }

  /** Brings the registry's copy of one tenant's archives to what the store holds. Rejects with CONFLICT while one is written. */
  async reconcile(target: TenantTarget & { registry: WriteDb }): Promise<{ added: number; removed: number }> {
    return await reconcile(this.connections, target)
  }

  private async open(target: TenantTarget): Promise<TimeLine> {
    return await openTimeLine(await this.connections.backup(target.environment), target)
  }
}

const noSuchArchive = (): AppError =>
  new AppError('NOT_FOUND', 'There is no such archive (any more).', { hint: 'Choose an archive from the list.' })
