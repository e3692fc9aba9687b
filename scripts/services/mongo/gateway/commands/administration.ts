import type { CommandContext, Handler, Reply } from '../context.ts'
import { fromColumn, toParameter } from '../engine.ts'
import { CommandError } from '../errors.ts'
import { SERVER_VERSION } from '../identity.ts'

/** Connections to the engine are pooled, so that of clients there may be many more; MongoDB's own default. */
const CONNECTION_LIMIT = 65_536

async function serverStatus(context: CommandContext): Promise<Reply> {
  const { uptime } = await context.run('SELECT extract(epoch FROM now() - pg_postmaster_start_time())::float AS uptime')
  const current = context.gateway.connections.size
  return {
    host: '127.0.0.1',
    version: SERVER_VERSION,
    process: 'documentdb',
    uptime,
    localTime: new Date(),
    connections: { current, available: CONNECTION_LIMIT - current },
    ok: 1,
  }
}

async function collStats(context: CommandContext): Promise<Reply> {
  return context.ask('SELECT documentdb_api.coll_stats($1, $2, $3)', [
    context.database,
    context.target,
    context.command.scale ?? 1,
  ])
}

async function dbStats(context: CommandContext): Promise<Reply> {
  const { scale, freeStorage } = context.command
  return context.ask('SELECT documentdb_api.db_stats($1, $2, $3)', [context.database, scale ?? 1, Boolean(freeStorage)])
}

/**
 * Looking at and ending other clients' commands. In the engine these belong to its owner, because all connections
 * share the owner's login; so whether the client may do it is asked here.
 */
function operations(engineFunction: string): Handler {
  return async context => {
    const { engine } = context.gateway
    const { user } = context.connection.authentication
    const { allowed } = await engine.query("SELECT pg_has_role($1, 'documentdb_admin_role', 'MEMBER') AS allowed", [
      user,
    ])
    if (allowed !== true) throw new CommandError(13, 'Unauthorized', `not authorized to execute ${context.name}`)
    const sql = `SELECT * FROM documentdb_api.${engineFunction}($1::documentdb_core.bson)`
    // The engine checks the command's own $db, so the command goes there as it came.
    return fromColumn(Object.values(await engine.query(sql, [toParameter(context.raw)]))[0])
  }
}

/** The engine knows users and databases of the whole server only, so these commands belong to admin. */
function onAdmin(handler: Handler): Handler {
  return context => {
    if (context.database === 'admin') return handler(context)
    throw new CommandError(13, 'Unauthorized', `${context.name} may only be run against the admin database.`)
  }
}

/** An engine function that takes the command as it is. */
function whole(engineFunction: string): Handler {
  return context =>
    context.ask(`SELECT * FROM documentdb_api.${engineFunction}($1::documentdb_core.bson)`, [context.specification])
}

/** User commands carry their database in the command itself. */
function user(engineFunction: string): Handler {
  return context =>
    context.ask(`SELECT documentdb_api.${engineFunction}($1::documentdb_core.bson)`, [toParameter(context.raw)])
}

export const ADMINISTRATION: Readonly<Record<string, Handler>> = {
  serverStatus,
  collStats,
  dbStats,
  validate: context =>
    context.ask('SELECT document FROM documentdb_api.validate($1, $2::documentdb_core.bson)', [
      context.database,
      context.specification,
    ]),
  listDatabases: onAdmin(whole('list_databases')),
  currentOp: onAdmin(operations('current_op_command')),
  killOp: onAdmin(operations('kill_op')),
  connectionStatus: whole('connection_status'),
  createUser: user('create_user'),
  updateUser: user('update_user'),
  dropUser: user('drop_user'),
  usersInfo: user('users_info'),
}
