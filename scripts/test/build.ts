import { runProgram } from './programs.ts'
import type { Stage } from './stages.ts'

export async function build(): Promise<Stage> {
  const code = await runProgram(['electron-vite', 'build', '--logLevel', 'warn'])
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}
