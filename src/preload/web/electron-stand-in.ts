import type { SocketLink } from './socket-link.ts'

type Listener = (event: object, frame: string) => void

/** The part of Electron's `contextBridge` and `ipcRenderer` that the preload uses, with a socket instead of a main process. */
export class ElectronStandIn {
  private readonly listeners = new Map<string, Set<Listener>>()

  /** What the preload gets from `require('electron')`. */
  modules(page: object, link: SocketLink) {
    const contextBridge = {
      exposeInMainWorld: (key: string, api: unknown) =>
        Object.defineProperty(page, key, { value: Object.freeze(api), enumerable: true }),
    }
    const ipcRenderer = {
      // One channel exists, so the name need not travel.
      send: (_channel: string, frame: string) => link.send(frame),
      on: (channel: string, listener: Listener) => {
        const set = this.listeners.get(channel) ?? new Set()
        this.listeners.set(channel, set.add(listener))
        return ipcRenderer
      },
      off: (channel: string, listener: Listener) => {
        this.listeners.get(channel)?.delete(listener)
        return ipcRenderer
      },
    }
    return { contextBridge, ipcRenderer }
  }

  emit(channel: string, frame: string): void {
    for (const listener of this.listeners.get(channel) ?? []) listener({}, frame)
  }
}
