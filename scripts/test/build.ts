import { buildConsole } from '../lib/build.ts'
import type { Stage } from './stages.ts'

/** Builds as quickstart does, so that nothing after it finds the build out of date. */
export async function build(): Promise<Stage> {
  await buildConsole()
  return { passed: 1, failed: 0 }
}
