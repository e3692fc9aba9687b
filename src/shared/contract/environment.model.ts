import { z } from 'zod'
import { EnvironmentId } from '../ids.ts'
import { ENVIRONMENT_CLASSES, ROLES } from '../permissions.ts'

/**
 * Settings of one environment. Nothing here is secret: passwords and secret keys travel in `EnvironmentSecrets` and rest in
 * the OS keychain.
 */

const host = z
  .string()
  .trim()
  .min(1, 'Enter a host name or address')
  .max(253, 'At most 253 characters')
  .regex(/^[A-Za-z0-9._:-]+$|^\/[^\0=]*$/, 'Only letters, digits, dots, hyphens and colons')
const PORT_RANGE = 'A number from 1 to 65535'
const port = z.number(PORT_RANGE).int(PORT_RANGE).min(1, PORT_RANGE).max(65_535, PORT_RANGE)
/** libpq reads a database name with `=` as a connection string (CVE-2026-86862), so it is refused. */
const databaseName = z
  .string()
  .min(1, 'Enter a database name')
  .max(63, 'At most 63 characters')
  .regex(/^[^=\0\n\r]+$/, 'A database name must not contain = or line breaks')

export const TLS_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
/** The meaning of each mode is libpq's: https://www.postgresql.org/docs/current/libpq-ssl.html */
export const TlsSettings = z.object({
  mode: z.enum(TLS_MODES).describe('As in libpq: disable, prefer, require, verify-ca or verify-full'),
  ca: z.string().max(65_536).optional().describe('Certificate authorities to trust (PEM); the system ones when absent'),
})
export type TlsSettings = z.infer<typeof TlsSettings>

export const PostgresSettings = z.object({
  host: host.describe('Host name, address or socket folder'),
  port: port.describe('Port, usually 5432'),
  database: databaseName.describe('Database that holds the registry and the tenants'),
  user: z.string().min(1, 'Enter a user name').max(63, 'At most 63 characters').describe('User to connect as'),
  tls: TlsSettings.describe('Encryption of the connection'),
  registrySchema: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'Lower-case letters, digits and underscores, at most 63')
    .refine(name => !name.startsWith('pg_'), 'Names that start with pg_ belong to PostgreSQL')
    .describe('Schema of the registry, usually public'),
})
export type PostgresSettings = z.infer<typeof PostgresSettings>

export const MongoSettings = z.object({
  /** The password is not part of it; `user` says whose password the keychain holds. */
  uri: z
    .string()
    .max(2_000)
    .regex(/^mongodb(\+srv)?:\/\//, 'Starts with mongodb:// or mongodb+srv://')
    .refine(uri => !/^mongodb(\+srv)?:\/\/[^/@]*:[^/@]*@/.test(uri), 'Leave the password out of the URI')
    .describe('Connection string without a password'),
  database: z
    .string()
    .min(1, 'Enter a database name')
    .max(63, 'At most 63 characters')
    .regex(/^[^/\\. "$*<>:|?\0]+$/, 'This character is not allowed in a database name')
    .describe('Database that holds the collections'),
})
export type MongoSettings = z.infer<typeof MongoSettings>

const DATABASE_RANGE = 'A number from 0 to 15'
export const RedisSettings = z.object({
  mode: z.enum(['single', 'cluster']).describe('One server, or a Redis Cluster'),
  nodes: z
    .array(z.object({ host, port }))
    .min(1, 'Name at least one node')
    .max(100)
    .describe('The server, or some nodes of the cluster'),
  user: z.string().max(128).optional().describe('ACL user; the default one when absent'),
  database: z
    .number(DATABASE_RANGE)
    .int(DATABASE_RANGE)
    .min(0, DATABASE_RANGE)
    .max(15, DATABASE_RANGE)
    .describe('Database number; 0 for a cluster'),
  tls: z
    .object({
      enabled: z.boolean().describe('Encrypt, or not'),
      ca: z
        .string()
        .max(65_536)
        .optional()
        .describe('Certificate authorities to trust (PEM); the system ones when absent'),
    })
    .describe('Encryption of the connection'),
})
export type RedisSettings = z.infer<typeof RedisSettings>

export const SERVER_SIDE_ENCRYPTIONS = ['none', 'AES256', 'aws:kms'] as const
/** Only classes that give an object back at once: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html */
export const STORAGE_CLASSES = ['STANDARD', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR'] as const

export const S3Settings = z
  .object({
    kind: z.literal('s3'),
    endpoint: z
      .url('A URL such as https://s3.example.com')
      .optional()
      .describe('Endpoint of an S3-compatible server; Amazon S3 when absent'),
    region: z
      .string()
      .min(1, 'Enter a region')
      .max(60, 'At most 60 characters')
      .describe('Region, for example eu-central-1'),
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, '3 to 63 lower-case letters, digits, dots and hyphens')
      .describe('Bucket'),
    pathStyle: z.boolean().describe('Address the bucket in the path instead of the host name'),
    accessKeyId: z
      .string()
      .min(1, 'Enter an access key id')
      .max(128, 'At most 128 characters')
      .describe('Access key id'),
    serverSideEncryption: z
      .enum(SERVER_SIDE_ENCRYPTIONS)
      .optional()
      .describe('How the server encrypts archives: none (its own rule), AES256 or aws:kms; none when absent'),
    kmsKeyId: z
      .string()
      .trim()
      .min(1, 'Enter a key id')
      .max(2_048, 'At most 2048 characters')
      .regex(/^[\w:/.@+=-]+$/, 'Only letters, digits and the characters of a key id or ARN')
      .optional()
      .describe('KMS key id or ARN for aws:kms; the default key of the account when absent'),
    storageClass: z.enum(STORAGE_CLASSES).optional().describe('Storage class of archives; STANDARD when absent'),
  })
  .refine(settings => settings.kmsKeyId === undefined || settings.serverSideEncryption === 'aws:kms', {
    path: ['kmsKeyId'],
    error: 'Only the encryption aws:kms takes a key id',
  })
export const FolderSettings = z.object({
  kind: z.literal('folder'),
  path: z.string().min(1, 'Choose a folder').max(4_096).describe('Absolute path of a folder'),
})
export const BackupSettings = z.discriminatedUnion('kind', [S3Settings, FolderSettings])
export type S3Settings = z.infer<typeof S3Settings>
export type BackupSettings = z.infer<typeof BackupSettings>

export const STORES = ['postgres', 'mongo', 'redis', 'backup'] as const
export type StoreName = (typeof STORES)[number]

export const Stores = z.object({
  postgres: PostgresSettings.optional().describe('PostgreSQL: registry and tenant schemas'),
  mongo: MongoSettings.optional().describe('MongoDB: tenant documents'),
  redis: RedisSettings.optional().describe('Redis: tenant cache'),
  backup: BackupSettings.optional().describe('Where archives are kept'),
})
export type Stores = z.infer<typeof Stores>

export const EnvironmentSettings = z.object({
  name: z
    .string()
    .trim()
    .min(1, 'Enter a name')
    .max(60, 'At most 60 characters')
    .regex(/^[^\p{C}]+$/u, 'The name contains characters that cannot be shown')
    .describe('Name of the environment'),
  class: z.enum(ENVIRONMENT_CLASSES).describe('development, staging or production; drives colours and confirmations'),
  role: z.enum(ROLES).describe('What the person may do here: support, operator or dba'),
  stores: Stores.describe('The stores of the system'),
})
export type EnvironmentSettings = z.infer<typeof EnvironmentSettings>

const secret = (text: string) => z.string().max(4_096).optional().meta({ secret: true, description: text })
/** One secret per store; an absent one stays as it is, an empty one is removed. */
export const EnvironmentSecrets = z.object({
  postgres: secret('Password of the PostgreSQL user'),
  mongo: secret('Password of the MongoDB user'),
  redis: secret('Redis password'),
  backup: secret('S3 secret access key'),
})
export type EnvironmentSecrets = z.infer<typeof EnvironmentSecrets>

export const SECRET_PLACES = ['none', 'keychain', 'session', 'missing'] as const
export const Environment = EnvironmentSettings.extend({
  id: EnvironmentId,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  secrets: z
    .record(z.enum(STORES), z.enum(SECRET_PLACES))
    .describe('Where each secret rests: none needed so far, keychain, this session only, or expected but missing'),
})
export type Environment = z.infer<typeof Environment>
