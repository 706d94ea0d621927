import { describe, expect, test } from 'vitest'

import { getAnswer, listResults, tea, webFetch } from './answers.ts'

describe('a fetch', () => {
  test('returns the page as a document, cited if citations are enabled', async () => {
    const { content, usage } = await getAnswer(`Summarize ${tea}.`, {
      ...webFetch,
      citations: { enabled: true },
    })

    expect(content[1]).toMatchObject({ name: 'web_fetch', input: { url: tea } })
    expect(listResults(content)).toEqual([
      {
        type: 'web_fetch_result',
        url: tea,
        content: {
          type: 'document',
          source: {
            type: 'text',
            media_type: 'text/plain',
            data: expect.stringContaining('Black tea takes boiling water'),
          },
          title: 'How to brew tea',
          citations: { enabled: true },
        },
        retrieved_at: '2025-11-22T10:00:00.000Z',
      },
    ])
    expect(content.at(-1)).toMatchObject({
      citations: [{ type: 'char_location', document_index: 0, start_char_index: 0, end_char_index: 50 }],
    })
    expect(usage.server_tool_use).toEqual({ web_search_requests: 0, web_fetch_requests: 1 })
  })

  test('is truncated to max_content_tokens, and not cited unless citations are enabled', async () => {
    const { content } = await getAnswer(`Read ${tea}`, { ...webFetch, max_content_tokens: 2 })

    expect(listResults(content)[0]).toMatchObject({ content: { source: { data: 'Green' } } })
    expect(JSON.stringify(content)).not.toContain('citations')
  })

  test.each([
    ['https://example.net/', {}, 'url_not_accessible'],
    [tea, { blocked_domains: ['example.org'] }, 'url_not_allowed'],
    [tea, { allowed_domains: ['example.com'] }, 'url_not_allowed'],
    [`https://example.org/${'a'.repeat(250)}`, {}, 'url_too_long'],
    ['https://example.org/a.png', {}, 'unsupported_content_type'],
  ])('of %s with %j fails inside of a success', async (url, more, error_code) => {
    const { content, usage } = await getAnswer(`Fetch ${url}`, { ...webFetch, ...more })

    expect(listResults(content)).toEqual([{ type: 'web_fetch_tool_result_error', error_code }])
    expect(usage).not.toHaveProperty('server_tool_use')
  })

  test('fails for the first page after max_uses', async () => {
    const { content } = await getAnswer(`Compare ${tea} and https://example.org/`, {
      ...webFetch,
      max_uses: 1,
    })

    expect(listResults(content)[1]).toEqual({
      type: 'web_fetch_tool_result_error',
      error_code: 'max_uses_exceeded',
    })
  })
})
