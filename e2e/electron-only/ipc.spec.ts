import { expect, test } from './electron-app.ts'

interface Answer {
  type: string
  value?: { host?: string }
  error?: { code: string }
}

/** Runs in the page: sends one frame over the real preload and waits for the frame that answers it. */
const ask = (frame: { type: string; id: string; op: string; input: object }): Promise<Answer> =>
  new Promise(resolve => {
    const bridge = Reflect.get(window, 'tenantry') as {
      send(text: string): void
      onFrame(listener: (text: string) => void): () => void
    }
    const stop = bridge.onFrame(text => {
      const answer = JSON.parse(text)
      if (answer.id !== frame.id) return
      stop()
      resolve(answer)
    })
    bridge.send(JSON.stringify(frame))
  })

test('a call goes through preload and main process to the kernel and back', async ({ page }) => {
  const answer = await page.evaluate(ask, { type: 'call', id: 'first', op: 'app.info', input: {} })
  expect(answer).toMatchObject({ type: 'result', value: { host: 'desktop' } })
})

test('errors keep their code on the way', async ({ page }) => {
  const unknown = await page.evaluate(ask, { type: 'call', id: 'second', op: 'no.such', input: {} })
  expect(unknown.error?.code).toBe('NOT_FOUND')
  const wrong = await page.evaluate(ask, { type: 'call', id: 'third', op: 'environments.get', input: {} })
  expect(wrong.error?.code).toBe('INVALID_INPUT')
})

test('the page works again after a reload', async ({ page }) => {
  await page.reload()
  const answer = await page.evaluate(ask, { type: 'call', id: 'fourth', op: 'app.info', input: {} })
  expect(answer.type).toBe('result')
})
