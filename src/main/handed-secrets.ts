import { once } from 'node:events'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { STORES } from '#shared/contract/environment.model.ts'
import { OsKeychain, SessionSecrets } from './connections/keychain.ts'
import { SecretVault } from './connections/secret-vault.ts'

/** Names the open file descriptor through which the parent process hands secrets over. */
export const SECRETS_VARIABLE = 'TENANTRY_SECRETS_FD'

const Handed = z.array(z.object({ environmentId: z.string(), store: z.enum(STORES), secret: z.string() }))
export type HandedSecret = z.infer<typeof Handed>[number]

/** One line of the pipe. The first line is waited for, so it must come even where it holds nothing. */
export const secretsLine = (secrets: readonly HandedSecret[]): string => `${JSON.stringify(secrets)}\n`

/**
 * The vault of a host. Where a parent process started the host and knows secrets that are for this session only (the demo does),
 * they come in lines over a pipe that only the two of them hold: arguments are readable by every user of a machine, and the
 * environment is inherited by every program the host starts.
 */
export async function hostVault(variables: NodeJS.ProcessEnv = process.env): Promise<SecretVault> {
  const session = new SessionSecrets()
  const descriptor = Number(variables[SECRETS_VARIABLE])
  delete variables[SECRETS_VARIABLE]
  if (Number.isInteger(descriptor) && descriptor > 2) await receive(descriptor, session)
  return new SecretVault({ keychain: new OsKeychain(), session })
}

/** Resolves with the first line or the pipe's end; later lines are taken as they come. */
async function receive(descriptor: number, session: SessionSecrets): Promise<void> {
  const pipe = openPipe(descriptor)
  if (pipe === undefined) return
  const lines = createInterface({ input: pipe })
  lines.on('line', line => {
    for (const { environmentId, store, secret } of Handed.parse(JSON.parse(line))) {
      void session.set(`${environmentId}/${store}`, secret)
    }
  })
  await Promise.race([once(lines, 'line'), once(lines, 'close')])
  // The pipe stays open for as long as the parent lives; it must not keep this process alive.
  pipe.unref()
}

/** undefined where the variable names no pipe: what is missing then shows as a missing secret, with its hint. */
function openPipe(descriptor: number): Socket | undefined {
  try {
    const pipe = new Socket({ fd: descriptor, readable: true, writable: false })
    return pipe.on('error', () => undefined)
  } catch {
    return undefined
  }
}
