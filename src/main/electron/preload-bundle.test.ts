import { join, resolve } from 'node:path'
import { build, type Rolldown } from 'vite'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..', '..', '..')

/** As `electron.vite.config.ts` bundles it, in memory. */
async function bundle(entry: string): Promise<Rolldown.RolldownOutput['output']> {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      rollupOptions: { input: join(root, 'src', 'preload', entry), external: ['electron'], output: { format: 'cjs' } },
    },
  })
  if (Array.isArray(result) || !('output' in result)) throw new Error('One bundle was expected.')
  return result.output
}

// A sandboxed preload cannot load a second file, and whatever it bundles runs beside the page.
test.each([
  ['index.ts', ['electron']],
  ['web/bridge.ts', []],
])('%s is one file that requires %j and carries no package', async (entry, imports) => {
  const [file, ...others] = await bundle(entry)
  expect(others).toEqual([])
  expect(file.imports).toEqual(imports)
  expect(file.moduleIds.filter(id => id.includes('node_modules'))).toEqual([])
})
