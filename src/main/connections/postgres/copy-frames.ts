/** Type byte and length, which counts itself but not the type: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const HEADER_BYTES = 5
const LENGTH_BYTES = 4
const COPY_DATA = 0x64
/** Shorter pieces are moved by a loop: a call into the engine costs more than it saves. */
const SHORT_BYTES = 48

export interface FrameSink {
  /** COPY text of one chunk, without frames. It lies in the chunk's own memory, which is overwritten for it. */
  data(text: Uint8Array): void
  /** Frames of any other kind, also parts of them, in their order. */
  other(bytes: Buffer): void
  /** Asked after each frame of another kind: whether the rest of the chunk is somebody else's. */
  isOver(): boolean
}

/**
 * Takes what a PostgreSQL server sends during COPY TO STDOUT apart, chunk by chunk as the socket hands it over. A CopyData message
 * is one row: with short rows a chunk holds thousands, and a large value is one message of a hundred megabytes. So payloads are
 * moved together inside the chunk and passed on once for each chunk, and nothing waits for the end of a message.
 */
export class CopyFrames {
  private readonly sink: FrameSink
  /** Bytes of the present message that are still to come. */
  private remaining = 0
  private isData = false
  private readonly header = Buffer.alloc(HEADER_BYTES)
  private headerBytes = 0

  constructor(sink: FrameSink) {
    this.sink = sink
  }

  /** Throws when the bytes are no message: the stream is then out of step and of no more use. */
  feed(chunk: Buffer): void {
    const end = chunk.length
    let position = 0
    // Payload collected so far lies in [start, fill).
    let start = 0
    let fill = 0
    const flush = () => {
      if (fill > start) this.sink.data(chunk.subarray(start, fill))
      start = fill
    }
    while (position < end) {
      if (this.remaining === 0) {
        position = this.readHeader(chunk, position)
        if (this.headerBytes < HEADER_BYTES) break
        this.headerBytes = 0
        if (!this.isData) {
          flush()
          // A copy: the chunk's memory may be written to before it is read.
          this.sink.other(Buffer.from(this.header))
        }
      }
      const length = Math.min(this.remaining, end - position)
      if (this.isData) {
        if (fill === start) {
          start = position
          fill = position
        }
        if (fill !== position) move(chunk, { from: position, to: fill, length })
        fill += length
      } else if (length > 0) {
        this.sink.other(Buffer.from(chunk.subarray(position, position + length)))
      }
      position += length
      this.remaining -= length
      if (!this.isData && this.remaining === 0 && this.sink.isOver()) {
        if (position < end) this.sink.other(chunk.subarray(position))
        return
      }
    }
    flush()
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

function move(chunk: Buffer, { from, to, length }: { from: number; to: number; length: number }): void {
  if (length > SHORT_BYTES) {
    chunk.copyWithin(to, from, from + length)
    return
  }
  for (let index = 0; index < length; index++) chunk[to + index] = chunk[from + index] ?? 0
}
