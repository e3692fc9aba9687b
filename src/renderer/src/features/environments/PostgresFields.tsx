import { NumberInput, Select, TextInput } from '@mantine/core'
import { TLS_MODES } from '#shared/contract/environment.model.ts'
import { parsePostgresUrl } from '#shared/environment-import.ts'
import { AdvancedFields } from './AdvancedFields.tsx'
import { CertificateField } from './CertificateField.tsx'
import classes from './environment-form.module.css'
import { postgresValues } from './environment-form.ts'
import type { StoreFieldsProps } from './field-props.ts'
import { SecretField } from './SecretField.tsx'
import { UrlField, type UrlOutcome } from './UrlField.tsx'

const TLS_TEXT: Record<(typeof TLS_MODES)[number], string> = {
  disable: 'never encrypted',
  prefer: 'encrypted where the server can, certificate not checked',
  require: 'always encrypted, certificate not checked',
  'verify-ca': 'encrypted, certificate signed by a trusted authority',
  'verify-full': 'encrypted, certificate trusted and made for this host',
}
const TLS_OPTIONS = TLS_MODES.map(mode => ({ value: mode, label: `${mode}: ${TLS_TEXT[mode]}` }))

export function PostgresFields({ form, environment }: StoreFieldsProps) {
  const { postgres } = form.getValues().stores
  const field = (name: string) => form.getInputProps(`stores.postgres.${name}`)
  const fill = (url: string): UrlOutcome => {
    const parsed = parsePostgresUrl(url)
    if (!parsed.ok) return parsed
    const { tls, ...settings } = postgresValues(parsed.settings)
    form.setFieldValue('stores.postgres', { ...settings, tls: { ...tls, ca: postgres.tls.ca } })
    if (parsed.password !== undefined) form.setFieldValue('secrets.postgres', { change: 'set', value: parsed.password })
    for (const name of ['host', 'port', 'database', 'user']) form.clearFieldError(`stores.postgres.${name}`)
    return { ok: true, note: noteOf(parsed) }
  }
  const checksCertificate = postgres.tls.mode.startsWith('verify') || postgres.tls.ca !== ''
  return (
    <>
      <UrlField
        label="Paste a connection URL"
        placeholder="postgresql://user:password@host:5432/database?sslmode=require"
        onUrl={fill}
      />
      <div className={classes.hostRow}>
        <TextInput label="Host" withAsterisk placeholder="db.example.com" spellCheck={false} {...field('host')} />
        <NumberInput
          label="Port"
          withAsterisk
          hideControls
          allowDecimal={false}
          allowNegative={false}
          {...field('port')}
        />
      </div>
      <TextInput label="Database" withAsterisk placeholder="hr" spellCheck={false} {...field('database')} />
      <div className={classes.pair}>
        <TextInput
          label="User"
          withAsterisk
          placeholder="tenantry"
          autoComplete="off"
          spellCheck={false}
          {...field('user')}
        />
        <SecretField
          store="postgres"
          label="Password"
          environment={environment}
          value={form.getValues().secrets.postgres}
          error={form.errors['secrets.postgres']}
          onChange={value => form.setFieldValue('secrets.postgres', value)}
        />
      </div>
      <Select label="Encryption (TLS)" data={TLS_OPTIONS} allowDeselect={false} {...field('tls.mode')} />
      {checksCertificate && <CertificateField field={field('tls.ca')} />}
      <Advanced form={form} />
    </>
  )
}

function Advanced({ form }: Pick<StoreFieldsProps, 'form'>) {
  const path = 'stores.postgres.registrySchema'
  const isUsual = form.getValues().stores.postgres.registrySchema === 'public' && form.errors[path] === undefined
  return (
    <AdvancedFields isUsual={isUsual}>
      <TextInput
        mt={8}
        label="Registry schema"
        description="The schema that lists the tenants; public unless the system was set up otherwise."
        classNames={{ input: 'mono' }}
        spellCheck={false}
        {...form.getInputProps(path)}
      />
    </AdvancedFields>
  )
}

function noteOf(parsed: Extract<ReturnType<typeof parsePostgresUrl>, { ok: true }>): string {
  const password = parsed.password === undefined ? 'no password in it' : 'password taken over'
  const { host, tls } = parsed.settings
  return [`Filled in: ${host}, ${password}, TLS mode ${tls.mode}.`, ...parsed.notes.map(note => `${note}.`)].join(' ')
}
