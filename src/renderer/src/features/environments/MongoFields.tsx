import { Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { parseMongoUri } from '#shared/environment-import.ts'
import classes from './environment-form.module.css'
import type { StoreFieldsProps } from './field-props.ts'
import { SecretField } from './SecretField.tsx'

/** Stands in for the database that a URI does not name, so that its password is found all the same. */
const NOT_NAMED = 'not-named'
/** A URI with a password in it. */
const WITH_PASSWORD = /^mongodb(\+srv)?:\/\/[^/@]*:[^/@]*@/i

export function MongoFields({ form, environment }: StoreFieldsProps) {
  const [note, setNote] = useState('')
  const { mongo } = form.getValues().stores
  const uri = form.getInputProps('stores.mongo.uri')

  /** Moves password and database of a URI into their own fields. Returns false for what is no complete URI. */
  const take = (text: string): boolean => {
    const parsed = parseMongoUri(text, mongo.database === '' ? NOT_NAMED : mongo.database)
    if (!parsed.ok) return false
    const { database } = parsed.settings
    form.setFieldValue('stores.mongo', { ...parsed.settings, database: database === NOT_NAMED ? '' : database })
    form.clearFieldError('stores.mongo.uri')
    form.clearFieldError('stores.mongo.database')
    if (parsed.password !== undefined) form.setFieldValue('secrets.mongo', { change: 'set', value: parsed.password })
    setNote(parsed.password === undefined ? '' : 'The password was moved to its own field.')
    return true
  }
  return (
    <>
      <div>
        <TextInput
          label="Connection URI"
          withAsterisk
          description="A password in it is moved to its own field; options such as replicaSet stay."
          placeholder="mongodb://user@host:27017/?replicaSet=rs0"
          classNames={{ input: 'mono' }}
          autoComplete="off"
          spellCheck={false}
          {...uri}
          onPaste={event => {
            const text = event.clipboardData.getData('text').trim()
            if (/^mongodb(\+srv)?:\/\//i.test(text) && take(text)) event.preventDefault()
          }}
          onBlur={event => {
            if (!(WITH_PASSWORD.test(mongo.uri) && take(mongo.uri))) uri.onBlur(event)
          }}
        />
        <Text size="xs" c="var(--ok)" mt={4} role="status">
          {note}
        </Text>
      </div>
      <div className={classes.pair}>
        <TextInput
          label="Database"
          withAsterisk
          placeholder="hr"
          spellCheck={false}
          {...form.getInputProps('stores.mongo.database')}
        />
        <SecretField
          store="mongo"
          label="Password"
          environment={environment}
          value={form.getValues().secrets.mongo}
          error={form.errors['secrets.mongo']}
          onChange={value => form.setFieldValue('secrets.mongo', value)}
        />
      </div>
    </>
  )
}
