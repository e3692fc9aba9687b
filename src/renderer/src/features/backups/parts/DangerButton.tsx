import { Button, type ButtonProps } from '@mantine/core'
import classes from './parts.module.css'

interface DangerButtonProps extends ButtonProps {
  onClick: () => void
  title?: string | undefined
}

/** The button that does what cannot be taken back: outlined, never the primary one, and never beside it. */
export function DangerButton({ title, ...props }: DangerButtonProps) {
  return (
    <Button
      variant="outline"
      color="red"
      className={classes.danger}
      {...(title === undefined ? {} : { title })}
      {...props}
    />
  )
}
