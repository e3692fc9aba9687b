import { Select, Stack, TextInput } from '@mantine/core'
import { SERVER_SIDE_ENCRYPTIONS, STORAGE_CLASSES } from '#shared/contract/environment.model.ts'
import { AdvancedFields } from './AdvancedFields.tsx'
import type { StoreFieldsProps } from './field-props.ts'

const ENCRYPTION_TEXT: Record<(typeof SERVER_SIDE_ENCRYPTIONS)[number], string> = {
  none: 'none: left to the rule of the bucket',
  AES256: 'AES256: with keys of the storage server',
  'aws:kms': 'aws:kms: with a key of the key management service',
}
const ENCRYPTION_OPTIONS = SERVER_SIDE_ENCRYPTIONS.map(value => ({ value, label: ENCRYPTION_TEXT[value] }))

const STORAGE_TEXT: Record<(typeof STORAGE_CLASSES)[number], string> = {
  STANDARD: 'for every use',
  STANDARD_IA: 'cheaper to keep, each read costs',
  ONEZONE_IA: 'as STANDARD_IA, but lost with its one zone',
  INTELLIGENT_TIERING: 'the server moves what is seldom read',
  GLACIER_IR: 'cheapest to keep, dear to read',
}
const STORAGE_OPTIONS = STORAGE_CLASSES.map(value => ({ value, label: `${value}: ${STORAGE_TEXT[value]}` }))

const FIELDS = ['serverSideEncryption', 'kmsKeyId', 'storageClass'] as const

/** How archives rest in a bucket. */
export function BucketAdvancedFields({ form }: Pick<StoreFieldsProps, 'form'>) {
  const { serverSideEncryption, storageClass } = form.getValues().stores.backup
  const field = (name: (typeof FIELDS)[number]) => form.getInputProps(`stores.backup.${name}`)
  const isWrong = FIELDS.some(name => form.errors[`stores.backup.${name}`] !== undefined)
  return (
    <AdvancedFields isUsual={serverSideEncryption === 'none' && storageClass === 'STANDARD' && !isWrong}>
      <Stack gap={14} mt={8}>
        <Select
          label="Encryption"
          description="How the server encrypts archives at rest."
          data={ENCRYPTION_OPTIONS}
          allowDeselect={false}
          {...field('serverSideEncryption')}
        />
        {serverSideEncryption === 'aws:kms' && (
          <TextInput
            label="KMS key id"
            description="Id, alias or ARN of the key; the account’s default key when empty."
            placeholder="alias/hr-backups"
            classNames={{ input: 'mono' }}
            autoComplete="off"
            spellCheck={false}
            {...field('kmsKeyId')}
          />
        )}
        <Select
          label="Storage class"
          description="Of archives written from now on; many compatible servers know only STANDARD."
          data={STORAGE_OPTIONS}
          allowDeselect={false}
          {...field('storageClass')}
        />
      </Stack>
    </AdvancedFields>
  )
}
