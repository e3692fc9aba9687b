import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'

export const WindowBounds = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(400).max(20_000),
  height: z.number().int().min(300).max(20_000),
  isMaximized: z.boolean(),
})
export type WindowBounds = z.infer<typeof WindowBounds>

interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

/** So much of the window must be on some screen that it can be grabbed, in pixels. */
const VISIBLE_PART = 100

/** Where the window was; nothing when that is not known or no screen is there any more. */
export async function readBounds(path: string, screens: readonly Rectangle[]): Promise<WindowBounds | undefined> {
  try {
    const bounds = WindowBounds.safeParse(JSON.parse(await readFile(path, 'utf8'))).data
    return bounds !== undefined && screens.some(screen => isGrabbable(bounds, screen)) ? bounds : undefined
  } catch {
    // A window that opens in its usual place is no failure worth a message.
    return undefined
  }
}

export async function writeBounds(path: string, bounds: WindowBounds): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, JSON.stringify(bounds), { mode: 0o600 })
  await rename(`${path}.new`, path)
}

const isGrabbable = (bounds: Rectangle, screen: Rectangle): boolean =>
  overlap([bounds.x, bounds.x + bounds.width], [screen.x, screen.x + screen.width]) >= VISIBLE_PART &&
  // By its title bar, which is on top.
  bounds.y >= screen.y &&
  bounds.y + VISIBLE_PART <= screen.y + screen.height

const overlap = (a: [number, number], b: [number, number]): number => Math.min(a[1], b[1]) - Math.max(a[0], b[0])
