import { expect, test } from 'vitest'

import { createSecret } from '../../src/auth/secret-file.ts'
import { ask } from '../http-client.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import type { Script } from '../recording-upstream.ts'
import { httpAccount, startGateway } from '../running-gateway.ts'
import { errorBody, message } from '../samples.ts'

const model = 'claude-opus-5-5'
const adminKey = createSecret()

type Kind = 'messages' | 'fast' | 'token_count'

/** Fast mode of Opus 4.6 has ended, and its calls run at standard speed. */
const slowModel = 'claude-opus-4-6'

test.each<{ refused: Kind; text: string | null }>([
  { refused: 'fast', text: 'its quota of fast mode is exhausted for 60 s' },
  { refused: 'token_count', text: null },
  { refused: 'messages', text: 'its quota is exhausted for 60 s' },
])('a 429 of $refused blocks nothing else of the model at its upstream', async ({ refused, text }) => {
  const { post, explain, readHealth, asked } = await startWith((kind) =>
    kind === refused ? refusal : plain(answers[kind]),
  )

  const first = await post(refused)
  const others = await Promise.all(kinds.filter((kind) => kind !== refused).map((kind) => post(kind)))
  const again = await post(refused)

  expect([first, ...others, again]).toEqual([200, 200, 200, 200])
  // The refused call moved, the others stayed, and the last one was not sent to the first upstream.
  expect(asked()).toEqual([3, 2])
  const [health] = await readHealth()
  expect(health).toMatchObject({
    state: refused === 'messages' ? 'blocked' : 'healthy',
    exhausted_quotas: [{ quota: refused, next_try_at: expect.any(String) }],
  })
  if (text !== null) expect(await explain(refused)).toEqual([{ upstream: 'number-0', detail: text }])
})

test('an answer in fast mode tells of both quotas, and blocks the one of which nothing is left', async () => {
  const reset = new Date(Date.now() + 60_000).toISOString()
  const report = (kind: string, remaining: string) => ({
    [`anthropic-${kind}-output-tokens-remaining`]: remaining,
    [`anthropic-${kind}-output-tokens-reset`]: reset,
  })
  const listExhausted = async (headers: Readonly<Record<string, string>>) => {
    const { post, readHealth } = await startWith((kind) =>
      plain(answers[kind], kind === 'fast' ? { headers } : {}),
    )
    await post('fast')
    return (await readHealth()).flatMap((health) => health.exhausted_quotas.map(({ quota }) => quota))
  }

  expect(await listExhausted({ ...report('ratelimit', '9000'), ...report('fast', '0') })).toEqual(['fast'])
  expect(await listExhausted({ ...report('ratelimit', '0'), ...report('fast', '9000') })).toEqual([
    'messages',
  ])
})

test('an answer for a workspace that the client names blocks no quota of the others', async () => {
  const reset = new Date(Date.now() + 60_000).toISOString()
  const headers = {
    'anthropic-ratelimit-output-tokens-remaining': '0',
    'anthropic-ratelimit-output-tokens-reset': reset,
  }
  const { gateway, readHealth } = await startWith((kind) => plain(answers[kind], { headers }))
  const body = createBody('messages', model)

  await gateway.post(body, { headers: { 'anthropic-workspace-id': 'wrkspc_1' } })
  expect((await readHealth()).flatMap((health) => health.exhausted_quotas)).toEqual([])

  await gateway.post(body)
  expect((await readHealth())[0]?.exhausted_quotas).toMatchObject([{ quota: 'messages' }])
})

test('`speed: "fast"` takes from the usual quota where it has no effect', async () => {
  const { post, readHealth } = await startWith(() => refusal)

  await post('fast', slowModel)

  expect((await readHealth())[0]?.exhausted_quotas).toMatchObject([{ quota: 'messages' }])
})

const kinds: readonly Kind[] = ['messages', 'fast', 'token_count']

const answers: Readonly<Record<Kind, string>> = {
  messages: message,
  fast: message,
  token_count: '{"input_tokens":42}',
}

const refusal = plain(errorBody('rate_limit_error', 'no'), {
  status: 429,
  headers: { 'retry-after': '60' },
})

interface Health {
  readonly state: string
  readonly exhausted_quotas: readonly { readonly quota: string; readonly next_try_at: string }[]
}

/** A gateway with two upstreams: the first answers each kind of request by `choose`, the other everything. */
async function startWith(choose: (kind: Kind) => Script) {
  const answerBy =
    (script: (kind: Kind) => Script): Script =>
    (response, request) =>
      script(findKind(request.target, request.body))(response, request)
  const upstreams = await Promise.all([
    startUpstream(answerBy(choose)),
    startUpstream(answerBy((kind) => plain(answers[kind]))),
  ])
  const accounts = upstreams.map(({ url }, at) => ({ ...httpAccount(url), name: `number-${at}` }))
  const gateway = await startGateway({ accounts, adminKey })
  const askAdmin = async (
    path: string,
    options: { readonly method?: string; readonly body?: string } = {},
  ) => {
    const headers = { 'x-api-key': adminKey, 'content-type': 'application/json' }
    const { text } = await ask(`${gateway.url}/admin/v1/${path}`, { ...options, headers })
    return JSON.parse(text) as unknown
  }
  return {
    gateway,
    post: async (kind: Kind, name = model) => {
      const path = kind === 'token_count' ? '/v1/messages/count_tokens' : '/v1/messages'
      const headers = { 'anthropic-beta': 'fast-mode-2026-02-01' }
      return (await gateway.post(createBody(kind, name), { path, headers })).status
    },
    explain: async (kind: Kind) => {
      const { excluded } = (await askAdmin('explain', { method: 'POST', body: createBody(kind, model) })) as {
        readonly excluded: readonly { readonly upstream: string; readonly detail: string }[]
      } // The admin API's own schema, as far as it is read.
      return excluded.map(({ upstream, detail }) => ({ upstream, detail }))
    },
    readHealth: async () => {
      const { data } = (await askAdmin('upstreams')) as {
        readonly data: readonly { readonly health: readonly Health[] }[]
      } // The same.
      return data[0]?.health ?? []
    },
    asked: () => upstreams.map(({ requests }) => requests.length),
  }
}

function findKind(target: string, body: Buffer): Kind {
  if (target.endsWith('/count_tokens')) return 'token_count'
  return body.includes('"fast"') ? 'fast' : 'messages'
}

function createBody(kind: Kind, name: string): string {
  return JSON.stringify({
    model: name,
    ...(kind !== 'token_count' && { max_tokens: 50 }),
    ...(kind === 'fast' && { speed: 'fast' }),
    messages: [{ role: 'user', content: 'Hello' }],
  })
}
