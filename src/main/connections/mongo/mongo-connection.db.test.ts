import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FaultProxy, startFaultProxy } from '../../../../scripts/services/fault.ts'
import { closedPort, type Listening, silentServer, UNKNOWN_HOST } from '../../testing/addresses.ts'
import { eventually } from '../../testing/eventually.ts'
import { realMongo } from '../../testing/real-stores.ts'
import { requireService } from '../../testing/services.ts'
import { MongoConnection, uriWithPassword } from './mongo-connection.ts'

const never = new AbortController().signal
const database = `mongo_test_${Math.random().toString(36).slice(2, 10)}`

describe('the connection to MongoDB', () => {
  const { settings, secret } = realMongo(database)
  const hosts = new URL(settings.uri.replace(/^mongodb:/, 'http:'))
  const connections: MongoConnection[] = []
  const openAs = (password: string | undefined, uri = settings.uri) => {
    const connection = new MongoConnection({ uri, database }, password)
    connections.push(connection)
    return connection
  }
  const uriAt = (host: string, port: number) => settings.uri.replace(hosts.host, `${host}:${port}`)
  const names = (connection: MongoConnection, signal = never) =>
    connection.use(signal, db => db.listCollections({}, { nameOnly: true }).toArray())

  afterAll(async () => {
    await openAs(secret).use(never, db => db.dropDatabase())
    await Promise.all(connections.map(connection => connection.close()))
  })

  test('writes and reads in the database of the environment', async () => {
    const connection = openAs(secret)
    const found = await connection.use(never, async db => {
      await db.collection('forms').insertOne({ tenantId: 'acme', n: 1 })
      return await db.collection('forms').findOne({ tenantId: 'acme' })
    })
    expect(found).toMatchObject({ n: 1 })
    expect(await connection.use(never, async db => db.databaseName)).toBe(database)
  })

  describe('failures are named', () => {
    const failure = (connection: MongoConnection) => expect(names(connection)).rejects
    const hint = expect.any(String)

    test('a port on which nothing listens, without waiting for the whole selection time', async () => {
      const started = performance.now()
      await failure(openAs(secret, uriAt('127.0.0.1', await closedPort()))).toMatchObject({
        code: 'CONNECTION_FAILED',
        details: { reason: 'refused' },
        hint,
      })
      expect(performance.now() - started).toBeLessThan(3_000)
    })
    test('an unknown host', async () => {
      await failure(openAs(secret, uriAt(UNKNOWN_HOST, 27_017))).toMatchObject({
        details: { reason: 'unknown-host' },
        hint,
      })
    })
    test('an unknown host of a seed list', async () => {
      await failure(openAs(undefined, `mongodb+srv://${UNKNOWN_HOST}/`)).toMatchObject({
        details: { reason: 'unknown-host' },
        hint,
      })
    })
    test.each([
      ['a wrong password', 'wrong'],
      ['no password', undefined],
    ])('%s', async (_what, password) => {
      await failure(openAs(password)).toMatchObject({
        code: 'CONNECTION_FAILED',
        details: { reason: 'authentication' },
        hint: expect.stringContaining('authSource'),
      })
    })
    test('nobody signed in', async () => {
      await failure(openAs(undefined, settings.uri.replace(/\/\/[^@]*@/, '//'))).toMatchObject({
        details: { reason: 'authentication' },
      })
    })
    test('TLS against a plain port', async () => {
      const uri = `${settings.uri}${settings.uri.includes('?') ? '&' : '?'}tls=true`
      await failure(openAs(secret, uri)).toMatchObject({ details: { reason: 'tls-refused' }, hint })
    })
    test('an option that the driver does not know', async () => {
      await failure(openAs(secret, `mongodb://${hosts.host}/?bogus=1`)).toMatchObject({ code: 'INVALID_INPUT', hint })
    })
    test('a user without the privilege', async () => {
      const readOnly = new URL(requireService('TENANTRY_TEST_MONGO_READONLY_URL').replace(/^mongodb:/, 'http:'))
      const uri = settings.uri.replace(/\/\/[^@]*@/, `//${readOnly.username}@`)
      const connection = openAs(decodeURIComponent(readOnly.password), uri)
      const writing = connection.use(never, db => db.collection('forms').insertOne({ tenantId: 'acme' }))
      await expect(writing).rejects.toMatchObject({
        code: 'PERMISSION_DENIED',
        details: { reason: 'permission' },
        hint,
      })
    })
    test('a document that another one excludes', async () => {
      const connection = openAs(secret)
      const writing = connection.use(never, async db => {
        await db.collection<{ _id: number }>('unique').insertOne({ _id: 1 })
        await db.collection<{ _id: number }>('unique').insertOne({ _id: 1 })
      })
      await expect(writing).rejects.toMatchObject({ code: 'CONFLICT' })
    })
    test('never with the words of the driver, which may hold the URI', async () => {
      const error = await names(openAs('wrong')).catch(failed => failed)
      expect(JSON.stringify(error.toData())).not.toContain(hosts.username)
    })
  })

  describe('interruptions', () => {
    let silent: Listening
    let proxy: FaultProxy
    beforeAll(async () => {
      silent = await silentServer()
      proxy = await startFaultProxy({ host: hosts.hostname, port: Number(hosts.port) })
    })
    afterAll(async () => {
      proxy.close()
      await silent.close()
    })

    test('a caller who cancels while connecting is not held', async () => {
      const controller = new AbortController()
      const asking = names(openAs(secret, uriAt('127.0.0.1', silent.port)), controller.signal)
      controller.abort()
      await expect(asking).rejects.toMatchObject({ code: 'CANCELLED' })
    })

    test('a first connection that failed is tried anew at the next use', async () => {
      const connection = openAs(secret, uriAt('127.0.0.1', proxy.port))
      proxy.refuse()
      await expect(names(connection)).rejects.toMatchObject({ details: { reason: 'refused' } })
      await proxy.resume()
      await expect(names(connection)).resolves.toBeInstanceOf(Array)
    })

    test('connections that were cut are opened anew at the next use', async () => {
      const connection = openAs(secret, uriAt('127.0.0.1', proxy.port))
      await names(connection)
      proxy.cut()
      const answer = await eventually(() =>
        names(connection).catch(error => {
          // Who asks before the loss has been noticed is told that trying again helps.
          expect(error).toMatchObject({ code: 'CONNECTION_FAILED', retryable: true, details: { reason: 'lost' } })
          return undefined
        }),
      )
      expect(answer).toBeInstanceOf(Array)
    })

    test('a closed connection lends nothing more', async () => {
      const connection = openAs(secret)
      await connection.close()
      await expect(names(connection)).rejects.toMatchObject({ code: 'CONNECTION_FAILED', retryable: true })
    })
  })
})

describe('the password in a URI', () => {
  test.each([
    ['mongodb://ann@h1,h2/hr?x=1', 'p@s/s:w%', 'mongodb://ann:p%40s%2Fs%3Aw%25@h1,h2/hr?x=1'],
    ['mongodb+srv://ann@h/hr', '$&', 'mongodb+srv://ann:%24%26@h/hr'],
    ['mongodb://h/hr', 'unused', 'mongodb://h/hr'],
    ['mongodb://ann@h/hr', undefined, 'mongodb://ann@h/hr'],
  ])('%s', (uri, password, expected) => {
    expect(uriWithPassword(uri, password)).toBe(expected)
  })
})
