import { Tooltip } from '@mantine/core'
import { shortId } from '../lib/format.ts'
import { CopyButton } from './CopyButton.tsx'

/** The head of an id; the whole of it on hover and on the clipboard. */
export function ShortId({ value, isTabStop = true }: { value: string; isTabStop?: boolean }) {
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 2 }}>
      <Tooltip label={<span className="mono">{value}</span>}>
        <span className="mono">{shortId(value)}</span>
      </Tooltip>
      <CopyButton value={value} label="Copy the id" isTabStop={isTabStop} />
    </span>
  )
}
