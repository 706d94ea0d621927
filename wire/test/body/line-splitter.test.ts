import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineSplitter } from '../../src/body/line-splitter.ts'
import { cutAt, randomCuts } from '../split-points.ts'
import type { Cuts } from '../split-points.ts'

test('finds the same lines wherever the bytes are cut', () => {
  const text = fc.array(fc.constantFrom('a', 'bc', '\n', '\r\n', 'é', '"'), { maxLength: 20 })
  fc.assert(
    fc.property(text, randomCuts, (parts, cuts) => {
      const lines = parts.join('').split('\n')
      const expected = lines.at(-1) === '' ? lines.slice(0, -1) : lines

      expect(iterateLines(parts.join(''), cuts, 1_000)).toEqual(expected)
    }),
  )
})

test('reports a line that is too long as null, and continues with the next', () => {
  const text = '123\n1234\n\n12345678\n1\n12345'

  for (let cut = 0; cut <= text.length; cut += 1)
    expect(iterateLines(text, [cut], 3)).toEqual(['123', null, '', null, '1', null])
  expect(iterateLines(text, 'every byte', 3)).toEqual(['123', null, '', null, '1', null])
})

function iterateLines(text: string, cuts: Cuts, maxLineBytes: number): (string | null)[] {
  const splitter = createLineSplitter(maxLineBytes)
  const lines: (string | null)[] = []
  const take = (line: Uint8Array | null) => lines.push(line === null ? null : new TextDecoder().decode(line))
  for (const piece of cutAt(new TextEncoder().encode(text), cuts)) splitter.push(piece, take)
  splitter.finish(take)
  return lines
}
