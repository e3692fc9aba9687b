import type { Document } from 'bson'

/** An error that a MongoDB client gets with its number and name. */
export class CommandError extends Error {
  readonly code: number
  readonly codeName: string

  constructor(code: number, codeName: string, message: string) {
    super(message)
    this.code = code
    this.codeName = codeName
  }
}

/** Tells drivers that the whole transaction may be tried again. */
export const TRANSIENT = 'TransientTransactionError'

type MongoCode = readonly [code: number, name: string]

const BAD_VALUE: MongoCode = [2, 'BadValue']
const DUPLICATE_KEY: MongoCode = [11000, 'DuplicateKey']
const WRITE_CONFLICT: MongoCode = [112, 'WriteConflict']
const UNAUTHORIZED: MongoCode = [13, 'Unauthorized']

/**
 * The engine reports MongoDB's errors as SQLSTATEs of its own (M0000 … in its documentdb_errors.h) and PostgreSQL's
 * for the rest. Only what clients tell apart is listed; every other M… state is a bad value.
 */
const MONGO_CODES: Readonly<Record<string, MongoCode>> = {
  M0000: [1, 'InternalError'],
  M0003: [9, 'FailedToParse'],
  M0004: [14, 'TypeMismatch'],
  M0006: [20, 'IllegalOperation'],
  M0008: [26, 'NamespaceNotFound'],
  M0009: [27, 'IndexNotFound'],
  M000A: [28, 'PathNotViable'],
  M000D: [40, 'ConflictingUpdateOperators'],
  M000E: [43, 'CursorNotFound'],
  M000F: [48, 'NamespaceExists'],
  M000G: [52, 'DollarPrefixedFieldName'],
  M000M: [66, 'ImmutableField'],
  M000N: [67, 'CannotCreateIndex'],
  M000P: [72, 'InvalidOptions'],
  M000Q: [73, 'InvalidNamespace'],
  M000R: [85, 'IndexOptionsConflict'],
  M000S: [86, 'IndexKeySpecsConflict'],
  M000U: [115, 'CommandNotSupported'],
  M000Z: [166, 'CommandNotSupportedOnView'],
  M0016: [263, 'OperationNotSupportedInTransaction'],
  M001B: [10334, 'BSONObjectTooLarge'],
  M001C: DUPLICATE_KEY,
  M00CO: [121, 'DocumentFailedValidation'],
  M00E0: [51003, 'Location51003'],
  M00E7: UNAUTHORIZED,
  M00ER: UNAUTHORIZED,
  M00EV: [18, 'AuthenticationFailed'],
  M00EX: [50, 'MaxTimeMSExpired'],
  M00F1: WRITE_CONFLICT,
  '23505': DUPLICATE_KEY,
  '40001': WRITE_CONFLICT,
  '40P01': WRITE_CONFLICT,
  '55P03': WRITE_CONFLICT,
  '42501': UNAUTHORIZED,
  '57014': [50, 'MaxTimeMSExpired'],
  '53100': [14031, 'OutOfDiskSpace'],
  '08006': [6, 'HostUnreachable'],
  '57P01': [91, 'ShutdownInProgress'],
}

export function mongoCodeOf(sqlState: string): MongoCode {
  return MONGO_CODES[sqlState] ?? (sqlState.startsWith('M') ? BAD_VALUE : [1, 'InternalError'])
}

/** SQLSTATE from PostgreSQL's packed number, six bits a character, as the engine writes it into writeErrors. */
export function unpackSqlState(packed: number): string {
  return Array.from({ length: 5 }, (_, index) => String.fromCharCode(48 + ((packed >> (6 * index)) & 63))).join('')
}

/** The reply that tells a client of a failure. */
export function errorReply(error: unknown): Document {
  if (error instanceof CommandError) {
    const { code, codeName, message } = error
    const labels = codeName === 'NoSuchTransaction' ? { errorLabels: [TRANSIENT] } : {}
    return { ok: 0, errmsg: message, code, codeName, ...labels }
  }
  const { message = String(error), code: sqlState = '' } = error as { message?: string; code?: string }
  const [code, codeName] = mongoCodeOf(sqlState)
  const errmsg = code === DUPLICATE_KEY[0] ? duplicateKeyMessage(message) : message
  return { ok: 0, errmsg, code, codeName, sqlState }
}

/** Replaces SQLSTATEs in a write's errors by MongoDB's numbers. */
export function translateWriteErrors(result: Document): Document {
  for (const writeError of (result.writeErrors ?? []) as Document[]) {
    const [code] = mongoCodeOf(unpackSqlState(writeError.code))
    writeError.code = code
    if (code === DUPLICATE_KEY[0]) writeError.errmsg = duplicateKeyMessage(writeError.errmsg)
  }
  return result
}

function duplicateKeyMessage(message: string): string {
  return message.startsWith('E11000') ? message : `E11000 duplicate key error: ${message}`
}
