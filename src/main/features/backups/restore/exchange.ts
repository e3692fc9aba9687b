import type { WriteTx } from '../../../connections/postgres/database.ts'
import { quoteIdentifier } from '../../../connections/postgres/identifier.ts'
import { copyTenantLedger } from '../../migrations/migration.service.ts'
import { dropHold, lockTables, requireStillHeld } from './hold.ts'
import { copyPrivileges } from './privileges.ts'

export interface Exchange {
  tenantId: string
  /** The tenant's schema; it has this name before and after. */
  live: string
  /** The schema that takes its place. */
  incoming: string
  /** What the schema that was live is called from then on. */
  kept: string
  /** End of the hold by triggers (ISO 8601); undefined where locks hold writers off. */
  deadline: string | undefined
}

/**
 * Puts one schema in the place of another, in the caller's transaction: nobody sees anything in between. A transaction that has used the
 * live tables would go on writing into them under their new name, so all are locked against everybody first; statements that wait
 * for those locks look the name up again afterwards. Resolves to the moment of the first rename (`performance.now()`).
 */
export async function exchange(
  tx: WriteTx<'registry'>,
  { tenantId, live, incoming, kept, deadline }: Exchange,
): Promise<number> {
  await lockTables(tx, live, 'ACCESS EXCLUSIVE')
  if (deadline !== undefined) {
    await requireStillHeld(tx, deadline)
    await dropHold(tx, live)
  }
  await copyPrivileges(tx, live, incoming)
  const started = performance.now()
  const [name, next, old] = [live, incoming, kept].map(quoteIdentifier)
  await tx.script(`alter schema ${name} rename to ${old}; alter schema ${next} rename to ${name}`)
  await copyTenantLedger(tx, { tenantId, schema: live })
  return started
}
