export interface CephSettings {
  /** The service's folder as Ceph sees it. */
  folder: string
  clusterId: string
  monitorPort: number
  gatewayPort: number
  /** Loopback port of the key service that AES256 encryption asks. */
  vaultPort: number
}

export const GATEWAY_NAME = 'client.rgw.s3'

/** One monitor, one object store in memory and one S3 gateway: everything once, nothing replicated, all on loopback. */
export function cephConfiguration(settings: CephSettings): string {
  const { folder } = settings
  return section('global', {
    ...{ fsid: settings.clusterId, keyring: `${folder}/keyring`, run_dir: folder },
    ...{ auth_cluster_required: 'cephx', auth_service_required: 'cephx', auth_client_required: 'cephx' },
    auth_allow_insecure_global_id_reclaim: 'false',
    ...{ mon_host: `[v2:127.0.0.1:${settings.monitorPort}/0]`, mon_initial_members: 'a' },
    ...{ public_addr: '127.0.0.1', cluster_addr: '127.0.0.1', ms_bind_ipv6: 'false' },
    ...{ mon_allow_pool_size_one: 'true', mon_allow_pool_delete: 'true', mon_max_pg_per_osd: '2000' },
    // Warnings in percent of free disk: a developer's full disk must not stop the tests.
    ...{ mon_data_avail_crit: '1', mon_data_avail_warn: '1' },
    ...{ osd_pool_default_size: '1', osd_pool_default_min_size: '1' },
    ...{ osd_pool_default_pg_num: '1', osd_pool_default_pgp_num: '1', osd_pool_default_pg_autoscale_mode: 'off' },
    ...{
      osd_crush_chooseleaf_type: '0',
      osd_objectstore: 'memstore',
      memstore_device_bytes: '2G',
      osd_memory_target: '1G',
    },
    // Changes of the cluster's map are agreed at once instead of being gathered for a second.
    ...{ paxos_propose_interval: '0.05', paxos_min_wait: '0.01', mon_tick_interval: '1' },
    // Into the run's own logs.
    ...{ log_to_stderr: 'true', log_to_file: 'false', admin_socket: `${folder}/$name.asok` },
  }).concat(
    section('mon.a', { mon_data: `${folder}/mon` }),
    section('osd.0', { osd_data: `${folder}/osd` }),
    section(GATEWAY_NAME, gatewaySettings(settings)),
  )
}

function gatewaySettings({ folder, gatewayPort, vaultPort }: CephSettings): Record<string, string> {
  return {
    rgw_data: folder,
    rgw_frontends: `beast endpoint=127.0.0.1:${gatewayPort} tcp_nodelay=1`,
    rgw_rados_pool_pg_num_min: '1',
    // Seconds. What was deleted frees its memory soon: by default it is kept for two hours, and test runs would fill the store.
    ...{ rgw_gc_obj_min_wait: '10', rgw_gc_processor_period: '10', rgw_gc_processor_max_time: '10' },
    // Encryption is asked for over plain HTTP here.
    rgw_crypt_require_ssl: 'false',
    rgw_crypt_sse_s3_backend: 'vault',
    rgw_crypt_sse_s3_vault_auth: 'token',
    rgw_crypt_sse_s3_vault_token_file: `${folder}/vault-token`,
    rgw_crypt_sse_s3_vault_addr: `http://127.0.0.1:${vaultPort}`,
    rgw_crypt_sse_s3_vault_prefix: '/v1/transit',
    rgw_crypt_sse_s3_vault_secret_engine: 'transit',
  }
}

function section(name: string, settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`)
  return `[${name}]\n${lines.join('\n')}\n`
}

/** What each part of the cluster may do. */
const ENTITIES: Readonly<Record<string, string>> = {
  'mon.': 'mon = "allow *"',
  'client.admin': 'mon = "allow *"\n\tcaps osd = "allow *"\n\tcaps mgr = "allow *"',
  'osd.0': 'mon = "allow profile osd"\n\tcaps osd = "allow *"',
  [GATEWAY_NAME]: 'mon = "allow *"\n\tcaps osd = "allow *"',
}

/** A keyring with a secret for each part of the cluster; newSecret makes one in the notation of this Ceph version. */
export async function cephKeyring(newSecret: () => Promise<string>): Promise<string> {
  const sections = Object.entries(ENTITIES).map(async ([name, capabilities]) => {
    return `[${name}]\n\tkey = ${await newSecret()}\n\tcaps ${capabilities}\n`
  })
  return (await Promise.all(sections)).join('')
}
