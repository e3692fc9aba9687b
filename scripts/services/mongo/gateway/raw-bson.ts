import { onDemand } from 'bson'

/**
 * Work on BSON bytes without decoding values: a document that passes through JavaScript objects would lose its number
 * types and the order of keys that look like integers.
 */

const ARRAY_TYPE = 4
const DOCUMENT_TYPE = 3
/** Length field in front, end byte behind. */
const FRAME_BYTES = 5

export function documentOf(elements: readonly Uint8Array[]): Buffer {
  const size = elements.reduce((sum, element) => sum + element.length, FRAME_BYTES)
  const bytes = Buffer.alloc(size)
  bytes.writeInt32LE(size, 0)
  let offset = 4
  for (const element of elements) {
    bytes.set(element, offset)
    offset += element.length
  }
  return bytes
}

/** The top-level elements of a document as name and bytes (type, name and value). */
export function* elementsOf(bytes: Buffer): Generator<{ name: string; bytes: Buffer }> {
  for (const [, nameOffset, nameLength, offset, length] of onDemand.parseToElements(bytes)) {
    yield {
      name: bytes.toString('utf8', nameOffset, nameOffset + nameLength),
      // The element begins with its type, one byte in front of its name.
      bytes: bytes.subarray(nameOffset - 1, offset + length),
    }
  }
}

/** The document without the named top-level fields. */
export function withoutFields(bytes: Buffer, names: ReadonlySet<string>): Buffer {
  return documentOf([...elementsOf(bytes)].filter(element => !names.has(element.name)).map(element => element.bytes))
}

/** The document with array fields appended, each holding the given documents. */
export function withArrays(bytes: Buffer, arrays: ReadonlyMap<string, readonly Buffer[]>): Buffer {
  const body = bytes.subarray(4, bytes.length - 1)
  const fields = [...arrays].map(([name, documents]) => {
    const items = documents.map((document, index) => element(DOCUMENT_TYPE, String(index), document))
    return element(ARRAY_TYPE, name, documentOf(items))
  })
  return documentOf([body, ...fields])
}

function element(type: number, name: string, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(type), Buffer.from(`${name}\0`), value])
}
