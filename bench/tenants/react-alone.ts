import { build } from 'vite'
import { gzippedKilobytes } from './bundle.ts'

const ENTRY = 'virtual:react-alone'
const CODE = `
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
createRoot(document.body).render(createElement('h1', null, 'Painted'))
`

/** Kilobytes, after gzip, of a page that does nothing but show a heading with React: built by the same Vite, just now. */
export async function reactAlone(): Promise<number> {
  const resolved = `\0${ENTRY}`
  const output = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, minify: true, target: 'chrome140', rollupOptions: { input: ENTRY } },
    plugins: [
      {
        name: 'react-alone',
        resolveId: id => (id === ENTRY ? resolved : undefined),
        load: id => (id === resolved ? CODE : undefined),
      },
    ],
  })
  const bundles = Array.isArray(output) ? output : 'output' in output ? [output] : []
  const code = bundles.flatMap(bundle => bundle.output.flatMap(file => (file.type === 'chunk' ? [file.code] : [])))
  if (code.length === 0) throw new Error('Vite built nothing')
  return code.reduce((total, text) => total + gzippedKilobytes(text), 0)
}
