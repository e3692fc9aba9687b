import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StepError, step } from './steps.mjs'

/** This file and everything it imports runs on a bare clone: plain JavaScript for Node 20, without packages. */

const OLDEST_NODE = [20, 19]
const TAIL_LINES = 15

/** Root of the clone. */
export const projectFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const modulesFolder = join(projectFolder, 'node_modules')
const stampPath = join(modulesFolder, '.tenantry-install')

/** The Node of the project's own version; there once `ensureInstalled` has resolved. */
export const nodePath = join(modulesFolder, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/**
 * Runs `npm ci` unless the packages of package-lock.json are there. Resolves to whether it had to.
 * @throws {StepError}
 */
export async function ensureInstalled() {
  requireNode()
  if (isInstalled()) return false
  await step('Install packages', async report => {
    await runNpmCi()
    report('Packages installed')
  })
  if (!existsSync(nodePath)) throw noRuntime()
  writeFileSync(stampPath, wantedStamp())
  return true
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  throw new StepError(
    `Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`,
    'Install a current Node from https://nodejs.org and run the command again.',
  )
}

function isInstalled() {
  if (!existsSync(nodePath)) return false
  const wanted = wantedStamp()
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === wanted) return true
  if (!isInstalledByHand()) return false
  writeFileSync(stampPath, wanted)
  return true
}

/** What must be the same for the packages to be right: the lock file, and the machine their binaries are for. */
function wantedStamp() {
  const lock = readFileSync(join(projectFolder, 'package-lock.json'))
  const hash = createHash('sha256').update(lock).digest('hex')
  return `${hash} ${process.platform}-${process.arch}\n`
}

/** npm leaves a record of what it installed; when somebody ran `npm install` before us, that record agrees with the lock file. */
function isInstalledByHand() {
  const recordPath = join(modulesFolder, '.package-lock.json')
  if (!existsSync(recordPath)) return false
  const installed = packagesOf(recordPath)
  return Object.entries(packagesOf(join(projectFolder, 'package-lock.json'))).every(([path, wanted]) => {
    if (path === '') return true
    const found = installed[path]
    // Optional packages are those of other platforms, too.
    if (found === undefined) return wanted.optional === true
    return found.version === wanted.version && found.integrity === wanted.integrity
  })
}

/**
 * @param {string} path
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }>}
 */
function packagesOf(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages ?? {}
}

/** @returns {Promise<void>} */
function runNpmCi() {
  const [program, ...args] = npmCommand()
  const child = spawn(program, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: projectFolder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A batch file, which npm is on Windows, runs in a shell only; none of the arguments comes from outside.
    shell: program.endsWith('.cmd'),
  })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  child.stderr.on('data', chunk => {
    output += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', error => reject(new StepError(`npm cannot be run: ${error.message}`, 'Install npm with Node.')))
    child.once('close', code => (code === 0 ? resolve() : reject(installError(output))))
  })
}

/** npm tells its scripts where it is itself; started by hand, it is beside Node or in the path. */
function npmCommand() {
  const ofParent = process.env.npm_execpath
  if (ofParent?.endsWith('npm-cli.js') && existsSync(ofParent)) return [process.execPath, ofParent]
  if (process.platform !== 'win32') return ['npm']
  const folders = [dirname(process.execPath), ...(process.env.PATH ?? '').split(delimiter)]
  return folders.some(folder => existsSync(join(folder, 'npm.cmd'))) ? ['npm.cmd'] : ['npm']
}

/** @type {readonly [RegExp, string][]} */
const HINTS = [
  [
    /EUSAGE|can only install packages when/,
    'package.json and package-lock.json differ: run npm install and try again.',
  ],
  [/ENOSPC/, 'The disk is full: make about 1 GB free and try again.'],
  [/EACCES|EPERM/, 'A file of node_modules belongs to somebody else: remove that folder and try again.'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|network/i,
    'The package registry cannot be reached: check the network or the proxy (npm config get registry) and try again.',
  ],
  [/EINTEGRITY/, 'A download was damaged: run npm cache verify and try again.'],
]

/** @param {string} output */
function installError(output) {
  const hint = HINTS.find(([pattern]) => pattern.test(output))?.[1]
  const tail = output.trim().split('\n').slice(-TAIL_LINES).join('\n')
  return new StepError(`npm ci failed.\n${tail}`, hint ?? 'Run npm ci by hand to see more.')
}

function noRuntime() {
  return new StepError(
    'The package "node" came without its program.',
    'npm runs no install scripts here (ignore-scripts): run npm config set ignore-scripts false and try again.',
  )
}
