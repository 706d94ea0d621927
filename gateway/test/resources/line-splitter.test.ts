import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createLineSplitter } from '../../src/resources/line-splitter.ts'

test('finds the same lines wherever the bytes are cut', () => {
  const text = fc.array(fc.constantFrom('a', 'bc', '\n', '\r\n', 'é', '"'), { maxLength: 20 })
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 40 })), (parts, cuts) => {
      const bytes = Buffer.from(parts.join(''))
      const lines = parts.join('').split('\n')
      const wanted = lines.at(-1) === '' ? lines.slice(0, -1) : lines

      expect(iterateLines(bytes, cuts, 1_000)).toEqual(wanted)
    }),
  )
})

test('stands null in for a line that is too long, and goes on with the next', () => {
  const bytes = Buffer.from('123\n1234\n\n12345678\n1\n12345')

  for (let cut = 0; cut <= bytes.length; cut += 1)
    expect(iterateLines(bytes, [cut], 3)).toEqual(['123', null, '', null, '1', null])
})

function iterateLines(bytes: Buffer, cuts: readonly number[], maxLineBytes: number): (string | null)[] {
  const splitter = createLineSplitter(maxLineBytes)
  const lines: (string | null)[] = []
  const take = (line: Uint8Array | null) => lines.push(line === null ? null : Buffer.from(line).toString())
  let from = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    splitter.push(bytes.subarray(from, Math.max(from, cut)), take)
    from = Math.max(from, Math.min(cut, bytes.length))
  }
  splitter.push(bytes.subarray(from), take)
  splitter.finish(take)
  return lines
}
