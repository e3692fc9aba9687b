import { resolve } from 'node:path'

/** The folder that holds package.json. */
export const PROJECT = resolve(import.meta.dirname, '..', '..')

/** Variables of this process, less those that name stores: a console would offer them for import. */
export function cleanVariables(): Record<string, string> {
  const isStore = (name: string) => /^(TENANTRY_|PG|DATABASE_URL|MONGODB_|REDIS_|AWS_|S3_)/.test(name)
  const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && !isStore(name))
  return Object.fromEntries(kept) as Record<string, string>
}
