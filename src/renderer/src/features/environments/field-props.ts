import type { UseFormReturnType } from '@mantine/form'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { EnvironmentValues } from './environment-form.ts'

export type EnvironmentForm = UseFormReturnType<EnvironmentValues>

/** What the fields of one store need. */
export interface StoreFieldsProps {
  form: EnvironmentForm
  /** The saved environment; undefined for a new one. */
  environment: Environment | undefined
}
