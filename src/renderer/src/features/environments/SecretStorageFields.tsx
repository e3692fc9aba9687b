import { Radio, Stack } from '@mantine/core'
import type { OutputOf } from '#shared/contract/index.ts'
import { Notice } from '../../components/Notice.tsx'

interface SecretStorageFieldsProps {
  keychain: OutputOf<'app.info'>['keychain']
  value: 'keychain' | 'session'
  onChange: (value: 'keychain' | 'session') => void
}

/** Where the secrets that are entered now will rest. */
export function SecretStorageFields({ keychain, value, onChange }: SecretStorageFieldsProps) {
  return (
    <Stack gap={12}>
      {!keychain.available && (
        <Notice meaning="warn">
          <strong>This computer has no keychain that can be used.</strong> {keychain.reason} Secrets are kept in memory
          only: when the console ends they are gone, and have to be entered again at the next start. They are never
          written to disk.
        </Notice>
      )}
      <Radio.Group
        label="Passwords and keys are kept"
        value={value}
        onChange={next => onChange(next === 'session' ? 'session' : 'keychain')}
      >
        <Stack gap={8} mt={4}>
          <Radio
            value="keychain"
            size="xs"
            label="In the keychain of this computer"
            description="Encrypted by the operating system; there at the next start too."
            disabled={!keychain.available}
          />
          <Radio
            value="session"
            size="xs"
            label="For this session only"
            description="In memory, until the console ends."
          />
        </Stack>
      </Radio.Group>
    </Stack>
  )
}
