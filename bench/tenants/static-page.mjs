import { createServer } from 'node:http'

/** The least that a page can be: one text, no script, no style. Prints its address. */
const PAGE = '<!doctype html><html lang="en"><title>Page</title><h1>Painted</h1></html>'

const server = createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(PAGE)
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}/\n`))
process.on('SIGTERM', () => process.exit(0))
