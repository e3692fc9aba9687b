import type { HandlersOf } from '../../kernel/context.ts'
import type { DataService } from './data.service.ts'

export const dataHandlers = (data: DataService): HandlersOf<'data'> => ({
  tables: (_input, { db }) => data.tables(db),
  page: (request, { db }) => data.page(db, request),
})
