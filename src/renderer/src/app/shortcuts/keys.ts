/** The key that commands use on this platform, as people know it. */
export const COMMAND_KEY = /mac/i.test(globalThis.navigator?.platform ?? '') ? '⌘' : 'Ctrl'

/** A second key counts as part of a sequence (`g t`) for this long. */
export const SEQUENCE_MS = 1_200

interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

/** `mod+k` for Ctrl+K and Cmd+K, `g` for a plain key; undefined for a press that can be no shortcut of ours. */
export function pressed(event: KeyPress): string | undefined {
  const key = event.key.toLowerCase()
  if (event.altKey || key.length !== 1) return undefined
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key
}

export type KeyAnswer = { kind: 'run'; keys: string } | { kind: 'wait'; prefix: string } | { kind: 'none' }

/** What a press means after `prefix` (the first key of a sequence, or nothing) among the known shortcuts. */
export function matchKeys(prefix: string, press: string, known: readonly string[]): KeyAnswer {
  const sequence = prefix === '' ? press : `${prefix} ${press}`
  if (known.includes(sequence)) return { kind: 'run', keys: sequence }
  if (known.some(keys => keys.startsWith(`${sequence} `))) return { kind: 'wait', prefix: sequence }
  // A key that ends no sequence may still be a shortcut of its own.
  return prefix === '' ? { kind: 'none' } : matchKeys('', press, known)
}

/** How a shortcut is written: `mod+k` → Ctrl K, `g t` → G then T. */
export function writtenKeys(keys: string): string[] {
  return keys
    .split(/[ +]/)
    .map(key => (key === 'mod' ? COMMAND_KEY : key.length === 1 && /[a-z]/.test(key) ? key.toUpperCase() : key))
}
