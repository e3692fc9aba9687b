import { type Document, deserialize, serialize } from 'bson'
import { withArrays } from './raw-bson.ts'

/** MongoDB wire protocol: OP_MSG, and OP_QUERY for a driver's first hello. */
const OP_REPLY = 1
const OP_QUERY = 2004
const OP_MSG = 2013
const HEADER_BYTES = 16
const FLAG_CHECKSUM = 1
const FLAG_MORE_TO_COME = 2
const CHECKSUM_BYTES = 4
/** The limit that MongoDB itself announces as maxMessageSizeBytes. */
export const MAX_MESSAGE_BYTES = 48_000_000

export interface Request {
  id: number
  operation: typeof OP_QUERY | typeof OP_MSG
  command: Document
  /** The command as it came, with document sequences joined as array fields. */
  raw: Buffer
  expectsReply: boolean
}

/** Cuts a stream of bytes into messages. */
export class MessageReader {
  #chunks: Buffer[] = []
  #received = 0
  /** Bytes to wait for before looking again, so that a big message is put together once. */
  #wanted = 4

  /**
   * The messages that are complete with this chunk.
   * @throws Error when a message claims an impossible size
   */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk)
    this.#received += chunk.length
    const messages: Buffer[] = []
    while (this.#received >= this.#wanted) {
      const bytes = Buffer.concat(this.#chunks)
      const size = bytes.readInt32LE(0)
      if (size < HEADER_BYTES || size > MAX_MESSAGE_BYTES) throw new Error(`Message of ${size} bytes`)
      const isComplete = bytes.length >= size
      if (isComplete) messages.push(bytes.subarray(0, size))
      const rest = isComplete ? bytes.subarray(size) : bytes
      this.#chunks = [rest]
      this.#received = rest.length
      this.#wanted = isComplete ? 4 : size
    }
    return messages
  }
}

/** @throws Error for operations other than OP_MSG and OP_QUERY */
export function parseRequest(message: Buffer): Request {
  const id = message.readInt32LE(4)
  const operation = message.readInt32LE(12)
  if (operation === OP_QUERY) return parseQuery(message, id)
  if (operation === OP_MSG) return parseMessage(message, id)
  throw new Error(`Unsupported wire operation ${operation}`)
}

function parseQuery(message: Buffer, id: number): Request {
  const nameEnd = message.indexOf(0, HEADER_BYTES + 4)
  const database = message.toString('utf8', HEADER_BYTES + 4, nameEnd).split('.')[0]
  // After the collection's name: how many to skip and to return, four bytes each.
  const start = nameEnd + 1 + 8
  const raw = message.subarray(start, start + message.readInt32LE(start))
  return { id, operation: OP_QUERY, command: { ...deserialize(raw), $db: database }, raw, expectsReply: true }
}

function parseMessage(message: Buffer, id: number): Request {
  const flags = message.readUInt32LE(HEADER_BYTES)
  const end = message.length - (flags & FLAG_CHECKSUM ? CHECKSUM_BYTES : 0)
  const sequences = new Map<string, Buffer[]>()
  let body: Buffer | undefined
  let position = HEADER_BYTES + 4
  while (position < end) {
    const kind = message[position++]
    const section = message.subarray(position, position + message.readInt32LE(position))
    if (kind === 0) body = section
    else sequences.set(...parseSequence(section))
    position += section.length
  }
  if (body === undefined) throw new Error('Message without a command')
  const raw = sequences.size === 0 ? body : withArrays(body, sequences)
  return { id, operation: OP_MSG, command: deserialize(raw), raw, expectsReply: (flags & FLAG_MORE_TO_COME) === 0 }
}

function parseSequence(section: Buffer): [string, Buffer[]] {
  const nameEnd = section.indexOf(0, 4)
  const documents: Buffer[] = []
  let position = nameEnd + 1
  while (position < section.length) {
    const size = section.readInt32LE(position)
    documents.push(section.subarray(position, position + size))
    position += size
  }
  return [section.toString('utf8', 4, nameEnd), documents]
}

/** The bytes that answer a request with one document. */
export function encodeReply(request: Request, reply: Document | Buffer): Buffer {
  const body = Buffer.isBuffer(reply) ? reply : Buffer.from(serialize(reply))
  return request.operation === OP_MSG ? messageReply(request, body) : queryReply(request, body)
}

function messageReply(request: Request, body: Buffer): Buffer {
  const head = Buffer.alloc(HEADER_BYTES + 5)
  writeHeader(head, { size: head.length + body.length, responseTo: request.id, operation: OP_MSG })
  return Buffer.concat([head, body])
}

function queryReply(request: Request, body: Buffer): Buffer {
  const head = Buffer.alloc(HEADER_BYTES + 20)
  writeHeader(head, { size: head.length + body.length, responseTo: request.id, operation: OP_REPLY })
  const awaitCapable = 8
  head.writeInt32LE(awaitCapable, HEADER_BYTES)
  // Cursor (8 bytes) and position (4) stay 0; one document follows.
  head.writeInt32LE(1, HEADER_BYTES + 16)
  return Buffer.concat([head, body])
}

function writeHeader(head: Buffer, header: { size: number; responseTo: number; operation: number }): void {
  head.writeInt32LE(header.size, 0)
  head.writeInt32LE(header.responseTo, 8)
  head.writeInt32LE(header.operation, 12)
}
