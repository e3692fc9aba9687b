import type { HandlersOf } from '../../kernel/context.ts'
import { type ArchiveHandlerDependencies, archiveHandlers } from './handlers/archive.handlers.ts'
import { type FullHandlerDependencies, fullHandlers } from './handlers/full.handlers.ts'
import { type RestoreHandlerDependencies, restoreHandlers } from './handlers/restore.handlers.ts'

export type BackupHandlerDependencies = ArchiveHandlerDependencies &
  RestoreHandlerDependencies &
  FullHandlerDependencies

export const backupsHandlers = (dependencies: BackupHandlerDependencies): HandlersOf<'backups'> => ({
  ...archiveHandlers(dependencies),
  ...restoreHandlers(dependencies),
  ...fullHandlers(dependencies),
})
