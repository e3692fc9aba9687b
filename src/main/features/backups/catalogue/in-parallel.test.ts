import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inParallel } from './in-parallel.ts'

test('gives results in order, and never does more at once than allowed', async () => {
  let running = 0
  let most = 0
  const results = await inParallel([5, 1, 4, 2, 3, 0], 3, async turns => {
    most = Math.max(most, ++running)
    for (let turn = 0; turn < turns; turn++) await setImmediate()
    running -= 1
    return turns * 10
  })
  expect([results, most]).toEqual([[50, 10, 40, 20, 30, 0], 3])
})

test('after a failure waits for what is under way, and begins nothing new', async () => {
  const begun: number[] = []
  const ended: number[] = []
  const work = inParallel([1, 2, 3, 4], 2, async item => {
    begun.push(item)
    if (item === 1) throw new Error('one')
    await setImmediate()
    ended.push(item)
  })
  await expect(work).rejects.toThrow('one')
  expect([begun, ended]).toEqual([[1, 2], [2]])
})
