import { type FrameHead, frameHead } from '#shared/frame-head.ts'
import { errorFrame, type Failure } from './error-frame.ts'

/** The close code with which the console refuses a token. */
export const REFUSED = 4401

const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 5_000
/** A call made while the console is away waits this long for it to come back. */
const QUEUE_WAIT_MS = 10_000
const QUEUE_LENGTH = 256
/** The console sends an empty text every 20 s; a link that is silent for longer is dead, whatever the network stack says. */
const SILENCE_MS = 50_000

const LOST: Failure = {
  code: 'CONNECTION_FAILED',
  message: 'The connection to the console was lost before the answer came.',
  hint: 'What was asked may have been done: look before you ask again.',
  retryable: true,
}
const AWAY: Failure = {
  code: 'CONNECTION_FAILED',
  message: 'The console cannot be reached.',
  hint: 'Check that it still runs; this page connects again by itself.',
  retryable: true,
}
const REFUSED_TOKEN: Failure = {
  code: 'PERMISSION_DENIED',
  message: 'The console refuses the token of this page.',
  hint: 'Open the address that the console printed when it started.',
  retryable: false,
}
const CANCELLED: Failure = { code: 'CANCELLED', message: 'The operation was cancelled.', retryable: false }

/** The part of a WebSocket that the link uses. */
export interface Socket {
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  send(text: string): void
  close(): void
}

export interface LinkOptions {
  connect(): Socket
  onFrame(frame: string): void
  /** The console refused the token; the link is over. */
  onRefused(): void
}

/**
 * Carries frames over a socket that may drop. Every call is answered: by the kernel, or here with CONNECTION_FAILED; after a
 * drop the link comes back by itself.
 */
export class SocketLink {
  private readonly options: LinkOptions
  private socket: Socket | undefined
  private isOpen = false
  private isRefused = false
  private attempts = 0
  private silence: ReturnType<typeof setTimeout> | undefined
  private patience: ReturnType<typeof setTimeout> | undefined
  private queue: string[] = []
  private readonly inFlight = new Set<string>()

  constructor(options: LinkOptions) {
    this.options = options
    this.connect()
  }

  send(frame: string): void {
    if (this.isOpen) this.transmit(frame)
    else this.hold(frame, frameHead(frame))
  }

  private hold(frame: string, head: FrameHead | undefined): void {
    if (head?.type === 'cancel') this.cancelQueued(head.id)
    else if (this.isRefused) this.answer(head?.id, REFUSED_TOKEN)
    else if (this.queue.length >= QUEUE_LENGTH) this.answer(head?.id, AWAY)
    else {
      this.queue.push(frame)
      this.patience ??= setTimeout(() => this.failQueued(AWAY), QUEUE_WAIT_MS)
    }
  }

  private connect(): void {
    const socket = this.options.connect()
    this.socket = socket
    socket.onopen = () => this.opened()
    socket.onmessage = (event: { data: unknown }) => this.received(event.data)
    socket.onclose = (event: { code: number }) => this.dropped(event.code)
  }

  private opened(): void {
    this.isOpen = true
    this.attempts = 0
    this.listen()
    clearTimeout(this.patience)
    this.patience = undefined
    for (const frame of this.queue.splice(0)) this.transmit(frame)
  }

  private transmit(frame: string): void {
    const head = frameHead(frame)
    if (head?.type === 'call') this.inFlight.add(head.id)
    this.socket?.send(frame)
  }

  private received(data: unknown): void {
    this.listen()
    if (typeof data !== 'string' || data === '') return
    const head = frameHead(data)
    if (head !== undefined && head.type !== 'event') this.inFlight.delete(head.id)
    this.options.onFrame(data)
  }

  private listen(): void {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => {
      this.socket?.close()
      this.dropped(undefined)
    }, SILENCE_MS)
  }

  private dropped(code: number | undefined): void {
    const { socket } = this
    if (socket !== undefined) {
      socket.onopen = null
      socket.onmessage = null
      socket.onclose = null
    }
    this.socket = undefined
    this.isOpen = false
    clearTimeout(this.silence)
    const lost = [...this.inFlight]
    this.inFlight.clear()
    for (const id of lost) this.answer(id, LOST)
    if (code === REFUSED) this.refused()
    else setTimeout(() => this.connect(), this.retryDelay())
  }

  /** Doubles with every attempt; the spread keeps several pages from coming back in the same moment. */
  private retryDelay(): number {
    const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.attempts)
    this.attempts += 1
    return delay * (0.75 + Math.random() / 4)
  }

  private refused(): void {
    this.isRefused = true
    this.failQueued(REFUSED_TOKEN)
    this.options.onRefused()
  }

  private failQueued(failure: Failure): void {
    clearTimeout(this.patience)
    this.patience = undefined
    for (const frame of this.queue.splice(0)) this.answer(frameHead(frame)?.id, failure)
  }

  private cancelQueued(id: string): void {
    const rest = this.queue.filter(frame => frameHead(frame)?.id !== id)
    if (rest.length === this.queue.length) return
    this.queue = rest
    this.answer(id, CANCELLED)
  }

  /** Answers after the present turn, as a socket would: a caller notes its call after it has sent the frame. */
  private answer(id: string | undefined, failure: Failure): void {
    if (id !== undefined) queueMicrotask(() => this.options.onFrame(errorFrame(id, failure)))
  }
}
