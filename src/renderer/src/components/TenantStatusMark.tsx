import type { TenantStatus } from '#shared/contract/tenant.model.ts'
import { type Meaning, StateMark } from './StateMark.tsx'

const MEANING: Record<TenantStatus, Meaning> = {
  active: 'ok',
  suspended: 'warn',
  archived: 'quiet',
  provisioning: 'info',
  failed: 'bad',
  restoring: 'info',
}
const WORD: Record<TenantStatus, string> = {
  active: 'Active',
  suspended: 'Suspended',
  archived: 'Archived',
  provisioning: 'Provisioning',
  failed: 'Failed',
  restoring: 'Restoring',
}

export const tenantStatusWord = (status: TenantStatus): string => WORD[status]

export function TenantStatusMark({ status, form = 'dot' }: { status: TenantStatus; form?: 'dot' | 'pill' }) {
  return (
    <StateMark meaning={MEANING[status]} form={form} isBusy={status === 'provisioning' || status === 'restoring'}>
      {WORD[status]}
    </StateMark>
  )
}
