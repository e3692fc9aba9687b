import { describe, expect, test } from 'vitest'
import { BackupSettings, SERVER_SIDE_ENCRYPTIONS, STORAGE_CLASSES } from './environment.model.ts'

const bucket = {
  kind: 's3',
  region: 'eu-central-1',
  bucket: 'hr-backups',
  pathStyle: false,
  accessKeyId: 'AKIA',
} as const
/** Fields that are refused. */
function problemsOf(change: object): string[] {
  const issues = BackupSettings.safeParse({ ...bucket, ...change }).error?.issues ?? []
  return [...new Set(issues.map(issue => issue.path.join('.')))]
}

describe('settings of a backup store', () => {
  test('written before there was encryption or a storage class are still taken as they are', () => {
    expect(BackupSettings.parse(bucket)).toEqual(bucket)
    expect(BackupSettings.parse({ kind: 'folder', path: '/backups' })).toEqual({ kind: 'folder', path: '/backups' })
  })

  test.each(SERVER_SIDE_ENCRYPTIONS.flatMap(encryption => STORAGE_CLASSES.map(name => [encryption, name] as const)))(
    'take %s with %s',
    (serverSideEncryption, storageClass) => {
      const settings = { ...bucket, serverSideEncryption, storageClass }
      expect(BackupSettings.parse(settings)).toEqual(settings)
    },
  )

  test.each([
    'alias/backups',
    '1234abcd-12ab-34cd-56ef-1234567890ab',
    'arn:aws:kms:eu-central-1:111122223333:key/1234abcd',
  ])('take the KMS key %s', kmsKeyId => {
    expect(problemsOf({ serverSideEncryption: 'aws:kms', kmsKeyId })).toEqual([])
  })

  test.each([
    [{ storageClass: 'GLACIER' }, 'storageClass'],
    [{ storageClass: 'standard' }, 'storageClass'],
    [{ serverSideEncryption: 'aes256' }, 'serverSideEncryption'],
    [{ serverSideEncryption: 'aws:kms', kmsKeyId: ' ' }, 'kmsKeyId'],
    [{ serverSideEncryption: 'aws:kms', kmsKeyId: 'a\r\nx-amz-acl: public-read' }, 'kmsKeyId'],
    [{ serverSideEncryption: 'AES256', kmsKeyId: 'alias/backups' }, 'kmsKeyId'],
    [{ kmsKeyId: 'alias/backups' }, 'kmsKeyId'],
  ])('refuse %j', (change, field) => {
    expect(problemsOf(change)).toEqual([field])
  })
})
