import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useState } from 'react'

const SEARCH_DELAY_MS = 200

interface SearchFieldProps {
  label: string
  placeholder: string
  value: string
  onChange: (value: string) => void
}

/** The search of a screen: asks when the typing pauses, and follows the address where that changes by other ways. */
export function SearchField({ label, placeholder, value, onChange }: SearchFieldProps) {
  const [text, setText] = useState(value)
  const search = useDebouncedCallback((next: string) => onChange(next.trim()), SEARCH_DELAY_MS)
  useEffect(() => setText(current => (current.trim() === value ? current : value)), [value])
  const clear = () => {
    setText('')
    onChange('')
  }
  return (
    <TextInput
      w={300}
      type="search"
      data-screen-search
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={15} aria-hidden />}
      rightSection={text === '' ? null : <CloseButton size="sm" aria-label="Clear the search" onClick={clear} />}
      value={text}
      onChange={event => {
        setText(event.currentTarget.value)
        search(event.currentTarget.value)
      }}
      onKeyDown={event => {
        if (event.key === 'Escape' && text !== '') clear()
      }}
    />
  )
}
