import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeRow } from '../archive/copy-text.ts'
import { maskCopy } from './mask-copy.ts'

const KEY = Buffer.from('a key of this test')

async function masked(columns: string[], text: string, sizes: readonly number[] = [1 << 20]): Promise<string> {
  const transform = maskCopy(columns, KEY)
  if (transform === undefined) return text
  const bytes = Buffer.from(text)
  const chunks: Buffer[] = []
  for (let start = 0, index = 0; start < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1
    chunks.push(bytes.subarray(start, start + size))
    start += size
  }
  return String(await buffer(Readable.from(chunks).pipe(transform)))
}

const value = fc.option(fc.string({ unit: 'binary', maxLength: 40 }).filter(text => !text.includes('\0')))
const size = fc.integer({ min: 1, max: 9 })

describe('masking on the way', () => {
  it('has nothing to do with a table without personal columns', () => {
    expect(maskCopy(['id', 'name', 'level'], KEY)).toBeUndefined()
  })

  it('replaces personal fields only, and keeps NULL, however the text is cut', async () => {
    const rows = fc.array(fc.tuple(value, value, value, value), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(rows, fc.array(size, { minLength: 1, maxLength: 5 }), async (all, sizes) => {
        const text = all.map(encodeRow).join('')
        const columns = ['id', 'pan', 'note', 'comments']
        const out = await masked(columns, text, sizes)
        expect(out).toBe(await masked(columns, text))
        const lines = out.split('\n').slice(0, -1)
        expect(lines).toHaveLength(all.length)
        for (const [index, line] of lines.entries()) {
          const [id, pan, note, comments] = line.split('\t')
          const row = all[index] ?? [null, null, null, null]
          expect(`${id}\t${note}\n`).toBe(encodeRow([row[0], row[2]]))
          if (row[1] === null) expect(pan).toBe('\\N')
          else expect(pan).toMatch(/^ZZZZZ\d{4}Z$/)
          expect(comments).toBe(row[3] === null ? '\\N' : 'masked')
        }
      }),
    )
  })

  it('gives equal values equal masks, and tells nothing of them', async () => {
    const text = encodeRow(['asha@example.com']) + encodeRow(['ravi@example.com']) + encodeRow(['asha@example.com'])
    const [a, b, c] = (await masked(['email'], text)).split('\n')
    expect(a).toBe(c)
    expect(a).not.toBe(b)
    expect(a).toMatch(/^p-[0-9a-f]{12}@masked\.invalid$/)
  })

  it('masks a value of any length in little memory, and passes long neighbours', async () => {
    const long = 'x'.repeat(300_000)
    const out = await masked(['changes', 'note', 'id'], encodeRow([`{"a":"${long}"}`, long, '1']), [65_536])
    expect(out).toBe(encodeRow(['{}', long, '1']))
  })

  it('keeps a birthday before what it was before', async () => {
    expect(await masked(['date_of_birth'], '1987-11-03\n\\N\ninfinity\n')).toBe('1987-01-01\n\\N\n\\N\n')
  })
})
