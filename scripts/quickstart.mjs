// `npm run quickstart` on a bare clone: plain JavaScript for Node 20 that installs the packages and hands over.
import { join } from 'node:path'
import { ensureInstalled, projectFolder } from './lib/install.mjs'
import { runOnProjectNode } from './lib/project-node.mjs'
import { say, sayError } from './lib/steps.mjs'

try {
  say('Tenantry')
  await ensureInstalled()
  await runOnProjectNode(join(projectFolder, 'scripts', 'quickstart', 'run.ts'), process.argv.slice(2))
} catch (error) {
  sayError(error)
  process.exitCode = 1
}
