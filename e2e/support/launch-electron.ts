import { type ElectronApplication, _electron as electron } from '@playwright/test'
import { cleanVariables, PROJECT } from './project.ts'

/** Starts the built app from `out/`; a display (or a virtual one) and Electron's runtime must be there. */
export function launchElectron(dataDirectory: string): Promise<ElectronApplication> {
  return electron.launch({
    // Chromium cannot sandbox itself as root.
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), PROJECT],
    cwd: PROJECT,
    env: { ...cleanVariables(), TENANTRY_DATA: dataDirectory },
  })
}
