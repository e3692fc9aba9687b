import { BACKUP } from './backup/group.ts'
import { note } from './lib/figure.ts'
import type { Measurement } from './lib/measurement.ts'
import { startServer } from './lib/server.ts'
import { TENANTS } from './tenants/group.ts'

const GROUPS: Readonly<Record<string, readonly Measurement[]>> = {
  tenants: TENANTS,
  backup: BACKUP,
}

const USAGE = `Usage: npm run bench -- <group> [figure…]

Groups: ${Object.keys(GROUPS).join(', ')}
A figure is a name, or its beginning: page measures page.first and page.deep.
`

const EXIT_INPUT = 2

function chosen(argv: readonly string[]): Measurement[] | undefined {
  const [group = '', ...wanted] = argv
  const measurements = GROUPS[group]
  if (measurements === undefined) return undefined
  const isWanted = (name: string) => wanted.length === 0 || wanted.some(beginning => name.startsWith(beginning))
  const found = measurements.filter(({ names }) => names.some(isWanted))
  return found.length === 0 ? undefined : found
}

async function main(): Promise<void> {
  const measurements = chosen(process.argv.slice(2))
  if (measurements === undefined) {
    process.stderr.write(USAGE)
    process.exitCode = EXIT_INPUT
    return
  }
  await using _server = await startServer()
  for (const { names, run } of measurements) {
    note(`— ${names.join(', ')}`)
    await run()
  }
}

await main()
