import { type IpcMain, type IpcMainEvent, ipcMain, type WebContents, type WebFrameMain } from 'electron'
import { BRIDGE_CHANNEL } from '#shared/bridge.ts'
import { AppError } from '#shared/errors.ts'
import { frameHead } from '#shared/frame-head.ts'
import type { ServerFrame } from '#shared/wire.ts'
import type { Session } from '../kernel/context.ts'
import type { Kernel, KernelConnection } from '../kernel/kernel.ts'
import { isOwnAddress } from './origin.ts'

export interface IpcTransportOptions {
  kernel: Pick<Kernel, 'connect'>
  /** Called for every page that sends its first frame. */
  newSession: () => Session
  ipc?: Pick<IpcMain, 'on'>
}

/** Carries frames between pages and the kernel: one kernel connection per page, until it goes away or is loaded anew. */
export function serveIpc({ kernel, newSession, ipc = ipcMain }: IpcTransportOptions): void {
  const connections = new Map<WebContents, KernelConnection>()

  const connect = (contents: WebContents): KernelConnection => {
    const connection = kernel.connect(newSession(), text => {
      if (!contents.isDestroyed()) contents.send(BRIDGE_CHANNEL, text)
    })
    connections.set(contents, connection)
    const close = () => {
      connections.delete(contents)
      connection.close()
      contents.off('destroyed', close)
      contents.off('render-process-gone', close)
      contents.off('did-navigate', close)
    }
    contents.on('destroyed', close)
    contents.on('render-process-gone', close)
    // Fires for reloads too, but not for changes of the fragment, which are the page's own routes.
    contents.on('did-navigate', close)
    return connection
  }

  ipc.on(BRIDGE_CHANNEL, (event: IpcMainEvent, text: unknown) => {
    const frame = typeof text === 'string' ? text : ''
    if (!isOwnMainFrame(event.senderFrame)) return refuse(event.senderFrame, frame)
    const { sender } = event
    const connection = connections.get(sender) ?? connect(sender)
    connection.receive(frame)
  })
}

/**
 * Only the page itself may talk to the kernel. Whatever else can run in the window (a frame inside the page, a page that got
 * in by a fault in the navigation guard) has the same channel, because the preload runs there as well.
 */
const isOwnMainFrame = (frame: WebFrameMain | null): boolean =>
  frame !== null && frame.parent === null && isOwnAddress(frame.url)

/** An answer, so that a refusal shows itself instead of leaving a call that never ends. */
function refuse(frame: WebFrameMain | null, text: string): void {
  const error = new AppError('PERMISSION_DENIED', 'This page may not talk to Tenantry.')
  const answer: ServerFrame = { type: 'error', id: frameHead(text)?.id.slice(0, 64) ?? null, error: error.toData() }
  frame?.send(BRIDGE_CHANNEL, JSON.stringify(answer))
}
