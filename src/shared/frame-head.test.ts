import { expect, test } from 'vitest'
import { frameHead } from './frame-head.ts'

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
