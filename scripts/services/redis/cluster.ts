import { Redis } from 'ioredis'
import type { Run } from '../runtime/run.ts'
import { waitFor } from '../runtime/wait.ts'
import { startRedis } from './server.ts'
import { redisSite } from './site.ts'

const MASTERS = 3
const SLOTS = 16_384
const CLUSTER_READY_MS = 30_000

export interface ClusterNode {
  port: number
  /** Where nodes talk to each other. */
  busPort: number
}

type Member = ClusterNode & { client: Redis }

/** Starts three masters that share all slots, and waits until each of them calls the cluster's state ok. */
export async function startRedisClusterService(run: Run): Promise<Record<string, string>> {
  const password = run.secret('redis-cluster')
  const nodes = await Promise.all(clusterNodeNames().map(name => startNode(run, name, password)))
  return formCluster(nodes, password)
}

export function clusterNodeNames(): string[] {
  return Array.from({ length: MASTERS }, (_, index) => `redis-cluster-${index + 1}`)
}

/** Makes one cluster of nodes that run already. */
export async function formCluster(nodes: readonly ClusterNode[], password: string): Promise<Record<string, string>> {
  const members = nodes.map(node => ({ ...node, client: new Redis({ host: '127.0.0.1', port: node.port, password }) }))
  try {
    await introduce(members)
    await Promise.all(members.map(waitUntilOk))
  } finally {
    for (const member of members) member.client.disconnect()
  }
  return {
    TENANTRY_TEST_REDIS_CLUSTER: nodes.map(node => `127.0.0.1:${node.port}`).join(','),
    TENANTRY_TEST_REDIS_CLUSTER_PASSWORD: password,
  }
}

async function startNode(run: Run, name: string, password: string): Promise<ClusterNode> {
  const site = await redisSite(run, name)
  const port = await run.port(name)
  const busPort = await run.port(`${name}-bus`)
  const settings = [
    `port ${port}`,
    `masterauth ${password}`,
    'cluster-enabled yes',
    // Without its own setting the bus would take port + 10000, which may be taken or beyond 65535.
    `cluster-port ${busPort}`,
    'cluster-config-file nodes.conf',
    'cluster-node-timeout 5000',
    'cluster-announce-ip 127.0.0.1',
  ]
  await startRedis(run, { name, site, port, password, settings }, { host: '127.0.0.1', port })
  return { port, busPort }
}

/** Gives each node its share of the slots and introduces the others; kept nodes know their slots already. */
async function introduce(nodes: readonly Member[]): Promise<void> {
  const share = Math.ceil(SLOTS / nodes.length)
  for (const [index, node] of nodes.entries()) {
    const first = index * share
    const last = Math.min(first + share, SLOTS) - 1
    const isAssigned = /cluster_slots_assigned:[1-9]/.test(await node.client.call('CLUSTER', 'INFO').then(String))
    if (!isAssigned) {
      await node.client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
      await node.client.call('CLUSTER', 'ADDSLOTSRANGE', first, last)
    }
  }
  // Every pair is introduced: hearing of each other by gossip would take seconds.
  for (const [index, node] of nodes.entries()) {
    for (const other of nodes.slice(index + 1)) {
      await node.client.call('CLUSTER', 'MEET', '127.0.0.1', other.port, other.busPort)
    }
  }
}

async function waitUntilOk(node: Member): Promise<void> {
  const isOk = async (): Promise<boolean> => {
    const information = String(await node.client.call('CLUSTER', 'INFO'))
    return information.includes('cluster_state:ok') && information.includes(`cluster_known_nodes:${MASTERS}`)
  }
  await waitFor(isOk, { what: `Redis cluster at port ${node.port}`, timeoutMs: CLUSTER_READY_MS })
}
