import { describe, expect, test } from 'vitest'
import { StandardErrorTail, toolFailed } from './tool-failure.ts'

const failure = (text: string, secrets: string[] = []) => {
  const tail = new StandardErrorTail(secrets, undefined)
  for (const character of Buffer.from(text)) tail.push(Buffer.from([character]))
  tail.finish()
  return toolFailed({ program: '/x/pg_restore', code: 1, signal: null, words: tail.words() })
}

describe('the failure of a tool', () => {
  test('keeps no rows, values and statements', () => {
    const error = failure(
      [
        'pg_restore: processing data for table "public.users"',
        'pg_restore: error: COPY failed for table "users": ERROR:  duplicate key value violates unique constraint "users_email_key"',
        'DETAIL:  Key (email)=(asha@acme.example) already exists.',
        'CONTEXT:  COPY users, line 2: "7 asha@acme.example"',
        'Command was: COPY public.users',
        'pg_restore: error: could not execute query: ERROR:  invalid input syntax for type integer: "4111 1111"',
      ].join('\n'),
    )
    expect(JSON.stringify(error.toData())).not.toMatch(/asha|4111/)
    expect(error.details).toMatchObject({ program: 'pg_restore', exitCode: 1 })
    expect(error.message).toContain('duplicate key value')
  })

  test('keeps no secret, whatever says it', () => {
    const error = failure('pg_dump: error: oops s3cr+t and postgresql://a:other@host/db password=third', ['s3cr+t'])
    expect(JSON.stringify(error.toData())).not.toMatch(/s3cr|other|third/)
  })

  test.each([
    ['pg_dump: error: query failed: ERROR:  out of shared memory\nHINT: max_locks', 'CONNECTION_FAILED', 'lock-table'],
    ['pg_dump: error: aborting because of server version mismatch', 'UNSUPPORTED', 'client-tools'],
    [
      'psql: error: connection to server at "h" failed: FATAL:  password authentication failed for user "x"',
      'CONNECTION_FAILED',
      'authentication',
    ],
    ['pg_restore: error: could not execute query: ERROR:  role "hr" does not exist', 'CONFLICT', 'role'],
    [
      'pg_restore: error: could not execute query: ERROR:  permission denied for schema x',
      'PERMISSION_DENIED',
      'permission',
    ],
    ['pg_dump: error: query failed: server closed the connection unexpectedly', 'CONNECTION_FAILED', 'lost'],
    [
      'pg_restore: error: COPY failed: ERROR:  could not extend file "base/1": No space left on device',
      'CONNECTION_FAILED',
      'disk-full',
    ],
    [
      'psql:<stdin>:3: error: backslash commands are restricted; only \\unrestrict is allowed',
      'CONFLICT',
      'meta-command',
    ],
    ['pg_restore: error: could not read from input file: end of file', 'CONFLICT', 'archive-damaged'],
    ['psql:<stdin>:9: error: connection to server was lost', 'CONNECTION_FAILED', 'lost'],
    ['pg_dump: error: something new', 'INTERNAL', 'tool-failed'],
  ])('%s', (text, code, reason) => {
    expect(failure(text)).toMatchObject({ code, details: { reason } })
  })

  test('says by which signal it ended', () => {
    const error = toolFailed({ program: 'pg_dump', code: null, signal: 'SIGKILL', words: [] })
    expect(error).toMatchObject({ message: 'pg_dump ended by the signal SIGKILL.', retryable: true })
  })
})
