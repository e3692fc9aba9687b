import { EnvironmentSettings } from '#shared/contract/environment.model.ts'
import { type FieldMessages, validate } from '../../lib/form-errors.ts'
import { type EnvironmentFormValues, toSettings } from './environment-form.ts'
import { parseNodes } from './nodes.ts'

/** The form's field for a path of the contract (`stores.postgres.tls.mode` → `postgres.tlsMode`). */
export function formPath(path: string): string {
  return path
    .replace(/^settings\./, '')
    .replace(/^stores\./, '')
    .replace(/^(postgres)\.tls\.mode$/, '$1.tlsMode')
    .replace(/^(postgres|redis)\.tls\.ca$/, '$1.ca')
    .replace(/^redis\.tls\.enabled$/, 'redis.tls')
    .replace(/^redis\.nodes\..*$/, 'redis.nodes')
}

export const formErrors = (messages: FieldMessages): FieldMessages =>
  Object.fromEntries(Object.entries(messages).map(([path, message]) => [formPath(path), message]))

/** What the contract would refuse, and what it cannot know: a store without which nothing works, unreadable nodes. */
export function validateEnvironment(values: EnvironmentFormValues): FieldMessages {
  const messages = formErrors(validate(EnvironmentSettings, toSettings(values)))
  if (values.isOn.redis && parseNodes(values.redis.nodes) === undefined) {
    messages['redis.nodes'] = 'Write each node as host:port'
  }
  return messages
}

/** The messages that keep a test from being run; what has no store is no matter for it. */
export function storeErrors(values: EnvironmentFormValues): FieldMessages {
  const messages = validateEnvironment(values)
  return Object.fromEntries(Object.entries(messages).filter(([path]) => path.includes('.')))
}
