import { hush, say, sayError } from '../lib/steps.mjs'
import { EXIT_INTERRUPTED, onInterruption } from './interruption.ts'
import { HELP, parseOptions, type QuickstartOptions } from './options.ts'

const EXIT_INPUT = 2

async function main(): Promise<number> {
  let options: QuickstartOptions
  try {
    options = parseOptions(process.argv.slice(2))
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    return EXIT_INPUT
  }
  if (options.isHelp) {
    process.stdout.write(HELP)
    return 0
  }
  const signal = onInterruption()
  signal.addEventListener('abort', () => {
    say('\nStopping …')
    hush()
  })
  // Loaded only now: most of the console's code comes with it.
  const { runDemo } = await import('./session.ts')
  try {
    await runDemo(options, signal)
  } catch (error) {
    if (signal.aborted) return stopped(EXIT_INTERRUPTED)
    sayError(error)
    return 1
  }
  return stopped(0)
}

function stopped(exitCode: number): number {
  process.stderr.write('Stopped.\n')
  return exitCode
}

process.exit(await main())
