import { deserialize } from 'bson'
import type { Handler } from '../context.ts'
import { fromColumn } from '../engine.ts'
import { translateWriteErrors } from '../errors.ts'

/** Runs one of the engine's writing functions; single failed documents come back inside its result. */
function write(engineFunction: string): Handler {
  return async context => {
    const row = await context.run(`SELECT * FROM documentdb_api.${engineFunction}($1, $2::documentdb_core.bson)`, [
      context.database,
      context.specification,
    ])
    const result = fromColumn(row.p_result)
    return row.p_success === true ? result : translateWriteErrors(deserialize(result))
  }
}

const findAndModify = write('find_and_modify')

export const WRITING: Readonly<Record<string, Handler>> = {
  insert: write('insert'),
  update: write('update'),
  delete: write('delete'),
  findAndModify,
  findandmodify: findAndModify,
}
