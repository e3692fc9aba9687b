import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'

/** A loopback port in front of a real server, on which a test makes the network fail. */
export interface FaultProxy {
  readonly port: number
  /** Connections open now. */
  readonly connections: number
  /** Resets every open connection; new ones are still accepted. */
  cut(): void
  /** Resets every connection, before it is forwarded, that is about to carry this text from client to server. */
  cutBefore(text: string): void
  /** Resets the next connection whose answer carries this text, before it reaches the client: the server has done its work. */
  cutAnswer(text: string): void
  /** Refuses new connections; open ones stay. */
  refuse(): void
  /** Keeps connections open but forwards nothing any more in either direction, like a network that swallows packets. */
  stall(): void
  /** Holds every chunk back for this many milliseconds, in both directions. */
  delay(milliseconds: number): void
  /** Ends refusing, stalling and delays, and forgets the texts to cut before. What was held back is forwarded. */
  resume(): Promise<void>
  /** Resets every connection and gives the port back. */
  close(): void
}

export interface ProxyTarget {
  host: string
  port: number
}

/** Starts a proxy that forwards faithfully until a fault is asked for. */
export async function startFaultProxy(target: ProxyTarget): Promise<FaultProxy> {
  const proxy = new TcpProxy(target)
  await proxy.listen(0)
  return proxy
}

class TcpProxy implements FaultProxy {
  port = 0
  readonly #target: ProxyTarget
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #server: Server | undefined
  #delayMs = 0
  readonly #forbidden: { request: string | undefined; answer: string | undefined } = {
    request: undefined,
    answer: undefined,
  }
  /** Pending while the proxy stalls; resolved by resume. */
  #stalled: PromiseWithResolvers<void> | undefined

  constructor(target: ProxyTarget) {
    this.#target = target
  }

  get connections(): number {
    return this.#pairs.size
  }

  async listen(port: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, client => this.#accept(client))
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    this.port = (server.address() as AddressInfo).port
    this.#server = server
  }

  cut(): void {
    for (const pair of this.#pairs) reset(pair)
  }

  cutBefore(text: string): void {
    this.#forbidden.request = text
  }

  cutAnswer(text: string): void {
    this.#forbidden.answer = text
  }

  refuse(): void {
    // The port closes at once; open connections go on.
    this.#server?.close()
    this.#server = undefined
  }

  stall(): void {
    this.#stalled ??= Promise.withResolvers()
  }

  delay(milliseconds: number): void {
    this.#delayMs = milliseconds
  }

  async resume(): Promise<void> {
    this.#delayMs = 0
    this.#forbidden.request = undefined
    this.#forbidden.answer = undefined
    this.#stalled?.resolve()
    this.#stalled = undefined
    if (this.#server === undefined) await this.listen(this.port)
  }

  close(): void {
    this.refuse()
    this.cut()
    this.#stalled?.resolve()
  }

  #accept(client: Socket): void {
    const server = connect({ ...this.#target, allowHalfOpen: true })
    const pair = [client, server] as const
    this.#pairs.add(pair)
    for (const socket of pair) {
      socket.setNoDelay(true)
      // The other side must learn of it; an orderly end is passed on by the pipes.
      socket.on('error', () => reset(pair))
      socket.on('close', () => {
        if (pair.every(one => one.destroyed)) this.#pairs.delete(pair)
      })
    }
    client.pipe(this.#channel(chunk => this.#mayPass(chunk, pair, 'request'))).pipe(server)
    server.pipe(this.#channel(chunk => this.#mayPass(chunk, pair, 'answer'))).pipe(client)
  }

  #mayPass(chunk: Buffer, pair: readonly [Socket, Socket], direction: 'request' | 'answer'): boolean {
    const forbidden = this.#forbidden[direction]
    if (forbidden === undefined || !chunk.includes(forbidden)) return true
    if (direction === 'answer') this.#forbidden.answer = undefined
    reset(pair)
    return false
  }

  #channel(mayPass: (chunk: Buffer) => boolean): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, forward) => {
        this.#hold().then(
          () => (mayPass(chunk) ? forward(null, chunk) : forward()),
          error => forward(error as Error),
        )
      },
    })
  }

  async #hold(): Promise<void> {
    if (this.#delayMs > 0) await pause(this.#delayMs)
    await this.#stalled?.promise
  }
}

function reset(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) if (!socket.destroyed) socket.resetAndDestroy()
}
