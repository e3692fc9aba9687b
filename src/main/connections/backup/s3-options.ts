import type { S3Settings } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import { loggable } from '../loggable.ts'
import { errorChain, stringProperty } from '../network-errors.ts'

/** How objects are to rest: the part of PutObject and CreateMultipartUpload that the settings choose. */
export interface ObjectOptions {
  ServerSideEncryption?: 'AES256' | 'aws:kms'
  SSEKMSKeyId?: string
  StorageClass?: Exclude<NonNullable<S3Settings['storageClass']>, 'STANDARD'>
}

/** What is left at its default is not sent: not every compatible server knows these headers. */
export function objectOptions(settings: S3Settings): ObjectOptions {
  const { serverSideEncryption: encryption = 'none', kmsKeyId, storageClass = 'STANDARD' } = settings
  return {
    ...(encryption === 'none' ? {} : { ServerSideEncryption: encryption }),
    ...(encryption === 'aws:kms' && kmsKeyId !== undefined ? { SSEKMSKeyId: kmsKeyId } : {}),
    ...(storageClass === 'STANDARD' ? {} : { StorageClass: storageClass }),
  }
}

interface Choice {
  setting: 'serverSideEncryption' | 'kmsKeyId' | 'storageClass'
  /** As the form calls it. */
  label: string
  /** Error codes and words of servers that refuse it. */
  telling: RegExp
}

const choicesOf = (options: ObjectOptions): Choice[] => [
  ...(options.ServerSideEncryption === undefined
    ? []
    : [
        {
          setting: 'serverSideEncryption' as const,
          label: `Encryption (${options.ServerSideEncryption})`,
          telling: /encrypt|kms|sse/i,
        },
      ]),
  ...(options.SSEKMSKeyId === undefined
    ? []
    : [{ setting: 'kmsKeyId' as const, label: `KMS key id (${options.SSEKMSKeyId})`, telling: /kms|key/i }]),
  ...(options.StorageClass === undefined
    ? []
    : [
        {
          setting: 'storageClass' as const,
          label: `Storage class (${options.StorageClass})`,
          telling: /storage.?class/i,
        },
      ]),
]

/** Codes with which servers refuse a header they know or do not know. */
const REFUSALS = /^(InvalidArgument|InvalidRequest|NotImplemented|InvalidStorageClass|InvalidEncryption\w*|KMS\..*)$/

/** The coded error when a server refused one of the options; undefined when it failed for another reason. */
export function refusedOption(error: unknown, options: ObjectOptions): AppError | undefined {
  const choices = choicesOf(options)
  if (choices.length === 0) return undefined
  for (const link of errorChain(error)) {
    const name = stringProperty(link, 'name') ?? ''
    const words = `${name} ${stringProperty(link, 'message') ?? ''}`
    if (name === 'AccessDenied' && /kms:/.test(words)) return keyDenied(error)
    if (!REFUSALS.test(name)) continue
    const told = choices.filter(choice => choice.telling.test(words))
    return refused(error, told.length > 0 ? told : choices)
  }
  return undefined
}

const refused = (error: unknown, choices: readonly Choice[]): AppError => {
  const labels = choices.map(choice => choice.label).join(' or ')
  return new AppError('UNSUPPORTED', `The backup store refused this setting: ${labels}.`, {
    hint: `Change ${labels} in the backup store of this environment; this server may not offer it.`,
    details: { settings: choices.map(choice => choice.setting) },
    cause: loggable(error),
  })
}

const keyDenied = (error: unknown): AppError =>
  new AppError('PERMISSION_DENIED', 'The access key may not use the KMS key.', {
    hint: 'Allow kms:GenerateDataKey and kms:Decrypt on the key, or change Encryption or KMS key id of the backup store.',
    details: { reason: 'permission', settings: ['kmsKeyId'] },
    cause: loggable(error),
  })
