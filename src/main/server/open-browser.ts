import { spawn } from 'node:child_process'

/** Program and arguments that open an address in the person's browser. No shell is involved. */
export function browserCommand(platform: NodeJS.Platform, address: string): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open', address]
  // What `start` does, without the command interpreter that `start` is a part of.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', address]
  return ['xdg-open', address]
}

/** Whether a browser could show itself to the person who started this process. */
export function hasDisplay(
  platform: NodeJS.Platform,
  variables: Readonly<Record<string, string | undefined>>,
): boolean {
  if (platform === 'darwin' || platform === 'win32') return variables.SSH_CONNECTION === undefined
  return Boolean(variables.DISPLAY ?? variables.WAYLAND_DISPLAY)
}

/** Resolves to whether the program could be started. */
export function openBrowser(address: string): Promise<boolean> {
  const [program, ...args] = browserCommand(process.platform, address)
  const child = spawn(program, args, { stdio: 'ignore', detached: true })
  child.unref()
  return new Promise(resolve => {
    child.once('spawn', () => resolve(true))
    child.once('error', () => resolve(false))
  })
}
