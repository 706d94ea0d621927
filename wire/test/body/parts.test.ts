import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { indexBody } from '../../src/body/body-index.ts'
import { iterateElements, readStringAt } from '../../src/body/parts.ts'
import { applyRanges, planSplices } from '../../src/body/splice.ts'
import { randomJsonText } from './json-text.ts'

describe('the elements of an array', () => {
  test.each([
    ['[]', []],
    ['[ \n]', []],
    ['[1]', ['1']],
    ['[ {"a":[1,{"b":"]"}]} ,\t"x,\\"]" , [] ]', ['{"a":[1,{"b":"]"}]}', '"x,\\"]"', '[]']],
  ])('of %s are found', (text, elements) => {
    expect(elementsIn(text)).toEqual({ elements, refused: null })
  })

  test.each([
    ['{}', 'not_an_array'],
    ['"[]"', 'not_an_array'],
    ['[1 2]', 'broken_json'],
    ['[1,]', 'broken_json'],
    ['[,1]', 'broken_json'],
    ['[1}', 'broken_json'],
    ['[01]', 'broken_json'],
  ])('of %s are rejected', (text, because) => {
    expect(elementsIn(text).refused).toBe(because)
  })

  test('are those that JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.array(randomJsonText, { maxLength: 4 }), (objects) => {
        const { elements, refused } = elementsIn(`[${objects.join(',')}]`)

        expect(refused).toBeNull()
        expect(elements.map((element): unknown => JSON.parse(element))).toEqual(
          objects.map((object): unknown => JSON.parse(object)),
        )
      }),
    )
  })

  test('are as many as JSON.parse finds in any text that it accepts as an array', () => {
    const pieces = fc.constantFrom('[', ']', '{', '}', ',', '1', '"a"', ':', ' ', 'null')
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = `[${parts.join('')}]`
        const body = encode(`{"x":${text}}`)
        const index = indexBody(body, new Set(['x']))
        const member = index.ok ? index.get('x') : undefined
        if (member === undefined) return
        const found = [...iterateElements(body, member)]
        const parsed = parse(new TextDecoder().decode(body.subarray(member.start, member.end)))

        if (Array.isArray(parsed)) {
          expect(found.every(({ ok }) => ok)).toBe(true)
          expect(found).toHaveLength(parsed.length)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

test.each([
  ['"a"', 0, 'a'],
  ['{"a":"\\u0062\\"é"}', 5, 'b"é'],
  ['"a', 0, undefined],
  ['"\\x"', 0, undefined],
])('reads the string of %s at %i', (text, at, value) => {
  expect(readStringAt(encode(text), at)).toBe(value)
})

test('splices in objects inside a body leave every other byte as it was', () => {
  const text = '{"requests":[ {"model" : "a"}, {"x":"é","model":"b" }, {"model":"a"}]\n}'
  const body = encode(text)
  const index = indexBody(body, new Set(['requests']))
  const requests = index.ok ? index.get('requests') : undefined
  const array = requests ?? { start: 0, end: 0 }

  const cuts = [...iterateElements(body, array)].flatMap((element) => {
    const inner = element.ok ? indexBody(body.subarray(element.start, element.end), new Set(['model'])) : null
    if (inner === null || !inner.ok || !element.ok) throw new Error('the body is good')
    const edit = { splice: 'model', kind: 'replace', member: 'model', value: 'longer "name"' } as const
    return planSplices(inner, [edit], element.start)
  })

  expect(new TextDecoder().decode(applyRanges(body, cuts))).toBe(
    text.replaceAll(/"[ab]"/g, JSON.stringify('longer "name"')),
  )
  expect(applyRanges(body, [])).toBe(body)
})

function elementsIn(text: string): { elements: string[]; refused: string | null } {
  const body = encode(`  ${text} `)
  const found = [...iterateElements(body, { start: 2, end: body.length - 1 })]
  const elements = found.flatMap((element) =>
    element.ok ? [new TextDecoder().decode(body.subarray(element.start, element.end))] : [],
  )
  const last = found.at(-1)
  return { elements, refused: last?.ok === false ? last.because : null }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
