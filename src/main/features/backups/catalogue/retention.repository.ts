import { RetentionPolicy } from '#shared/contract/backup.model.ts'
import type { ReadTx, WriteTx } from '../../../connections/postgres/database.ts'

export const DEFAULT_CLEANUP_CRON = '0 5 * * *'

/**
 * The rules rest in the options of the clean-up's schedule: a scheduled clean-up runs inside the rules that are shown, and there is no
 * second copy that could differ.
 */
export async function readRetention(tx: ReadTx<'registry'>): Promise<RetentionPolicy> {
  const found = await tx.row<{ policy: unknown }>({
    text: `select options -> 'policy' as policy from backup_schedules where kind = 'cleanup'`,
  })
  return RetentionPolicy.safeParse(found?.policy).data ?? RetentionPolicy.parse({})
}

/** Whether the clean-up runs by itself stays as it was: not, until somebody says so. */
export async function saveRetention(tx: WriteTx<'registry'>, policy: RetentionPolicy, who: string): Promise<void> {
  await tx.run({
    text: `insert into backup_schedules (kind, cron, is_enabled, options, updated_by)
      values ('cleanup', $1, false, jsonb_build_object('policy', $2::jsonb), $3)
      on conflict (kind) do update set options = backup_schedules.options || excluded.options,
        updated_at = now(), updated_by = excluded.updated_by`,
    values: [DEFAULT_CLEANUP_CRON, JSON.stringify(policy), who],
  })
}
