interface ListKey {
  readonly key: string
  readonly ctrlKey: boolean
  readonly altKey: boolean
}

/** Where a key leads from entry `from` of a list (−1: nowhere yet); undefined for a key that does not move, or an empty list. */
export function moveInList(
  from: number,
  { key, ctrlKey, altKey }: ListKey,
  { length, page }: { length: number; page: number },
): number | undefined {
  if (length === 0 || altKey) return undefined
  const to = (index: number) => Math.min(Math.max(index, 0), length - 1)
  switch (key) {
    case 'ArrowDown':
      return to(from + 1)
    case 'ArrowUp':
      return to(from - 1)
    case 'PageDown':
      return to(from + page)
    case 'PageUp':
      return to(from - page)
    // Alone they move in the text of a filter.
    case 'Home':
      return ctrlKey ? 0 : undefined
    case 'End':
      return ctrlKey ? length - 1 : undefined
    default:
      return undefined
  }
}
