import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'

/** Where a connection to the server is to be stopped: before this text passes, once `after` has passed on any connection. */
export type Moment = { after?: string } & (
  | { request: string }
  /** Text of an answer: the server has done its work by then. */
  | { answer: string }
)

type Direction = 'request' | 'answer'

interface Stop {
  direction: Direction
  text: string
  after: string | undefined
  isArmed: boolean
  reached: PromiseWithResolvers<void>
  released: PromiseWithResolvers<void>
}

export interface Stopped {
  /** Lets the text pass. */
  release(): void
}

/**
 * A loopback port in front of a PostgreSQL server that stops a connection at a named statement, or at its answer, so that a fault
 * can be put exactly there.
 */
export class Gate {
  port = 0
  private readonly target: { host: string; port: number }
  private readonly server: Server
  private readonly pairs = new Set<readonly [Socket, Socket]>()
  private stops: Stop[] = []

  constructor(target: { host: string; port: number }) {
    this.target = target
    this.server = createServer(client => this.accept(client))
  }

  async listen(): Promise<this> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = (this.server.address() as AddressInfo).port
    return this
  }

  /** Resolves when a connection stands at the moment; the first that comes there is stopped. */
  async stopAt(moment: Moment): Promise<Stopped> {
    const stop: Stop = {
      direction: 'request' in moment ? 'request' : 'answer',
      text: 'request' in moment ? moment.request : moment.answer,
      after: moment.after,
      isArmed: moment.after === undefined,
      reached: Promise.withResolvers(),
      released: Promise.withResolvers(),
    }
    this.stops.push(stop)
    await stop.reached.promise
    return { release: () => stop.released.resolve() }
  }

  /** Resets every connection: what was stopped never passes. */
  drop(): void {
    for (const pair of this.pairs) for (const socket of pair) socket.resetAndDestroy()
    this.open()
  }

  /** Forgets every stop, and lets what stands at one pass. */
  open(): void {
    for (const stop of this.stops) stop.released.resolve()
    this.stops = []
  }

  close(): void {
    this.server.close()
    this.drop()
  }

  private accept(client: Socket): void {
    const server = connect(this.target)
    const pair = [client, server] as const
    this.pairs.add(pair)
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
    }
    client.on('close', () => {
      server.destroy()
      this.pairs.delete(pair)
    })
    client.pipe(this.channel('request', server)).pipe(server)
    server.pipe(this.channel('answer', client)).pipe(client)
    server.on('close', () => {
      if (server.errored !== null) client.destroy()
    })
  }

  private channel(direction: Direction, towards: Socket): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, forward) => {
        this.pass(chunk, direction).then(
          () => (towards.destroyed ? forward() : forward(null, chunk)),
          error => forward(error as Error),
        )
      },
    })
  }

  private async pass(chunk: Buffer, direction: Direction): Promise<void> {
    const stop = this.stops.find(
      candidate => candidate.isArmed && candidate.direction === direction && chunk.includes(candidate.text),
    )
    for (const waiting of this.stops) {
      if (waiting.after !== undefined && direction === 'request' && chunk.includes(waiting.after))
        waiting.isArmed = true
    }
    if (stop === undefined) return
    stop.isArmed = false
    stop.after = undefined
    stop.reached.resolve()
    await stop.released.promise
    this.stops = this.stops.filter(other => other !== stop)
  }
}
