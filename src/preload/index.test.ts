import { afterEach, expect, test, vi } from 'vitest'
import { BRIDGE_CHANNEL, type HostBridge } from '#shared/bridge.ts'
import { ElectronStandIn } from './web/electron-stand-in.ts'
import type { SocketLink } from './web/socket-link.ts'

afterEach(() => {
  vi.doUnmock('electron')
  vi.resetModules()
})

async function loadPreload() {
  const sent: string[] = []
  const page: { tenantry?: HostBridge } = {}
  const standIn = new ElectronStandIn()
  const link = { send: (frame: string) => void sent.push(frame) } as SocketLink
  vi.doMock('electron', () => standIn.modules(page, link))
  await import('./index.ts')
  if (page.tenantry === undefined) throw new Error('The preload exposed nothing.')
  return { bridge: page.tenantry, standIn, sent, page }
}

test('exposes two functions and nothing else', async () => {
  const { bridge, page } = await loadPreload()
  expect(Object.keys(page)).toEqual(['tenantry'])
  expect(Object.keys(bridge).sort()).toEqual(['onFrame', 'send'])
  expect(Object.isFrozen(bridge)).toBe(true)
})

test('sends frames and hands on those that come, until told to stop', async () => {
  const { bridge, standIn, sent } = await loadPreload()
  const received: unknown[][] = []
  const stop = bridge.onFrame((...args) => received.push(args))
  bridge.send('question')
  standIn.emit(BRIDGE_CHANNEL, 'answer')
  standIn.emit('another:channel', 'no answer')
  stop()
  standIn.emit(BRIDGE_CHANNEL, 'late')
  expect(sent).toEqual(['question'])
  // The frame alone: an event object would give the page hold of its sender.
  expect(received).toEqual([['answer']])
})
