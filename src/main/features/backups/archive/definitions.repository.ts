import type { ReadTx, WriteTx } from '../../../connections/postgres/database.ts'
import type { Definitions } from './fingerprint.ts'

export interface FingerprintKey {
  /** SHA-256 over the checksums of the migrations, in their order. */
  migrations: string
  serverMajor: number
  format: number
}

export const findExpected = async (tx: ReadTx<'registry'>, key: FingerprintKey): Promise<Definitions | undefined> =>
  await tx.row<Definitions>({
    text: `select definitions as text, fingerprint from schema_fingerprints
      where migrations = $1 and server_major = $2 and format = $3`,
    values: [key.migrations, key.serverMajor, key.format],
  })

/** Another console may have kept the same meanwhile. */
export const keepExpected = async (
  tx: WriteTx<'registry'>,
  key: FingerprintKey,
  made: Definitions & { version: number },
): Promise<void> => {
  await tx.run({
    text: `insert into schema_fingerprints (migrations, server_major, format, version, fingerprint, definitions)
      values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    values: [key.migrations, key.serverMajor, key.format, made.version, made.fingerprint, made.text],
  })
}
