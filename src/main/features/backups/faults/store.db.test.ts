import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { S3Store } from '../../../connections/backup/s3-store.ts'
import { type Fault, FaultGateway } from '../../../connections/backup/testing/fault-gateway.ts'
import { eventually } from '../../../testing/eventually.ts'
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
  const used: string[] = []
  beforeAll(async () => {
    gateway = await new FaultGateway(settings.endpoint ?? '').listen()
    scene = await Scene.open()
    ravi = await scene.operator({ straight: true, backup: { ...settings, endpoint: gateway.endpoint }, secret })
    calm = await scene.operator({ straight: true, backup: settings, secret })
  })
  afterAll(async () => {
    for (const schema of used) await direct.delete(await keysOf(schema), never)
    await scene?.[Symbol.asyncDispose]()
    await gateway.close()
    await direct.close()
  })

  async function subjectInStore(more = ''): Promise<Subject> {
    const subject = await scene.subject(undefined, more, calm)
    used.push(subject.schema)
    return subject
  }
  const keysOf = async (schema: string): Promise<string[]> => {
    const keys: string[] = []
    for await (const { key } of direct.listAll(`backups/schemas/${schema}/`, never)) keys.push(key)
    return keys
  }
  const leftIn = async (subject: Subject) => ({
    keys: (await keysOf(subject.schema)).filter(key => !key.startsWith(subject.archive)),
    uploads: await direct.listUnfinished(`backups/schemas/${subject.schema}/`, never),
  })
  const NOTHING = { keys: [], uploads: [] }
  /** Requests for objects of one tenant: others may be at work at the same time. */
  const about = ({ schema }: Subject, method: string, rest: string) => new RegExp(`^${method} .*${schema}/.*${rest}`)

  interface Failing {
    what: string
    method: string
    object: string
    fault: Fault
  }
  const answering = (status: number): Fault => ({ kind: 'answer', status })

  // Requests that fail are tried again for seconds; the tests wait together.
  describe.concurrent('', () => {
    it.each<Failing>([
      { what: 'answers 500', method: 'PUT', object: 'schema.sql', fault: answering(500) },
      { what: 'answers 503 to the manifest', method: 'PUT', object: 'manifest', fault: answering(503) },
      { what: 'refuses the key', method: 'PUT', object: 'users', fault: answering(403) },
      { what: 'is full', method: 'PUT', object: 'roles', fault: answering(507) },
      { what: 'cuts an upload', method: 'PUT', object: 'audit_logs', fault: { kind: 'cut-request', afterBytes: 100 } },
    ])('a backup into a store that $what is told so and leaves nothing', async ({ method, object, fault }) => {
      const subject = await subjectInStore()
      gateway.fault(about(subject, method, object), fault)
      await expect(scene.backUp(subject, { by: ravi })).rejects.toMatchObject(CODED)
      expect(await leftIn(subject)).toEqual(NOTHING)
      await scene.expectSame(subject)
    })

    it('a backup whose store fails for a moment goes through', async () => {
      const subject = await subjectInStore()
      gateway.fault(about(subject, 'PUT', 'users'), answering(503), 2)
      gateway.fault(about(subject, 'PUT', 'roles'), { kind: 'cut-answer', afterBytes: 0 }, 1)
      const { archive } = await scene.backUp(subject, { by: ravi })
      expect(await scene.verify(subject, { archive }, { by: calm })).toMatchObject({ outcome: 'passed' })
    })

    const READING: readonly Failing[] = [
      { what: 'answers 500', method: 'GET', object: 'manifest', fault: answering(500) },
      { what: 'asks to slow down', method: 'GET', object: 'schema.sql', fault: answering(503) },
      { what: 'refuses the key', method: 'GET', object: 'users', fault: answering(403) },
      { what: 'cuts answers', method: 'GET', object: 'audit_logs', fault: { kind: 'cut-answer', afterBytes: 1000 } },
    ]
    const READ_FAILED = { code: expect.stringMatching(/^(CONNECTION_FAILED|PERMISSION_DENIED)$/) }

    it.each(READING)(
      'restoring and verifying from a store that $what: told so, nothing is left or judged',
      async read => {
        const subject = await subjectInStore()
        gateway.fault(about(subject, read.method, read.object), read.fault)
        await expect(scene.prepare(subject, { by: ravi })).rejects.toMatchObject(READ_FAILED)
        expect(await scene.besides(subject)).toEqual([])
        const depth = read.object === 'schema.sql' ? 'restore' : 'hashes'
        await expect(scene.verify(subject, { depth }, { by: ravi })).rejects.toMatchObject(READ_FAILED)
        const archive = { ...scene.ref(subject.tenant, calm), archive: subject.archive }
        expect((await calm.client.call('backups.get', archive)).verifications).toEqual([])
        expect(await scene.besides(subject)).toEqual([])
        await scene.expectSame(subject)
      },
    )

    it.each([
      {
        what: 'backup',
        object: 'PUT',
        begin: (of: Subject, signal: AbortSignal) => scene.backUp(of, { by: ravi, signal }),
      },
      {
        what: 'restore',
        object: 'GET',
        begin: (of: Subject, signal: AbortSignal) => scene.prepare(of, { by: ravi, signal }),
      },
    ])('a silent store does not keep a cancelled $what', async ({ object, begin }) => {
      const subject = await subjectInStore()
      const abort = new AbortController()
      const silent = about(subject, object, 'users')
      gateway.fault(silent, { kind: 'silence' })
      const failing = begin(subject, abort.signal).catch((error: unknown) => error)
      await eventually(() => (gateway.seen.some(line => silent.test(line)) ? true : undefined))
      abort.abort()
      expect(await failing).toMatchObject({ code: 'CANCELLED' })
      expect(await leftIn(subject)).toEqual(NOTHING)
      expect(await scene.besides(subject)).toEqual([])
      await scene.expectSame(subject)
    })
  })

  it('an upload in parts that is cut, or loses its end, leaves no part; one that is cut while it is read goes on', async () => {
    const subject = await subjectInStore(LARGE)
    gateway.heal()
    for (const [pattern, fault] of [
      [about(subject, 'PUT', 'partNumber=2'), { kind: 'cut-request', afterBytes: 100_000 }],
      [about(subject, 'POST', 'uploadId='), answering(500)],
    ] as const) {
      gateway.fault(pattern, fault)
      await expect(scene.backUp(subject, { by: ravi })).rejects.toMatchObject(CODED)
      gateway.heal()
      expect(await leftIn(subject)).toEqual(NOTHING)
      await scene.expectUntouched(subject)
    }
    gateway.fault(about(subject, 'GET', 'audit_logs'), { kind: 'cut-answer', afterBytes: 1_000_000 }, 2)
    const restore = await scene.prepare(subject, { by: ravi })
    await scene.restore(subject, restore)
    await scene.expectSwapped(subject)
    await scene.removeKept(subject)
  })

  it('a store that cannot be reached is told, and found again', async () => {
    const subject = await subjectInStore()
    const { port } = gateway
    await gateway.close()
    const away = { code: 'CONNECTION_FAILED', retryable: true }
    const [backing, preparing] = await Promise.allSettled([
      scene.backUp(subject, { by: ravi }),
      scene.prepare(subject, { by: ravi }),
    ])
    expect(backing).toMatchObject({ reason: away })
    expect(preparing).toMatchObject({ reason: away })
    await scene.expectUntouched(subject)
    gateway = new FaultGateway(settings.endpoint ?? '')
    gateway.port = port
    await gateway.listen()
    const restore = await scene.prepare(subject, { by: ravi })
    await scene.discard(subject, restore)
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
