import { CopyButton } from '../../../components/CopyButton.tsx'

const SHOWN = 12

/** The head of a hash, enough to compare by eye; the whole of it on hover and on the clipboard. */
export function HashText({ value, label = 'Copy the hash' }: { value: string; label?: string }) {
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 2 }}>
      <span className="mono" data-tip={value}>
        {value.slice(0, SHOWN)}…
      </span>
      <CopyButton value={value} label={label} />
    </span>
  )
}
