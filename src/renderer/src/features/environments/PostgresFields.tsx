import { Group, NumberInput, Select, SimpleGrid, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { TLS_MODES } from '#shared/contract/environment.model.ts'
import { parsePostgresUrl } from '#shared/environment-import.ts'
import { SecretField } from './SecretField.tsx'
import { type StoreFieldsProps, StoreSection } from './StoreSection.tsx'

const TLS_WORDS = {
  disable: 'disable – never encrypted',
  prefer: 'prefer – encrypted if the server can',
  require: 'require – encrypted, certificate not checked',
  'verify-ca': 'verify-ca – certificate checked',
  'verify-full': 'verify-full – certificate and host name checked',
} as const

export function PostgresFields({ form, tests, places }: StoreFieldsProps) {
  const { tlsMode } = form.values.postgres
  return (
    <StoreSection store="postgres" form={form} tests={tests}>
      <UrlField form={form} />
      <Group align="flex-start" gap={12} wrap="nowrap">
        <TextInput label="Host" withAsterisk flex={1} {...form.getInputProps('postgres.host')} />
        <NumberInput
          label="Port"
          withAsterisk
          w={120}
          hideControls
          allowDecimal={false}
          {...form.getInputProps('postgres.port')}
        />
        <TextInput label="Database" withAsterisk flex={1} {...form.getInputProps('postgres.database')} />
      </Group>
      <SimpleGrid cols={2} spacing={12}>
        <TextInput label="User" withAsterisk autoComplete="off" {...form.getInputProps('postgres.user')} />
        <SecretField store="postgres" label="Password" form={form} places={places} />
        <Select
          label="Encryption (TLS)"
          allowDeselect={false}
          data={TLS_MODES.map(value => ({ value, label: TLS_WORDS[value] }))}
          {...form.getInputProps('postgres.tlsMode')}
        />
        <TextInput
          label="Registry schema"
          withAsterisk
          classNames={{ input: 'mono' }}
          {...form.getInputProps('postgres.registrySchema')}
        />
      </SimpleGrid>
      {tlsMode.startsWith('verify') && (
        <Textarea
          label="Certificate authorities (PEM)"
          description="Left empty, those of the system are trusted."
          autosize
          minRows={3}
          maxRows={8}
          classNames={{ input: 'mono' }}
          {...form.getInputProps('postgres.ca')}
        />
      )}
    </StoreSection>
  )
}

/** A URL fills in the fields below and is not kept: it may hold the password. */
function UrlField({ form }: Pick<StoreFieldsProps, 'form'>) {
  const [url, setUrl] = useState('')
  const [problem, setProblem] = useState<string>()
  const take = (text: string) => {
    const parsed = text.trim() === '' ? undefined : parsePostgresUrl(text)
    if (parsed?.ok !== true) {
      setUrl(text)
      setProblem(parsed?.problem)
      return
    }
    const { tls, ...server } = parsed.settings
    form.setFieldValue('postgres', { ...server, tlsMode: tls.mode, ca: tls.ca ?? '' })
    if (parsed.password !== undefined) form.setFieldValue('secrets.postgres', parsed.password)
    setUrl('')
    setProblem(undefined)
  }
  return (
    <TextInput
      label="Connection URL"
      description="Paste one to fill in the fields below."
      placeholder="postgresql://user:password@host:5432/database?sslmode=require"
      autoComplete="off"
      spellCheck={false}
      classNames={{ input: 'mono' }}
      value={url}
      error={problem}
      onChange={event => {
        setUrl(event.currentTarget.value)
        setProblem(undefined)
      }}
      onPaste={event => {
        event.preventDefault()
        take(event.clipboardData.getData('text'))
      }}
      onBlur={() => take(url)}
    />
  )
}
