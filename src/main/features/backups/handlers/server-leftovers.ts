import { AppError } from '#shared/errors.ts'
import type { SecretReader } from '../../../connections/secret-vault.ts'
import type { CleanupTarget, CleanupWork, ServerLeftovers } from '../catalogue/cleanup.service.ts'
import type { CleanupItem } from '../catalogue/cleanup-plan.ts'
import type { FullDumpService } from '../full/full-dump.service.ts'
import type { KeptService } from '../restore/kept.service.ts'
import { toolConnection } from './tool-connection.ts'

interface Dependencies {
  secrets: SecretReader
  kept: Pick<KeptService, 'list' | 'remove'>
  dumps: Pick<FullDumpService, 'unfinishedRestores' | 'removeUnfinishedRestore'>
}

/** Schemas that restores kept until a time that has passed, and databases of whole restores whose console is gone. */
export function serverLeftovers({ secrets, kept, dumps }: Dependencies): ServerLeftovers {
  return {
    list: async ({ registry, environment, signal }: CleanupTarget): Promise<CleanupItem[]> => {
      const now = new Date().toISOString()
      const expired = (await kept.list(registry)).filter(schema => schema.isExpired && !schema.isInUse)
      const unfinished = await dumps.unfinishedRestores(await toolConnection(environment, secrets), signal)
      return [
        ...expired.map(
          ({ schema, sizeBytes, keptUntil, slug }): CleanupItem => ({
            kind: 'kept',
            key: schema,
            databaseSchema: schema,
            at: keptUntil ?? now,
            storedBytes: sizeBytes,
            reason: `Kept by a restore${slug === null ? '' : ` of ${slug}`} for undo; its time is over`,
          }),
        ),
        ...unfinished.map(
          ({ database, sizeBytes }): CleanupItem => ({
            kind: 'database',
            key: database,
            databaseSchema: null,
            at: now,
            storedBytes: String(sizeBytes),
            reason: 'A whole restore that a console did not finish',
          }),
        ),
      ]
    },
    remove: async (work: CleanupWork, { kind, key, storedBytes }: CleanupItem): Promise<number> => {
      const { registry: db, job, who, signal, environment } = work
      if (kind === 'database') {
        await dumps.removeUnfinishedRestore(await toolConnection(environment, secrets), key, signal)
        return Number(storedBytes)
      }
      const { failed } = await kept.remove({ db, job, who, signal }, [key])
      const [problem] = failed
      if (problem !== undefined) throw new AppError('CONFLICT', problem.problem)
      return Number(storedBytes)
    },
  }
}
