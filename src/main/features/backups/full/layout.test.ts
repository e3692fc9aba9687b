import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { dumpKey, FULL_PREFIX, parseDumpKey, readKey, sidecarKey } from './layout.ts'
import { shownCommand } from './shown-command.ts'

const AT = new Date('2024-01-01T02:00:00.987Z')

describe('keys of whole-database dumps', () => {
  test('are those that the users already have', () => {
    expect(dumpKey(AT, 'sql.gz')).toBe('backups/2024/01/backup_full_2024-01-01T02-00-00.sql.gz')
    expect(dumpKey(AT, 'custom')).toBe('backups/2024/01/backup_full_2024-01-01T02-00-00.dump')
    expect(dumpKey(AT, 'custom').startsWith(FULL_PREFIX)).toBe(true)
  })

  test('are read back', () => {
    const key = dumpKey(AT, 'sql.gz')
    const read = { key, format: 'sql.gz', at: '2024-01-01T02:00:00.000Z' }
    expect(parseDumpKey(key)).toEqual(read)
    expect(readKey(sidecarKey(key))).toEqual({ ...read, isSidecar: true })
  })

  test.each([
    'backups/schemas/x/backup_schema_2024-01-01T02-00-00/manifest.json',
    'backups/2024/01/../../x.dump',
    'backups/2024/02/backup_full_2024-01-01T02-00-00.dump',
    'backups/2024/13/backup_full_2024-13-01T02-00-00.dump',
    'backups/2024/01/backup_full_2024-01-01T02-00-00.dump.json',
    'backups/2024/01/backup_full_2024-01-01T02-00-00.dump\n',
    'backup_full_2024-01-01T02-00-00.dump',
    '',
  ])('are no others: %j', key => {
    expect(() => parseDumpKey(key)).toThrow(/not the key/)
  })
})

test.skipIf(process.platform === 'win32')('a shown command means the same to a shell, whatever the names hold', () => {
  const name = `a'b "c" $(id) \`id\` ; x=1 \\ \n é`
  const program = '/usr/bin/env'
  const shown = shownCommand(
    { program, args: ['printenv', 'PGDATABASE'], variables: { PGDATABASE: name, PGHOST: 'h' } },
    true,
  )
  expect(shown.text).toContain('PGPASSWORD=*** /usr/bin/env')
  expect(execFileSync('/bin/sh', ['-c', shown.text]).toString()).toBe(`${name}\n`)
})
