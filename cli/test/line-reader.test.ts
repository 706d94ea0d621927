import { PassThrough, Writable } from 'node:stream'

import { expect, test } from 'vitest'
import { createLineReader } from '../src/line-reader.ts'

test('returns piped lines one by one without a prompt, and null at the end', async () => {
  const { input, output, written } = streams()
  const lines = createLineReader({ input, output, isTty: false })

  input.write('one\ntw')
  const first = await lines.readLine('> ')
  const second = lines.readLine('> ')
  input.end('o\nthree')

  expect([first, await second, await lines.readLine('> '), await lines.readLine('> ')]).toEqual([
    'one',
    'two',
    'three',
    null,
  ])
  expect(written()).toBe('')
})

test('buffers any number of lines that arrive early', async () => {
  const { input, output } = streams()
  const lines = createLineReader({ input, output, isTty: false })
  const all = Array.from({ length: 5000 }, (_, index) => `line ${index}`)

  input.end(all.join('\n'))
  const given: string[] = []
  for (let line = await lines.readLine(''); line !== null; line = await lines.readLine('')) given.push(line)

  expect(given).toEqual(all)
})

test('shows the prompt on a terminal, and handles Ctrl-C between two reads', async () => {
  const { input, output, written } = streams()
  const lines = createLineReader({ input, output, isTty: true })
  let interrupts = 0
  lines.onInterrupt(() => (interrupts += 1))

  const asked = lines.readLine('> ')
  input.write('hello\r')
  const line = await asked
  input.write('\u0003')
  const closed = lines.readLine('> ')
  lines.close()

  expect(line).toBe('hello')
  expect(await closed).toBe(null)
  expect(interrupts).toBe(1)
  expect(written()).toContain('> ')
})

function streams(): { input: PassThrough; output: Writable; written: () => string } {
  const chunks: string[] = []
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString())
      done()
    },
  })
  return { input: new PassThrough(), output, written: () => chunks.join('') }
}
