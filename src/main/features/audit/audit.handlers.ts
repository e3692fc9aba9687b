import type { AuditLog } from '../../kernel/audit-log.ts'
import type { HandlersOf } from '../../kernel/context.ts'

export const auditHandlers = (log: Pick<AuditLog, 'list'>): HandlersOf<'audit'> => ({
  list: filter => log.list(filter),
})
