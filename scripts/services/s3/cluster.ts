import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type Daemon, startDaemon } from '../runtime/daemon.ts'
import { execute } from '../runtime/execute.ts'
import { acceptsConnections } from '../runtime/ports.ts'
import type { Run } from '../runtime/run.ts'
import { makeFolder, type Site, writeOwned } from '../runtime/site.ts'
import type { Credentials } from './bucket.ts'
import { type CephSettings, cephConfiguration, cephKeyring, GATEWAY_NAME } from './ceph-configuration.ts'

export interface CephCluster {
  run: Run
  site: Site
  settings: CephSettings
}

/** The storage class that S3 clients ask for besides STANDARD. */
const RARE_STORAGE_CLASS = 'STANDARD_IA'

type Arguments = readonly [string, ...string[]]

/** Writes the configuration of a new, empty cluster. */
export async function configureCluster(run: Run, site: Site, vaultPort: number): Promise<CephCluster> {
  const settings: CephSettings = {
    folder: site.inside,
    clusterId: randomUUID(),
    monitorPort: await run.port('ceph-monitor'),
    gatewayPort: await run.port('s3'),
    vaultPort,
  }
  await writeOwned(site, 'ceph.conf', cephConfiguration(settings))
  const newSecret = async (): Promise<string> => {
    return (await execute(site.command(['ceph-authtool', '--gen-print-key']), site.identity)).trim()
  }
  await writeOwned(site, 'keyring', await cephKeyring(newSecret))
  // The key service stands for itself and accepts any token; the gateway insists on having one.
  await writeOwned(site, 'vault-token', 'token')
  return { run, site, settings }
}

/** Starts the monitor, which holds the cluster's maps. */
export async function startMonitor(cluster: CephCluster): Promise<void> {
  const { site, settings } = cluster
  const { monitorPort, clusterId } = settings
  await makeFolder(site, 'mon')
  const map = join(site.inside, 'monmap')
  const address = `[v2:127.0.0.1:${monitorPort}]`
  await run(cluster, ['monmaptool', '--create', '--addv', 'a', address, '--fsid', clusterId, '--clobber', map])
  const keyring = join(site.inside, 'keyring')
  await run(cluster, ['ceph-mon', ...configured(site), '--mkfs', '-i', 'a', '--monmap', map, '--keyring', keyring])
  const daemon = await start(cluster, 'ceph-mon', ['ceph-mon', ...configured(site), '-i', 'a', '-f'])
  await daemon.ready(() => acceptsConnections(monitorPort))
}

/** Starts the object store and waits until the monitor calls it up. */
export async function startStore(cluster: CephCluster): Promise<void> {
  const { site } = cluster
  const id = randomUUID()
  await makeFolder(site, 'osd')
  await run(cluster, ['ceph', ...configured(site), 'osd', 'new', id])
  await run(cluster, ['ceph-osd', ...configured(site), '-i', '0', '--mkfs', '--osd-uuid', id])
  const daemon = await start(cluster, 'ceph-osd', ['ceph-osd', ...configured(site), '-i', '0', '-f'])
  await daemon.ready(async () => (await run(cluster, ['ceph', ...configured(site), 'osd', 'stat'])).includes('1 up'))
}

/** Makes the one S3 user and the second storage class, and starts the gateway. */
export async function startGateway(cluster: CephCluster, user: Credentials): Promise<void> {
  const { site, settings } = cluster
  const administer = (...argv: string[]): Promise<string> =>
    run(cluster, ['radosgw-admin', ...configured(site), '-n', GATEWAY_NAME, ...argv])
  const keys = [`--access-key=${user.accessKeyId}`, `--secret-key=${user.secretAccessKey}`]
  await administer('user', 'create', '--uid=tenantry', '--display-name=Tenantry', ...keys)
  const placement = ['--placement-id=default-placement', `--storage-class=${RARE_STORAGE_CLASS}`]
  await administer('zonegroup', 'placement', 'add', '--rgw-zonegroup=default', ...placement)
  await administer('zone', 'placement', 'add', '--rgw-zone=default', '--data-pool=default.rgw.rare', ...placement)
  const daemon = await start(cluster, 'ceph-rgw', ['radosgw', ...configured(site), '-n', GATEWAY_NAME, '-f'])
  await daemon.ready(() => acceptsConnections(settings.gatewayPort))
}

const configured = (site: Site): ['-c', string] => ['-c', join(site.inside, 'ceph.conf')]

function run({ site }: CephCluster, argv: Arguments): Promise<string> {
  return execute(site.command(argv), { cwd: '/', ...site.identity })
}

function start({ run, site }: CephCluster, name: string, argv: Arguments): Promise<Daemon> {
  // A polite end takes Ceph many seconds for flushing what is thrown away here anyway.
  return startDaemon(run, { name, argv: site.command(argv), signal: 'SIGKILL', ...site.identity })
}
