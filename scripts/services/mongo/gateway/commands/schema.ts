import type { CommandContext, Handler, Reply } from '../context.ts'
import { CommandError } from '../errors.ts'

async function drop(context: CommandContext): Promise<Reply> {
  const { dropped } = await context.run('SELECT documentdb_api.drop_collection($1, $2) AS dropped', [
    context.database,
    context.target,
  ])
  if (dropped !== true) throw new CommandError(26, 'NamespaceNotFound', 'ns not found')
  return { ns: `${context.database}.${context.target}`, ok: 1 }
}

async function dropDatabase(context: CommandContext): Promise<Reply> {
  await context.run('SELECT documentdb_api.drop_database($1)', [context.database])
  return { dropped: context.database, ok: 1 }
}

/**
 * Builds indexes before it answers. The engine's other way builds in the background by a cron job, whose next round
 * would be up to two seconds away.
 */
function createIndexes(context: CommandContext): Promise<Reply> {
  return context.ask(
    'SELECT documentdb_api_internal.create_indexes_non_concurrently($1, $2::documentdb_core.bson, true)',
    [context.database, context.specification],
  )
}

async function renameCollection(context: CommandContext): Promise<Reply> {
  await context.run('SELECT documentdb_api.rename_collection($1::documentdb_core.bson)', [context.specification])
  return { ok: 1 }
}

function dropIndexes(context: CommandContext): Promise<Reply> {
  return context.ask('CALL documentdb_api.drop_indexes($1, $2::documentdb_core.bson)', [
    context.database,
    context.specification,
  ])
}

export const SCHEMA: Readonly<Record<string, Handler>> = {
  create: context =>
    context.ask('SELECT documentdb_api.create_collection_view($1, $2::documentdb_core.bson)', [
      context.database,
      context.specification,
    ]),
  collMod: context =>
    context.ask('SELECT documentdb_api.coll_mod($1, $2, $3::documentdb_core.bson)', [
      context.database,
      context.target,
      context.specification,
    ]),
  drop,
  dropDatabase,
  createIndexes,
  dropIndexes,
  deleteIndexes: dropIndexes,
  renameCollection,
}
