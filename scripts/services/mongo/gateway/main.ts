import { serve } from './server.ts'

/** Entry of the gateway's process: ENGINE_URL names the DocumentDB server, PORT the loopback port to listen on. */
const { ENGINE_URL, PORT } = process.env
if (ENGINE_URL === undefined || PORT === undefined) throw new Error('ENGINE_URL and PORT must be set')
console.log(`listening on port ${await serve(ENGINE_URL, Number(PORT))}`)
