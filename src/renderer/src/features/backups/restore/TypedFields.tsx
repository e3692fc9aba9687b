import { Textarea, TextInput } from '@mantine/core'

export interface Typed {
  slug: string
  reason: string
}

export const LEAST_REASON = 3

/** Whether the slug is typed and, in production, a reason is given. */
export const isConfirmed = (typed: Typed, slug: string, isProduction: boolean): boolean =>
  typed.slug === slug && (!isProduction || typed.reason.trim().length >= LEAST_REASON)

interface TypedFieldsProps {
  slug: string
  isProduction: boolean
  typed: Typed
  onChange: (typed: Typed) => void
}

/** The slug that has to be typed, and the reason that production asks for. */
export function TypedFields({ slug, isProduction, typed, onChange }: TypedFieldsProps) {
  return (
    <>
      {isProduction && (
        <Textarea
          label="Reason"
          withAsterisk
          description="Kept in the tenant’s history and in the audit log."
          autosize
          minRows={2}
          maxRows={6}
          maxLength={500}
          value={typed.reason}
          onChange={event => onChange({ ...typed, reason: event.currentTarget.value })}
        />
      )}
      <TextInput
        label={`Type the slug to confirm: ${slug}`}
        classNames={{ input: 'mono' }}
        autoComplete="off"
        spellCheck={false}
        maw={420}
        value={typed.slug}
        onChange={event => onChange({ ...typed, slug: event.currentTarget.value })}
      />
    </>
  )
}
