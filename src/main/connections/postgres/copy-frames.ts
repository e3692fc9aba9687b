/** Type byte and length, which counts itself but not the type: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const HEADER_BYTES = 5
const LENGTH_BYTES = 4
const COPY_DATA = 0x64
/** Text is handed on in pieces of this size: what hashes and compresses it pays for every piece. */
const PIECE_BYTES = 256 * 1024
/** Shorter rows are copied by a loop: a call into the engine costs more than it saves. */
const SHORT_BYTES = 32

export interface FrameSink {
  /** COPY text without frames; the memory is the receiver's. */
  data(text: Buffer): void
  /** Frames of any other kind, also parts of them, in their order. */
  other(bytes: Buffer): void
  /** Asked after each frame of another kind: whether what follows is somebody else's. */
  isOver(): boolean
}

/**
 * Takes what a PostgreSQL server sends during COPY TO STDOUT apart, as it comes from the socket. A CopyData message is one row: of
 * short rows there are millions, and a large value is one message of a hundred megabytes. So payloads are put together to pieces of
 * one size, whatever the messages are, and nothing waits for the end of a message.
 */
export class CopyFrames {
  private readonly sink: FrameSink
  /** Bytes of the present message that are still to come. */
  private remaining = 0
  private isData = false
  private readonly header = Buffer.alloc(HEADER_BYTES)
  private headerBytes = 0
  private piece = Buffer.alloc(0)
  private filled = 0

  constructor(sink: FrameSink) {
    this.sink = sink
  }

  /** Throws when the bytes are no message: the stream is then out of step and of no more use. */
  feed(chunk: Buffer): void {
    let position = 0
    while (position < chunk.length) {
      if (this.remaining === 0) {
        position = this.readHeader(chunk, position)
        if (this.headerBytes < HEADER_BYTES) return
        this.headerBytes = 0
        if (!this.isData) this.beginOther()
      }
      const end = position + Math.min(this.remaining, chunk.length - position)
      this.remaining -= end - position
      if (this.isData) this.append(chunk, position, end)
      else if (end > position) this.sink.other(chunk.subarray(position, end))
      position = end
      if (!this.isData && this.remaining === 0 && this.sink.isOver()) {
        if (position < chunk.length) this.sink.other(chunk.subarray(position))
        return
      }
    }
  }

  private beginOther(): void {
    if (this.filled > 0) this.sink.data(this.piece.subarray(0, this.filled))
    this.filled = 0
    this.piece = Buffer.alloc(0)
    // A copy: the next header is read into the same memory, and the receiver may keep what it got.
    this.sink.other(Buffer.from(this.header))
  }

  private append(chunk: Buffer, from: number, to: number): void {
    let position = from
    while (position < to) {
      if (this.filled === this.piece.length) {
        if (this.filled > 0) this.sink.data(this.piece)
        this.piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
        this.filled = 0
      }
      const end = Math.min(to, position + this.piece.length - this.filled)
      if (end - position > SHORT_BYTES) {
        this.filled += chunk.copy(this.piece, this.filled, position, end)
      } else {
        for (let index = position; index < end; index++) this.piece[this.filled++] = chunk[index] ?? 0
      }
      position = end
    }
  }

  /** Position after what was read of a header, which may be cut anywhere. */
  private readHeader(chunk: Buffer, from: number): number {
    let position = from
    while (this.headerBytes < HEADER_BYTES && position < chunk.length) {
      this.header[this.headerBytes++] = chunk[position++] ?? 0
    }
    if (this.headerBytes < HEADER_BYTES) return position
    const length = this.header.readInt32BE(1)
    if (length < LENGTH_BYTES) throw new RangeError('The server sent a message without a length')
    this.isData = this.header[0] === COPY_DATA
    this.remaining = length - LENGTH_BYTES
    return position
  }
}
