import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { indexAnswer, indexBody, maxMembers, parseMember } from '../../src/body/body-index.ts'
import type { BodyIndex, BodyIndexError } from '../../src/body/body-index.ts'
import { randomJsonText } from './json-text.ts'

describe('an accepted body', () => {
  test('lists every member with the offsets of its name and value', () => {
    const body = utf8.encode(' { "model" : "opus" ,\n"stream":true}\r\n')

    const index = accepted(indexBody(body, read))

    expect(index.open).toBe(1)
    expect(index.members.map(({ name }) => name)).toEqual(['model', 'stream'])
    const model = index.get('model')
    expect(model).toEqual({ name: 'model', keyStart: 3, keyEnd: 10, start: 13, end: 19 })
  })

  test('ignores text inside a string or a nested object that looks like a member', () => {
    const body = utf8.encode(
      String.raw`{"system":"\",\"model\":\"dear\"","metadata":{"model":"dear","x":[{"model":1}]},"model":"cheap"}`,
    )

    const index = accepted(indexBody(body, read))

    expect(readValue(body, index, 'model')).toBe('cheap')
  })

  test('finds the model after a long image', () => {
    const body = utf8.encode(`{"messages":[{"data":"${'A'.repeat(5_000_000)}"}],"model":"opus"}`)

    const index = accepted(indexBody(body, read))

    expect(readValue(body, index, 'model')).toBe('opus')
  })

  test.each([
    ['an empty object', '{}'],
    ['an empty object with whitespace', ' {\t\r\n } '],
    ['repeated members outside the read set', '{"tags":1,"tags":2,"model":"opus"}'],
    ['an escaped name outside the read set', String.raw`{"\u0074ags":1}`],
    ['a name that objects inherit', '{"__proto__":{"model":1},"constructor":2}'],
    ['every kind of number', '{"a":-0,"b":1.5e+10,"c":0.1E-2,"d":120,"e":1e5}'],
    ['deep nesting', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('accepts %s', (_, text) => {
    expect(indexBody(utf8.encode(text), read).ok).toBe(true)
  })

  test('reports an absent member, but throws for a name outside the read set', () => {
    const index = accepted(indexBody(utf8.encode('{"tags":[]}'), read))

    expect(index.get('model')).toBeUndefined()
    expect(() => index.get('tags')).toThrow('tags is not among the members that are read')
  })
})

test('a byte order mark is skipped in front of an answer, and its bytes count in the offsets', () => {
  const body = utf8.encode('\ufeff {"model":"opus"}')

  const index = accepted(indexAnswer(body, read))

  expect(index.open).toBe(4)
  expect(readValue(body, index, 'model')).toBe('opus')
  expect(indexBody(body, read)).toMatchObject({ ok: false, because: 'not_an_object' })
  expect(indexAnswer(utf8.encode('\ufeff\ufeff{}'), read)).toMatchObject({ ok: false })
  expect(indexAnswer(utf8.encode('\ufeff'), read)).toMatchObject({ ok: false })
})

describe('a rejected body', () => {
  test.each([
    ['an empty body', '', 'not_an_object', 0],
    ['an array', '[{}]', 'not_an_object', 0],
    ['a byte order mark', '\u{feff}{}', 'not_an_object', 0],
    ['whitespace that JSON does not know', '\u{a0}{}', 'not_an_object', 0],
    ['bytes after the object', '{} {}', 'broken_json', 3],
    ['a form feed between members', '{\f"a":1}', 'broken_json', 1],
    ['a trailing comma', '{"a":1,}', 'broken_json', 7],
    ['a leading comma', '{,"a":1}', 'broken_json', 1],
    ['a missing comma', '{"a":1 "b":2}', 'broken_json', 7],
    ['a missing colon', '{"a" 1}', 'broken_json', 5],
    ['a missing value', '{"a":}', 'broken_json', 5],
    ['a body that was cut off', '{"a":[1,{"b":"c', 'broken_json', 5],
    ['a name without quotes', '{a:1}', 'broken_json', 1],
    ['a name with a control character', '{"a\nb":1}', 'broken_json', 1],
    ['a name with a bad escape', String.raw`{"\x61":1}`, 'broken_json', 1],
    ['a comment', '{"a":[1/*"*/],"model":"opus"}', 'broken_json', 5],
    ['single quotes', `{"a":['"'],"model":"opus"}`, 'broken_json', 5],
    ['a number with a leading zero', '{"a":01}', 'broken_json', 5],
    ['a number without digits', '{"a":-}', 'broken_json', 5],
    ['a number that ends with its point', '{"a":1.}', 'broken_json', 5],
    ['a word that JSON does not know', '{"a":NaN}', 'broken_json', 5],
    ['a literal with an extra letter', '{"a":nullx}', 'broken_json', 9],
    ['a repeated member', '{"model":1,"model":2}', 'duplicate_member', 11],
    ['a name spelt with an escape', String.raw`{"mod\u0065l":1}`, 'escaped_member', 1],
    ['an escaped twin', String.raw`{"model":1,"\u006dodel":2}`, 'escaped_member', 11],
  ])('rejects %s', (_, text, because, offset) => {
    expect(indexBody(utf8.encode(text), read)).toMatchObject({ ok: false, because, offset })
  })

  test('names the repeated member', () => {
    const refusal = indexBody(utf8.encode('{"model":"haiku","max_tokens":1,"model":"opus"}'), read)

    expect(refusal).toMatchObject({ message: 'model: this member stands in the body twice' })
  })

  test('rejects a name that is not UTF-8', () => {
    const body = Uint8Array.from([...utf8.encode('{"a'), 0xff, ...utf8.encode('":1}')])

    expect(indexBody(body, read)).toMatchObject({ ok: false, because: 'broken_json', offset: 1 })
  })

  test('rejects one member too many', () => {
    const members = Array.from({ length: maxMembers }, (_, i) => `"m${i}":0`)

    expect(indexBody(utf8.encode(`{${members.join()}}`), read).ok).toBe(true)
    expect(indexBody(utf8.encode(`{${members.join()},"x":0}`), read)).toMatchObject({
      ok: false,
      because: 'too_many_members',
    })
  })
})

describe('agreement with JSON.parse', () => {
  test('accepts every printed object, whatever its whitespace and escapes', () => {
    fc.assert(
      fc.property(randomJsonText, (text) => {
        const body = utf8.encode(text)

        const index = indexBody(body, read)

        expect(index).toMatchObject({ ok: true })
        expectSameMembers(body, accepted(index))
      }),
      { numRuns: 1_000 },
    )
  })

  test('reads what JSON.parse reads from any body that both accept', () => {
    let bothAccepted = 0
    fc.assert(
      fc.property(randomJsonText, mutations, (text, changes) => {
        const body = mutate(utf8.encode(text), changes)

        const index = indexBody(body, read)

        if (!index.ok || parsed(body) === undefined) return
        bothAccepted += 1
        expectSameMembers(body, index)
      }),
      { numRuns: 3_000 },
    )
    expect(bothAccepted).toBeGreaterThan(100)
  })

  test('rejects UTF-8 that JSON.parse accepts only for its rule on the read set', () => {
    fc.assert(
      fc.property(fc.oneof(randomJsonText, fc.json()), mutations, (text, changes) => {
        const body = mutate(utf8.encode(text), changes)

        const index = indexBody(body, read)

        const value = parsed(body, strict)
        if (index.ok || typeof value !== 'object' || value === null || Array.isArray(value)) return
        expect(['duplicate_member', 'escaped_member']).toContain(index.because)
      }),
      { numRuns: 3_000 },
    )
  })

  test('handles random bytes without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(indexBody(Uint8Array.from([0x7b, 0x22, ...bytes]), read).ok).toBeTypeOf('boolean')
      }),
    )
  })
})

test('reads a string in which every character is escaped', () => {
  const body = utf8.encode(`{"a":"${String.raw`\\\"`.repeat(500_000)}"}`)

  // A quadratic search would take minutes and exceed the test timeout.
  expect(indexBody(body, read).ok).toBe(true)
})

test('returns undefined for a value that is invalid inside', () => {
  const body = utf8.encode('{"model":[1,,2],"stream":{]}')

  const index = accepted(indexBody(body, read))

  expect(readValue(body, index, 'model')).toBeUndefined()
  expect(readValue(body, index, 'stream')).toBeUndefined()
})

const utf8 = new TextEncoder()
const read = new Set(['model', 'stream', 'max_tokens', '__proto__', ''])

function accepted(index: BodyIndex | BodyIndexError): BodyIndex {
  if (!index.ok) throw new Error(index.message)
  return index
}

function readValue(body: Uint8Array, index: BodyIndex, name: string): unknown {
  const member = index.get(name)
  return member && parseMember(body, member)
}

function expectSameMembers(body: Uint8Array, index: BodyIndex): void {
  const value = parsed(body)
  const members = new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}))
  for (const name of read) {
    const member = index.get(name)
    expect(member !== undefined).toBe(members.has(name))
    if (member) {
      const slice: unknown = JSON.parse(lenient.decode(body.subarray(member.start, member.end)))
      expect(slice).toEqual(members.get(name))
    }
  }
}

const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

function parsed(body: Uint8Array, decoder = lenient): unknown {
  try {
    return JSON.parse(decoder.decode(body))
  } catch {
    return undefined
  }
}

const structural = fc
  .constantFrom(...'{}[]",:\\ \n\t/\'0123-.etu\u{feff}'.split(''))
  .map((char) => utf8.encode(char))
const mutations = fc.array(
  fc.record({
    at: fc.nat(),
    drop: fc.nat({ max: 3 }),
    insert: fc.oneof(structural, fc.uint8Array({ maxLength: 2 }), fc.constant(utf8.encode('"model":1,'))),
  }),
  { minLength: 1, maxLength: 3 },
)

interface Mutation {
  readonly at: number
  readonly drop: number
  readonly insert: Uint8Array
}

function mutate(body: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  return changes.reduce((bytes, { at, drop, insert }) => {
    const from = at % (bytes.length + 1)
    return Uint8Array.from([...bytes.subarray(0, from), ...insert, ...bytes.subarray(from + drop)])
  }, body)
}
