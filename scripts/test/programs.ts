import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { projectFolder } from '../lib/install.mjs'

/** Runs a program of node_modules/.bin in the project folder, with its output on ours; resolves to the exit code. */
export function runProgram(argv: readonly string[], env: Record<string, string> = {}): Promise<number> {
  const [program = '', ...args] = argv
  const suffix = process.platform === 'win32' ? '.cmd' : ''
  return new Promise((resolve, reject) => {
    const child = spawn(join(projectFolder, 'node_modules', '.bin', `${program}${suffix}`), args, {
      cwd: projectFolder,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
      // A batch file, which these programs are on Windows, runs in a shell only; no argument comes from outside.
      shell: suffix !== '',
    })
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 1))
  })
}
