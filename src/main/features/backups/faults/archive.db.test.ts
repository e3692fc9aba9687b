import { createHash } from 'node:crypto'
import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { canonicalJson, type Manifest } from '../archive/manifest.ts'
import { Scene, type Subject } from './scene.ts'

let scene: Scene
let subject: Subject
beforeAll(async () => {
  scene = await Scene.open()
})
afterAll(() => scene[Symbol.asyncDispose]())
beforeEach(async () => {
  subject = await scene.subject()
})

const at = (name: string) => join(scene.folder, subject.archive, name)
const readManifest = async (): Promise<Manifest> => JSON.parse(await readFile(at('manifest.json'), 'utf8'))

async function objectOf(table: string): Promise<string> {
  const name = (await readManifest()).tables.find(found => found.name === table)?.object?.name
  return at(name ?? '')
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path)
  const middle = Math.floor(bytes.length / 2)
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
  await writeFile(path, bytes)
}

async function edit(change: (manifest: Manifest) => void, isSealed: boolean): Promise<void> {
  const { hash, ...manifest } = await readManifest()
  const edited = { ...manifest, hash }
  change(edited)
  const { hash: _, ...rest } = edited
  const sealed = createHash('sha256').update(canonicalJson(rest)).digest('hex')
  await writeFile(at('manifest.json'), JSON.stringify({ ...rest, hash: isSealed ? sealed : hash }))
}

const rolesOf = (manifest: Manifest) => manifest.tables.find(({ name }) => name === 'roles') ?? manifest.tables[0]

interface Damage {
  what: string
  make: () => Promise<void>
}

const DAMAGES: readonly Damage[] = [
  { what: 'a truncated object', make: async () => await truncate(await objectOf('audit_logs'), 100) },
  { what: 'an empty object', make: async () => await truncate(await objectOf('roles'), 0) },
  { what: 'one byte flipped in rows', make: async () => await flip(await objectOf('departments')) },
  { what: 'one byte flipped in the definitions', make: () => flip(at('schema.sql')) },
  { what: 'one byte flipped in the manifest', make: () => flip(at('manifest.json')) },
  { what: 'a truncated manifest', make: () => truncate(at('manifest.json'), 500) },
  { what: 'a missing object', make: async () => await rm(await objectOf('users')) },
  { what: 'missing definitions', make: () => rm(at('schema.sql')) },
  {
    what: 'an edited manifest',
    make: () =>
      edit(manifest => {
        manifest.tenant.slug = 'other'
      }, false),
  },
  {
    what: 'a manifest with other counts and a hash computed anew',
    make: () =>
      edit(manifest => {
        const roles = rolesOf(manifest)
        if (roles) roles.rows -= 1
        manifest.rows -= 1
      }, true),
  },
  {
    what: 'a manifest with another hash of rows, sealed anew',
    make: () =>
      edit(manifest => {
        const roles = rolesOf(manifest)
        if (roles) roles.sha256 = '0'.repeat(64)
      }, true),
  },
  {
    what: 'a manifest without a table, sealed anew',
    make: () =>
      edit(manifest => {
        const { tables } = manifest
        const index = tables.findIndex(({ name }) => name === 'audit_logs')
        const [gone] = tables.splice(index, 1)
        manifest.rows -= gone?.rows ?? 0
        manifest.bytes -= gone?.bytes ?? 0
        manifest.storedBytes -= gone?.object?.bytes ?? 0
      }, true),
  },
  {
    what: 'a manifest of another tenant, sealed anew',
    make: () =>
      edit(manifest => {
        manifest.tenant.id = '01890000-0000-7000-8000-000000000000'
      }, true),
  },
]

describe('an archive with', () => {
  it.each(DAMAGES)('$what is refused everywhere, and nothing is left', async ({ make }) => {
    await make()
    const tenants = async () => (await scene.sql('select count(*)::int as n from tenants'))[0]
    const schemas = async () => await scene.sql('select nspname from pg_namespace order by 1')
    const before = { tenants: await tenants(), schemas: await schemas() }
    const isCoded = { code: 'CONFLICT', message: expect.any(String), hint: expect.any(String) }
    await expect(scene.prepare(subject)).rejects.toMatchObject(isCoded)
    const { client, environment } = scene.console
    const clone = { environmentId: environment.id, archive: subject.archive, slug: 'copy', name: 'Copy' }
    const cloned = await client.runJob('backups.clone', clone).catch((error: Error) => error)
    // Whoever clones takes what the archive says of itself: another tenant's id is no damage there.
    if (cloned instanceof Error) expect(cloned).toMatchObject(isCoded)
    else await dropClone(cloned)
    for (const depth of ['hashes', 'restore'] as const) {
      const verified = await scene.verify(subject, { depth }).catch((error: unknown) => error)
      expect(verified).toMatchObject({ outcome: 'failed', problems: [expect.any(String)] })
    }
    expect({ tenants: await tenants(), schemas: await schemas() }).toEqual(before)
    await scene.expectUntouched(subject)
    const { archive } = await scene.backUp(subject)
    const good = await scene.prepare({ ...subject, archive })
    await scene.discard(subject, good)
    await scene.deleteArchive(subject, subject.archive)
  })
})

async function dropClone(report: { tenant: { id: Subject['tenant']['id']; slug: string } }): Promise<void> {
  const input = { ...scene.ref(report.tenant), withoutBackup: true, confirmation: { typed: report.tenant.slug } }
  await scene.console.client.runJob('tenants.delete', input)
}
