import { expect, test } from 'vitest'

import { defaultLimits } from '../../src/limits.ts'
import { createAuthorizedUpstream } from '../../src/upstreams/authorized-upstream.ts'
import { createTokenAuthorizer } from '../../src/upstreams/credentials/token.ts'
import { createHttpUpstream } from '../../src/upstreams/http-upstream.ts'
import { startServer } from './credentials/credential-server.ts'
import type { Answer } from './credentials/credential-server.ts'

const request = { method: 'POST', path: '/v1/files', headers: { 'content-type': 'text/plain' } } as const

test('a body in pieces is sent with the token, and once more after a rejection', async () => {
  const { seen, upload } = await start(({ token }) => ({
    status: token === 'token-1' ? 401 : 200,
    body: token,
  }))

  expect(await upload([Buffer.from('a '), Buffer.from('body')])).toEqual({ status: 200, text: 'token-2' })
  expect(seen.map(({ body }) => body)).toEqual(['a body', 'a body'])
})

test('a streamed body is sent once, and the client gets the rejection', async () => {
  const { seen, upload } = await start(({ token }) => ({ status: 401, body: `no ${token}` }))

  expect(await upload(stream())).toEqual({ status: 401, text: 'no token-1' })
  expect(seen.map(({ body }) => body)).toEqual(['a streamed body'])
})

test('an error that is not about the credential arrives whole, and is not repeated', async () => {
  const text = 'x'.repeat(200_000)
  const { seen, upload } = await start(() => ({ status: 400, body: text }))

  expect(await upload([Buffer.from('body')])).toEqual({ status: 400, text })
  expect(seen.length).toBe(1)
})

test('a request that is aborted before its credential arrives is not sent', async () => {
  const server = await startServer(() => ({ body: '' }))
  const { promise: token, resolve } = Promise.withResolvers<string>()
  const transport = createHttpUpstream({ baseUrl: server.url, credential: null, limits: defaultLimits })
  const upstream = createAuthorizedUpstream(
    transport,
    createTokenAuthorizer(() => token),
  )
  const calls: string[] = []
  const receiver = {
    head: () => void calls.push('head'),
    chunk: () => true,
    end: () => void calls.push('end'),
    fail: () => void calls.push('fail'),
  }

  upstream.send({ ...request, body: null }, receiver).abort()
  resolve('token')
  await transport.close()

  expect([calls, server.seen]).toEqual([[], []])
})

async function* stream() {
  yield Buffer.from('a streamed ')
  yield Buffer.from('body')
}

/** An upstream whose tokens are numbered, and a server that sees them. */
async function start(answer: (request: { readonly token: string }) => Answer) {
  let issued = 0
  const server = await startServer(({ headers }) =>
    answer({ token: (headers.authorization ?? '').replace('Bearer ', '') }),
  )
  const transport = createHttpUpstream({ baseUrl: server.url, credential: null, limits: defaultLimits })
  const authorizer = createTokenAuthorizer(async ({ forceRefresh }) => {
    if (forceRefresh || issued === 0) issued += 1
    return `token-${issued}`
  })
  const upstream = createAuthorizedUpstream(transport, authorizer)
  const upload = (body: readonly Uint8Array[] | AsyncIterable<Uint8Array>) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const pieces: Uint8Array[] = []
      let status = 0
      upstream.upload?.(
        { ...request, body },
        {
          head: (given) => void (status = given),
          chunk: (bytes) => pieces.push(bytes) > 0,
          end: () => resolve({ status, text: Buffer.concat(pieces).toString() }),
          fail: reject,
        },
      )
    })
  return { seen: server.seen, upload }
}
