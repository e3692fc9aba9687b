import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'

/** What happens to a request that a test picked. */
export type Fault =
  /** Answers by itself; the server behind never hears of the request. */
  | { kind: 'answer'; status: number; body?: string }
  /** Passes so many bytes of the request's body on, then resets both connections. */
  | { kind: 'cut-request'; afterBytes: number }
  /** Lets the server do its work and passes so many bytes of its answer's body on; 0 cuts before the status line. */
  | { kind: 'cut-answer'; afterBytes: number }
  /** Passes the answer on in pieces of so many bytes, with a millisecond between them. */
  | { kind: 'trickle'; bytes: number }
  /** Changes one byte of the request's body. */
  | { kind: 'flip' }
  /** Accepts the request and says nothing until the gateway closes. */
  | { kind: 'silence' }

interface Rule {
  picks: (request: IncomingMessage) => boolean
  fault: Fault
  times: number
}

/** An HTTP server on loopback in front of a real S3 server. Signatures stay valid: the host that was asked is passed on. */
export class FaultGateway {
  port = 0
  /** Method and path of every request, in the order of their arrival. */
  readonly seen: string[] = []
  private readonly target: URL
  private readonly server: Server
  private rules: Rule[] = []

  constructor(target: string) {
    this.target = new URL(target)
    this.server = createServer((incoming, outgoing) => {
      this.handle(incoming, outgoing).catch(() => outgoing.destroy())
    })
  }

  async listen(): Promise<this> {
    this.server.listen(this.port, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = (this.server.address() as AddressInfo).port
    return this
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The next so many requests whose "METHOD /path?query" fits meet the fault. */
  fault(pattern: RegExp, fault: Fault, times = Number.POSITIVE_INFINITY): void {
    this.rules.push({ picks: ({ method, url }) => pattern.test(`${method} ${url}`), fault, times })
  }

  heal(): void {
    this.rules = []
    this.seen.length = 0
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }

  private async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.seen.push(`${incoming.method} ${incoming.url}`)
    const rule = this.rules.find(candidate => candidate.times > 0 && candidate.picks(incoming))
    if (rule !== undefined) rule.times--
    const fault = rule?.fault
    if (fault?.kind === 'silence') return
    if (fault?.kind === 'answer') {
      incoming.resume()
      await once(incoming, 'end')
      outgoing.writeHead(fault.status, { 'content-type': 'application/xml' }).end(fault.body)
      return
    }
    await this.passOn(incoming, outgoing, fault)
  }

  private async passOn(incoming: IncomingMessage, outgoing: ServerResponse, fault?: Fault): Promise<void> {
    const { expect: _, ...headers } = incoming.headers
    const forwarded = request({
      host: this.target.hostname,
      port: this.target.port,
      method: incoming.method,
      path: incoming.url,
      headers,
      createConnection: () => connect(Number(this.target.port), this.target.hostname),
    })
    const reset = () => {
      forwarded.destroy()
      incoming.socket.resetAndDestroy()
    }
    forwarded.on('error', reset)
    outgoing.on('close', () => forwarded.destroy())
    const answered = once(forwarded, 'response') as Promise<[IncomingMessage]>
    answered.catch(() => undefined)
    await pipeline(incoming, fault?.kind === 'flip' ? flipped : same, limited(fault, 'cut-request', reset), forwarded)
    const [answer] = await answered
    if (fault?.kind === 'cut-answer' && fault.afterBytes === 0) {
      answer.resume()
      await once(answer, 'end')
      reset()
      return
    }
    outgoing.writeHead(answer.statusCode ?? 0, answer.headers)
    // An orderly end lets the bytes before it arrive; a reset would throw them away.
    const end = () => outgoing.socket?.end()
    await pipeline(answer, trickling(fault), limited(fault, 'cut-answer', end), outgoing)
  }
}

type Bytes = AsyncIterable<Buffer>

async function* same(chunks: Bytes): AsyncGenerator<Buffer> {
  yield* chunks
}

async function* flipped(chunks: Bytes): AsyncGenerator<Buffer> {
  let isFirst = true
  for await (const chunk of chunks) {
    if (isFirst) chunk.writeUInt8(chunk.readUInt8(0) ^ 1, 0)
    isFirst = false
    yield chunk
  }
}

const trickling = (fault: Fault | undefined) =>
  async function* (chunks: Bytes): AsyncGenerator<Buffer> {
    const step = fault?.kind === 'trickle' ? fault.bytes : Number.POSITIVE_INFINITY
    for await (const chunk of chunks) {
      for (let start = 0; start < chunk.byteLength; start += step) {
        if (start > 0) await pause(1)
        yield chunk.subarray(start, start + step)
      }
    }
  }

/** Lets the first bytes through and then cuts, where the fault says so. */
const limited = (fault: Fault | undefined, kind: 'cut-request' | 'cut-answer', cut: () => void) =>
  async function* (chunks: Bytes): AsyncGenerator<Buffer> {
    let left = fault?.kind === kind ? fault.afterBytes : Number.POSITIVE_INFINITY
    for await (const chunk of chunks) {
      yield chunk.subarray(0, left)
      left -= chunk.byteLength
      // Asked for the next piece, so the one before has been written.
      if (left <= 0) {
        cut()
        return await new Promise<never>(() => undefined)
      }
    }
  }
