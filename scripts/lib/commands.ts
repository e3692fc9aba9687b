import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildConsole, ensureBuilt } from './build.ts'
import { electronRuntime } from './electron-runtime.ts'
import { projectFolder } from './install.mjs'
import { note, StepError, sayError, step } from './steps.mjs'

/** What the npm scripts run. Everything said goes to stderr: stdout belongs to the program that is started. */
const COMMANDS: Record<string, (args: readonly string[]) => Promise<void>> = {
  build: () => step('Console built', () => buildConsole()),
  start: startWindow,
  web: async args => {
    await build()
    await become(join(projectFolder, 'out', 'main', 'web.js'), args)
  },
  // From its sources: no build stands between a change and the command line.
  cli: args => become(join(projectFolder, 'src', 'cli', 'cli.ts'), args),
  demo: args => {
    const isCommand = args[0] !== undefined && !args[0].startsWith('-')
    const program = isCommand ? ['demo-cli.ts', ...args] : ['run.ts', '--no-console', ...args]
    const [file = '', ...rest] = program
    return become(join(projectFolder, 'scripts', 'quickstart', file), rest)
  },
}

async function build(): Promise<void> {
  if (await ensureBuilt()) note('The console was built anew.')
}

/** The program takes this process over, its arguments, signals and exit code included. */
async function become(program: string, args: readonly string[]): Promise<void> {
  process.argv = [process.execPath, program, ...args]
  await import(pathToFileURL(program).href)
}

async function startWindow(args: readonly string[]): Promise<void> {
  const electron = electronRuntime()
  if (electron === undefined) {
    throw new StepError(
      'Electron’s runtime is not here.',
      'npx install-electron downloads it (about 120 MB); npm run web opens the console in a browser instead.',
    )
  }
  await build()
  const child = spawn(electron, [projectFolder, ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  const [code] = await once(child, 'close')
  process.exitCode = typeof code === 'number' ? code : 1
}

const [name = '', ...args] = process.argv.slice(2)
try {
  const command = COMMANDS[name]
  if (command === undefined)
    throw new StepError(`Unknown command "${name}".`, `Known: ${Object.keys(COMMANDS).join(', ')}`)
  await command(args)
} catch (error) {
  sayError(error)
  process.exitCode = 1
}
