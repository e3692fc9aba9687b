import { execute } from '../runtime/execute.ts'

/**
 * The archive from which this machine gets Debian itself, read from its own apt configuration (never a security,
 * updates or third-party archive), so that no address is written down in the project.
 * @throws Error when apt knows none
 */
export async function debianMirror(): Promise<string> {
  const format = '$(REPO_URI)\t$(SUITE)\t$(CODENAME)\t$(ORIGIN)'
  const targets = await execute(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages'])
  for (const line of targets.split('\n')) {
    const [uri, suite = '', codename = '', origin] = line.split('\t')
    const isAddition = /security|updates|backports/.test(suite + codename)
    if (uri && origin === 'Debian' && !isAddition) return uri
  }
  throw new Error('No Debian archive in the apt configuration: run "apt-get update" first')
}
