import { expect, test } from 'vitest'
import { errorFrame, frameHead } from './frames.ts'

test('the head of a frame is found without parsing it', () => {
  expect(frameHead('{"type":"result","id":"7","value":[')).toEqual({ type: 'result', id: '7' })
})

test('the order of the fields does not matter', () => {
  expect(frameHead('{"id":"7","op":"app.info","type":"call"}')).toEqual({ type: 'call', id: '7' })
  expect(frameHead('{"type":"call","id":"a\\"b"}')).toEqual({ type: 'call', id: 'a"b' })
})

test.each(['', 'x', 'null', '7', '[]', '{"type":"error","id":null}', '{"type":"call"}'])('%s names no call', text => {
  expect(frameHead(text)).toBeUndefined()
})

test('an error frame has the form that the kernel sends', () => {
  const frame = JSON.parse(errorFrame('7', { code: 'TIMEOUT', message: 'Too late.', retryable: true }))
  expect(frame).toEqual({
    type: 'error',
    id: '7',
    error: { code: 'TIMEOUT', message: 'Too late.', retryable: true, id: expect.any(String) },
  })
})
