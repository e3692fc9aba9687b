import type { EventOf, InputOf, JobName, OperationName, OutputOf, ResultOf } from '#shared/contract/index.ts'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { AppError, type ErrorData } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import type { ServerFrame } from '#shared/wire.ts'
import type { Session } from './context.ts'
import type { Kernel, KernelConnection } from './kernel.ts'

export interface CallOptions<Name extends OperationName> {
  signal?: AbortSignal | undefined
  onEvent?: (event: EventOf<Name>) => void
}

interface Pending {
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
  onEvent: (event: unknown) => void
}

/** Calls operations of a kernel in this same process, through the same frames as every other host. */
export class LocalClient {
  private readonly connection: KernelConnection
  private readonly pending = new Map<string, Pending>()

  constructor(kernel: Kernel, session: Session) {
    this.connection = kernel.connect(session, text => this.receive(text))
  }

  /** Rejects with `AppError`. When the signal aborts, the call is cancelled in the kernel and answers so itself. */
  call<Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
    options: CallOptions<Name> = {},
  ): Promise<OutputOf<Name>> {
    const id = newId()
    return new Promise<OutputOf<Name>>((resolve, reject) => {
      const cancel = () => this.send({ type: 'cancel', id })
      const done = () => options.signal?.removeEventListener('abort', cancel)
      this.pending.set(id, {
        resolve: value => {
          done()
          resolve(value as OutputOf<Name>)
        },
        reject: error => {
          done()
          reject(error)
        },
        onEvent: event => options.onEvent?.(event as EventOf<Name>),
      })
      this.send({ type: 'call', id, op: name, input })
      if (options.signal?.aborted === true) cancel()
      else options.signal?.addEventListener('abort', cancel, { once: true })
    })
  }

  /** Starts a job and waits for its result. Rejects with the job's error; a cancelled job rejects with CANCELLED. */
  async runJob<Name extends JobName>(
    name: Name,
    input: InputOf<Name>,
    options: { signal?: AbortSignal | undefined; onChange?: (job: JobSnapshot) => void } = {},
  ): Promise<ResultOf<Name>> {
    const { jobId } = (await this.call(name, input)) as { jobId: JobSnapshot['id'] }
    const cancel = () => void this.call('jobs.cancel', { jobId }).catch(() => undefined)
    if (options.signal?.aborted === true) cancel()
    options.signal?.addEventListener('abort', cancel, { once: true })
    try {
      await this.call('jobs.watch', { jobId }, { onEvent: job => options.onChange?.(job) })
    } finally {
      options.signal?.removeEventListener('abort', cancel)
    }
    const job = await this.call('jobs.get', { jobId })
    if (job.state === 'succeeded') return job.result as ResultOf<Name>
    if (job.error !== null) throw AppError.fromData(job.error)
    throw new AppError('CANCELLED', 'The job was cancelled.')
  }

  close(): void {
    this.connection.close()
    for (const call of this.pending.values()) call.reject(new AppError('CANCELLED', 'The console is closing.'))
    this.pending.clear()
  }

  private send(frame: object): void {
    this.connection.receive(JSON.stringify(frame))
  }

  private receive(text: string): void {
    const frame = JSON.parse(text) as ServerFrame
    const call = frame.id === null ? undefined : this.pending.get(frame.id)
    if (call === undefined) return
    if (frame.type === 'event') {
      call.onEvent(frame.value)
      return
    }
    this.pending.delete(frame.id ?? '')
    if (frame.type === 'result') call.resolve(frame.value)
    else call.reject(AppError.fromData(frame.error as ErrorData))
  }
}
