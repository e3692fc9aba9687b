import { Decimal128, type Document, Long, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { variable } from './environment.ts'

describe('MongoDB', () => {
  const url = variable('TENANTRY_TEST_MONGO_URL')
  const client = new MongoClient(url)
  const db = client.db(`services_test_${Date.now()}`)
  const items = db.collection<{ _id: number | string; n?: number; group?: number; name?: string }>('items')

  beforeAll(async () => {
    await items.insertMany(Array.from({ length: 1000 }, (_, n) => ({ _id: n, n, group: n % 5 })))
  })

  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
  })

  test('refuses a wrong password, an unknown user, and commands without a user', async () => {
    const attempt = (change: (address: URL) => void): Promise<unknown> => {
      const address = new URL(url)
      change(address)
      const stranger = new MongoClient(address.href)
      return stranger
        .db('test')
        .collection('items')
        .findOne()
        .finally(() => stranger.close())
    }
    await expect(attempt(address => (address.password = 'wrong'))).rejects.toMatchObject({ code: 18 })
    await expect(attempt(address => (address.username = 'nobody'))).rejects.toMatchObject({ code: 18 })
    const noUser = attempt(address => {
      address.username = ''
      address.password = ''
    })
    await expect(noUser).rejects.toMatchObject({ code: 13 })
  })

  test('lets the reading user read, and write nothing', async () => {
    const reader = new MongoClient(variable('TENANTRY_TEST_MONGO_READONLY_URL'))
    try {
      const view = reader.db(db.databaseName).collection('items')
      expect(await view.countDocuments()).toBe(1000)
      await expect(view.insertOne({ n: 1 })).rejects.toMatchObject({ code: 13 })
      await expect(view.drop()).rejects.toMatchObject({ code: 13 })
    } finally {
      await reader.close()
    }
  })

  test('reads results in batches to the end, filtered and sorted', async () => {
    expect(await items.find().sort({ n: -1 }).batchSize(50).toArray()).toHaveLength(1000)
    const page = await items.find({ group: 2 }).sort({ n: -1 }).skip(1).limit(2).toArray()
    expect(page.map(item => item.n)).toEqual([992, 987])
  })

  test('keeps types and the order of keys', async () => {
    const types = db.collection('types')
    const sent = {
      long: Long.fromNumber(5),
      price: Decimal128.fromString('1.50'),
      at: new Date(5),
      z: { b: 1, a: null },
    }
    await types.insertOne({ ...sent })
    const found = await types.findOne({}, { promoteLongs: false, projection: { _id: 0 } })
    expect(found).toEqual(sent)
    expect(Object.keys(found?.z)).toEqual(['b', 'a'])
  })

  test('counts what it writes', async () => {
    expect(await items.updateMany({ group: 1 }, { $set: { name: 'one' } })).toMatchObject({ modifiedCount: 200 })
    expect(await items.updateOne({ _id: 'new' }, { $set: { n: 1 } }, { upsert: true })).toMatchObject({
      upsertedId: 'new',
    })
    expect(await items.findOneAndDelete({ _id: 'new' })).toMatchObject({ n: 1 })
  })

  test('joins and groups', async () => {
    await db
      .collection('groups')
      .insertMany([0, 1, 2, 3, 4].map(group => ({ _id: group as never, label: `g${group}` })))
    const stages = [
      { $group: { _id: '$group', count: { $sum: 1 } } },
      { $lookup: { from: 'groups', localField: '_id', foreignField: '_id', as: 'found' } },
      { $unwind: '$found' },
      { $sort: { _id: 1 } },
    ]
    const rows = await items.aggregate(stages).toArray()
    expect(rows.map(row => [row.found.label, row.count])).toEqual([0, 1, 2, 3, 4].map(group => [`g${group}`, 200]))
  })

  test('gives MongoDB’s numbers for errors', async () => {
    await items.createIndex({ name: 1 }, { unique: true, sparse: true, name: 'by_name' }).catch(() => undefined)
    await expect(items.insertOne({ _id: 1 })).rejects.toMatchObject({ code: 11000 })
    await expect(db.command({ drop: 'missing' })).rejects.toMatchObject({ code: 26 })
    await expect(items.dropIndex('missing')).rejects.toMatchObject({ code: 27 })
    await expect(items.find({ $bogus: 1 } as never).toArray()).rejects.toMatchObject({ code: 2 })
    await expect(db.command({ unheardOf: 1 })).rejects.toMatchObject({ code: 59 })
    await expect(db.createCollection('capped', { capped: true, size: 4096 })).rejects.toMatchObject({ code: 115 })
  })

  test('ends a command at its time limit', async () => {
    const slow = items.aggregate(slowStages, { maxTimeMS: 50 })
    await expect(slow.toArray()).rejects.toMatchObject({ code: 50 })
  })

  const join = { $lookup: { from: 'items', pipeline: [], as: 'all' } }
  /** Takes many seconds: 1000 × 1000 × 1000 rows. */
  const slowStages = [join, { $unwind: '$all' }, join, { $unwind: '$all' }, { $count: 'n' }]

  async function runningOn(collection: string): Promise<string[]> {
    const { inprog } = await client.db('admin').command({ currentOp: 1 })
    return inprog.filter((one: Document) => one.active && one.ns === collection).map((one: Document) => one.opid)
  }

  test('shows a running command and ends it on demand', async () => {
    const slow = items.aggregate(slowStages).toArray()
    slow.catch(() => undefined)
    await expect.poll(() => runningOn(items.namespace)).toHaveLength(1)
    const [op] = await runningOn(items.namespace)
    expect(await client.db('admin').command({ killOp: 1, op })).toMatchObject({ ok: 1 })
    await expect(slow).rejects.toThrow()
  })

  test('stops working for a client that has gone', async () => {
    const abort = new AbortController()
    const slow = items.aggregate(slowStages, { signal: abort.signal }).toArray()
    slow.catch(() => undefined)
    await expect.poll(() => runningOn(items.namespace)).toHaveLength(1)
    abort.abort()
    await expect(slow).rejects.toMatchObject({ name: 'AbortError' })
    await expect.poll(() => runningOn(items.namespace), { timeout: 15_000 }).toEqual([])
  })

  test('commits and rolls back transactions', async () => {
    const insert = (id: string, fails: boolean): Promise<unknown> =>
      client.withSession(session =>
        session.withTransaction(async () => {
          await items.insertOne({ _id: id }, { session })
          expect(await items.findOne({ _id: id })).toBeNull()
          if (fails) throw new Error('changed my mind')
        }),
      )
    await insert('committed', false)
    await expect(insert('rolled back', true)).rejects.toThrow('changed my mind')
    expect(await items.findOne({ _id: 'committed' })).not.toBeNull()
    expect(await items.findOne({ _id: 'rolled back' })).toBeNull()
  })

  test('tells of a write conflict that the transaction may be tried again', async () => {
    const [first, second] = [client.startSession(), client.startSession()]
    first.startTransaction()
    second.startTransaction()
    await items.findOne({ _id: 5 }, { session: second })
    await items.updateOne({ _id: 5 }, { $set: { name: 'first' } }, { session: first })
    await first.commitTransaction()
    const conflict = items.updateOne({ _id: 5 }, { $set: { name: 'second' } }, { session: second })
    await expect(conflict).rejects.toMatchObject({ code: 112, errorLabels: ['TransientTransactionError'] })
    await Promise.all([first.endSession(), second.endSession()])
  })

  test('describes collections, indexes and itself', async () => {
    const [collection] = await db.listCollections({ name: 'items' }).toArray()
    expect(collection).toMatchObject({ name: 'items', type: 'collection' })
    await db.collection('expiring').createIndex({ at: 1 }, { expireAfterSeconds: 60 })
    expect(await db.collection('expiring').indexes()).toContainEqual(
      expect.objectContaining({ name: 'at_1', expireAfterSeconds: 60 }),
    )
    expect(await db.command({ collStats: 'items' })).toMatchObject({ ok: 1 })
    expect(await items.find({ _id: 5 }).explain('executionStats')).toHaveProperty('queryPlanner.winningPlan')
    const status = await client.db('admin').command({ serverStatus: 1 })
    expect(status.connections.current).toBeGreaterThan(0)
  })
})
