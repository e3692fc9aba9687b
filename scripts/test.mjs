// `npm test` on a bare clone: plain JavaScript for Node 20 that installs the packages and hands over to the project's own Node.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { ensureInstalled, nodePath, projectFolder } from './lib/install.mjs'
import { sayError } from './lib/steps.mjs'

try {
  await ensureInstalled()
  const child = spawn(nodePath, [join(projectFolder, 'scripts', 'test', 'run.ts'), ...process.argv.slice(2)], {
    cwd: projectFolder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${dirname(nodePath)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}` },
  })
  // Ctrl-C reaches the whole group; the child stops its services and ends first.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.once('close', code => {
    process.exitCode = code ?? 1
  })
} catch (error) {
  sayError(error)
  process.stdout.write('0 passed, 1 failed\n')
  process.exitCode = 1
}
