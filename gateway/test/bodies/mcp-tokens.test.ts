import { indexBody } from '@anthology/wire'
import { expect, test } from 'vitest'

import { hideTokens } from '../../src/bodies/mcp-tokens.ts'

test('tokens of MCP servers are no part of a stored request, wherever it is cut and however they are spelled', () => {
  const servers = String.raw`[{"name":"a","authorization_token" : "secret-1"},
    {"authorization\u005ftoken":"secret\"-2","authorization_token":"secret-3"},{"authorization_token":null}]`
  const messages = String.raw`[{"content":"\"authorization_token\": \"mine\""}]`
  const text = `{"messages":${messages},"mcp_servers":${servers},"model":"m"}`
  const body = Buffer.from(text)
  const index = indexBody(body, new Set())
  if (!index.ok) throw new Error(index.message)

  const whole = Buffer.from(hideTokens(body, { body, index })).toString()
  const cuts = Array.from({ length: body.length }, (_, size) =>
    Buffer.from(hideTokens(body.subarray(0, size), { body, index })).toString(),
  )

  expect(whole).toBe(text.replaceAll(/secret[-\d"\\]+(?=")/g, (token) => '*'.repeat(token.length)))
  expect(whole).not.toContain('secret')
  expect(JSON.parse(whole)).toMatchObject({ messages: JSON.parse(messages), mcp_servers: [{}, {}, {}] })
  expect(cuts.filter((cut, size) => cut !== whole.slice(0, size))).toEqual([])
  expect(body.toString()).toBe(text)
})
