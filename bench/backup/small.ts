import { FleetBackupService } from '../../src/main/features/backups/create/fleet-backup.service.ts'
import { note, report } from '../lib/figure.ts'
import { interleaved, median, timed } from '../lib/measure.ts'
import { createFleet, provisionAll, slugs } from '../tenants/fleet.ts'
import { type Archiving, dump, nextSecond, openArchiving, type Target, targetOf } from './archiving.ts'

const MANY = 2_000
const ROUNDS = { rounds: 11, warmUp: 3 }
const FLEET_ROUNDS = 3
const FLEET_WORKERS = 2

/** One small tenant among 2,000, the same alone in a database, and all 2,000. */
export async function backupSmall(): Promise<void> {
  await using many = await createFleet()
  await using one = await createFleet()
  note(`provisioning ${MANY} tenants`)
  await provisionAll(many, slugs('tenant', MANY))
  await provisionAll(one, slugs('tenant', 1))
  await using among = await openArchiving(targetOf(many))
  await using alone = await openArchiving(targetOf(one))
  const times = await interleaved(
    {
      among: await backupOf(among, 'tenant-1000'),
      alone: await backupOf(alone, 'tenant-0001'),
      dump: await dumpOf(targetOf(many), among, 'tenant-1000'),
    },
    ROUNDS,
  )
  report('backup.small-in-2000', 'ms', { ours: times.among, yardstick: times.dump, target: { ratio: 0.1 } })
  report('backup.small-alone', 'ms', { ours: times.among, yardstick: times.alone, target: { ratio: 1.2 } })

  const fleet = new FleetBackupService(among.backups)
  const each: number[] = []
  for (let round = 0; round < FLEET_ROUNDS; round++) {
    const duration = await timed(() => fleet.create(among.work, { workers: FLEET_WORKERS }))
    each.push(duration / MANY)
    note(`a fleet of ${MANY} in ${Math.round(duration)} ms`)
  }
  report('backup.fleet-2000', 'ms', { ours: median(each), yardstick: times.dump, target: { ours: 60 } })
}

async function backupOf(archiving: Archiving, slug: string): Promise<() => Promise<number>> {
  const tenant = await archiving.tenant(slug)
  return async () => {
    await nextSecond()
    return await timed(() => archiving.backups.create(archiving.work, tenant))
  }
}

async function dumpOf(target: Target, archiving: Archiving, slug: string): Promise<() => Promise<number>> {
  const { databaseSchema } = await archiving.tenant(slug)
  return () => timed(() => dump(target, ['-n', databaseSchema]))
}
