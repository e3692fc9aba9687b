import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const root = import.meta.dirname

export default defineConfig({
  main: {
    build: {
      rollupOptions: {
        input: {
          index: resolve(root, 'src/main/index.ts'),
          web: resolve(root, 'src/main/web.ts'),
          cli: resolve(root, 'src/cli/cli.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      // A sandboxed preload cannot require packages: everything is bundled into one CommonJS file.
      externalizeDeps: false,
      isolatedEntries: true,
      rollupOptions: {
        input: {
          index: resolve(root, 'src/preload/index.ts'),
          // The local web console's stand-in for Electron, served to the page as a plain script.
          'web-bridge': resolve(root, 'src/preload/web/bridge.ts'),
        },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'src/renderer'),
    publicDir: resolve(root, 'resources/icons'),
    plugins: [react()],
    build: {
      // electron-vite leaves pages unminified; this one is also served to browsers.
      minify: true,
      rollupOptions: { input: resolve(root, 'src/renderer/index.html') },
      // The console ships with Electron's Chromium; browsers of the local web console are expected to be current.
      target: 'chrome140',
    },
  },
})
