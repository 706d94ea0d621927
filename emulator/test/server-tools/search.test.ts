import { models, computePrice } from '@anthology/catalog'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import { ask, collect, getMessage } from '../collecting-receiver.ts'
import { getAnswer, emulator, now, listResults, tea, webSearch } from './answers.ts'

describe('a search', () => {
  test('has a use, its result and text that cites it', async () => {
    const { content, stop_reason } = await getAnswer('Search the web for green tea', webSearch)
    const [intro, use, result] = content

    expect(intro).toMatchObject({ type: 'text', text: expect.stringContaining('web_search') })
    expect(use).toEqual({
      type: 'server_tool_use',
      id: expect.stringMatching(/^srvtoolu_[a-zA-Z0-9]{24}$/),
      name: 'web_search',
      input: { query: 'green tea' },
    })
    expect(result).toMatchObject({
      type: 'web_search_tool_result',
      tool_use_id: use && 'id' in use && use.id,
    })
    expect(listResults(content)[0]).toContainEqual({
      type: 'web_search_result',
      url: tea,
      title: 'How to brew tea',
      encrypted_content: expect.stringMatching(/^[A-Za-z0-9+/]{40,}=*$/),
      page_age: 'March 3, 2024',
    })
    expect(content.at(-1)).toMatchObject({
      type: 'text',
      citations: [
        {
          type: 'web_search_result_location',
          cited_text: 'Green tea needs water of about 80 degrees Celsius.',
          url: tea,
          title: 'How to brew tea',
          encrypted_index: expect.stringMatching(/^[A-Za-z0-9+/]{40,}=*$/),
        },
      ],
    })
    expect(stop_reason).toBe('end_turn')
  })

  test('is encrypted with the seed', async () => {
    const ofSeed = async (seed: string) => {
      const { content } = await getMessage(
        createEmulator({ asOf: '2025-11-22', seed }),
        ask('Look up chess', { tools: [webSearch] }),
      )
      return listResults(content)
    }

    expect(await ofSeed('a')).toEqual(await ofSeed('a'))
    expect(await ofSeed('a')).not.toEqual(await ofSeed('b'))
  })

  test.each([
    ['Hello there', {}],
    ['Please do not search for tea', {}],
    ['Search for tea', { tool_choice: { type: 'none' } }],
  ])('is not made where it is not asked for: %s', async (question, more) => {
    const { content, usage } = await getMessage(emulator, ask(question, { tools: [webSearch], ...more }))

    expect(content.map(({ type }) => type)).toEqual(['text'])
    expect(usage).not.toHaveProperty('server_tool_use')
  })

  test.each([{ type: 'any' }, { type: 'tool', name: 'web_search' }])(
    'has no text before it if it is forced: %j',
    async (tool_choice) => {
      const { content } = await getMessage(emulator, ask('Bees?', { tools: [webSearch], tool_choice }))

      expect(content.slice(0, 3).map(({ type }) => type)).toEqual([
        'server_tool_use',
        'web_search_tool_result',
        'text',
      ])
      expect(content[0]).toMatchObject({ input: { query: 'Bees' } })
    },
  )

  test('finds only what the domains allow', async () => {
    const urlsWith = async (more: object) => {
      const { content } = await getAnswer('Search for the Moon and weather news', { ...webSearch, ...more })
      return JSON.stringify(listResults(content)).match(/https:\/\/(\w+\.)?example\.org/g) ?? []
    }

    expect(new Set(await urlsWith({ allowed_domains: ['news.example.org'] }))).toEqual(
      new Set(['https://news.example.org']),
    )
    expect(await urlsWith({ blocked_domains: ['news.example.org'] })).not.toContain(
      'https://news.example.org',
    )
    expect(await urlsWith({ allowed_domains: ['example.com'] })).toEqual([])
  })

  test('fails after max_uses, and failed searches are not counted', async () => {
    const { content, usage } = await getAnswer('Search for "tea", "bread", "moon" and "cats"', {
      ...webSearch,
      max_uses: 2,
    })

    expect(listResults(content)).toHaveLength(3)
    expect(listResults(content)[2]).toEqual({
      type: 'web_search_tool_result_error',
      error_code: 'max_uses_exceeded',
    })
    expect(usage.server_tool_use).toEqual({ web_search_requests: 2, web_fetch_requests: 0 })
  })

  test('fails with a query that is too long', async () => {
    const { content, usage } = await getAnswer(`Search for "${'tea '.repeat(400)}"`, webSearch)

    expect(listResults(content)).toEqual([
      { type: 'web_search_tool_result_error', error_code: 'query_too_long' },
    ])
    expect(usage).not.toHaveProperty('server_tool_use')
  })

  test('costs a cent, 10 USD per 1,000', async () => {
    const { usage } = await getAnswer('Search for "tea", "bread" and "moon"', webSearch)
    const model = models.find(({ id }) => id === 'claude-opus-4-1-20250805')
    const price =
      model &&
      computePrice({ ...usage, server_tool_use: { ...usage.server_tool_use } }, model, { asOf: '2025-11-22' })

    expect(price).toMatchObject({
      ok: true,
      lines: expect.arrayContaining([
        expect.objectContaining({ component: 'web_search', quantity: 3n, costNanoUsd: 30_000_000n }),
      ]),
    })
  })
})

test.each([
  [webSearch, null],
  [{ type: 'web_search_20260209', name: 'web_search' }, 'does not filter web results'],
  [{ ...webSearch, type: 'web_search_20260318', allowed_callers: ['code_execution_20260120'] }, 'from code'],
  [{ type: 'tool_search_tool_bm25', name: 'tool_search_tool_bm25' }, 'does not run tool search'],
])('the notice for %j is %s', async (tool, notice) => {
  const { status, headers } = await collect(createEmulator({ asOf: '2026-10-01', now }), {
    body: ask('Hi', { model: 'claude-opus-4-6', tools: [tool] }),
  })

  expect(status).toBe(200)
  expect(headers['x-anthology-notice'] ?? null).toEqual(notice && expect.stringContaining(notice))
})

test('the versions of 2026 are called as well', async () => {
  const { content } = await getMessage(
    createEmulator({ asOf: '2026-10-01', now }),
    ask('Search for chess', {
      model: 'claude-opus-4-6',
      tools: [{ type: 'web_search_20260318', name: 'web_search' }],
    }),
  )

  expect(listResults(content)[0]).toMatchObject([{ title: 'The game of chess' }])
})
