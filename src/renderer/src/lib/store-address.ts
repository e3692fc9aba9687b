import type { StoreName, Stores } from '#shared/contract/environment.model.ts'
import { formatPlural } from './format.ts'

/** Where a store is, in one line; nothing secret is in it. Undefined when the environment has none. */
export function storeAddress(store: StoreName, stores: Stores): string | undefined {
  switch (store) {
    case 'postgres': {
      const { postgres } = stores
      return postgres && `${postgres.user}@${hostAndPort(postgres)}/${postgres.database}`
    }
    case 'mongo':
      return stores.mongo && `${withoutOptions(stores.mongo.uri)} · ${stores.mongo.database}`
    case 'redis': {
      const [node, ...others] = stores.redis?.nodes ?? []
      if (stores.redis === undefined || node === undefined) return undefined
      if (stores.redis.mode === 'single') return `${hostAndPort(node)}/${stores.redis.database}`
      return others.length === 0
        ? `cluster at ${hostAndPort(node)}`
        : `cluster at ${hostAndPort(node)} and ${formatPlural(others.length, 'further node')}`
    }
    case 'backup': {
      const { backup } = stores
      if (backup === undefined) return undefined
      return backup.kind === 'folder'
        ? backup.path
        : `${backup.bucket} at ${backup.endpoint ?? `Amazon S3, ${backup.region}`}`
    }
  }
}

/** Colons of an IPv6 address are not those of the port. */
const hostAndPort = ({ host, port }: { host: string; port: number }): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/** `mongodb://user@host/?retryWrites=false` → `user@host`. */
const withoutOptions = (uri: string): string => uri.replace(/^mongodb(\+srv)?:\/\//, '').replace(/[/?].*$/, '')
