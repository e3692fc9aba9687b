import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { AppError } from '#shared/errors.ts'
import { realMongo, realPostgres, realRedis, realRedisCluster, realS3 } from '../testing/real-stores.ts'
import { S3Store } from './backup/s3-store.ts'
import { loggable } from './loggable.ts'
import { MongoConnection } from './mongo/mongo-connection.ts'
import { PostgresPool } from './postgres/pool.ts'
import { RedisConnection } from './redis/redis-connection.ts'

const never = new AbortController().signal
/** Stands for a password, or for a person's data. */
const PRIVATE = 'hunter2'

/** What the log would hold of a failure, all nested causes among it. */
async function logged(failing: Promise<unknown>): Promise<string> {
  const error: unknown = await failing.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  if (!(error instanceof AppError)) throw new Error('It did not fail with a coded error')
  const lines: string[] = []
  pino({}, { write: line => lines.push(line) }).error({ err: error.cause, data: error.toData() })
  return lines.join('')
}

describe('what a real failure leaves in the log', () => {
  const pool = (password: string) => new PostgresPool(realPostgres().settings, password)
  const mongo = (password: string) => new MongoConnection(realMongo('loggable_test').settings, password)

  test.each([
    ['Redis', () => new RedisConnection(realRedis().settings, PRIVATE), /WRONGPASS/],
    ['a Redis cluster', () => new RedisConnection(realRedisCluster().settings, PRIVATE), /WRONGPASS/],
  ])('a password that %s refused is not in it, the words of the server are', async (_what, open, words) => {
    const connection = open()
    const text = await logged(connection.use(never, client => client.ping()))
    await connection.close()
    expect(text).toMatch(words)
    expect(text).not.toContain(PRIVATE)
  })

  test('nor one that PostgreSQL, MongoDB or S3 refused', async () => {
    const [postgres, documents, s3] = [pool(PRIVATE), mongo(PRIVATE), new S3Store(realS3().settings, PRIVATE)]
    const texts = [
      await logged(postgres.use(never, client => client.query('select 1'))),
      await logged(documents.use(never, db => db.command({ ping: 1 }))),
      await logged(s3.put(PRIVATE, Buffer.from(PRIVATE), never)),
    ]
    await Promise.all([postgres.close(), documents.close(), s3.close()])
    expect(texts.join('\n')).toMatch(
      /password authentication failed[\s\S]*Authentication failed[\s\S]*SignatureDoesNotMatch/,
    )
    expect(texts.join('\n')).not.toContain(PRIVATE)
  })

  test('values of a row that PostgreSQL refused are not in it', async () => {
    const postgres = pool(realPostgres().secret)
    const statements = [
      `select '${PRIVATE}'::uuid`,
      `create temporary table p (pan text primary key check (pan <> 'x')); insert into p values ('${PRIVATE}'), ('${PRIVATE}')`,
      `create temporary table q (pan text not null, n int check (n > 0)); insert into q values ('${PRIVATE}', 0)`,
    ]
    for (const statement of statements) {
      const text = await logged(postgres.use(never, client => client.query(statement)))
      expect(text).not.toContain(PRIVATE)
    }
    await postgres.close()
  })

  test('documents and keys of MongoDB and values of Redis are not in it', async () => {
    const documents = mongo(realMongo('loggable_test').secret)
    const redis = new RedisConnection(realRedis().settings, realRedis().secret)
    const writing = documents.use(never, async db => {
      const one = { _id: `${PRIVATE}-id`, pan: PRIVATE }
      await db.collection<typeof one>('p').insertMany([one, { ...one }])
    })
    const pushing = redis.use(never, async client => {
      await client.set('tenantry-test:loggable', '1', 'EX', 5)
      return await client.lpush('tenantry-test:loggable', PRIVATE)
    })
    const texts = (await Promise.all([logged(writing), logged(pushing)])).join('\n')
    await documents.use(never, db => db.dropDatabase())
    await Promise.all([documents.close(), redis.close()])
    expect(texts).toMatch(/E11000[\s\S]*WRONGTYPE/)
    expect(texts).not.toContain(PRIVATE)
  })
})

describe('a loggable copy', () => {
  test('keeps name, stack, code and causes', () => {
    const inner = Object.assign(new TypeError('inner'), { code: 'ECONNREFUSED', config: PRIVATE })
    const copy = loggable(new Error('outer', { cause: inner }))
    expect(copy).toMatchObject({
      message: 'outer',
      cause: { name: 'TypeError', message: 'inner', code: 'ECONNREFUSED' },
    })
    expect((copy as Error).stack).toContain('loggable.db.test.ts')
    expect(Object.keys(Object((copy as Error).cause))).not.toContain('config')
  })
  test('keeps the parts of an aggregate', () => {
    expect(loggable(new AggregateError([new Error('one'), undefined, new Error('two')], 'all'))).toMatchObject({
      message: 'all',
      errors: [{ message: 'one' }, { message: 'two' }],
    })
  })
  test('ends with an error that is its own cause', () => {
    const circular = new Error('round')
    circular.cause = circular
    expect(loggable(circular)).toBeInstanceOf(Error)
  })
  test.each([
    ['invalid input syntax for type uuid: "hunter2"', 'invalid input syntax for type uuid: "…"'],
    ['E11000 duplicate key: x dup key: { email: "hunter2" }', 'E11000 duplicate key: x dup key: …'],
    ['cannot connect to redis://:hunter2@host:1/', 'cannot connect to redis://…@host:1/'],
    ['database "hr" does not exist', 'database "hr" does not exist'],
  ])('%s', (message, expected) => {
    expect(loggable(new Error(message))).toMatchObject({ message: expected })
  })
})
