import { basename } from 'node:path'
import { AppError, type ErrorCode } from '#shared/errors.ts'
import { loggable } from '../../../connections/loggable.ts'
import { redact } from '../../../kernel/redact.ts'

const HIDDEN = '[redacted]'
/** Lines and characters of a tool's own words that an error carries. */
const KEPT_LINES = 12
const KEPT_CHARACTERS = 500
/** A line longer than this is cut while it comes, so that a tool cannot fill the memory. */
const LINE_LIMIT = 64 * 1024

/** What tells of a failure; the rest is progress, or quotes rows and statements that may hold personal data. */
const TELLING =
  /^(pg_dump|pg_restore|psql)(:[^ ]*)?: (fatal: |error: |detail: Error message|hint: )|^psql:.*(ERROR|FATAL|PANIC|error):/i
const QUOTED_AT_END = /: ".*"\s*$/s

/** Splits standard error into lines and keeps the last ones that tell of a failure, without secrets and values. */
export class StandardErrorTail {
  private readonly secrets: readonly string[]
  private readonly onLine: ((line: string) => void) | undefined
  private readonly kept: string[] = []
  private rest = ''

  constructor(secrets: readonly string[], onLine: ((line: string) => void) | undefined) {
    this.secrets = secrets
    this.onLine = onLine
  }

  push(chunk: Buffer): void {
    const lines = (this.rest + chunk.toString('utf8')).split('\n')
    this.rest = (lines.pop() ?? '').slice(0, LINE_LIMIT)
    for (const line of lines) this.take(line.trimEnd())
  }

  finish(): void {
    if (this.rest !== '') this.take(this.rest)
    this.rest = ''
  }

  words(): string[] {
    return this.kept.map(line => this.clean(line))
  }

  private take(line: string): void {
    this.onLine?.(line)
    if (!TELLING.test(line)) return
    this.kept.push(line)
    if (this.kept.length > KEPT_LINES) this.kept.shift()
  }

  private clean(line: string): string {
    let text = line.replace(QUOTED_AT_END, ': "…"')
    for (const secret of this.secrets) text = text.replaceAll(secret, HIDDEN)
    const redacted = redact(text)
    return (typeof redacted === 'string' ? redacted : '').slice(0, KEPT_CHARACTERS)
  }
}

interface Rule {
  words: RegExp
  code: ErrorCode
  message: string
  hint?: string
  retryable?: boolean
  reason: string
}

export const LOCK_TABLE_FULL = {
  message: 'The lock table of the PostgreSQL server is full.',
  hint: 'Back up the tenants one by one (fleet backup), or raise max_locks_per_transaction on the server.',
  reason: 'lock-table',
}

/** In this order: the more telling first. */
const RULES: readonly Rule[] = [
  { words: /out of shared memory|max_locks_per_transaction/, code: 'CONNECTION_FAILED', ...LOCK_TABLE_FULL },
  {
    words: /server version mismatch|unsupported version \(/,
    code: 'UNSUPPORTED',
    message: 'The version of the PostgreSQL tool does not fit.',
    hint: 'Install the client tools of the server’s major version.',
    reason: 'client-tools',
  },
  {
    words: /password authentication failed|no password supplied|no pg_hba\.conf entry/,
    code: 'CONNECTION_FAILED',
    message: 'PostgreSQL refused the user or the password.',
    hint: 'Check the user name and the password of this environment.',
    reason: 'authentication',
  },
  {
    words: /certificate|SSL error/i,
    code: 'CONNECTION_FAILED',
    message: 'The encrypted connection of the PostgreSQL tool was refused.',
    hint: 'Check the TLS mode and the certificate authority of this environment.',
    reason: 'tls',
  },
  {
    words: /permission denied|must be (owner|superuser|member)|must have|row-level security/,
    code: 'PERMISSION_DENIED',
    message: 'The database user lacks a privilege for this.',
    hint: 'Dump and restore whole databases as their owner or as a superuser.',
    reason: 'permission',
  },
  {
    words: /No space left|could not extend file/,
    code: 'CONNECTION_FAILED',
    message: 'A disk is full.',
    hint: 'Free space on the server and for temporary files, then try again.',
    retryable: true,
    reason: 'disk-full',
  },
  {
    words: /role ".*" does not exist/,
    code: 'CONFLICT',
    message: 'The dump names an owner or a role that this server does not have.',
    hint: 'Create the role, or restore without owners and privileges.',
    reason: 'role',
  },
  {
    words: /lock timeout|could not obtain lock/,
    code: 'TIMEOUT',
    message: 'Another session holds a lock on a table of this database.',
    hint: 'Try again when its migration or maintenance has ended.',
    retryable: true,
    reason: 'lock',
  },
  {
    words:
      /server closed the connection|terminating connection|connection to server .* failed|connection to server was lost|could not send|lost synchronization|no connection to the server|could not receive data/,
    code: 'CONNECTION_FAILED',
    message: 'The PostgreSQL tool lost its connection to the server.',
    hint: 'Check the server and the network, then try again.',
    retryable: true,
    reason: 'lost',
  },
  {
    words: /backslash commands are restricted|\\restrict/,
    code: 'CONFLICT',
    message: 'The script holds commands for psql itself and was not run.',
    hint: 'Restore a dump in the custom format instead.',
    reason: 'meta-command',
  },
  {
    words: /input file|archive|unexpected end of file|could not read|did not find magic/,
    code: 'CONFLICT',
    message: 'The dump cannot be read: it is damaged or cut.',
    hint: 'Use another dump.',
    reason: 'archive-damaged',
  },
]

export interface ToolEnding {
  program: string
  code: number | null
  signal: NodeJS.Signals | null
  /** Already without secrets. */
  words: string[]
}

/** The coded error of a tool that did not end well, with its last words. */
export function toolFailed({ program, code, signal, words }: ToolEnding): AppError {
  const name = basename(program)
  const text = words.join('\n')
  const rule = RULES.find(candidate => candidate.words.test(text))
  const how = signal === null ? `with code ${code ?? 'unknown'}` : `by the signal ${signal}`
  const details = { program: name, exitCode: code, signal, stderr: words }
  if (rule !== undefined) {
    const { message, hint, retryable, reason } = rule
    return new AppError(rule.code, message, { hint, retryable, details: { reason, ...details } })
  }
  const first = words[0] === undefined ? '' : ` ${words[0]}`
  return new AppError('INTERNAL', `${name} ended ${how}.${first}`, {
    hint:
      signal === null
        ? 'The details hold the last words of the tool.'
        : 'Somebody or the system ended it (out of memory, a shutdown). Try again.',
    retryable: signal !== null,
    details: { reason: 'tool-failed', ...details },
  })
}

export const notStarted = (program: string, cause: unknown): AppError =>
  new AppError('UNSUPPORTED', `${basename(program)} could not be started.`, {
    hint: 'Check that the PostgreSQL client tools are installed and may be run by this user.',
    details: { reason: 'client-tools', program: basename(program) },
    cause: loggable(cause),
  })
