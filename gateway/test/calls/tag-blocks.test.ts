import { indexBody } from '@anthology/wire'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { readMembers } from '../../src/calls/call.ts'
import { createBlockTagger } from '../../src/calls/tag-blocks.ts'
import type { BlockTags, PrefixChange } from '../../src/ledger/block-tags.ts'
import { findPrefixChange, listBreakpoints, readBlockTags } from '../../src/ledger/block-tags.ts'

type Block = Readonly<Record<string, unknown>>

interface Message {
  readonly role: 'user' | 'assistant'
  readonly content: string | readonly Block[]
}

interface Prompt {
  readonly tools: readonly Block[]
  readonly system: readonly Block[]
  readonly messages: readonly Message[]
}

const control = { cache_control: { type: 'ephemeral' } }

test('the named block is the one that was edited, in any conversation', () => {
  fc.assert(
    fc.property(prompts, edits, fc.constantFrom(undefined, 1), (before, edit, space) => {
      const after = applyEdit(before, edit)
      const found = findPrefixChange(tagMarked(before, space), tagMarked(after, space))

      expect(found).toSatisfy((one: typeof found) => isRight(one, findFirstDifference(before, after)))
    }),
    { numRuns: 500 },
  )
})

test('in a long conversation the named range contains the edited message', () => {
  const long = fc.record({
    count: fc.integer({ min: 100, max: 900 }),
    more: fc.integer({ min: 0, max: 40 }),
    luck: fc.double({ min: 0, max: 0.95, noNaN: true }),
  })
  fc.assert(
    fc.property(long, ({ count, more, luck }) => {
      const edited = Math.floor(luck * count)
      const make = (length: number, changed: number): Prompt => ({
        tools: [],
        system: [],
        messages: Array.from({ length }, (_, at) => ({
          role: at % 2 === 0 ? 'user' : 'assistant',
          content: `message ${at}${at === changed ? ' edited' : ''}`,
        })),
      })

      const found = findPrefixChange(tagMarked(make(count, -1)), tagMarked(make(count + more, edited)))

      // It may be unknown for the last message alone, because its tag then covers a new one.
      if (found === 'unknown') expect(edited).toBeGreaterThan(count - 8)
      else expect(found).toSatisfy((one: PrefixChange) => contains(one, edited + 1))
    }),
    { numRuns: 60 },
  )
})

test.each<[string, Partial<Prompt>, unknown]>([
  ['an edited tool', { tools: [tool('a'), tool('x'), tool('c')] }, place('tools', 2, 'changed')],
  ['a new tool', { tools: [tool('a'), tool('b'), tool('x'), tool('c')] }, place('tools', 3, 'added')],
  ['a tool at the end', { tools: ['a', 'b', 'c', 'x'].map(tool) }, place('tools', 4, 'added')],
  ['a missing tool', { tools: [tool('b'), tool('c')] }, place('tools', 1, 'removed')],
  ['tools in another order', { tools: [tool('b'), tool('a'), tool('c')] }, place('tools', 1, 'moved')],
  ['an edited system block', { system: [text('s'), text('x')] }, place('system', 2, 'changed')],
  [
    'an edited block of a message',
    { messages: [user('m'), { role: 'assistant', content: [text('n'), text('x')] }] },
    { ...place('messages', 2, 'changed'), block: 2 },
  ],
  [
    'a block that is missing at the end of a message, before a new message',
    { messages: [user('m'), { role: 'assistant', content: [text('n')] }, user('p')] },
    { ...place('messages', 2, 'changed'), block: 2 },
  ],
  [
    'a message of another role',
    { messages: [{ role: 'assistant', content: 'm' }] },
    { ...place('messages', 1, 'changed'), block: 1 },
  ],
  [
    'a block that is missing at the end of a message',
    { messages: [user('m'), { role: 'assistant', content: [text('n')] }, user('x')] },
    { ...place('messages', 2, 'changed'), block: 2 },
  ],
])('names %s', (_, change, expected) => {
  expect(findPrefixChange(tagMarked(sample), tagMarked({ ...sample, ...change }))).toEqual(expected)
})

test('a string and a block with this text are the same, and a breakpoint is no part of a block', () => {
  const before = tag({ messages: [user('m')], cache_control: { type: 'ephemeral' } })
  const after = tag({
    messages: [{ role: 'user', content: [{ ...control, text: 'm', type: 'text' }] }, user('n')],
  })

  expect(findPrefixChange(required(before), required(after))).toBe('same')
})

test('what stands behind the last breakpoint was not cached, so it does not count', () => {
  const make = (last: string) => ({
    system: [{ ...text('s'), ...control }],
    messages: [user(last)],
  })

  expect(findPrefixChange(required(tag(make('m'))), required(tag(make('x'))))).toBe('same')
})

test('a changed setting is named if the messages were cached', () => {
  const make = (budget: number) => ({
    thinking: { type: 'enabled', budget_tokens: budget },
    messages: [{ role: 'user', content: [{ ...text('m'), ...control }] }],
  })

  expect(findPrefixChange(required(tag(make(1_024))), required(tag(make(2_048))))).toEqual({
    part: 'settings',
    setting: 'thinking',
    kind: 'changed',
  })
})

test('a conversation that goes on has the same tags as one that is tagged anew', () => {
  const long: fc.Arbitrary<Message> = fc.record({
    role: fc.constantFrom('user', 'assistant'),
    content: fc.oneof(
      words.map((word) => word.repeat(200)),
      fc.array(blocks, { minLength: 1, maxLength: 3 }),
    ),
  })
  const turns = fc.array(fc.tuple(fc.array(long, { minLength: 1, maxLength: 6 }), fc.option(edits)), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(fc.array(long, { minLength: 20, maxLength: 60 }), turns, (first, changes) => {
      const tagBlocks = createBlockTagger(() => 'a secret of the tests')
      let prompt: Prompt = { ...sample, messages: first }
      for (const [more, edit] of [[[], null] as const, ...changes]) {
        prompt = { ...prompt, messages: [...prompt.messages, ...more] }
        if (edit !== null) prompt = applyEdit(prompt, edit)

        expect(tagBlocks(read(marked(prompt)), false)).toEqual(tagMarked(prompt))
      }
    }),
    { numRuns: 50 },
  )
})

test('tags of different secrets are not compared, and have nothing in common', () => {
  const [one, other] = [required(tag(marked(sample))), required(tag(marked(sample), { secret: 'another' }))]

  expect(findPrefixChange(one, other)).toBe('unknown')
  expect(one.tools.tags).not.toBe(other.tools.tags)
})

test('breakpoints are listed with their places and lifetimes', () => {
  const tags = required(
    tag({
      tools: [tool('a'), { ...tool('b'), cache_control: { type: 'ephemeral', ttl: '1h' } }],
      system: [{ ...text('s'), ...control }],
      messages: [{ role: 'user', content: [text('m'), { ...text('n'), ...control }] }],
    }),
  )

  expect(listBreakpoints(tags)).toEqual([
    { part: 'tools', from: 2, block: null, lifetime: '1h' },
    { part: 'system', from: 1, block: null, lifetime: '5m' },
    { part: 'messages', from: 1, block: 2, lifetime: '5m' },
  ])
})

test('without a breakpoint only a call that read or wrote a cache is tagged', () => {
  const body = { messages: [user('an answer with "cache_control" in its text')] }

  expect(tag(body)).toBeNull()
  expect(tag(body, { isCached: true })).not.toBeNull()
})

test('a secret that cannot be read leaves the call without tags', () => {
  const tagBlocks = createBlockTagger(() => {
    throw new Error('the disk is full')
  })

  expect(tagBlocks(read(marked(sample)), true)).toBeNull()
})

test('tags never exceed 1.5 KB, have none of the text, and are read again', () => {
  const secretText = 'the plans for tomorrow'
  const huge: Prompt = {
    tools: Array.from({ length: 500 }, (_, at) => tool(`${secretText} ${at}`)),
    system: Array.from({ length: 50 }, (_, at) => text(`${secretText} ${at}`)),
    messages: Array.from({ length: 3_000 }, (_, at) => user(`${secretText} ${at}`)),
  }

  const tags = tagMarked(huge)
  const printed = JSON.stringify({ blocks: tags })

  expect(printed.length).toBeLessThanOrEqual(1_536)
  expect(printed).not.toMatch(/plans|tomorrow/)
  expect(readBlockTags(JSON.parse(JSON.stringify(tags)))).toEqual(tags)
})

test('a prompt above the bounds is compared up to there', () => {
  const long = 'x'.repeat(3 * 1024 * 1024)
  const make = (first: string, last: string): Prompt => ({
    tools: [],
    system: [],
    messages: [user(first), user(long), user(`${long}${last}`)],
  })
  const before = tagMarked(make('a', 'b'))

  expect(findPrefixChange(before, tagMarked(make('x', 'b')))).toMatchObject({ part: 'messages', from: 1 })
  expect(findPrefixChange(before, tagMarked(make('a', 'x')))).toBe('unknown')
})

test.each([null, 'x', {}, { key: 'k', tools: {}, settings: '', breakpoints: [] }])(
  'a stored value of another form counts as absent: %j',
  (value) => {
    expect(readBlockTags(value)).toBeNull()
  },
)

function tool(name: string): Block {
  return { name, description: 'd', input_schema: { type: 'object' } }
}

function text(value: string): Block {
  return { type: 'text', text: value }
}

function user(content: string): Message {
  return { role: 'user', content }
}

function place(part: string, at: number, kind: string) {
  return { part, from: at, to: at, block: null as number | null, kind }
}

const sample: Prompt = {
  tools: ['a', 'b', 'c'].map(tool),
  system: [text('s'), text('t')],
  messages: [user('m'), { role: 'assistant', content: [text('n'), text('o')] }],
}

function tag(
  body: object,
  {
    secret = 'a secret of the tests',
    isCached = false,
    space,
  }: { secret?: string; isCached?: boolean; space?: number } = {},
): BlockTags | null {
  return createBlockTagger(() => secret)(read(body, space), isCached)
}

function read(value: object, space?: number) {
  const body = Buffer.from(JSON.stringify(value, null, space))
  const index = indexBody(body, readMembers)
  if (!index.ok) throw new Error(index.message)
  return { body, index, key: { id: 'key_1' }, clientIds: { session: null, agent: null, parentAgent: null } }
}

function required(tags: BlockTags | null): BlockTags {
  if (tags === null) throw new Error('the request was not tagged')
  return tags
}

/** Tags a prompt whose breakpoint is at the last block, as clients set it. */
function tagMarked(prompt: Prompt, space?: number): BlockTags {
  return required(tag(marked(prompt), { ...(space !== undefined && { space }) }))
}

function marked({ messages, ...rest }: Prompt): object {
  const last = messages.at(-1)
  if (last === undefined) return { ...rest, messages, ...control }
  const blocks = typeof last.content === 'string' ? [text(last.content)] : last.content
  const content = [...blocks.slice(0, -1), { ...blocks.at(-1), ...control }]
  return { ...rest, messages: [...messages.slice(0, -1), { ...last, content }] }
}

const words = fc.string({ minLength: 1, maxLength: 12 })
const blocks: fc.Arbitrary<Block> = fc.oneof(
  words.map(text),
  fc.record({
    type: fc.constant('tool_use'),
    id: words,
    name: words,
    input: fc.dictionary(words, fc.jsonValue()),
  }),
  fc.record({
    type: fc.constant('tool_result'),
    tool_use_id: words,
    content: fc.array(words.map(text), { maxLength: 2 }),
  }),
)
const messages: fc.Arbitrary<Message> = fc.record({
  role: fc.constantFrom('user', 'assistant'),
  content: fc.oneof(words, fc.array(blocks, { minLength: 1, maxLength: 4 })),
})
const prompts: fc.Arbitrary<Prompt> = fc.record({
  tools: fc.array(words.map(tool), { maxLength: 6 }),
  system: fc.array(words.map(text), { maxLength: 4 }),
  messages: fc.array(messages, { minLength: 1, maxLength: 10 }),
})

interface Edit {
  readonly part: 'tools' | 'system' | 'messages' | 'blocks'
  readonly kind: 'replace' | 'insert' | 'remove' | 'swap' | 'none'
  readonly luck: number
  readonly word: string
  /** The next turn of the conversation. */
  readonly more: readonly Message[]
}

const edits: fc.Arbitrary<Edit> = fc.record({
  part: fc.constantFrom('tools', 'system', 'messages', 'blocks'),
  kind: fc.constantFrom('replace', 'insert', 'remove', 'swap', 'none'),
  luck: fc.double({ min: 0, max: 0.999, noNaN: true }),
  word: words,
  more: fc.array(messages, { maxLength: 2 }),
})

function applyEdit(prompt: Prompt, { part, kind, luck, word, more }: Edit): Prompt {
  const change = <Item>(items: readonly Item[], made: Item, minLength = 0): Item[] => {
    const at = Math.floor(luck * items.length)
    if (kind === 'insert') return items.toSpliced(at, 0, made)
    if (kind === 'none' || items.length <= minLength) return [...items]
    if (kind === 'replace') return items.with(at, made)
    if (kind === 'remove') return items.toSpliced(at, 1)
    const [moved, other] = [items[at]!, items.at(at - 1)!]
    return items.with(at, other).with(at - 1, moved)
  }
  const changed = ((): Prompt => {
    if (part === 'tools') return { ...prompt, tools: change(prompt.tools, tool(word)) }
    if (part === 'system') return { ...prompt, system: change(prompt.system, text(word)) }
    if (part === 'messages') return { ...prompt, messages: change(prompt.messages, user(word), 1) }
    const at = Math.floor(luck * prompt.messages.length)
    const message = prompt.messages[at]!
    const content = change(listBlocks(message), text(word), 1)
    return { ...prompt, messages: prompt.messages.with(at, { ...message, content }) }
  })()
  return { ...changed, messages: [...changed.messages, ...more] }
}

function listBlocks({ content }: Message): readonly Block[] {
  return typeof content === 'string' ? [text(content)] : content
}

interface Place {
  readonly part: string
  readonly from: number
  readonly block: number | null
}

/** The places of the first difference in both prompts; null if the first is the beginning of the second. */
function findFirstDifference(before: Prompt, after: Prompt): readonly (Place | undefined)[] | null {
  const list = ({ tools, system, messages: turns }: Prompt) => ({
    tools: tools.map((one, at) => ({ place: { part: 'tools', from: at + 1, block: null }, content: one })),
    system: system.map((one, at) => ({ place: { part: 'system', from: at + 1, block: null }, content: one })),
    messages: turns.flatMap((turn, group) =>
      listBlocks(turn).map((one, at) => ({
        place: { part: 'messages', from: group + 1, block: at + 1 },
        content: { role: turn.role, one },
      })),
    ),
  })
  const [old, now] = [list(before), list(after)]
  for (const part of ['tools', 'system', 'messages'] as const) {
    const [ones, others] = [old[part], now[part]]
    const length = part === 'messages' ? ones.length : Math.max(ones.length, others.length)
    for (let at = 0; at < length; at += 1)
      if (JSON.stringify(ones[at]?.content) !== JSON.stringify(others[at]?.content))
        return [ones[at]?.place, others[at]?.place]
  }
  return null
}

/** What was inserted is named by its place in the new prompt, and what was removed by that in the old one. */
function isRight(
  found: ReturnType<typeof findPrefixChange>,
  expected: readonly (Place | undefined)[] | null,
): boolean {
  if (typeof found === 'string' || found.part === 'settings') return found === 'same' && expected === null
  const { part, from, to, block } = found
  return (
    from === to &&
    expected?.some((one) => one?.part === part && one.from === from && one.block === block) === true
  )
}

function contains(found: PrefixChange, message: number): boolean {
  return found.part === 'messages' && found.from <= message && message <= found.to
}
