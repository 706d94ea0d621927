import { createBuiltInKey } from '../../src/auth/key-ring.ts'
import { resolve } from '@anthology/catalog'
import { indexBody } from '@anthology/wire'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { authorizeNamedModels } from '../../src/auth/named-models.ts'
import { createNameResolver } from '../../src/routing/name-resolver.ts'

const haiku = getModel('claude-haiku-4-5')
const resolveModel = createNameResolver({
  aliases: { best: 'claude-opus-4-1', small: haiku.id, 'claude-opus-4-0': haiku.id },
})
const restricted = { ...createBuiltInKey('key_a', 'a'), models: new Set([haiku.id]) }

describe('a key that is limited to one model cannot make the upstream run another one by', () => {
  test.each([
    ['an advisor', { tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-4-1' }] }],
    [
      'an advisor of a type that is not known yet',
      { tools: [{ type: 'advisor_20991231', model: 'us.anthropic.claude-opus-4-1-20250805-v1:0' }] },
    ],
    [
      'an advisor that the catalog does not know',
      { tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'claude-next-9' }] },
    ],
    ['a fallback', { fallbacks: [{ model: 'claude-opus-4-1' }] }],
    ['an advisor by an alias of the operator', { tools: [advisor('best')] }],
    ['a fallback by an alias of the operator', { fallbacks: [{ model: 'best' }] }],
    ['a fallback that only an alias of the operator allows', { fallbacks: [{ model: 'claude-opus-4-0' }] }],
    ['a fallback behind an allowed one', { fallbacks: [{ model: haiku.id }, { model: 'claude-opus-4-1' }] }],
    ['the default fallback of the service', { fallbacks: 'default' }],
    [
      'a member that nobody knows',
      { router: { routes: [{ use: 'anthropic.claude-opus-4-1-20250805-v1:0' }] } },
    ],
    [
      'a tool that the conversation defines',
      {
        messages: [
          {
            role: 'system',
            content: [
              {
                type: 'tool_addition',
                tool: { type: 'tool_definition', definition: advisor('claude-opus-4-1') },
              },
            ],
          },
        ],
      },
    ],
    [
      'such a tool with an alias of the operator',
      { messages: [{ role: 'system', content: [{ type: 'tool_definition', definition: advisor('best') }] }] },
    ],
  ])('%s', async (_, members) => {
    await expect(authorize({ model: haiku.id, ...members })).rejects.toMatchObject({
      code: 'model_not_allowed',
    })
    await authorize({ model: haiku.id, ...members }, null)
  })

  test.each([
    ['a repeated member', '{"model":"M","fallbacks":[],"fallbacks":[{"model":"claude-opus-4-1"}]}'],
    ['an escaped member', '{"model":"M","fall\\u0062acks":[{"model":"claude-opus-4-1"}]}'],
    ['an escaped value', '{"model":"M","fallbacks":[{"model":"cl\\u0061ude-opus-4-1"}]}'],
    [
      'a tool with two types',
      '{"model":"M","tools":[{"type":"custom","type":"advisor_20260301","model":"claude-opus-4-1"}]}',
    ],
    [
      'an escaped tool definition',
      '{"model":"M","messages":[{"type":"tool\\u005fdefinition","definition":{"model":"claude-opus-4-1"}}]}',
    ],
  ])('%s', async (_, text) => {
    await expect(authorizeText(text.replace('"M"', JSON.stringify(haiku.id)))).rejects.toMatchObject({
      code: 'model_not_allowed',
    })
  })

  test('the error names the place', async () => {
    const tools = [
      { name: 'a', input_schema: {} },
      { type: 'advisor_20260301', model: 'claude-opus-4-1' },
    ]
    await expect(authorize({ tools })).rejects.toThrow(
      `tools.1.model: this key cannot use claude-opus-4-1-20250805; use one of: ${haiku.id}`,
    )
  })
})

describe('a limited key may still', () => {
  test.each([
    [
      'use its model as advisor and fallback',
      { tools: [advisor(haiku.id)], fallbacks: [{ model: 'claude-haiku-4-5' }] },
    ],
    ['use it by an alias of the operator', { tools: [advisor('small')], fallbacks: [{ model: 'small' }] }],
    [
      'talk about other models',
      { system: 'claude-opus-4-1', messages: [{ role: 'user', content: 'claude-opus-4-1' }] },
    ],
    [
      'describe other models in its own tools',
      {
        tools: [
          {
            name: 'claude-opus-4-1',
            description: 'claude-opus-4-1',
            input_schema: {
              properties: { model: { enum: ['claude-opus-4-1'], default: 'claude-opus-4-1' } },
            },
          },
        ],
      },
    ],
    [
      'continue a conversation that a fallback has served',
      {
        messages: [
          { role: 'assistant', content: [{ type: 'fallback', from: { model: 'claude-opus-4-1' } }] },
        ],
      },
    ],
    [
      'use servers and tools whose names contain the word',
      { mcp_servers: [{ type: 'url', url: 'https://claude.example/mcp', name: 'claude-tools' }] },
    ],
  ])('%s', async (_, members) => {
    await authorize({ model: haiku.id, ...members })
  })
})

test('a body with very many names is rejected soon', async () => {
  const uses = Array.from({ length: 100_000 }, (_, number) => `claude-${number}`)

  await expect(authorize({ router: { uses } })).rejects.toThrow('has more than 1000 names')
  await authorize({ router: { uses } }, null)
})

test('accepts any body without names of models', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (body) => {
      fc.pre(!/claude|default/i.test(JSON.stringify(body)))
      await authorize(body)
    }),
  )
})

function advisor(model: string) {
  return { type: 'advisor_20260301', name: 'advisor', model }
}

function authorize(body: object, models: typeof restricted.models | null = restricted.models): Promise<void> {
  return authorizeText(JSON.stringify(body), models)
}

function authorizeText(
  text: string,
  models: typeof restricted.models | null = restricted.models,
): Promise<void> {
  const body = Buffer.from(text)
  const index = indexBody(body, new Set(['model']))
  if (!index.ok) throw new Error(index.message)
  return authorizeNamedModels({ body, index }, { key: { ...restricted, models }, resolveModel })
}

function getModel(name: string) {
  const found = resolve(name)
  if (!found.ok) throw new Error(`the catalog has no ${name}`)
  return found.model
}
