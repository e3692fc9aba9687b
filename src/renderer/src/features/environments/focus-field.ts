/** Leads to the topmost of some fields; a group of choices is entered at its first. */
export function focusField(paths: readonly string[]): void {
  const fields = [...document.querySelectorAll<HTMLElement>('[data-path]')]
  const field = fields.find(candidate => paths.includes(candidate.dataset.path ?? ''))
  const target = field?.matches('input, textarea') ? field : field?.querySelector<HTMLElement>('button, input')
  target?.focus()
}
