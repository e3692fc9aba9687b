import { Checkbox, Input, SegmentedControl, SimpleGrid, TextInput } from '@mantine/core'
import { SecretField } from './SecretField.tsx'
import { type StoreFieldsProps, StoreSection } from './StoreSection.tsx'

const KINDS = [
  { value: 's3', label: 'S3 bucket' },
  { value: 'folder', label: 'Folder' },
]

export function BackupFields({ form, tests, places }: StoreFieldsProps) {
  return (
    <StoreSection store="backup" form={form} tests={tests}>
      <Input.Wrapper label="Kind">
        <div>
          <SegmentedControl aria-label="Kind" data={KINDS} {...form.getInputProps('backup.kind')} />
        </div>
      </Input.Wrapper>
      {form.values.backup.kind === 'folder' ? (
        <TextInput
          label="Folder"
          withAsterisk
          description="An absolute path on the computer that runs the console."
          placeholder="/var/backups/tenantry"
          classNames={{ input: 'mono' }}
          {...form.getInputProps('backup.path')}
        />
      ) : (
        <>
          <SimpleGrid cols={2} spacing={12}>
            <TextInput label="Bucket" withAsterisk {...form.getInputProps('backup.bucket')} />
            <TextInput
              label="Region"
              withAsterisk
              placeholder="eu-central-1"
              {...form.getInputProps('backup.region')}
            />
          </SimpleGrid>
          <TextInput
            label="Endpoint"
            description="Left empty for Amazon S3."
            placeholder="https://s3.example"
            {...form.getInputProps('backup.endpoint')}
          />
          <SimpleGrid cols={2} spacing={12}>
            <TextInput
              label="Access key id"
              withAsterisk
              autoComplete="off"
              {...form.getInputProps('backup.accessKeyId')}
            />
            <SecretField store="backup" label="Secret access key" form={form} places={places} />
          </SimpleGrid>
          <Checkbox
            label="Bucket in the path"
            description="Most S3-compatible servers need it; Amazon S3 does not."
            {...form.getInputProps('backup.pathStyle', { type: 'checkbox' })}
          />
        </>
      )}
    </StoreSection>
  )
}
