import { expect, it } from 'vitest'
import { parseNodes, writeNodes } from './nodes.ts'

it('reads one node per line, with the usual port where none is named', () => {
  expect(parseNodes('10.0.0.1:7000\nredis-2.example:7001, [::1]:7002  plain')).toEqual([
    { host: '10.0.0.1', port: 7_000 },
    { host: 'redis-2.example', port: 7_001 },
    { host: '::1', port: 7_002 },
    { host: 'plain', port: 6_379 },
  ])
})

it('refuses what is no node', () => {
  expect(parseNodes('host:port')).toBeUndefined()
  expect(parseNodes('redis://host:1')).toBeUndefined()
  expect(parseNodes('')).toEqual([])
})

it('writes what it reads', () => {
  const nodes = [
    { host: '::1', port: 7_002 },
    { host: 'a', port: 1 },
  ]
  expect(parseNodes(writeNodes(nodes))).toEqual(nodes)
})
