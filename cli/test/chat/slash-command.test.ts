import { expect, test } from 'vitest'
import { parseLine } from '../../src/chat/slash-command.ts'

test.each([
  ['/model Opus 4.1', { kind: 'command', name: 'model', text: 'Opus 4.1' }],
  ['  /QUIT ', { kind: 'command', name: 'quit', text: '' }],
  ['/system one\ntwo', { kind: 'command', name: 'system', text: 'one\ntwo' }],
  ['/modle x', { kind: 'unknown', name: 'modle' }],
  ['//model is a word', { kind: 'message', text: '/model is a word' }],
  ['/usr/bin is a path', { kind: 'message', text: '/usr/bin is a path' }],
  ['half / half', { kind: 'message', text: 'half / half' }],
  ['', { kind: 'message', text: '' }],
])('reads %j', (line, command) => {
  expect(parseLine(line)).toEqual(command)
})
