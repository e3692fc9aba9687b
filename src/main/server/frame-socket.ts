import type { WebSocket } from 'ws'
import type { Session } from '../kernel/context.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** Both ends watch the link: a ping that stays unanswered ends it here, an absent empty text ends it in the page. */
const HEARTBEAT_MS = 20_000
/** Unsent answers, in bytes: above the first no more questions are read, at the last the page is given up. */
const PAUSE_BYTES = 8 * 1_048_576
const RESUME_BYTES = 1_048_576
const LIMIT_BYTES = 64 * 1_048_576

/** Close codes of RFC 6455 section 7.4.1. */
const UNSUPPORTED_DATA = 1003
const TRY_AGAIN_LATER = 1013

/** Gives one socket its kernel connection, for as long as it is open. */
export function serveFrames(socket: WebSocket, kernel: Pick<Kernel, 'connect'>, session: Session): void {
  const resume = () => {
    if (socket.isPaused && socket.bufferedAmount <= RESUME_BYTES) socket.resume()
  }
  const connection = kernel.connect(session, text => {
    if (socket.readyState !== socket.OPEN) return
    socket.send(text, resume)
    if (socket.bufferedAmount > LIMIT_BYTES) socket.close(TRY_AGAIN_LATER, 'The page does not keep up.')
    else if (socket.bufferedAmount > PAUSE_BYTES) socket.pause()
  })
  const endHeartbeat = heartbeat(socket)
  socket.on('message', (data, isBinary) => {
    if (isBinary) socket.close(UNSUPPORTED_DATA, 'Frames are texts.')
    else connection.receive(String(data))
  })
  // What went wrong (an oversized message, a reset) is in the close event that always follows.
  socket.on('error', () => undefined)
  socket.once('close', () => {
    endHeartbeat()
    connection.close()
  })
}

function heartbeat(socket: WebSocket): () => void {
  let isAlive = true
  socket.on('pong', () => {
    isAlive = true
  })
  const timer = setInterval(() => {
    // While reading is paused the pong cannot arrive.
    if (!isAlive && !socket.isPaused) return socket.terminate()
    isAlive = false
    socket.ping()
    socket.send('')
  }, HEARTBEAT_MS)
  return () => clearInterval(timer)
}
