import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import classes from './notice.module.css'

interface NoticeProps {
  meaning: 'warn' | 'info' | 'bad'
  children: React.ReactNode
}

/** A remark over the content it belongs to. */
export function Notice({ meaning, children }: NoticeProps) {
  const Icon = meaning === 'info' ? IconInfoCircle : IconAlertTriangle
  return (
    <div className={classes.notice} data-meaning={meaning} role="note">
      <Icon size={16} stroke={1.8} aria-hidden style={{ flex: 'none', marginTop: 2 }} />
      <div>{children}</div>
    </div>
  )
}
