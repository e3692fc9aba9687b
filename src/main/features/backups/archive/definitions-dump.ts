import { AppError } from '#shared/errors.ts'
import { ClientTools } from '../full/client-tools.ts'
import { withToolEnvironment } from '../full/tool-environment.ts'
import { outputOf } from '../full/tool-process.ts'
import type { DefinitionWork } from './definitions.ts'
import { withoutSchemaName } from './definitions-text.ts'
import { exportSnapshot } from './snapshot.ts'

/** Definitions of thousands of tables fit. */
const DUMP_LIMIT_BYTES = 64 * 1024 * 1024
const LOCK_TIMEOUT_MS = 10_000

/** Definitions of a drifted schema, by the pg_dump that fits its server. */
export class DefinitionDump {
  private readonly tools: Pick<ClientTools, 'choose'>

  constructor(tools: Pick<ClientTools, 'choose'> = new ClientTools()) {
    this.tools = tools
  }

  /** Rejects with UNSUPPORTED where no fitting pg_dump is found, with CONFLICT where a definition names the schema itself. */
  async read({ connection, snapshot, server, signal }: Omit<DefinitionWork, 'registry'>): Promise<string> {
    if (server === undefined) throw withoutServer()
    const tool = await this.tools.choose('pg_dump', snapshot.server.major, signal)
    const id = await exportSnapshot(connection)
    const text = await withToolEnvironment(server, environment => {
      const command = { program: tool.path, args: dumpArguments(snapshot.schema, id), environment, signal }
      return outputOf(command, DUMP_LIMIT_BYTES)
    })
    return withoutSchemaName(text, { schema: snapshot.schema, extensions: snapshot.extensions })
  }
}

/** A pattern in double quotes is a name as it stands: https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-PATTERNS */
const dumpArguments = (schema: string, snapshot: string): string[] => [
  '--schema-only',
  `--schema="${schema.replaceAll('"', '""')}"`,
  '--strict-names',
  '--no-owner',
  '--no-privileges',
  '--no-tablespaces',
  '--no-publications',
  '--no-subscriptions',
  '--no-security-labels',
  '--no-password',
  `--snapshot=${snapshot}`,
  `--lock-wait-timeout=${LOCK_TIMEOUT_MS}`,
]

const withoutServer = (): AppError =>
  new AppError('UNSUPPORTED', 'Its definitions can only be read by pg_dump, which was not offered here.', {
    hint: 'Back this tenant up by itself, from its page.',
  })
