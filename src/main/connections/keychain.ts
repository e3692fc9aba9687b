import type * as Keytar from 'keytar'
import { AppError } from '#shared/errors.ts'

export interface SecretAvailability {
  available: boolean
  /** Why not, in one sentence. */
  reason: string | null
}

/** A place for secrets; an account is `<environmentId>/<store>`. */
export interface SecretStore {
  availability(): Promise<SecretAvailability>
  /** undefined when there is none under this account. */
  get(account: string): Promise<string | undefined>
  set(account: string, secret: string): Promise<void>
  /** Deleting what is not there is no error. */
  delete(account: string): Promise<void>
}

export const KEYCHAIN_SERVICE = 'tenantry'

/** An unlocking dialogue may wait for a person; longer than this it is taken as never answered. */
const ANSWER_TIMEOUT_MS = 60_000

const NO_KEYCHAIN_HINT = 'Keep the secrets for this session only; they are never written to disk in plain text.'

/**
 * The keychain of the operating system: Keychain on macOS, Credential Manager on Windows, the Secret Service on Linux.
 * The native library loads at first use, so that a machine without it (or without D-Bus) starts all the same.
 */
export class OsKeychain implements SecretStore {
  private library: Promise<typeof Keytar> | undefined

  async availability(): Promise<SecretAvailability> {
    try {
      await this.get('availability/probe')
      return { available: true, reason: null }
    } catch (error) {
      return { available: false, reason: error instanceof AppError ? error.message : String(error) }
    }
  }

  async get(account: string): Promise<string | undefined> {
    return (await this.ask(keytar => keytar.getPassword(KEYCHAIN_SERVICE, account))) ?? undefined
  }

  async set(account: string, secret: string): Promise<void> {
    await this.ask(keytar => keytar.setPassword(KEYCHAIN_SERVICE, account, secret))
  }

  async delete(account: string): Promise<void> {
    await this.ask(keytar => keytar.deletePassword(KEYCHAIN_SERVICE, account))
  }

  private async ask<T>(question: (keytar: typeof Keytar) => Promise<T>): Promise<T> {
    try {
      const keytar = await this.load()
      return await answered(question(keytar))
    } catch (error) {
      if (error instanceof AppError) throw error
      throw unavailable(reasonOf(error), error)
    }
  }

  private async load(): Promise<typeof Keytar> {
    this.library ??= import('keytar').then(module => ('default' in module ? (module.default as typeof Keytar) : module))
    try {
      return await this.library
    } catch (error) {
      this.library = undefined
      throw unavailable('The library of the system keychain cannot be loaded (on Linux: libsecret).', error)
    }
  }
}

/** Secrets for as long as this process runs; for machines without a keychain. */
export class SessionSecrets implements SecretStore {
  private readonly secrets = new Map<string, string>()

  async availability(): Promise<SecretAvailability> {
    return { available: true, reason: null }
  }

  async get(account: string): Promise<string | undefined> {
    return this.secrets.get(account)
  }

  async set(account: string, secret: string): Promise<void> {
    this.secrets.set(account, secret)
  }

  async delete(account: string): Promise<void> {
    this.secrets.delete(account)
  }
}

const unavailable = (reason: string, cause: unknown): AppError =>
  new AppError('UNSUPPORTED', reason, { hint: NO_KEYCHAIN_HINT, details: { reason: 'keychain' }, cause })

/** The libraries' own sentences name buses and interfaces; these name what a person can change. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  if (/D-?Bus|autolaunch|dbus-launch|org\.freedesktop\.secrets|ServiceUnknown/i.test(text)) {
    return 'No keychain answers: there is no Secret Service on this session’s D-Bus.'
  }
  if (/locked|prompt|dismissed|denied|user canceled/i.test(text)) return 'The keychain is locked, or access was denied.'
  return 'The system keychain cannot be used.'
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(unavailable('The keychain did not answer within a minute.', undefined)),
    ANSWER_TIMEOUT_MS,
  )
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
