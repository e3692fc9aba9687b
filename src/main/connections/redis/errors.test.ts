import { describe, expect, test } from 'vitest'
import { toRedisError } from './errors.ts'

describe('Redis error replies', () => {
  test.each([
    ['WRONGPASS invalid username-password pair or user is disabled.', 'CONNECTION_FAILED', 'authentication'],
    ['NOAUTH Authentication required.', 'CONNECTION_FAILED', 'authentication'],
    ['ERR invalid password', 'CONNECTION_FAILED', 'authentication'],
    ["NOPERM User x has no permissions to run the 'set' command", 'PERMISSION_DENIED', 'permission'],
    ['ERR DB index is out of range', 'CONNECTION_FAILED', 'missing'],
    ['CLUSTERDOWN The cluster is down', 'CONNECTION_FAILED', undefined],
    ['LOADING Redis is loading the dataset in memory', 'CONNECTION_FAILED', undefined],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'CONNECTION_FAILED', undefined],
    ["READONLY You can't write against a read only replica.", 'CONNECTION_FAILED', undefined],
    ['MOVED 3999 127.0.0.1:6381', 'CONNECTION_FAILED', undefined],
    ["ERR unknown command 'FOO'", 'UNSUPPORTED', undefined],
    ['WRONGTYPE Operation against a key', 'CONFLICT', undefined],
    ['Command timed out', 'TIMEOUT', 'timeout'],
    ['Connection is closed.', 'CONNECTION_FAILED', 'lost'],
    ['ERR something new', 'INTERNAL', undefined],
  ])('%s', (text, code, reason) => {
    const error = toRedisError(new Error(text))
    expect(error.code).toBe(code)
    expect(Reflect.get(Object(error.details), 'reason')).toBe(reason)
    expect(error.message).not.toContain(text)
  })
})
