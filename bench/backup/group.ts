import type { Measurement } from '../lib/measurement.ts'
import { backupLarge } from './large.ts'
import { RESTORE } from './restore.ts'
import { backupSmall } from './small.ts'

export const BACKUP: readonly Measurement[] = [
  { names: ['backup.small-in-2000', 'backup.small-alone', 'backup.fleet-2000'], run: backupSmall },
  { names: ['backup.large', 'backup.large-gzip', 'backup.large-size', 'backup.large-memory'], run: backupLarge },
  ...RESTORE,
]
