/**
 * What a page sees of its host, and nothing more. Apart from `wire.ts` because a preload bundles what it imports: this file
 * must import nothing.
 */

/** What a preload exposes to the page as `window.tenantry`. Frames are JSON texts, see `wire.ts`. */
export interface HostBridge {
  /** Sends one frame to the kernel. */
  send(frame: string): void
  /** Calls back for every frame from the kernel; returns a function that ends it. */
  onFrame(listener: (frame: string) => void): () => void
}

/** The one channel between page and main process. */
export const BRIDGE_CHANNEL = 'tenantry:frame'
