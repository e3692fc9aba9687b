import { type Document, Long } from 'bson'
import type { CommandContext, Handler, Reply } from '../context.ts'
import { fromColumn, toParameter } from '../engine.ts'
import { CommandError } from '../errors.ts'

/** Runs one of the engine's functions that return a first page and, when there is more, how to go on. */
function firstPage(engineFunction: string): Handler {
  return async context => {
    const row = await context.run(`SELECT * FROM documentdb_api.${engineFunction}($1, $2::documentdb_core.bson)`, [
      context.database,
      context.specification,
    ])
    const id = String(row.cursorid)
    if (row.continuation !== null && id !== '0') {
      const client = row.persistconnection === true ? context.keepClient() : undefined
      context.gateway.cursors.open(id, { database: context.database, continuation: row.continuation, client })
    }
    return fromColumn(row.cursorpage)
  }
}

async function getMore(context: CommandContext): Promise<Reply> {
  const { cursors } = context.gateway
  const id = context.target
  const cursor = cursors.get(id)
  const sql = 'SELECT * FROM documentdb_api.cursor_get_more($1, $2::documentdb_core.bson, $3::documentdb_core.bson)'
  const parameters = [cursor.database, context.specification, cursor.continuation]
  const row =
    cursor.client === undefined
      ? await context.run(sql, parameters)
      : await context.runOn(cursor.client, sql, parameters)
  if (row.continuation === null) cursors.finish(id)
  else cursor.continuation = row.continuation
  return fromColumn(row.cursorpage)
}

function killCursors(context: CommandContext): Reply {
  const ids = (context.command.cursors as unknown[]).map(String)
  const killed = ids.filter(id => context.gateway.cursors.kill(id))
  const missing = ids.filter(id => !killed.includes(id))
  const toLongs = (list: string[]): Long[] => list.map(id => Long.fromString(id))
  return {
    cursorsKilled: toLongs(killed),
    cursorsNotFound: toLongs(missing),
    cursorsAlive: [],
    cursorsUnknown: [],
    ok: 1,
  }
}

/** The engine's plan functions by the command that is to be explained. */
const PLANNERS: Readonly<Record<string, string>> = {
  find: 'bson_aggregation_find',
  aggregate: 'bson_aggregation_pipeline',
  count: 'bson_aggregation_count',
  distinct: 'bson_aggregation_distinct',
}

async function explain(context: CommandContext): Promise<Reply> {
  const command = context.command.explain as Document
  const name = Object.keys(command)[0] ?? ''
  const planner = PLANNERS[name]
  if (planner === undefined) throw new CommandError(59, 'CommandNotFound', `Cannot explain ${name}`)
  const { lsid: _session, $db: _database, ...specification } = command
  const analyze = context.command.verbosity === 'queryPlanner' ? 'FALSE' : 'TRUE'
  const row = await context.run(
    `EXPLAIN (FORMAT JSON, VERBOSE, ANALYZE ${analyze}) ` +
      `SELECT document FROM documentdb_api_catalog.${planner}($1, $2::documentdb_core.bson)`,
    [context.database, toParameter(specification)],
  )
  const [plan] = row['QUERY PLAN'] as Document[]
  return {
    queryPlanner: { namespace: `${context.database}.${command[name]}`, winningPlan: plan?.Plan },
    ...(analyze === 'TRUE' ? { executionStats: { executionTimeMillis: plan?.['Execution Time'] } } : {}),
    ok: 1,
  }
}

const single =
  (sql: string): Handler =>
  context =>
    context.ask(sql, [context.database, context.specification])

export const READING: Readonly<Record<string, Handler>> = {
  find: firstPage('find_cursor_first_page'),
  aggregate: firstPage('aggregate_cursor_first_page'),
  listCollections: firstPage('list_collections_cursor_first_page'),
  listIndexes: firstPage('list_indexes_cursor_first_page'),
  getMore,
  killCursors,
  explain,
  count: single('SELECT document FROM documentdb_api.count_query($1, $2::documentdb_core.bson)'),
  distinct: single('SELECT document FROM documentdb_api.distinct_query($1, $2::documentdb_core.bson)'),
}
