import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { indexBody } from '../../src/body/body-index.ts'
import type { BodyIndex } from '../../src/body/body-index.ts'
import { applySplices, spliceInPieces, splices } from '../../src/body/splice.ts'
import type { Patch, SpliceId } from '../../src/body/splice.ts'
import { joinBytes } from '../../src/body/join-bytes.ts'

import { randomJsonText } from './json-text.ts'

describe('replacing a value', () => {
  test('leaves every other byte as it was', () => {
    const before = ' {"a" :\t"\\u00e9", "model" :  "opus"  ,"b":[1, 2 ]}\n'

    const after = splice(before, [replaceModel('claude-opus-4-1-20250805')])

    expect(after).toBe(' {"a" :\t"\\u00e9", "model" :  "claude-opus-4-1-20250805"  ,"b":[1, 2 ]}\n')
  })

  test('escapes what it writes', () => {
    expect(splice('{"model":"a"}', [replaceModel('","stream":true,"x":"Grüße')])).toBe(
      String.raw`{"model":"\",\"stream\":true,\"x\":\"Grüße"}`,
    )
  })
})

describe('removing a member', () => {
  test.each([
    ['the only member', '{ "model":1 }', ['model'], '{  }'],
    ['the first member', '{ "model":1 , "b":2 }', ['model'], '{ "b":2 }'],
    ['the last member', '{ "b":2 , "model":1 }', ['model'], '{ "b":2 }'],
    ['a member between others', '{"a":1, "model":1 ,"b":2}', ['model'], '{"a":1 ,"b":2}'],
    ['two members in front', '{"model":1,"stream":2, "b":3}', ['model', 'stream'], '{"b":3}'],
    ['two members at the end', '{"b":3, "model":1, "stream":2}', ['model', 'stream'], '{"b":3}'],
    ['a member at each end', '{"model":1,"b":3,"stream":2}', ['stream', 'model'], '{"b":3}'],
    ['all members', '{"model":1,"stream":2}', ['model', 'stream'], '{}'],
    ['a member that is not there', '{"b":3}', ['model'], '{"b":3}'],
  ] as const)('takes the right comma along with %s', (_, before, members, after) => {
    expect(
      splice(
        before,
        members.map((member) => ({ splice: member, kind: 'remove', member })),
      ),
    ).toBe(after)
  })
})

describe('adding a member', () => {
  test('adds it after the last member', () => {
    expect(splice('{ "a":1 }', [addVersion])).toBe('{ "a":1,"anthropic_version":"bedrock-2023-05-31" }')
  })

  test('adds it to an empty object', () => {
    expect(splice('{ }', [addVersion])).toBe('{"anthropic_version":"bedrock-2023-05-31" }')
  })

  test('turns a body for the Claude API into one for Bedrock', () => {
    const before = '{"model": "opus", "max_tokens": 5, "messages": [], "stream": true}'

    const after = splice(before, [
      { splice: 'model', kind: 'remove', member: 'model' },
      { splice: 'stream', kind: 'remove', member: 'stream' },
      addVersion,
      { splice: 'anthropic_beta', kind: 'add', member: 'anthropic_beta', value: ['context-1m-2025-08-07'] },
    ])

    expect(after).toBe(
      '{"max_tokens": 5, "messages": [],"anthropic_version":"bedrock-2023-05-31",' +
        '"anthropic_beta":["context-1m-2025-08-07"]}',
    )
  })

  test('works if all other members are removed', () => {
    const removeModel = { splice: 'model', kind: 'remove', member: 'model' } as const

    expect(splice('{ "model":1 }', [addVersion, removeModel])).toBe(
      '{ "anthropic_version":"bedrock-2023-05-31" }',
    )
  })
})

describe('invalid and empty patches', () => {
  test('returns the same bytes if there are no patches', () => {
    const { bytes, index } = indexed('{}')

    expect(applySplices(bytes, index, [])).toBe(bytes)
  })

  test.each<[string, Patch, string]>([
    [
      'a member that its row does not name',
      { splice: 'model', kind: 'remove', member: 'stream' },
      'splice_not_permitted',
    ],
    [
      'a kind that its row does not have',
      { splice: 'first_party_member', kind: 'add', member: 'tags', value: [] },
      'splice_not_permitted',
    ],
    [
      'a replacement of an absent member',
      { splice: 'stream', kind: 'replace', member: 'stream', value: true },
      'member_missing',
    ],
    [
      'a second member of one name',
      { splice: 'model', kind: 'add', member: 'model', value: '' },
      'member_exists',
    ],
    [
      'an edit of a member outside the read set',
      { splice: 'first_party_member', kind: 'remove', member: 'tags' },
      'member_not_read',
    ],
  ])('rejects %s', (_, edit, code) => {
    expect(() => splice('{"model":1}', [edit])).toThrow(expect.objectContaining({ name: 'WireError', code }))
  })

  test('rejects two patches of one member', () => {
    expect(() => splice('{"model":1}', [replaceModel('a'), replaceModel('b')])).toThrow(
      expect.objectContaining({ code: 'conflicting_edits' }),
    )
  })
})

test('changes no byte outside the replaced value, whatever the body', () => {
  fc.assert(
    fc.property(randomJsonText, fc.string(), (text, value) => {
      const { bytes, index } = indexed(text)
      const model = index.get('model')
      if (!model) return

      const after = applySplices(bytes, index, [replaceModel(value)])

      const written = utf8.encode(JSON.stringify(value))
      expect(after).toEqual(
        Uint8Array.from([...bytes.subarray(0, model.start), ...written, ...bytes.subarray(model.end)]),
      )
    }),
    { numRuns: 500 },
  )
})

test('parses as the original with the changes applied, whatever the body', () => {
  fc.assert(
    fc.property(randomJsonText, randomChanges(), (text, changes) => {
      const { bytes, index } = indexed(text)
      const edits = [...changes].flatMap(([id, change]) => editFor(index, id, change))

      const after = decode.decode(applySplices(bytes, index, edits))

      const expected = new Map(Object.entries<unknown>(JSON.parse(text)))
      for (const edit of edits) {
        if (edit.kind === 'remove') expected.delete(edit.member)
        else expected.set(edit.member, edit.value)
      }
      expect(new Map(Object.entries<unknown>(JSON.parse(after)))).toEqual(expected)
      expectKept(text, index, after, edits)
    }),
    { numRuns: 1_000 },
  )
})

test('is the same in pieces, of which the unchanged ones are views into the body', () => {
  fc.assert(
    fc.property(randomJsonText, randomChanges(), (text, changes) => {
      const { bytes, index } = indexed(text)
      const edits = [...changes].flatMap(([id, change]) => editFor(index, id, change))

      const pieces = spliceInPieces(bytes, index, edits)

      expect(joinBytes(pieces)).toEqual(applySplices(bytes, index, edits))
      const kept = pieces.filter(({ buffer }) => buffer === bytes.buffer)
      const written = pieces.length - kept.length
      expect(written).toBeLessThanOrEqual(edits.length)
    }),
    { numRuns: 500 },
  )
})

const utf8 = new TextEncoder()
const decode = new TextDecoder('utf-8', { ignoreBOM: true })
const read = new Set(['model', 'stream', 'anthropic_version', 'anthropic_beta'])
const addVersion = {
  splice: 'anthropic_version',
  kind: 'add',
  member: 'anthropic_version',
  value: 'bedrock-2023-05-31',
} as const

function replaceModel(value: string): Patch {
  return { splice: 'model', kind: 'replace', member: 'model', value }
}

function indexed(text: string): { bytes: Uint8Array; index: BodyIndex } {
  const bytes = utf8.encode(text)
  const index = indexBody(bytes, read)
  if (!index.ok) throw new Error(index.message)
  return { bytes, index }
}

function splice(text: string, edits: readonly Patch[]): string {
  const { bytes, index } = indexed(text)
  return decode.decode(applySplices(bytes, index, edits))
}

interface Change {
  readonly kind: 'set' | 'remove'
  readonly value: string
}

function randomChanges(): fc.Arbitrary<Map<SpliceId, Change>> {
  const ids = fc.constantFrom<SpliceId>('model', 'stream', 'anthropic_version', 'anthropic_beta')
  const change = fc.record({ kind: fc.constantFrom<Change['kind']>('set', 'remove'), value: fc.string() })
  return fc.array(fc.tuple(ids, change), { maxLength: 4 }).map((entries) => new Map(entries))
}

function editFor(index: BodyIndex, id: SpliceId, { kind, value }: Change): Patch[] {
  return splices[id].members.map((member): Patch => {
    if (kind === 'remove') return { splice: id, kind, member }
    return { splice: id, kind: index.get(member) ? 'replace' : 'add', member, value }
  })
}

/** Expects every member that no patch names to keep its bytes and its order. */
function expectKept(text: string, index: BodyIndex, after: string, edits: readonly Patch[]): void {
  const bytes = utf8.encode(text)
  const kept = index.members.filter(({ name }) => !edits.some(({ member }) => member === name))
  let from = 0
  for (const member of kept) {
    const source = decode.decode(bytes.subarray(member.keyStart, member.end))
    const at = after.indexOf(source, from)
    expect(at).toBeGreaterThanOrEqual(0)
    from = at + source.length
  }
  expect(after.startsWith(text.slice(0, text.indexOf('{') + 1))).toBe(true)
  expect(after.endsWith(text.slice(text.lastIndexOf('}')))).toBe(true)
}
