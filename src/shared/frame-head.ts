/** What a frame is and which call it belongs to. Imports nothing: the page's bridge bundles it. */
export interface FrameHead {
  type: string
  id: string
}

/** Both sides write `type` and `id` first, so that a long answer need not be parsed twice. */
const HEAD = /^\{"type":"([a-z]{1,16})","id":"([^"\\]{1,64})"/

/** Reads the head of a frame; nothing when the text names no call. */
export function frameHead(frame: string): FrameHead | undefined {
  const [, type, id] = HEAD.exec(frame) ?? []
  if (type !== undefined && id !== undefined) return { type, id }
  try {
    const value: unknown = JSON.parse(frame)
    if (typeof value !== 'object' || value === null) return undefined
    const fields = { type: Reflect.get(value, 'type') as unknown, id: Reflect.get(value, 'id') as unknown }
    return typeof fields.type === 'string' && typeof fields.id === 'string' ? (fields as FrameHead) : undefined
  } catch {
    return undefined
  }
}
