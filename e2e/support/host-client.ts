import type { Page } from '@playwright/test'
import type { HostBridge } from '#shared/bridge.ts'
import type { InputOf, JobName, OperationName, OutputOf, ResultOf } from '#shared/contract/index.ts'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { AppError } from '#shared/errors.ts'
import type { ServerFrame } from '#shared/wire.ts'

/** Runs in the page: one call over the real preload, answered by its last frame. */
const exchange = ({ op, input }: { op: string; input: unknown }): Promise<ServerFrame> =>
  new Promise(resolve => {
    const bridge = Reflect.get(window, 'tenantry') as HostBridge
    const id = crypto.randomUUID()
    const stop = bridge.onFrame(text => {
      const frame = JSON.parse(text)
      if (frame.id !== id || frame.type === 'event') return
      stop()
      resolve(frame)
    })
    bridge.send(JSON.stringify({ type: 'call', id, op, input }))
  })

/** Calls operations through a page of the host: arranges what a spec looks at, the same way in every host. */
export class HostClient {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  /** Rejects with `AppError`. */
  async call<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
    const frame = await this.#page.evaluate(exchange, { op: name, input })
    if (frame.type === 'error') throw AppError.fromData(frame.error)
    return (frame.type === 'result' ? frame.value : undefined) as OutputOf<Name>
  }

  /** Starts a job and waits for its end. */
  async runJob<Name extends JobName>(name: Name, input: InputOf<Name>): Promise<JobSnapshot> {
    const { jobId } = (await this.call(name, input)) as { jobId: JobSnapshot['id'] }
    await this.call('jobs.watch', { jobId })
    return await this.call('jobs.get', { jobId })
  }

  /** As `runJob`, with the result of a job that must succeed. */
  async finishJob<Name extends JobName>(name: Name, input: InputOf<Name>): Promise<ResultOf<Name>> {
    const job = await this.runJob(name, input)
    if (job.error !== null) throw AppError.fromData(job.error)
    return job.result as ResultOf<Name>
  }
}
