import type { HostBridge } from '#shared/bridge.ts'
import type {
  EventOf,
  InputOf,
  JobName,
  MutationName,
  OutputOf,
  QueryName,
  ResultOf,
  StreamName,
} from '#shared/contract/index.ts'
import { Transport } from './transport.ts'

export type CallName = QueryName | MutationName | JobName

/** The contract's operations as typed calls. Answers were checked by the kernel against the same contract. */
export class Client {
  private readonly transport: Transport

  constructor(bridge: HostBridge) {
    this.transport = new Transport(bridge)
  }

  call<N extends CallName>(
    name: N,
    input: InputOf<N>,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<OutputOf<N>> {
    return this.transport.call(name, input, options) as Promise<OutputOf<N>>
  }

  /** Resolves when the stream ends; rejects when it breaks or is aborted. */
  watch<N extends StreamName>(
    name: N,
    input: InputOf<N>,
    options: { signal: AbortSignal; onEvent: (event: EventOf<N>) => void },
  ): Promise<ResultOf<N>> {
    const onEvent = (value: unknown) => options.onEvent(value as EventOf<N>)
    return this.transport.call(name, input, { signal: options.signal, onEvent }) as Promise<ResultOf<N>>
  }
}

declare global {
  interface Window {
    /** Set by the preload of the host. */
    tenantry?: HostBridge
  }
}

function hostBridge(): HostBridge {
  if (window.tenantry === undefined) throw new Error('This page was opened outside Tenantry.')
  return window.tenantry
}

export const client = new Client(hostBridge())
