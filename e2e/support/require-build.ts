import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT } from './project.ts'

const BUILT = ['out/main/web.js', 'out/preload/index.cjs', 'out/preload/web-bridge.cjs', 'out/renderer/index.html']

/** The specs run what is shipped. Without it every one of them would fail for a reason that is hard to see. */
export default function requireBuild(): void {
  const missing = BUILT.filter(path => !existsSync(join(PROJECT, path)))
  if (missing.length > 0) throw new Error(`Not built: ${missing.join(', ')}. Run npm run build first.`)
}
