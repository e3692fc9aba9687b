import type { Document } from 'bson'
import { MAX_MESSAGE_BYTES } from './wire.ts'

/** What this gateway says it is: the newest MongoDB whose commands it answers, and that version's wire level. */
export const SERVER_VERSION = '7.0.0'
const WIRE_VERSION = 21

/** A router's hello: drivers then use transactions without expecting a replica set behind. */
export function hello(connectionId: number): Document {
  return {
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    msg: 'isdbgrid',
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION,
    readOnly: false,
    ok: 1,
  }
}

export function buildInfo(): Document {
  return {
    version: SERVER_VERSION,
    versionArray: [...SERVER_VERSION.split('.').map(Number), 0],
    gitVersion: 'documentdb',
    modules: [],
    bits: 64,
    debug: false,
    maxBsonObjectSize: 16 * 1024 * 1024,
    storageEngines: ['documentdb'],
    ok: 1,
  }
}
