import type { StoreName, Stores } from '#shared/contract/environment.model.ts'

/** Where a store is, in one line and without anything secret. */
export function addressOf(store: StoreName, stores: Stores): string {
  const { postgres, mongo, redis, backup } = stores
  if (store === 'postgres' && postgres !== undefined) {
    return `${postgres.user}@${postgres.host}:${postgres.port}/${postgres.database}`
  }
  if (store === 'mongo' && mongo !== undefined) {
    const hosts = mongo.uri.replace(/^mongodb(\+srv)?:\/\//, '').replace(/[/?].*$/, '')
    return `${hosts}/${mongo.database}`
  }
  if (store === 'redis' && redis !== undefined) {
    const [first] = redis.nodes
    const others = redis.nodes.length - 1
    return `${first?.host}:${first?.port}${others > 0 ? ` and ${others} more` : ''}`
  }
  if (store === 'backup' && backup !== undefined) {
    return backup.kind === 'folder' ? backup.path : `s3://${backup.bucket}`
  }
  return ''
}
