import { randomBytes } from 'node:crypto'
import { Binary, type Document, deserialize } from 'bson'
import { type Engine, fromColumn } from './engine.ts'
import { CommandError } from './errors.ts'

const MECHANISM = 'SCRAM-SHA-256'
const NONCE_BYTES = 18

interface Conversation {
  user: string
  clientFirst: string
  serverFirst: string
  nonce: string
}

const refused = (): CommandError => new CommandError(18, 'AuthenticationFailed', 'Authentication failed.')

/** One connection's SCRAM-SHA-256 exchange (RFC 5802); salts and proofs are checked by the engine. */
export class Authentication {
  user: string | undefined
  readonly #engine: Engine
  #conversation: Conversation | undefined

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** @throws CommandError for other mechanisms and unknown users */
  async start(command: Document): Promise<Document> {
    if (command.mechanism !== MECHANISM) {
      throw new CommandError(334, 'MechanismUnavailable', `Only ${MECHANISM} is supported, not ${command.mechanism}`)
    }
    const [, name = '', clientNonce = ''] = /^n,,n=([^,]*),r=(.*)$/.exec(payloadOf(command)) ?? []
    const user = name.replaceAll('=2C', ',').replaceAll('=3D', '=')
    const salt = await this.#ask('scram_sha256_get_salt_and_iterations($1)', [user])
    if (salt.ok !== 1 || salt.salt === undefined) throw refused()
    const nonce = clientNonce + randomBytes(NONCE_BYTES).toString('base64')
    const serverFirst = `r=${nonce},s=${salt.salt},i=${salt.iterations}`
    this.#conversation = { user, clientFirst: `n=${name},r=${clientNonce}`, serverFirst, nonce }
    return step(serverFirst, false)
  }

  /** @throws CommandError for a wrong password */
  async proceed(command: Document): Promise<Document> {
    const conversation = this.#conversation
    // The client ends the exchange with an empty message after it has checked our signature.
    if (conversation === undefined) {
      if (this.user === undefined) throw refused()
      return step('', true)
    }
    this.#conversation = undefined
    const [, withoutProof = '', nonce, proof] = /^(c=[^,]*,r=([^,]*)),p=(.*)$/.exec(payloadOf(command)) ?? []
    if (nonce !== conversation.nonce) throw refused()
    const message = `${conversation.clientFirst},${conversation.serverFirst},${withoutProof}`
    const parameters = [conversation.user, message, proof]
    const answer = await this.#ask('authenticate_with_scram_sha256($1, $2, $3)', parameters)
    if (answer.ok !== 1) throw refused()
    this.user = conversation.user
    return step(`v=${answer.ServerSignature}`, true)
  }

  logout(): void {
    this.user = undefined
  }

  async #ask(call: string, parameters: unknown[]): Promise<Document> {
    const row = await this.#engine.query(`SELECT documentdb_api_internal.${call} AS answer`, parameters)
    return deserialize(fromColumn(row.answer))
  }
}

function payloadOf(command: Document): string {
  return Buffer.from((command.payload as Binary).buffer).toString()
}

function step(payload: string, done: boolean): Document {
  return { conversationId: 1, done, payload: new Binary(Buffer.from(payload)), ok: 1 }
}
