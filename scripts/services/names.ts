/** The services that suites and the demo can ask for, and the environment variables that carry their addresses. */
export const SERVICE_NAMES = ['postgres15', 'postgres18', 'mongo', 'redis', 'redis-tls', 'redis-cluster', 's3'] as const

export type ServiceName = (typeof SERVICE_NAMES)[number]

/** The variable that must be present for a suite to find the service; where it is set already, nothing is started. */
export const ADDRESS_VARIABLE: Readonly<Record<ServiceName, string>> = {
  postgres15: 'TENANTRY_TEST_PG15_URL',
  postgres18: 'TENANTRY_TEST_PG18_URL',
  mongo: 'TENANTRY_TEST_MONGO_URL',
  redis: 'TENANTRY_TEST_REDIS_URL',
  'redis-tls': 'TENANTRY_TEST_REDIS_TLS_URL',
  'redis-cluster': 'TENANTRY_TEST_REDIS_CLUSTER',
  s3: 'TENANTRY_TEST_S3_ENDPOINT',
}

/** Variables that belong to a service besides its address; passed on when the address comes from the environment. */
export const COMPANION_VARIABLES: Readonly<Record<ServiceName, readonly string[]>> = {
  postgres15: ['TENANTRY_TEST_PG15_TLS_ONLY_URL', 'TENANTRY_TEST_PG15_BIN', 'TENANTRY_TEST_PG_CA'],
  postgres18: ['TENANTRY_TEST_PG18_TLS_ONLY_URL', 'TENANTRY_TEST_PG18_BIN', 'TENANTRY_TEST_PG_CA'],
  mongo: ['TENANTRY_TEST_MONGO_READONLY_URL'],
  redis: [],
  'redis-tls': ['TENANTRY_TEST_REDIS_CA'],
  'redis-cluster': ['TENANTRY_TEST_REDIS_CLUSTER_PASSWORD'],
  s3: [
    'TENANTRY_TEST_S3_ACCESS_KEY',
    'TENANTRY_TEST_S3_SECRET_KEY',
    'TENANTRY_TEST_S3_BUCKET',
    'TENANTRY_TEST_S3_REGION',
  ],
}

/** @throws Error naming the unknown service and the known ones */
export function parseServiceNames(list: string): ServiceName[] {
  const isKnown = (name: string): name is ServiceName => (SERVICE_NAMES as readonly string[]).includes(name)
  return list
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
    .map(name => {
      if (isKnown(name)) return name
      throw new Error(`Unknown service "${name}". Known: ${SERVICE_NAMES.join(', ')}`)
    })
}
