import { Anchor, PasswordInput } from '@mantine/core'
import type { StoreName } from '#shared/contract/environment.model.ts'
import type { StoreFieldsProps } from './StoreSection.tsx'

interface SecretFieldProps extends Omit<StoreFieldsProps, 'tests'> {
  store: StoreName
  label: string
}

/** A password: never shown back. Left alone it stays as it is; it can be replaced or removed. */
export function SecretField({ store, label, form, places }: SecretFieldProps) {
  const secret = form.values.secrets[store]
  const place = places?.[store] ?? 'none'
  const isStored = place === 'keychain' || place === 'session'
  const set = (value: string | undefined) => form.setFieldValue(`secrets.${store}`, value)
  return (
    <PasswordInput
      label={label}
      autoComplete="off"
      placeholder={placeholderOf(place, secret)}
      description={place === 'missing' ? 'It is expected but was not found; enter it again.' : undefined}
      value={secret ?? ''}
      // An emptied field means the stored one again; removing is said explicitly.
      onChange={event => set(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      error={form.errors[`secrets.${store}`]}
      inputContainer={children => (
        <>
          {children}
          {isStored && (
            <Anchor
              component="button"
              type="button"
              size="xs"
              mt={4}
              onClick={() => set(secret === '' ? undefined : '')}
            >
              {secret === '' ? 'Keep the stored one after all' : 'Remove the stored one'}
            </Anchor>
          )}
        </>
      )}
    />
  )
}

function placeholderOf(place: string, secret: string | undefined): string {
  if (secret === '') return 'Will be removed'
  if (place === 'keychain') return 'Kept in the keychain; type to replace'
  if (place === 'session') return 'Kept for this session; type to replace'
  return ''
}
