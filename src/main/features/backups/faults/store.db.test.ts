import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { S3Store } from '../../../connections/backup/s3-store.ts'
import { type Fault, FaultGateway } from '../../../connections/backup/testing/fault-gateway.ts'
import { realS3 } from '../../../testing/real-stores.ts'
import { type Operator, Scene, type Subject } from './scene.ts'

const run = promisify(execFile)
const never = new AbortController().signal
const CODED = {
  code: expect.stringMatching(/^(CONNECTION_FAILED|CONFLICT|PERMISSION_DENIED)$/),
  hint: expect.any(String),
}

/** More than one part of an upload, of text that does not compress: about 12 MB stored. */
const LARGE = `insert into audit_logs (action, entity_type, changes)
  select 'insert', 'noise', jsonb_build_object('text', (select string_agg(encode(sha512((random()::text || m || n)::bytea), 'base64'), '') from generate_series(1, 200) m))
  from generate_series(1, 1000) n`

describe('an S3 store behind a network that fails', () => {
  const { settings, secret } = realS3()
  const direct = new S3Store(settings, secret)
  let gateway: FaultGateway
  let scene: Scene
  /** Reaches the store through the gateway; `calm` does not. */
  let ravi: Operator
  let calm: Operator
  let small: Subject
  let large: Subject
  beforeAll(async () => {
    gateway = await new FaultGateway(settings.endpoint ?? '').listen()
    scene = await Scene.open()
    ravi = await scene.operator({ straight: true, backup: { ...settings, endpoint: gateway.endpoint }, secret })
    calm = await scene.operator({ straight: true, backup: settings, secret })
    small = await scene.subject(undefined, '', calm)
    large = await scene.subject(undefined, LARGE, calm)
  })
  afterEach(() => gateway.heal())
  afterAll(async () => {
    for (const { schema } of [small, large].filter(Boolean)) await direct.delete(await keysOf(schema), never)
    await scene?.[Symbol.asyncDispose]()
    await gateway.close()
    await direct.close()
  })

  const keysOf = async (schema: string): Promise<string[]> => {
    const keys: string[] = []
    for await (const { key } of direct.listAll(`backups/schemas/${schema}/`, never)) keys.push(key)
    return keys
  }
  const leftIn = async (subject: Subject) => ({
    keys: (await keysOf(subject.schema)).filter(key => !key.startsWith(subject.archive)),
    uploads: await direct.listUnfinished(`backups/schemas/${subject.schema}/`, never),
  })

  interface Failing {
    what: string
    pattern: RegExp
    fault: Fault
    isLarge?: true
  }

  it.each<Failing>([
    { what: 'answers 500', pattern: /^PUT .*schema\.sql/, fault: { kind: 'answer', status: 500 } },
    { what: 'answers 503 to the manifest', pattern: /^PUT .*manifest/, fault: { kind: 'answer', status: 503 } },
    { what: 'refuses the key', pattern: /^PUT .*users/, fault: { kind: 'answer', status: 403 } },
    { what: 'is full', pattern: /^PUT .*roles/, fault: { kind: 'answer', status: 507 } },
    { what: 'cuts an upload', pattern: /^PUT .*audit_logs/, fault: { kind: 'cut-request', afterBytes: 100 } },
    {
      what: 'cuts a part',
      pattern: /^PUT .*partNumber=2/,
      fault: { kind: 'cut-request', afterBytes: 100_000 },
      isLarge: true,
    },
    {
      what: 'loses the end of an upload',
      pattern: /^POST .*uploadId=/,
      fault: { kind: 'answer', status: 500 },
      isLarge: true,
    },
  ])('a backup into a store that $what is told so and leaves nothing', async ({ pattern, fault, isLarge }) => {
    const subject = isLarge ? large : small
    gateway.fault(pattern, fault)
    await expect(scene.backUp(subject, { by: ravi })).rejects.toMatchObject(CODED)
    gateway.heal()
    expect(await leftIn(subject)).toEqual({ keys: [], uploads: [] })
    await scene.expectUntouched(subject)
  })

  it('a backup whose store fails for a moment goes through', async () => {
    gateway.fault(/^PUT .*users/, { kind: 'answer', status: 503 }, 2)
    gateway.fault(/^PUT .*roles/, { kind: 'cut-answer', afterBytes: 0 }, 1)
    const { archive } = await scene.backUp(small, { by: ravi })
    expect(await scene.verify(small, { archive }, { by: calm })).toMatchObject({ outcome: 'passed' })
    await direct.delete(
      (await keysOf(small.schema)).filter(key => key.startsWith(archive)),
      never,
    )
  })

  const READING: readonly Failing[] = [
    { what: 'answers 500', pattern: /^GET .*manifest/, fault: { kind: 'answer', status: 500 } },
    { what: 'asks to slow down', pattern: /^GET .*schema\.sql/, fault: { kind: 'answer', status: 503 } },
    { what: 'refuses the key', pattern: /^GET .*users/, fault: { kind: 'answer', status: 403 } },
    { what: 'cuts every answer', pattern: /^GET .*audit_logs/, fault: { kind: 'cut-answer', afterBytes: 1000 } },
  ]

  it.each(READING.filter(({ what }) => what !== 'asks to slow down'))(
    'a restore from a store that $what is told so and leaves nothing',
    async ({ pattern, fault }) => {
      gateway.fault(pattern, fault)
      await expect(scene.prepare(small, { by: ravi })).rejects.toMatchObject({
        code: expect.stringMatching(/^(CONNECTION_FAILED|PERMISSION_DENIED)$/),
      })
      gateway.heal()
      expect(await scene.besides(small)).toEqual([])
      await scene.expectUntouched(small)
    },
  )

  it.each(READING.filter(({ what }) => what !== 'answers 500'))(
    'verifying in a store that $what says nothing about the archive',
    async ({ pattern, fault }) => {
      gateway.fault(pattern, fault)
      const depth = pattern.source.includes('schema') ? 'restore' : 'hashes'
      await expect(scene.verify(small, { depth }, { by: ravi })).rejects.toMatchObject({
        code: expect.stringMatching(/^(CONNECTION_FAILED|PERMISSION_DENIED)$/),
      })
      gateway.heal()
      const { verifications } = await calm.client.call('backups.get', {
        ...scene.ref(small.tenant, calm),
        archive: small.archive,
      })
      expect(verifications.filter(({ outcome }) => outcome === 'failed')).toEqual([])
      expect(await scene.besides(small)).toEqual([])
    },
  )

  it('an answer in pieces, cut once, is read on where it broke off: the restore goes through', async () => {
    gateway.fault(/^GET .*audit_logs/, { kind: 'cut-answer', afterBytes: 1_000_000 }, 2)
    const restore = await scene.prepare(large, { by: ravi })
    await scene.restore(large, restore)
    await scene.expectSwapped(large)
    await scene.removeKept(large)
  })

  it('a silent store does not keep a cancelled backup or restore', async () => {
    for (const begin of [
      (signal: AbortSignal) => scene.backUp(small, { by: ravi, signal }),
      (signal: AbortSignal) => scene.prepare(small, { by: ravi, signal }),
    ]) {
      const abort = new AbortController()
      gateway.fault(/(PUT|GET) .*(users|schema\.sql)/, { kind: 'silence' })
      const failing = begin(abort.signal).catch((error: unknown) => error)
      await expect
        .poll(() => gateway.seen.filter(line => /(PUT|GET) .*(users|schema\.sql)/.test(line)).length)
        .toBeGreaterThan(0)
      abort.abort()
      expect(await failing).toMatchObject({ code: 'CANCELLED' })
      gateway.heal()
    }
    expect(await leftIn(small)).toEqual({ keys: [], uploads: [] })
    expect(await scene.besides(small)).toEqual([])
    await scene.expectUntouched(small)
  })

  it('a store that cannot be reached is told at once', async () => {
    const { port } = gateway
    await gateway.close()
    await expect(scene.backUp(small, { by: ravi })).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      retryable: true,
    })
    await expect(scene.prepare(small, { by: ravi })).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      retryable: true,
    })
    await scene.expectUntouched(small)
    gateway = new FaultGateway(settings.endpoint ?? '')
    gateway.port = port
    await gateway.listen()
    const restore = await scene.prepare(small, { by: ravi })
    await scene.discard(small, restore)
  })
})

describe('a folder', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await Scene.open()
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  it('on a disk that becomes full: the backup is told so, nothing is left, and it goes through with space', async () => {
    const subject = await scene.subject(undefined, LARGE)
    const path = await mkdtemp(join(tmpdir(), 'tenantry-full-'))
    await run('mount', ['-t', 'tmpfs', '-o', 'size=5m', 'tmpfs', path])
    try {
      const ravi = await scene.operator({ straight: true, backup: { kind: 'folder', path } })
      await expect(scene.backUp(subject, { by: ravi })).rejects.toMatchObject({
        code: 'CONNECTION_FAILED',
        message: expect.stringContaining('full'),
      })
      const found = await ravi.client.call('backups.list', scene.ref(subject.tenant, ravi))
      expect(found.items).toEqual([])
      await scene.expectUntouched(subject)
      await run('mount', ['-o', 'remount,size=64m', path])
      const { archive } = await scene.backUp(subject, { by: ravi })
      expect(await scene.verify({ ...subject, archive }, {}, { by: ravi })).toMatchObject({ outcome: 'passed' })
    } finally {
      await run('umount', [path])
      await rm(path, { recursive: true })
    }
  })

  it('that is away, or a file: backup, restore and verifying are told so', async () => {
    const subject = await scene.subject()
    const aside = `${scene.folder}-aside`
    await rename(scene.folder, aside)
    for (const isFile of [false, true]) {
      if (isFile) await writeFile(scene.folder, 'not a folder')
      await expect(scene.backUp(subject)).rejects.toMatchObject({ code: expect.any(String), hint: expect.any(String) })
      await expect(scene.prepare(subject)).rejects.toMatchObject({ code: expect.any(String), hint: expect.any(String) })
      await expect(scene.verify(subject)).rejects.toMatchObject({ code: expect.any(String), hint: expect.any(String) })
    }
    await rm(scene.folder)
    await mkdir(scene.folder)
    await chmod(scene.folder, 0o700)
    await rm(scene.folder, { recursive: true })
    await rename(aside, scene.folder)
    expect(await scene.besides(subject)).toEqual([])
    await scene.expectUntouched(subject)
    await scene.expectRestores(subject)
  })
})
