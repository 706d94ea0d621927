import { readFacts } from '@anthology/catalog'
import { collectSourceTypes, indexBody } from '@anthology/wire'
import { expect, test } from 'vitest'
import * as fc from 'fast-check'

import { readMembers } from '../../src/calls/call.ts'
import { listSourceTypes } from '../../src/calls/source-types.ts'

/** A block, and the kinds of source in it. */
interface Placed {
  readonly block: object
  readonly kinds: readonly string[]
}

const url = { type: 'url', url: 'https://example.com/a.png' }
const file = { type: 'file', file_id: 'file_011' }
const base64 = { type: 'base64', media_type: 'image/png', data: 'AA==' }

const media = fc
  .record({
    type: fc.constantFrom('image', 'document'),
    source: fc.constantFrom(url, file, base64),
    first: fc.boolean(),
  })
  .map(({ type, source, first }): Placed => ({
    // The order of members has no meaning.
    block: first ? { source, type } : { type, title: 'A', source },
    kinds: [source.type],
  }))

const upload = fc.constant<Placed>({
  block: { type: 'container_upload', file_id: 'file_012' },
  kinds: ['container_upload'],
})

/** Text and free JSON that look like sources and are none. */
const decoy = fc
  .constantFrom<object>(
    { type: 'text', text: JSON.stringify({ type: 'image', source: url }) },
    { type: 'text', text: '"url" "file" {"type":"url"}' },
    {
      type: 'tool_use',
      id: 'toolu_1',
      name: 'draw',
      input: { type: 'image', source: url, content: [{ type: 'image', source: file }] },
    },
    { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_fetch', input: url },
    {
      type: 'tool_result',
      tool_use_id: 'toolu_1',
      content: JSON.stringify([{ type: 'image', source: url }]),
    },
    { type: 'search_result', source: 'url', title: 'file', content: [{ type: 'text', text: '"file"' }] },
    {
      type: 'web_search_tool_result',
      tool_use_id: 'srvtoolu_1',
      content: [{ type: 'web_search_result', url: 'https://example.com', title: 'A', encrypted_content: '' }],
    },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '{"type":"url"}' } },
  )
  .map((block): Placed => ({ block, kinds: block === null || !('source' in block) ? [] : readKind(block) }))

const inDocument = fc.array(media, { maxLength: 2 }).map((images): Placed => ({
  block: { type: 'document', source: { content: images.map(({ block }) => block), type: 'content' } },
  kinds: ['content', ...images.flatMap(({ kinds }) => kinds)],
}))

const inResult = fc
  .record({
    type: fc.constantFrom('tool_result', 'mcp_tool_result'),
    blocks: fc.array(fc.oneof(media, inDocument), { maxLength: 2 }),
  })
  .map(({ type, blocks }): Placed => ({
    block: { content: blocks.map(({ block }) => block), type, tool_use_id: 'toolu_1' },
    kinds: blocks.flatMap(({ kinds }) => kinds),
  }))

const inPage = fc.oneof(media, inDocument).map(({ block, kinds }): Placed => ({
  block: {
    type: 'web_fetch_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: { type: 'web_fetch_result', url: 'https://example.com', content: block },
  },
  kinds,
}))

const blocks = fc.array(fc.oneof(decoy, media, upload, inDocument, inResult, inPage), { maxLength: 4 })

const request = fc
  .record({
    system: fc.option(blocks, { nil: undefined }),
    messages: fc.array(fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content: blocks }), {
      maxLength: 3,
    }),
  })
  .map(({ system, messages }) => {
    const placed = [...(system ?? []), ...messages.flatMap(({ content }) => content)]
    return {
      body: {
        model: 'claude-opus-4-1',
        metadata: { user_id: '{"type":"url"}' },
        tools: [
          { name: 'draw', input_schema: { properties: { url: { type: 'url' } } }, input_examples: [url] },
        ],
        mcp_servers: [{ type: 'url', url: 'https://example.com', name: 'a' }],
        ...(system !== undefined && { system: system.map(({ block }) => block) }),
        messages: messages.map(({ role, content }) => ({ role, content: content.map(({ block }) => block) })),
      },
      kinds: [...new Set(placed.flatMap(({ kinds }) => kinds))].toSorted(),
    }
  })

/** The kinds that some platforms lack. A prompt without them is not read, so other kinds may be missing. */
function pickLacking(kinds: readonly string[]): readonly string[] {
  return kinds.filter((kind) => ['container_upload', 'file', 'url'].includes(kind)).toSorted()
}

test('finds every source at every place where the API accepts one, and nothing that looks like one', async () => {
  await fc.assert(
    fc.asyncProperty(request, fc.boolean(), async ({ body, kinds }, indented) => {
      const found = await list(JSON.stringify(body, null, indented ? 2 : 0))

      // The search ends with the first block that has such a kind.
      expect(pickLacking(found).length > 0).toBe(pickLacking(kinds).length > 0)
      expect(pickLacking(kinds)).toEqual(expect.arrayContaining([...pickLacking(found)]))
      expect(collect(JSON.stringify(body))).toEqual(kinds)
    }),
  )
})

test('agrees with the facts that the checks of the catalog read from a parsed body', async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ body }) => {
      const found = await list(JSON.stringify(body))
      const { source_types: read = [] } = readFacts(body, {}, { sized: false })

      expect(pickLacking(found).length > 0).toBe(pickLacking(read).length > 0)
      expect(pickLacking(collect(JSON.stringify(body)))).toEqual(pickLacking(read))
    }),
  )
})

test('reads names that are written with escapes', async () => {
  const source = '{"\\u0074ype":"\\u0075rl","url":"https://example.com/a.png"}'

  expect(
    await list(`{"messages":[{"role":"user","content":[{"type":"image","source":${source}}]}]}`),
  ).toEqual(['url'])
})

test('finds a file after a URL for deployments hosted on Azure, which lack files only', async () => {
  const content = [url, file].map((source) => ({ type: 'image', source }))
  const text = JSON.stringify({ messages: [{ role: 'user', content }] })

  expect(await list(text)).toEqual(['url'])
  expect(await list(text, [{}, { hosting: 'azure' }])).toEqual(['url', 'file'])
})

test('broken or deep JSON ends the search without an error', async () => {
  const deep = `${'[{"content":'.repeat(2_000)}"url"${'}]'.repeat(2_000)}`

  expect(await list(`{"messages":${deep}}`)).toEqual([])
  expect(await list('{"messages":[{"content":[{"type":"image","source":{"type":"url"}},]}]}')).toEqual([
    'url',
  ])
  expect(await list('{"messages":"url","system":{"type":"url"}}')).toEqual([])
})

function readKind({ source }: { readonly source: unknown }): readonly string[] {
  return typeof source === 'object' && source !== null && 'type' in source ? [String(source.type)] : []
}

/** All kinds, without the search that comes before. */
function collect(text: string): readonly string[] {
  const body = Buffer.from(text)
  const index = indexBody(body, new Set(['messages', 'system']))
  if (!index.ok) throw new Error(index.message)
  const found = new Set<string>()
  for (const name of ['system', 'messages']) {
    const member = index.get(name)
    if (member !== undefined) for (const _ of collectSourceTypes(body, member, found));
  }
  return [...found].toSorted()
}

async function list(
  text: string,
  accounts: Parameters<typeof listSourceTypes>[1] = [],
): Promise<readonly string[]> {
  const body = Buffer.from(text)
  const index = indexBody(body, readMembers)
  if (!index.ok) throw new Error(index.message)
  return listSourceTypes({ body, index }, accounts)
}
