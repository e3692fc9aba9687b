import type { z } from 'zod'

/** What one flag of a command sets, and how its text becomes a value. */
export interface Flag {
  /** Where in the input the value goes. */
  path: readonly string[]
  /** Long name without dashes: the path in kebab case, joined by dots. */
  name: string
  kind: 'text' | 'number' | 'boolean' | 'list' | 'json' | 'secret'
  choices: readonly string[] | undefined
  isRequired: boolean
  /** `--no-<name>` sets null. */
  isNullable: boolean
  defaultValue: unknown
  description: string
}

/** Fields that every command spells alike, by other means than a flag of their own name. */
const SHARED_FIELDS = new Set(['environmentId', 'tenantId', 'confirmation', 'source'])

/** One flag per field of an operation's input; objects with known fields give one per field of theirs, and one for the whole. */
export function flagsOf(input: z.ZodType): Flag[] {
  return fieldsOf(input).flatMap(([key, field]) =>
    SHARED_FIELDS.has(key) ? [] : flagsOfField([key], field, { isInOptional: false }),
  )
}

/** Objects that the contract demands even where all of their fields may be absent. */
export function requiredObjectsOf(input: z.ZodType, parents: readonly string[] = []): string[][] {
  return fieldsOf(input).flatMap(([key, field]) => {
    const { inner, isOptional } = unwrap(field)
    const path = [...parents, key]
    return isOptional || inner.def.type !== 'object' ? [] : [path, ...requiredObjectsOf(inner, path)]
  })
}

export const hasField = (input: z.ZodType, name: string): boolean => fieldsOf(input).some(([key]) => key === name)

export const isOptionalField = (input: z.ZodType, name: string): boolean =>
  fieldsOf(input).some(([key, field]) => key === name && unwrap(field).isOptional)

export const kebab = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

/** How a person writes the flag of a field, for messages about it. */
export const flagName = (path: readonly string[]): string => path.map(kebab).join('.')

interface Position {
  isInOptional: boolean
}

function flagsOfField(path: readonly string[], field: z.ZodType, position: Position): Flag[] {
  const { inner, isOptional, isNullable, defaultValue, description, isSecret } = unwrap(field)
  const flag: Flag = {
    path,
    name: flagName(path),
    kind: kindOf(inner, isSecret),
    choices: choicesOf(inner) ?? choicesOf(elementOf(inner)),
    isRequired: !isOptional && !position.isInOptional,
    isNullable,
    defaultValue,
    description,
  }
  const nested = fieldsOf(inner)
  if (nested.length === 0) return [flag]
  const isInOptional = isOptional || position.isInOptional
  const flags = nested.flatMap(([key, child]) => flagsOfField([...path, key], child, { isInOptional }))
  // A JSON text of the whole would put its secrets into the argument list, which every user of the machine can read.
  if (flags.some(child => child.kind === 'secret')) return flags
  return [{ ...flag, kind: 'json', isRequired: false }, ...flags]
}

function kindOf(inner: z.ZodType, isSecret: boolean): Flag['kind'] {
  if (isSecret) return 'secret'
  const { type } = inner.def
  if (type === 'string' || type === 'enum') return 'text'
  if (type === 'number' || type === 'boolean') return type
  const element = elementOf(inner)?.def.type
  return element === 'string' || element === 'enum' ? 'list' : 'json'
}

interface Unwrapped {
  inner: z.ZodType
  isOptional: boolean
  isNullable: boolean
  defaultValue: unknown
  description: string
  isSecret: boolean
}

function unwrap(schema: z.ZodType): Unwrapped {
  const found = { isOptional: false, isNullable: false, defaultValue: undefined as unknown, description: '' }
  let isSecret = false
  for (let inner = schema; ; inner = innerOf(inner)) {
    const meta = inner.meta()
    if (found.description === '') found.description = meta?.description ?? ''
    isSecret ||= meta?.secret === true
    const { type } = inner.def
    if (type === 'optional') found.isOptional = true
    else if (type === 'nullable') found.isNullable = true
    else if (type === 'default') {
      found.isOptional = true
      found.defaultValue = Reflect.get(inner.def, 'defaultValue')
    } else return { ...found, inner, isSecret }
  }
}

const innerOf = (schema: z.ZodType): z.ZodType => Reflect.get(schema.def, 'innerType') as z.ZodType

function fieldsOf(schema: z.ZodType): [string, z.ZodType][] {
  return schema.def.type === 'object' ? Object.entries(Reflect.get(schema, 'shape') as Record<string, z.ZodType>) : []
}

function elementOf(schema: z.ZodType): z.ZodType | undefined {
  return schema.def.type === 'array' ? (Reflect.get(schema.def, 'element') as z.ZodType) : undefined
}

function choicesOf(schema: z.ZodType | undefined): readonly string[] | undefined {
  return schema?.def.type === 'enum' ? (Reflect.get(schema, 'options') as string[]) : undefined
}
