import { Redis } from 'ioredis'
import type { Run } from '../runtime/run.ts'
import { waitFor } from '../runtime/wait.ts'
import { startRedis } from './server.ts'
import { redisSite } from './site.ts'

const MASTERS = 3
const SLOTS = 16_384
const CLUSTER_READY_MS = 30_000

interface ClusterNode {
  port: number
  busPort: number
  client: Redis
}

/** Starts three masters that share all slots, and waits until each of them calls the cluster's state ok. */
export async function startRedisClusterService(run: Run): Promise<Record<string, string>> {
  const password = run.secret('redis-cluster')
  const indexes = Array.from({ length: MASTERS }, (_, index) => index)
  const nodes = await Promise.all(indexes.map(index => startNode(run, `redis-cluster-${index + 1}`, password)))
  try {
    await form(nodes)
    await Promise.all(nodes.map(waitUntilOk))
  } finally {
    for (const node of nodes) node.client.disconnect()
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
  return { port, busPort, client: new Redis({ host: '127.0.0.1', port, password }) }
}

/** Gives each node its share of the slots and introduces the others; kept nodes know their slots already. */
async function form(nodes: readonly ClusterNode[]): Promise<void> {
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
  const [head, ...others] = nodes
  for (const other of others) {
    await head?.client.call('CLUSTER', 'MEET', '127.0.0.1', other.port, other.busPort)
  }
}

async function waitUntilOk(node: ClusterNode): Promise<void> {
  const isOk = async (): Promise<boolean> => {
    const information = String(await node.client.call('CLUSTER', 'INFO'))
    return information.includes('cluster_state:ok') && information.includes(`cluster_known_nodes:${MASTERS}`)
  }
  await waitFor(isOk, { what: `Redis cluster at port ${node.port}`, timeoutMs: CLUSTER_READY_MS })
}
