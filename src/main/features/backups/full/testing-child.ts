import { FolderStore } from '../../../connections/backup/folder-store.ts'
import { ClientTools } from './client-tools.ts'
import { FullDumpService } from './full-dump.service.ts'
import type { ToolConnection } from './tool-environment.ts'

/** A process of its own that restores a dump, for the test that kills it meanwhile. */
const { postgres, path, key, database, folder } = JSON.parse(process.env.TENANTRY_CHILD ?? '{}') as {
  postgres: ToolConnection
  path: string
  key: string
  database: string
  folder: string
}
const service = new FullDumpService(new ClientTools({ folder }))
const target = {
  environment: { name: 'Child', class: 'development' as const },
  postgres,
  store: new FolderStore({ path }),
}
await service.restore(target, { key, database, jobs: 1 }, { signal: new AbortController().signal })
