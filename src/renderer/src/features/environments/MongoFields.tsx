import { SimpleGrid, TextInput } from '@mantine/core'
import { parseMongoUri } from '#shared/environment-import.ts'
import { SecretField } from './SecretField.tsx'
import { type StoreFieldsProps, StoreSection } from './StoreSection.tsx'

export function MongoFields({ form, tests, places }: StoreFieldsProps) {
  const uri = form.getInputProps('mongo.uri')
  /** A password in the URI moves to its own field, a database in it to its own. */
  const separate = () => {
    const { uri: text, database } = form.values.mongo
    const parsed = parseMongoUri(text, database || 'admin')
    if (!parsed.ok) return
    form.setFieldValue('mongo.uri', parsed.settings.uri)
    if (database === '' && /\/[^/?]+(\?|$)/.test(text.replace(/^\w+(\+srv)?:\/\//, ''))) {
      form.setFieldValue('mongo.database', parsed.settings.database)
    }
    if (parsed.password !== undefined) form.setFieldValue('secrets.mongo', parsed.password)
  }
  return (
    <StoreSection store="mongo" form={form} tests={tests}>
      <TextInput
        label="Connection string"
        withAsterisk
        description="A password in it is moved to the field below when you leave this one."
        placeholder="mongodb://user@host:27017/?replicaSet=rs0"
        autoComplete="off"
        spellCheck={false}
        classNames={{ input: 'mono' }}
        {...uri}
        onBlur={event => {
          separate()
          uri.onBlur?.(event)
        }}
      />
      <SimpleGrid cols={2} spacing={12}>
        <TextInput label="Database" withAsterisk {...form.getInputProps('mongo.database')} />
        <SecretField store="mongo" label="Password" form={form} places={places} />
      </SimpleGrid>
    </StoreSection>
  )
}
