import { createHash, type Hash } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { type AppError, isAppError } from '#shared/errors.ts'
import { SCHEMA_NAME } from './layout.ts'
import { damaged, type Manifest } from './manifest.ts'

export interface Promised {
  bytes: number
  sha256: string
}

/** Passes bytes on while it measures them; ends with an error when they are not what was promised, and never passes more. */
export class CheckedBytes extends Transform {
  private readonly promised: Promised
  /** Begins the message: `the text of table "users"`. */
  private readonly what: string
  private readonly hash: Hash = createHash('sha256')
  private bytes = 0

  constructor(promised: Promised, what: string) {
    super({ readableHighWaterMark: 256 * 1024, writableHighWaterMark: 256 * 1024 })
    this.promised = promised
    this.what = what
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length
    if (this.bytes > this.promised.bytes) {
      done(damaged(`${this.what} has more than its ${this.promised.bytes} bytes`))
      return
    }
    this.hash.update(chunk)
    done(null, chunk)
  }

  override _flush(done: TransformCallback): void {
    const { bytes, sha256 } = this.promised
    if (this.bytes !== bytes) done(damaged(`${this.what} has ${this.bytes} of its ${bytes} bytes`))
    else if (this.hash.digest('hex') !== sha256) done(damaged(`${this.what} is not what was written: its hash differs`))
    else done()
  }
}

const DATA_NAME = /^data\/\d{3,}_[A-Za-z0-9_~%-]+\.copy\.zst$/

/**
 * What a whole manifest must still fulfil: names that lie inside the archive, nothing named twice, sums that agree. A person who
 * edits a manifest can compute its hash anew.
 */
export function checkManifest(manifest: Manifest, schema: string): void {
  const problem = problemOf(manifest, schema)
  if (problem !== undefined) throw damaged(problem)
}

function problemOf(manifest: Manifest, schema: string): string | undefined {
  const { tables } = manifest
  const objects = tables.flatMap(table => table.object ?? [])
  const outside = objects.find(object => !DATA_NAME.test(object.name))
  if (manifest.tenant.databaseSchema !== schema) return 'its manifest belongs to the archive of another schema'
  if (manifest.schema.object.name !== SCHEMA_NAME) return `its manifest names other definitions than ${SCHEMA_NAME}`
  if (outside !== undefined) return 'its manifest names an object that is none of an archive'
  if (!areDistinct(objects.map(object => object.name))) return 'its manifest names an object twice'
  if (!areDistinct(tables.map(table => table.name))) return 'its manifest names a table twice'
  for (const table of tables) {
    if (!areDistinct(table.columns.map(column => column.name))) return `table "${table.name}" names a column twice`
    const isEmpty = table.rows === 0 && table.bytes === 0
    if (isEmpty !== (table.object === null)) return `table "${table.name}" does not say truly whether it has rows`
    // A row has at least its newline.
    if (table.bytes < table.rows) return `table "${table.name}" cannot have that many rows`
  }
  const stored = sum(objects.map(object => object.bytes)) + manifest.schema.object.bytes
  const isSumWrong =
    sum(tables.map(table => table.rows)) !== manifest.rows ||
    sum(tables.map(table => table.bytes)) !== manifest.bytes ||
    stored !== manifest.storedBytes
  return isSumWrong ? 'the sums in its manifest do not agree with its tables' : undefined
}

const areDistinct = (names: readonly string[]): boolean => new Set(names).size === names.length
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

export const isDamage = (error: unknown): error is AppError =>
  isAppError(error) &&
  typeof error.details === 'object' &&
  error.details !== null &&
  Reflect.get(error.details, 'reason') === 'archive-damaged'

/** What a damage says, as a line of a report. */
export const findingOf = (error: AppError): string => {
  const text = error.message.replace(/^The archive is damaged: /, '').replace(/\.$/, '')
  const isName = text.startsWith('data/') || text.startsWith(SCHEMA_NAME)
  return isName ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
