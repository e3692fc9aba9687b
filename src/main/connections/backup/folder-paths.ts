import { constants } from 'node:fs'
import { mkdir, open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { AppError } from '#shared/errors.ts'
import { stringProperty } from '../network-errors.ts'

/** There is nothing at the path. */
export const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes(stringProperty(error, 'code') ?? '')

/** The real path, when no link led out of the folder. */
export async function inside(root: string, path: string): Promise<string> {
  const real = await realpath(path)
  if (real === path) return real
  throw new AppError('PERMISSION_DENIED', 'A symbolic link in the backup folder leads elsewhere.', {
    hint: 'Replace the link by a real folder.',
    details: { reason: 'permission', isInside: real.startsWith(root + sep) },
  })
}

export interface MadeFolder {
  path: string
  /** How many of the parts were there before this call. */
  found: number
}

/** One part after the other: a recursive mkdir would follow a link and make folders where it leads. */
export async function makeFolder(root: string, parts: readonly string[]): Promise<MadeFolder> {
  const path = join(root, ...parts)
  // Most objects come to a folder that is there; links are refused there as well.
  const isThere = await inside(root, path).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false
      throw error
    },
  )
  if (isThere) return { path, found: parts.length }
  let found = 0
  for (const [index, _] of parts.entries()) {
    const folder = join(root, ...parts.slice(0, index + 1))
    await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
      if (stringProperty(error, 'code') !== 'EEXIST') throw error
      // What somebody else makes at this moment counts as made here: it may not have been flushed yet.
      if (found === index) found++
    })
    await inside(root, folder)
  }
  return { path, found }
}

/** Makes a rename durable. Windows has no such call and does not need it. */
export async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, constants.O_RDONLY).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  if (folder === undefined) return
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
