import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from './install.mjs'

/**
 * Electron's executable, or undefined. The npm package is a wrapper only: its runtime is a separate download, which a closed
 * network refuses; `ELECTRON_OVERRIDE_DIST_PATH` names one from elsewhere, as the package itself understands it.
 */
export function electronRuntime(): string | undefined {
  const folder = join(projectFolder, 'node_modules', 'electron')
  const name = readText(join(folder, 'path.txt')) ?? 'electron'
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const executable = join(override ?? join(folder, 'dist'), name.trim())
  return existsSync(executable) ? executable : undefined
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
