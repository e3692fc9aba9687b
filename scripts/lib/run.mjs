// `npm start`, `npm run web`, `npm run cli` and `npm run build`: plain JavaScript for Node 20, as they may come first on a clone.
import { join } from 'node:path'
import { ensureInstalled, projectFolder } from './install.mjs'
import { runOnProjectNode } from './project-node.mjs'
import { sayError } from './steps.mjs'

try {
  await ensureInstalled()
  await runOnProjectNode(join(projectFolder, 'scripts', 'lib', 'commands.ts'), process.argv.slice(2))
} catch (error) {
  sayError(error)
  process.exitCode = 1
}
