import { AppError } from '#shared/errors.ts'

/** A line of SQL longer than this is no work of pg_dump: it cuts long values itself. COPY data has no limit. */
const LINE_LIMIT_BYTES = 64 * 1024 * 1024
/** Of each statement only the beginning is looked at; COPY with 1,600 columns of 63 bytes fits. */
const STATEMENT_KEPT = 256 * 1024

const NEWLINE = 0x0a
const BACKSLASH = 0x5c
const QUOTE = 0x27
const DOUBLE_QUOTE = 0x22
const DOLLAR = 0x24
const DASH = 0x2d
const SLASH = 0x2f
const STAR = 0x2a
const SEMICOLON = 0x3b
const COPY_END = Buffer.from('\n\\.\n')

const RESTRICT = /^\\(restrict|unrestrict) ([A-Za-z0-9]+)\r?\n?$/
const DOLLAR_TAG = /^\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$/
const COPY_FROM_STDIN = /^COPY [^;]* FROM stdin$/
const STRINGS_ON = /^SET standard_conforming_strings = on$/

type State = 'sql' | 'string' | 'escape-string' | 'name' | 'dollar' | 'comment' | 'copy'

/**
 * Reads the script of a plain dump as psql would, and throws at the first backslash command outside strings and COPY data
 * (pgAdmin CVE-2025-12762). pg_dump's own `\restrict` and `\unrestrict` are taken out, so that the caller can put psql under a
 * `\restrict` whose key nobody knows: psql then refuses what this scanner could miss.
 */
export class ScriptScanner {
  private state: State = 'sql'
  private dollarTag = ''
  private commentDepth = 0
  private statement = ''
  private hasStatements = false
  private restrictKey: string | undefined
  private isOver = false
  private line = 1
  private pending: Buffer[] = []
  private pendingBytes = 0
  /** The end of the last COPY piece, in which `\.` may have begun. */
  private copyTail: Buffer = Buffer.alloc(0)

  /** What may go on to psql of this piece and of those held back before. */
  push(chunk: Buffer): Buffer[] {
    const output: Buffer[] = []
    let rest: Buffer = chunk
    while (rest.length > 0) rest = this.state === 'copy' ? this.copyData(rest, output) : this.sqlLines(rest, output)
    return output
  }

  /** @throws AppError CONFLICT when the script ends in the middle of something */
  finish(): Buffer[] {
    const output: Buffer[] = []
    const last = Buffer.concat(this.pending)
    this.pending = []
    if (last.length > 0 && this.state !== 'copy') this.sqlLine(last, output)
    if (this.state !== 'sql') throw refused('cut', `it ends in the middle of a ${this.state}`, this.line)
    return output
  }

  private copyData(chunk: Buffer, output: Buffer[]): Buffer {
    const searched = Buffer.concat([this.copyTail, chunk])
    const end = searched.indexOf(COPY_END)
    if (end < 0) {
      output.push(chunk)
      this.copyTail = Buffer.from(searched.subarray(-(COPY_END.length - 1)))
      return Buffer.alloc(0)
    }
    const taken = end + COPY_END.length - this.copyTail.length
    output.push(chunk.subarray(0, taken))
    this.copyTail = Buffer.alloc(0)
    this.state = 'sql'
    return chunk.subarray(taken)
  }

  /** Whole lines only; returns what follows where COPY data begins. */
  private sqlLines(chunk: Buffer, output: Buffer[]): Buffer {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start)
      if (end < 0) {
        this.hold(chunk.subarray(start))
        return Buffer.alloc(0)
      }
      this.hold(chunk.subarray(start, end + 1))
      const line = this.pending.length === 1 ? (this.pending[0] ?? chunk) : Buffer.concat(this.pending)
      this.pending = []
      this.pendingBytes = 0
      this.sqlLine(line, output)
      start = end + 1
      if (this.state === 'copy') return chunk.subarray(start)
    }
  }

  private hold(part: Buffer): void {
    this.pendingBytes += part.length
    if (this.pendingBytes > LINE_LIMIT_BYTES) throw refused('script', 'a line is too long', this.line)
    // A copy: the source may use its memory again.
    if (part.length > 0) this.pending.push(Buffer.from(part))
  }

  private sqlLine(line: Buffer, output: Buffer[]): void {
    const isOwn = this.state === 'sql' && line[0] === BACKSLASH && this.ownCommand(line)
    if (!isOwn) {
      this.scan(line)
      output.push(line)
    }
    this.line++
  }

  /** pg_dump's `\restrict key` before the first statement, and `\unrestrict key` after the last one. */
  private ownCommand(line: Buffer): boolean {
    const [, command, key] = RESTRICT.exec(line.subarray(0, 200).toString('latin1')) ?? []
    if (key === undefined || this.statement.trim() !== '') return false
    if (command === 'restrict' && this.restrictKey === undefined && !this.hasStatements) {
      this.restrictKey = key
      return true
    }
    if (command === 'unrestrict' && this.restrictKey === key && !this.isOver) {
      this.isOver = true
      return true
    }
    return false
  }

  private scan(line: Buffer): void {
    let at = 0
    while (at < line.length) at = this.step(line, at)
  }

  /** Handles what begins here and returns where the next begins. */
  private step(line: Buffer, at: number): number {
    switch (this.state) {
      case 'string':
        return this.close(line, at, QUOTE)
      case 'name':
        return this.close(line, at, DOUBLE_QUOTE)
      case 'escape-string':
        if (line[at] === BACKSLASH) return at + 2
        if (line[at] === QUOTE) this.state = 'sql'
        return at + 1
      case 'dollar': {
        const end = line.indexOf(this.dollarTag, at, 'latin1')
        if (end < 0) return line.length
        this.state = 'sql'
        return end + this.dollarTag.length
      }
      case 'comment':
        return this.inComment(line, at)
      default:
        return this.inSql(line, at)
    }
  }

  /** A doubled quote closes and opens again, which comes to the same. */
  private close(line: Buffer, at: number, quote: number): number {
    const end = line.indexOf(quote, at)
    if (end < 0) return line.length
    this.state = 'sql'
    return end + 1
  }

  private inComment(line: Buffer, at: number): number {
    if (line[at] === SLASH && line[at + 1] === STAR) {
      this.commentDepth++
      return at + 2
    }
    if (line[at] === STAR && line[at + 1] === SLASH) {
      this.commentDepth--
      if (this.commentDepth === 0) this.state = 'sql'
      return at + 2
    }
    return at + 1
  }

  private inSql(line: Buffer, at: number): number {
    const byte = line[at] ?? 0
    switch (byte) {
      case BACKSLASH:
        throw refused('meta-command', 'it holds a command for psql itself (a backslash outside of data)', this.line)
      case QUOTE:
        this.state = isEscapePrefix(line, at) ? 'escape-string' : 'string'
        break
      case DOUBLE_QUOTE:
        this.state = 'name'
        break
      case DASH:
        if (line[at + 1] === DASH) return line.length
        break
      case SLASH:
        if (line[at + 1] !== STAR) break
        this.state = 'comment'
        this.commentDepth = 1
        return at + 2
      case DOLLAR: {
        const tag = isNameByte(line[at - 1]) ? undefined : DOLLAR_TAG.exec(line.toString('latin1', at, at + 130))?.[0]
        if (tag === undefined) break
        this.state = 'dollar'
        this.dollarTag = tag
        return at + tag.length
      }
      case SEMICOLON:
        return this.endStatement(line, at)
    }
    this.keep(byte)
    return at + 1
  }

  private keep(byte: number): void {
    const isBlank = byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
    if (this.statement === '' && isBlank) return
    if (this.isOver) throw refused('script', 'it goes on after its end', this.line)
    if (this.statement.length < STATEMENT_KEPT) this.statement += isBlank ? ' ' : String.fromCharCode(byte)
  }

  private endStatement(line: Buffer, at: number): number {
    const text = this.statement.trim()
    this.statement = ''
    this.hasStatements = true
    if (/standard_conforming_strings/i.test(text) && !STRINGS_ON.test(text)) {
      throw refused('script', 'it changes how strings are read', this.line)
    }
    if (!/^COPY\b/i.test(text)) return at + 1
    const isLast =
      line
        .subarray(at + 1)
        .toString('latin1')
        .trim() === ''
    if (!COPY_FROM_STDIN.test(text) || !isLast) throw refused('script', 'its COPY is not pg_dump’s', this.line)
    this.state = 'copy'
    // Data that is empty begins with its end.
    this.copyTail = Buffer.from('\n')
    return line.length
  }
}

const isNameByte = (byte: number | undefined): boolean =>
  byte !== undefined && (byte >= 0x80 || byte === DOLLAR || /[A-Za-z0-9_]/.test(String.fromCharCode(byte)))

/** Only E begins a string in which a backslash escapes, and only where it is a word of its own. */
function isEscapePrefix(line: Buffer, at: number): boolean {
  const before = line[at - 1]
  return (before === 0x45 || before === 0x65) && !isNameByte(line[at - 2])
}

const refused = (reason: 'meta-command' | 'script' | 'cut', why: string, line: number): AppError =>
  new AppError('CONFLICT', `The script of this dump is not run: ${why}, at line ${line}.`, {
    hint: 'pg_dump writes nothing of the kind. Find out who changed the file, and restore another dump.',
    details: { reason: reason === 'cut' ? 'archive-damaged' : reason, line },
  })

/** The script as it may go to psql; throws before anything that may not is given on. */
export async function* scannedScript(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const scanner = new ScriptScanner()
  for await (const chunk of source) yield* scanner.push(chunk)
  yield* scanner.finish()
}
