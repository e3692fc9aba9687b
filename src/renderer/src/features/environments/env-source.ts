import type { InputOf } from '#shared/contract/index.ts'
import type { EnvironmentClass } from '#shared/permissions.ts'

export type ImportSource = InputOf<'environments.import'>['source']

/** The contract takes no longer text, in characters. */
export const MAX_ENV_FILE = 100_000

/** What the name of an env file says about the system it belongs to: `.env.production`, `staging.env`. */
export function classOfFile(fileName: string): EnvironmentClass | '' {
  const words = fileName.toLowerCase().split(/[^a-z]+/)
  if (words.some(word => ['production', 'prod', 'live'].includes(word))) return 'production'
  if (words.some(word => ['staging', 'stage', 'uat'].includes(word))) return 'staging'
  return words.some(word => ['development', 'dev', 'local', 'test'].includes(word)) ? 'development' : ''
}
