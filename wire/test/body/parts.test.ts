import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { indexBody } from '../../src/body/body-index.ts'
import { iterateElements, stringsNamed } from '../../src/body/parts.ts'
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

describe('the string values of a name', () => {
  test.each([
    ['{"file_id":"a","b":[{"file_id" :\n"c"},{"x":{"file_id":"d","file_id":"e"}}]}', ['a', 'c', 'd', 'e']],
    ['{"\\u0066ile_id":"a","file\\u005Fid":"\\u0062"}', ['a', 'b']],
    ['{"x":"file_id","y":"\\"file_id\\":\\"z\\""}', []],
    ['{"file_id":7,"y":{"file_id":{"file_id":["q"]}}}', []],
    ['{"file_id":"a', []],
    ['{"xfile_id":"a","file_idx":"b","file_i":"c"}', []],
  ])('in %s', (text, values) => {
    expect([...stringsNamed(encode(text), 'file_id')]).toEqual(values)
  })

  test('are those that JSON.parse finds', () => {
    fc.assert(
      fc.property(randomJsonText, (text) => {
        const shown: unknown[] = []
        JSON.parse(text, (name, value: unknown) => {
          if (name === 'model' && typeof value === 'string') shown.push(value)
          return value
        })

        const found = [...stringsNamed(encode(text), 'model')]

        expect(shown.filter((value) => !found.includes(String(value)))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
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
