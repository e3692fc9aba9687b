import { describe, expect, it } from 'vitest'
import type { HostBridge } from '#shared/bridge.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import { MAX_FRAME_LENGTH } from '#shared/wire.ts'
import { Transport } from './transport.ts'

interface Sent {
  type: string
  id: string
  op?: string
  input?: unknown
}

function wire() {
  const sent: Sent[] = []
  let listener: (frame: string) => void = () => {}
  const bridge: HostBridge = {
    send: frame => sent.push(JSON.parse(frame)),
    onFrame: next => {
      listener = next
      return () => {}
    },
  }
  const transport = new Transport(bridge)
  const answer = (frame: unknown) => listener(typeof frame === 'string' ? frame : JSON.stringify(frame))
  const lastId = () => sent.at(-1)?.id ?? ''
  return { transport, sent, answer, lastId }
}

const failureOf = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => {
      throw new Error('expected a rejection')
    },
    error => {
      if (!isAppError(error)) throw error
      return error
    },
  )

describe('Transport', () => {
  it('resolves a call with the value of its own result frame', async () => {
    const { transport, sent, answer } = wire()
    const first = transport.call('app.info', { a: 1 })
    const second = transport.call('app.info', { a: 2 })
    answer({ type: 'result', id: sent[1]?.id, value: 'second' })
    answer({ type: 'result', id: sent[0]?.id, value: 'first' })
    expect(await first).toBe('first')
    expect(await second).toBe('second')
    expect(sent[0]).toMatchObject({ type: 'call', op: 'app.info', input: { a: 1 } })
  })

  it('rebuilds an error with its code, hint, details and id', async () => {
    const { transport, answer, lastId } = wire()
    const call = transport.call('tenants.create', {})
    const error = new AppError('CONFLICT', 'Taken', { hint: 'Choose another', details: { slug: 'acme' }, id: 'e1' })
    answer({ type: 'error', id: lastId(), error: error.toData() })
    const failure = await failureOf(call)
    expect(failure.toData()).toEqual(error.toData())
  })

  it('sends a cancel frame when aborted and drops the late answer', async () => {
    const { transport, sent, answer } = wire()
    const abort = new AbortController()
    const call = transport.call('tenants.list', {}, { signal: abort.signal })
    const id = sent[0]?.id
    abort.abort()
    expect((await failureOf(call)).code).toBe('CANCELLED')
    expect(sent.map(frame => [frame.type, frame.id])).toEqual([
      ['call', id],
      ['cancel', id],
    ])
    expect(() => answer({ type: 'result', id, value: 1 })).not.toThrow()
  })

  it('sends nothing when already aborted', async () => {
    const { transport, sent } = wire()
    const failure = await failureOf(transport.call('tenants.list', {}, { signal: AbortSignal.abort() }))
    expect(failure.code).toBe('CANCELLED')
    expect(sent).toEqual([])
  })

  it('sends no cancel for a call that is over', async () => {
    const { transport, sent, answer, lastId } = wire()
    const abort = new AbortController()
    const call = transport.call('app.info', {}, { signal: abort.signal })
    answer({ type: 'result', id: lastId(), value: null })
    await call
    abort.abort()
    expect(sent).toHaveLength(1)
  })

  it('hands events over in order until the end', async () => {
    const { transport, answer, lastId } = wire()
    const events: unknown[] = []
    const call = transport.call('jobs.watch', {}, { onEvent: event => events.push(event) })
    for (const value of [1, 2, 3]) answer({ type: 'event', id: lastId(), value })
    answer({ type: 'result', id: lastId(), value: {} })
    await call
    answer({ type: 'event', id: lastId(), value: 4 })
    expect(events).toEqual([1, 2, 3])
  })

  it('ignores frames it cannot read or that name no call', async () => {
    const { transport, answer, lastId } = wire()
    const call = transport.call('app.info', {})
    answer('no json')
    answer('null')
    answer({ type: 'error', id: null, error: {} })
    answer({ type: 'result', id: 'someone else', value: 1 })
    answer({ type: 'result', id: lastId(), value: 'mine' })
    expect(await call).toBe('mine')
  })

  it('refuses an input longer than a frame without sending it', async () => {
    const { transport, sent } = wire()
    const failure = await failureOf(transport.call('environments.previewImport', 'x'.repeat(MAX_FRAME_LENGTH)))
    expect(failure.code).toBe('INVALID_INPUT')
    expect(sent).toEqual([])
  })
})
