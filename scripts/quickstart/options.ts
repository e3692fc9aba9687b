import { parseArgs } from 'node:util'

export const HELP = `Usage: npm run quickstart -- [options]

Installs, builds, starts a demo system with three tenants, and opens the console. The demo's data stays for the next start.

  --web            the local web console, even where Electron could show a window
  --no-open        open nothing, only print the address (implies --web)
  --once           stop everything as soon as it is ready
  --fresh          throw the demo's data away first
  --postgres-only  no MongoDB, Redis or S3
  --no-console     the demo system alone, for the command line
  --help           this text

Stores of your own take part under these names, each as usual but with TENANTRY_DEMO_ before it: DATABASE_URL, MONGODB_URI,
REDIS_URL, S3_BUCKET with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and S3_ENDPOINT.
TENANTRY_DEMO_HOME names the folder that holds the demo.
`

export interface QuickstartOptions {
  /** The browser is wanted although a window could be had. */
  isWeb: boolean
  opens: boolean
  isOnce: boolean
  isFresh: boolean
  hasConsole: boolean
  isPostgresOnly: boolean
  isHelp: boolean
}

/** @throws TypeError naming the option that is not known */
export function parseOptions(args: readonly string[]): QuickstartOptions {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      web: { type: 'boolean', default: false },
      open: { type: 'boolean', default: true },
      console: { type: 'boolean', default: true },
      once: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      'postgres-only': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    isWeb: values.web || !values.open,
    opens: values.open,
    isOnce: values.once,
    isFresh: values.fresh,
    hasConsole: values.console,
    isPostgresOnly: values['postgres-only'],
    isHelp: values.help,
  }
}
