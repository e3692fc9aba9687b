import { SegmentedControl, Switch, TextInput } from '@mantine/core'
import { BucketAdvancedFields } from './BucketAdvancedFields.tsx'
import classes from './environment-form.module.css'
import type { StoreFieldsProps } from './field-props.ts'
import { SecretField } from './SecretField.tsx'

const KINDS = [
  { value: 's3', label: 'S3 bucket' },
  { value: 'folder', label: 'Folder' },
]

export function BackupFields({ form, environment }: StoreFieldsProps) {
  const { kind } = form.getValues().stores.backup
  const field = (name: string) => form.getInputProps(`stores.backup.${name}`)
  return (
    <>
      <div>
        <SegmentedControl aria-label="Archives are kept in" data={KINDS} {...field('kind')} />
      </div>
      {kind === 'folder' ? (
        <TextInput
          label="Folder"
          withAsterisk
          description="Absolute path on the computer that runs this console."
          placeholder="/var/backups/tenantry"
          classNames={{ input: 'mono' }}
          spellCheck={false}
          {...field('path')}
        />
      ) : (
        <>
          <TextInput
            label="Endpoint"
            description="Of an S3-compatible server; Amazon S3 when empty."
            placeholder="https://s3.example.com"
            spellCheck={false}
            {...field('endpoint')}
          />
          <div className={classes.pair}>
            <TextInput label="Bucket" withAsterisk placeholder="hr-backups" spellCheck={false} {...field('bucket')} />
            <TextInput label="Region" withAsterisk placeholder="eu-central-1" spellCheck={false} {...field('region')} />
          </div>
          <Switch
            label="Address the bucket in the path (most compatible servers need it)"
            {...form.getInputProps('stores.backup.pathStyle', { type: 'checkbox' })}
          />
          <div className={classes.pair}>
            <TextInput
              label="Access key id"
              withAsterisk
              autoComplete="off"
              spellCheck={false}
              classNames={{ input: 'mono' }}
              {...field('accessKeyId')}
            />
            <SecretField
              store="backup"
              label="Secret access key"
              environment={environment}
              value={form.getValues().secrets.backup}
              error={form.errors['secrets.backup']}
              onChange={value => form.setFieldValue('secrets.backup', value)}
            />
          </div>
          <BucketAdvancedFields form={form} />
        </>
      )}
    </>
  )
}
