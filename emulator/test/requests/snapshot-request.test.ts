import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createEmulator, snapshotRequest } from '../../src/index.ts'
import type { SeenRequest } from '../../src/index.ts'

test('a snapshot shows what the app sent, without what differs from run to run', async () => {
  const id = 'toolu_01A09q90qw90lq917835lq9'
  const request = await send(
    '/v1/messages?beta=true',
    {
      model: 'claude-opus-4-1',
      max_tokens: 10,
      metadata: { user_id: 'user_1_session_5d6f9f5e-2a64-4b1e-9d7e-0123456789ab' },
      mcp_servers: [{ url: 'https://mcp.example', authorization_token: 'tok' }],
      messages: [
        { role: 'assistant', content: [{ type: 'tool_use', name: 'file_search_v2', id, input: {} }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: id, content: `seen ${id}, key sk-ant-api03-abcdefghijkl` },
            {
              type: 'image',
              source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo'.repeat(20) },
            },
            { type: 'text', text: 'Today is 2026-11-29.' },
          ],
        },
      ],
    },
    { 'user-agent': 'sdk/1', 'x-api-key': 'secret', 'anthropic-beta': 'b-2, a-1', 'x-team': 'blue' },
  )

  const snapshot = snapshotRequest(request, {
    headers: ['X-Team'],
    replace: [[/\d{4}-\d\d-\d\d(?=\.)/, '<day>']],
  })

  expect(JSON.stringify(snapshot, null, 1)).toMatchInlineSnapshot(`
    "{
     "method": "POST",
     "path": "/v1/messages?beta=true",
     "headers": {
      "anthropic-beta": "a-1, b-2",
      "content-type": "text/plain;charset=UTF-8",
      "x-team": "blue"
     },
     "body": {
      "max_tokens": 10,
      "mcp_servers": [
       {
        "authorization_token": "[redacted]",
        "url": "https://mcp.example"
       }
      ],
      "messages": [
       {
        "content": [
         {
          "id": "<toolu 1>",
          "input": {},
          "name": "file_search_v2",
          "type": "tool_use"
         }
        ],
        "role": "assistant"
       },
       {
        "content": [
         {
          "content": "seen <toolu 1>, key [redacted]",
          "tool_use_id": "<toolu 1>",
          "type": "tool_result"
         },
         {
          "source": {
           "data": "iVBORw0KGgoi… [base64, 220 characters, 7cbc98ef]",
           "media_type": "image/png",
           "type": "base64"
          },
          "type": "image"
         },
         {
          "text": "Today is <day>.",
          "type": "text"
         }
        ],
        "role": "user"
       }
      ],
      "metadata": {
       "user_id": "user_1_session_<uuid 1>"
      },
      "model": "claude-opus-4-1"
     }
    }"
  `)
})

test('the order of members, ids and keys make no difference', () => {
  const one = snapshotRequest(
    seen({ b: 1, a: { d: 'msg_01AAAAAAAAAAAAAA', c: [2] } }, { authorization: 'x' }),
  )
  const two = snapshotRequest(seen({ a: { c: [2], d: 'msg_01BBBBBBBBBBBBBB' }, b: 1 }, { 'x-api-key': 'y' }))

  expect(JSON.stringify(two)).toBe(JSON.stringify(one))
})

test('another image, prompt or tool makes a difference', () => {
  const print = (text: string) => JSON.stringify(snapshotRequest(seen({ text })))

  expect(print(`${'A'.repeat(200)}B`)).not.toBe(print(`${'A'.repeat(200)}C`))
  expect(print('Hello')).not.toBe(print('Hello!'))
})

test('a body that is no JSON is a text, and no body is null', () => {
  const text = { ...seen({}), body: new TextEncoder().encode('{broken'), json: () => undefined }

  expect(snapshotRequest(text).body).toBe('{broken')
  expect(snapshotRequest({ ...text, body: null }).body).toBe(null)
})

test('a snapshot of a snapshot is the same for any JSON', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
      const once = snapshotRequest(seen(body))

      // A snapshot is a value of JSON with the members of a body.
      expect(snapshotRequest(seen(once.body as object))).toEqual(once)
    }),
  )
})

function seen(body: object, headers: Readonly<Record<string, string>> = {}) {
  const text = JSON.stringify(body)
  return {
    method: 'POST',
    path: '/v1/messages',
    headers,
    body: new TextEncoder().encode(text),
    json: () => JSON.parse(text) as unknown,
  }
}

async function send(
  path: string,
  body: object,
  headers: Readonly<Record<string, string>>,
): Promise<SeenRequest> {
  const emulator = createEmulator()
  await emulator.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  const [request] = emulator.requests
  if (request === undefined) throw new Error('no request was kept')
  return request
}
