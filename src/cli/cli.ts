#!/usr/bin/env node
import { OsKeychain } from '../main/connections/keychain.ts'
import { SecretVault } from '../main/connections/secret-vault.ts'
import { hostPaths } from '../main/host-paths.ts'
import { createServices } from '../main/services.ts'
import { EXIT } from './exit-codes.ts'
import { runCli } from './run.ts'
import { TERMINATED } from './schedule-run.ts'
import { processTerminal } from './terminal.ts'
import { VariableSecrets } from './variable-secrets.ts'

const paths = hostPaths()
const vault = new SecretVault({ keychain: new OsKeychain(), session: new VariableSecrets(process.env) })
const abort = new AbortController()

// The first Ctrl-C cancels and waits for the honest end; the second does not wait.
process.on('SIGINT', () => {
  if (abort.signal.aborted) process.exit(EXIT.cancelled)
  process.stderr.write('\nCancelling …\n')
  abort.abort()
})
process.on('SIGTERM', () => abort.abort(TERMINATED))
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok)
  throw error
})

const exitCode = await runCli(process.argv.slice(2), {
  version: paths.version,
  terminal: processTerminal(abort.signal),
  open: () => createServices({ ...paths, vault }),
  signal: abort.signal,
})
// What was written to a pipe may still be on its way.
process.stdout.write('', () => process.exit(exitCode))
