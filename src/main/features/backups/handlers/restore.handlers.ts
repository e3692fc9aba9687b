import { AppError } from '#shared/errors.ts'
import { hasRole, weakerRole } from '#shared/permissions.ts'
import type { Connections } from '../../../connections/connections.ts'
import type { FleetContext, HandlersOf } from '../../../kernel/context.ts'
import type { JobControl } from '../../../kernel/jobs.ts'
import type { EnvironmentService } from '../../environments/environment.service.ts'
import { ownArchive } from '../catalogue/own-archive.ts'
import type { CloneService } from '../clone/clone.service.ts'
import type { Decisions } from '../restore/decisions.ts'
import type { KeptService } from '../restore/kept.service.ts'
import type { PlanService } from '../restore/plan.service.ts'
import type { PrepareService } from '../restore/prepare.service.ts'
import type { RestoreQueries } from '../restore/restore-queries.ts'
import type { RowsService } from '../restore/rows.service.ts'
import type { SwapService } from '../restore/swap.service.ts'
import type { Work } from '../restore/swap.ts'

export interface RestoreHandlerDependencies {
  connections: Pick<Connections, 'backup'>
  environments: Pick<EnvironmentService, 'find'>
  decisions: Decisions
  plans: PlanService
  prepares: PrepareService
  queries: RestoreQueries
  swaps: SwapService
  rows: RowsService
  kept: KeptService
  clones: CloneService
}

type Verbs =
  | 'plan'
  | 'prepare'
  | 'restores'
  | 'restoreState'
  | 'sideDifferences'
  | 'recompare'
  | 'restore'
  | 'decide'
  | 'discard'
  | 'undoPlan'
  | 'undo'
  | 'kept'
  | 'removeKept'
  | 'rowsPlan'
  | 'restoreRows'
  | 'clone'

type JobContext = FleetContext<'write'> & { readonly job: JobControl }

const workOf = ({ registry, job, session, signal }: JobContext): Work => ({
  db: registry,
  job,
  who: session.user,
  signal,
})

export const restoreHandlers = (dependencies: RestoreHandlerDependencies): Pick<HandlersOf<'backups'>, Verbs> => ({
  ...besideHandlers(dependencies),
  ...swapHandlers(dependencies),
  ...copyHandlers(dependencies),
})

function besideHandlers({ connections, plans, prepares, queries }: RestoreHandlerDependencies) {
  return {
    plan: async ({ archive }, { registry, db, environment, tenant, signal }) => {
      const place = { store: await connections.backup(environment), prefix: ownArchive(tenant, archive).archive }
      return await plans.plan({ registry, db, environment, tenant, archive: place, signal })
    },
    prepare: async ({ archive, schemaChoice }, context) => {
      const { environment, tenant } = context
      const place = { store: await connections.backup(environment), prefix: ownArchive(tenant, archive).archive }
      return await prepares.prepare(workOf(context), tenant, { archive: place, schemaChoice })
    },
    recompare: ({ restoreId }, context) => prepares.recompare(workOf(context), context.tenant, restoreId),
    discard: ({ restoreId }, context) => prepares.discard(workOf(context), context.tenant, restoreId),
    restores: ({ limit }, { registry, tenant }) => queries.list(registry, tenant, limit),
    restoreState: ({ restoreId }, { registry, tenant }) => queries.state(registry, tenant, restoreId),
    sideDifferences: ({ restoreId, table, kind, limit, cursor }, { registry, tenant }) =>
      queries.differences(registry, tenant, { restoreId, table, kind, limit, cursor }),
  } satisfies Partial<HandlersOf<'backups'>>
}

function swapHandlers({ decisions, swaps, queries }: RestoreHandlerDependencies) {
  return {
    restore: ({ restoreId, confirmation, ...request }, context) =>
      swaps.restore(workOf(context), context.tenant, { ...request, restoreId, reason: confirmation?.reason }),
    decide: async ({ restoreId, token, accept }, { registry, tenant }) => {
      // Whoever may not see the restore may not decide on it either.
      await queries.state(registry, tenant, restoreId)
      decisions.decide(restoreId, token, accept)
      return { accepted: accept }
    },
    undoPlan: ({ restoreId }, { registry, tenant }) => swaps.undoPlan(registry, tenant, restoreId),
    undo: ({ restoreId, confirmation, ...request }, context) =>
      swaps.undo(workOf(context), context.tenant, { ...request, restoreId, reason: confirmation?.reason }),
  } satisfies Partial<HandlersOf<'backups'>>
}

function copyHandlers({ connections, environments, rows, kept, clones }: RestoreHandlerDependencies) {
  return {
    kept: (_input, { registry }) => kept.list(registry),
    removeKept: ({ schemas }, context) => kept.remove(workOf(context), schemas),
    rowsPlan: ({ restoreId, tables }, { registry, tenant }) => rows.plan(registry, tenant, { restoreId, tables }),
    restoreRows: ({ restoreId, tables, token, confirmation }, context) =>
      rows.restore(workOf(context), context.tenant, { restoreId, tables, token, reason: confirmation?.reason }),
    clone: async (input, context) => {
      const { sourceEnvironmentId, archive, slug, name, adminEmail, schemaChoice, mask, confirmation } = input
      let source = context.environment
      if (sourceEnvironmentId !== undefined && sourceEnvironmentId !== source.id) {
        source = await environments.find(sourceEnvironmentId)
        const role = weakerRole(context.session.maximumRole, source.role)
        // What comes out of an archive is all of its data: as much as backing up there needs.
        if (!hasRole(role, 'operator')) {
          throw new AppError('PERMISSION_DENIED', `Archives of ${source.name} need the role operator there.`)
        }
      }
      const store = await connections.backup(source)
      const request = { store, archive, slug, name, adminEmail, schemaChoice, mask, reason: confirmation?.reason }
      return await clones.create(workOf(context), request)
    },
  } satisfies Partial<HandlersOf<'backups'>>
}
