import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Operation } from '#shared/contract/define.ts'
import { contracts } from '#shared/contract/index.ts'
import { leastRole } from '#shared/permissions.ts'

/** Writes docs/operations.md from the contract. */
const PATH = join(import.meta.dirname, '..', '..', 'docs', 'operations.md')

const CONFIRMATIONS = { never: '', production: 'in production', always: 'always' } as const

export function operationsDocument(): string {
  const sections = Object.entries(contracts).map(([noun, verbs]) => {
    const rows = Object.entries(verbs as Record<string, Operation>).map(([verb, operation]) =>
      [
        `\`${noun}.${verb}\``,
        operation.summary,
        operation.kind,
        operation.access,
        operation.scope,
        leastRole(operation),
        CONFIRMATIONS[operation.confirm],
      ].join(' | '),
    )
    const head = '| operation | what it does | kind | access | scope | least role | typed confirmation |'
    return `## ${noun}\n\n${head}\n| --- | --- | --- | --- | --- | --- | --- |\n${rows.map(row => `| ${row} |`).join('\n')}\n`
  })
  return `# Operations\n\nGenerated from \`src/shared/contract\` by \`node scripts/docs/operations.ts\`.\n\n${sections.join('\n')}`
}

if (import.meta.main) await writeFile(PATH, operationsDocument())
