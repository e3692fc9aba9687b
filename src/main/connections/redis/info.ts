import { Cluster, type Redis } from 'ioredis'
import type { RedisClient } from './redis-connection.ts'

export interface RedisInfo {
  /** null when the user may not ask. */
  version: string | null
  /** Bytes; of a cluster, the sum of its masters. */
  usedMemory: number
  /** Bytes; 0 for no limit. */
  maximumMemory: number
  evictionPolicy: string
  clients: number
  maximumClients: number
  /** 1 for a single server. */
  masters: number
  /** `ok` or `fail`; null for a single server. */
  clusterState: string | null
}

/** What INFO says, summed over the masters of a cluster. */
export async function readRedisInfo(client: RedisClient): Promise<RedisInfo> {
  const isCluster = client instanceof Cluster
  const nodes: Redis[] = isCluster ? client.nodes('master') : [client]
  const reports = await Promise.all(nodes.map(async node => fieldsOf(await node.info())))
  const state = isCluster ? fieldsOf(String(await client.cluster('INFO'))).get('cluster_state') : undefined
  const sum = (name: string) => reports.reduce((total, report) => total + Number(report.get(name) ?? 0), 0)
  const first = reports[0]
  return {
    version: first?.get('redis_version') ?? null,
    usedMemory: sum('used_memory'),
    maximumMemory: sum('maxmemory'),
    evictionPolicy: first?.get('maxmemory_policy') ?? 'noeviction',
    clients: sum('connected_clients'),
    maximumClients: sum('maxclients'),
    masters: nodes.length,
    clusterState: isCluster ? (state ?? 'unknown') : null,
  }
}

const fieldsOf = (text: string): Map<string, string> =>
  new Map(
    text.split('\r\n').flatMap((line): [string, string][] => {
      const colon = line.indexOf(':')
      return colon === -1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]]
    }),
  )
