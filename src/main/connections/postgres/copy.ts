import { Readable, Writable } from 'node:stream'
import type pg from 'pg'
import { CopyFrames } from './copy-frames.ts'
import type { Connection } from './pool.ts'

/** What pg's connection can do beyond its type declaration. */
interface Wire extends pg.Connection {
  endCopyFrom(): void
  sendCopyFail(message: string): void
}
type DataListener = (chunk: Buffer) => void

/** COPY in text or binary form as a byte stream. */
export interface CopySource extends Readable {
  /**
   * Rows, as the server counted them, once it is ready for the next statement. Rejects with the driver's error. Settled before that,
   * the connection must not be lent on.
   */
  readonly done: Promise<number>
}
export interface CopyTarget extends Writable {
  /** As with `CopySource`. */
  readonly done: Promise<number>
}

/**
 * `COPY … TO STDOUT`. Memory does not depend on the size of rows or values, and a reader that is slow holds the server back. A stream
 * that is destroyed before its end costs the connection: the rest could be any number of bytes.
 */
export const copyOut = (connection: Connection, text: string): CopySource => connection.query(new CopyOut(text))

/** `COPY … FROM STDIN`. Destroying the stream before its end makes the server undo the statement; the connection stays usable. */
export const copyIn = (connection: Connection, text: string): CopyTarget => connection.query(new CopyIn(text))

/** What may wait on this side before the other is held back. */
const BUFFERED_BYTES = 512 * 1024

/** Of the command tag: `COPY 42`. */
const rowsOf = (message: { text: string }): number => Number(message.text.split(' ').at(-1))

class CopyOut extends Readable implements CopySource {
  private readonly text: string
  private readonly settled = Promise.withResolvers<number>()
  private readonly frames: CopyFrames
  private wire: Wire | undefined
  private listeners_: DataListener[] = []
  private rows = 0
  private isOver = false

  constructor(text: string) {
    // Counted in pieces: a stream of bytes would put those that wait together, which copies them once more.
    super({ objectMode: true, highWaterMark: 2 })
    this.text = text
    this.settled.promise.catch(() => undefined)
    this.frames = new CopyFrames({
      data: bytes => {
        if (!this.destroyed && !this.push(bytes)) this.wire?.stream.pause()
      },
      other: bytes => {
        for (const listener of this.listeners_) listener(bytes)
      },
      isOver: () => this.isOver,
    })
  }

  get done(): Promise<number> {
    return this.settled.promise
  }

  /** Called by pg when it is this statement's turn. */
  submit(connection: pg.Connection): Error | undefined {
    if (this.destroyed) return new Error('The copy was given up before it began')
    this.wire = connection as Wire
    // pg's own parser would keep a whole message, and twice while it grows. It still gets everything that is no COPY data.
    this.listeners_ = connection.stream.listeners('data') as DataListener[]
    connection.stream.removeAllListeners('data')
    connection.stream.on('data', this.onData)
    connection.query(this.text)
    return undefined
  }

  handleCommandComplete(message: { text: string }): void {
    this.rows = rowsOf(message)
  }

  handleReadyForQuery(): void {
    this.leave()
    this.settled.resolve(this.rows)
    this.push(null)
  }

  handleError(error: Error): void {
    this.leave()
    this.settled.reject(error)
    this.destroy(error)
  }

  handleRowDescription(): void {
    this.wrongAnswer()
  }
  handleDataRow(): void {
    // What follows the refused row description.
  }
  handlePortalSuspended(): void {
    // Never sent in the simple protocol.
  }
  handleEmptyQuery(): void {
    this.wrongAnswer()
  }
  handleCopyInResponse(): void {
    this.wire?.sendCopyFail('unexpected')
  }

  override _read(): void {
    this.wire?.stream.resume()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (this.wire !== undefined && !this.isOver) this.wire.stream.destroy()
    else if (this.wire === undefined) this.settled.reject(error ?? new Error('The copy was given up before it began'))
    callback(error)
  }

  private readonly onData = (chunk: Buffer): void => {
    try {
      this.frames.feed(chunk)
    } catch (error) {
      this.wire?.stream.destroy(error instanceof Error ? error : undefined)
    }
  }

  /** Gives the socket back to pg's parser. */
  private leave(): void {
    const stream = this.wire?.stream
    if (this.isOver || stream === undefined) return
    this.isOver = true
    stream.off('data', this.onData)
    for (const listener of this.listeners_) stream.on('data', listener)
    stream.resume()
  }

  /** Whatever else comes is read to its end by pg; the connection goes on. */
  private wrongAnswer(): void {
    this.handleError(new TypeError('The statement is no COPY TO STDOUT'))
  }
}

class CopyIn extends Writable implements CopyTarget {
  private readonly text: string
  private readonly settled = Promise.withResolvers<number>()
  private readonly started = Promise.withResolvers<void>()
  private wire: Wire | undefined
  private rows = 0
  private isAnswered = false
  private finish: ((error?: Error) => void) | undefined

  constructor(text: string) {
    super({ highWaterMark: BUFFERED_BYTES, decodeStrings: true })
    this.text = text
    this.settled.promise.catch(() => undefined)
    this.started.promise.catch(() => undefined)
  }

  get done(): Promise<number> {
    return this.settled.promise
  }

  submit(connection: pg.Connection): Error | undefined {
    if (this.destroyed) return new Error('The copy was given up before it began')
    this.wire = connection as Wire
    connection.query(this.text)
    return undefined
  }

  handleCopyInResponse(): void {
    this.started.resolve()
  }

  handleCommandComplete(message: { text: string }): void {
    this.rows = rowsOf(message)
  }

  handleReadyForQuery(): void {
    this.isAnswered = true
    if (this.finish === undefined) {
      this.handleError(new TypeError('The statement is no COPY FROM STDIN'))
      return
    }
    this.settled.resolve(this.rows)
    this.finish()
  }

  handleError(error: Error): void {
    this.isAnswered = true
    this.started.reject(error)
    this.settled.reject(error)
    this.destroy(error)
  }

  handleRowDescription(): void {
    // Answered as any other statement: handleReadyForQuery says that it was none.
  }
  handleDataRow(): void {
    // As above.
  }
  handlePortalSuspended(): void {
    // Never sent in the simple protocol.
  }
  handleEmptyQuery(): void {
    // As above.
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    this.started.promise.then(() => this.send(chunk, callback), callback)
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.started.promise.then(() => {
      this.finish = callback
      this.wire?.endCopyFrom()
    }, callback)
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    // Once CopyDone is sent the statement cannot be taken back this way: the caller's cancel reaches the server by itself.
    if (this.wire !== undefined && !this.isAnswered && this.finish === undefined) this.wire.sendCopyFail('given up')
    else if (this.wire === undefined) this.settled.reject(error ?? new Error('The copy was given up before it began'))
    callback(error)
  }

  private send(chunk: Buffer, callback: (error?: Error | null) => void): void {
    const stream = this.wire?.stream
    if (stream === undefined || this.isAnswered) {
      callback(new Error('The copy has ended'))
      return
    }
    const header = Buffer.allocUnsafe(HEADER_BYTES)
    header[0] = COPY_DATA
    header.writeInt32BE(chunk.length + LENGTH_BYTES, 1)
    stream.cork()
    stream.write(header)
    // A cut connection answers through handleError; the write's own failure says less.
    stream.write(chunk, () => callback())
    stream.uncork()
  }
}

const HEADER_BYTES = 5
const LENGTH_BYTES = 4
const COPY_DATA = 0x64
