import { parseArgs } from 'node:util'
import { ROLES, type Role } from '#shared/permissions.ts'
import { hostVault } from './handed-secrets.ts'
import { hostPaths } from './host-paths.ts'
import { hostSession } from './host-session.ts'
import { runSchedules } from './schedule-desk.ts'
import { hasDisplay, openBrowser } from './server/open-browser.ts'
import { startWebConsole } from './server/web-console.ts'
import { createServices } from './services.ts'

const HELP = `Usage: npm run web -- [options]

Starts the local web console and prints its address.

  --port <number>  port on 127.0.0.1; any free one when absent
  --open           open the browser
  --no-open        only print the address; the default where no display is
  --role <role>    support, operator or dba: the strongest role of this console, dba when absent
  --help           this text
`

const EXIT_INPUT = 2
const EXIT_INTERRUPTED = 130

interface WebArguments {
  port: number
  open: boolean
  role: Role
  help: boolean
}

class UsageError extends Error {}

function readArguments(argv: string[]): WebArguments {
  const values = parse(argv)
  const port = Number(values.port ?? '0')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError('--port is a number from 0 to 65535.')
  const role = ROLES.find(known => known === (values.role ?? 'dba'))
  if (role === undefined) throw new UsageError(`--role is one of ${ROLES.join(', ')}.`)
  const open = values.open ?? (process.stdout.isTTY && hasDisplay(process.platform, process.env))
  return { port, role, open, help: values.help ?? false }
}

function parse(argv: string[]) {
  const options = {
    port: { type: 'string' },
    open: { type: 'boolean' },
    role: { type: 'string' },
    help: { type: 'boolean' },
  } as const
  try {
    return parseArgs({ args: argv, options, allowNegative: true }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2))
  if (options.help) {
    process.stdout.write(HELP)
    return
  }
  const { rendererDirectory, preloadDirectory, ...config } = hostPaths()
  const services = await createServices({ ...config, vault: await hostVault() })
  const web = await startWebConsole({
    kernel: services.kernel,
    newSession: () => hostSession('web', options.role),
    folders: { rendererDirectory, preloadDirectory },
    port: options.port,
  }).catch(async (error: unknown) => {
    await services.close()
    throw error
  })
  const stop = new AbortController()
  const { user, maximumRole } = hostSession('web', options.role)
  const scheduled = runSchedules(services, {
    host: 'web',
    user,
    maximumRole,
    onFailure: ({ environment, problem }) => process.stderr.write(`${environment}: ${problem}\n`),
    signal: stop.signal,
  })
  stopOnSignal(async () => {
    stop.abort()
    await web.close()
    await scheduled
    await services.close()
  })
  // The only line on stdout: scripts read the address from it.
  process.stdout.write(`${web.address}\n`)
  if (options.open && !(await openBrowser(web.launchAddress()))) {
    process.stderr.write('No browser could be opened; open the address above.\n')
  }
}

/** The first Ctrl-C closes in order: pages, then jobs, then connections. The second does not wait. */
function stopOnSignal(close: () => Promise<void>): void {
  let isClosing = false
  const stop = (exitCode: number) => {
    if (isClosing) process.exit(EXIT_INTERRUPTED)
    isClosing = true
    close().then(
      () => process.exit(exitCode),
      error => fail(error),
    )
  }
  process.on('SIGINT', () => stop(EXIT_INTERRUPTED))
  process.on('SIGTERM', () => stop(0))
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(error instanceof UsageError ? EXIT_INPUT : 1)
}

await main().catch(fail)
