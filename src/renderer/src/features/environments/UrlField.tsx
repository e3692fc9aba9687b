import { Text, TextInput } from '@mantine/core'
import { IconClipboard } from '@tabler/icons-react'
import { useState } from 'react'

/** What came of a URL: a sentence on what was filled in, or what is wrong with it. */
export type UrlOutcome = { ok: true; note: string } | { ok: false; problem: string }

interface UrlFieldProps {
  label: string
  placeholder: string
  /** Takes the URL apart into the other fields. */
  onUrl: (url: string) => UrlOutcome
}

/** Fills other fields from a connection URL. A pasted one is taken apart at once, so that its password is never on screen. */
export function UrlField({ label, placeholder, onUrl }: UrlFieldProps) {
  const [text, setText] = useState('')
  const [outcome, setOutcome] = useState<UrlOutcome>()
  const take = (url: string) => {
    const next = onUrl(url.trim())
    setOutcome(next)
    // What could not be understood stays, unless it would show a password.
    setText(next.ok || url.includes('@') ? '' : url)
  }
  return (
    <div>
      <TextInput
        label={label}
        description="Fills in the fields below, the password and encryption among them."
        placeholder={placeholder}
        leftSection={<IconClipboard size={15} aria-hidden />}
        classNames={{ input: 'mono' }}
        autoComplete="off"
        spellCheck={false}
        value={text}
        error={outcome?.ok === false ? outcome.problem : undefined}
        onChange={event => setText(event.currentTarget.value)}
        onPaste={event => {
          event.preventDefault()
          take(event.clipboardData.getData('text'))
        }}
        onBlur={() => {
          if (text.trim() !== '') take(text)
        }}
        onKeyDown={event => {
          if (event.key !== 'Enter') return
          event.preventDefault()
          if (text.trim() !== '') take(text)
        }}
      />
      <Text size="xs" c="var(--ok)" mt={4} role="status">
        {outcome?.ok === true ? outcome.note : ''}
      </Text>
    </div>
  )
}
