import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import { BRIDGE_CHANNEL, type HostBridge } from '#shared/bridge.ts'

// Two functions on one fixed channel: the page can reach no other one, and never gets hold of an event or of ipcRenderer.
const bridge: HostBridge = {
  send: frame => ipcRenderer.send(BRIDGE_CHANNEL, frame),
  onFrame: listener => {
    const forward = (_event: IpcRendererEvent, frame: string) => listener(frame)
    ipcRenderer.on(BRIDGE_CHANNEL, forward)
    return () => {
      ipcRenderer.off(BRIDGE_CHANNEL, forward)
    }
  },
}

contextBridge.exposeInMainWorld('tenantry', bridge)
