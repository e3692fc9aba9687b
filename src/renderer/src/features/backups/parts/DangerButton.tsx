import { Button, type ButtonProps } from '@mantine/core'

interface DangerButtonProps extends ButtonProps {
  onClick: () => void
  title?: string | undefined
}

const LOOK = { color: 'var(--bad)', borderColor: 'var(--bad-mark)' }

/** The button that does what cannot be taken back: outlined, never the primary one, and never beside it. */
export function DangerButton({ title, ...props }: DangerButtonProps) {
  return (
    <Button
      variant="outline"
      color="red"
      {...(props.disabled === true ? {} : { style: LOOK })}
      {...(title === undefined ? {} : { title })}
      {...props}
    />
  )
}
