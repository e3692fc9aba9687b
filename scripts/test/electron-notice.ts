import { electronRuntime } from '../lib/electron-runtime.ts'

/** What the end of a test run says about the specs that need Electron's own runtime. */
export const electronNotice = (): string =>
  electronRuntime() === undefined
    ? 'The Electron specs were not run: no Electron runtime is installed here.'
    : 'The Electron specs were run.'
