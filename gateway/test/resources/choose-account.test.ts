import type { Platform } from '@anthology/catalog'
import { expect, test } from 'vitest'

import type { GatewayOptions } from '../../src/gateway.ts'
import { createAccount } from '../../src/upstreams/create-account.ts'
import { defaultLimits } from '../../src/limits.ts'
import { expectEnvelope } from '../api-errors.ts'
import { readEnvelope } from '../http-client.ts'
import { httpAccount, startGateway } from '../running-gateway.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { errorBody, opus } from '../samples.ts'
import { batchBody, haiku, sendRequest } from './batches.ts'
import { startKeepingUpstream } from './keeping-upstream.ts'

const multipart = { 'content-type': 'multipart/form-data; boundary=b' }
const upload = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n'

test('an upstream with models of its own gets neither batches nor files', async () => {
  const { accounts, upstream } = await startUpstreams(['claude'])
  const engine = createAccount(
    {
      name: 'local',
      platform: 'anthropic',
      base_url: upstream('claude').url,
      api_key: 'none',
      models: { '*': 'qwen3-coder' },
      price: 'free',
    },
    defaultLimits,
  )
  const gateway = await startGateway({ accounts: [engine, ...accounts] })
  const alone = await startGateway({ accounts: [engine] })

  const batch = await sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody() })
  const file = await sendRequest(gateway, 'POST', '/v1/files', { body: upload, headers: multipart })
  const refused = await sendRequest(alone, 'POST', '/v1/messages/batches', { body: batchBody() })

  expect([batch, file].map(({ headers }) => headers['x-anthology-upstream'])).toEqual(['claude', 'claude'])
  expectEnvelope(refused, {
    status: 404,
    type: 'not_found_error',
    says: /upstreams with models of their own have no message batches/,
  })
})

test('a batch goes to the first upstream, by the groups of its models, that offers all of them', async () => {
  const { accounts, upstream } = await startUpstreams(['first', 'second', 'third'])
  const gateway = await startGateway({
    accounts,
    routing: {
      groups: [['third'], ['first', 'second']],
      weights: { first: 0 },
      models: { [haiku]: [['second'], ['first']] },
    },
  })
  const send = (models: readonly string[]) =>
    sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody(models) })

  const answers = [await send([opus]), await send([haiku]), await send([opus, haiku])]

  expect(answers.map(({ headers }) => headers['x-anthology-upstream'])).toEqual(['third', 'second', 'second'])
  expect(upstream('first').requests).toEqual([])
})

test("a batch has the upstream's own names of its models", async () => {
  const { accounts, upstream } = await startUpstreams(['claude'])
  const named = accounts.map((account) => ({ ...account, models: new Map([[opus, 'our-opus']]) }))
  const gateway = await startGateway({ accounts: named })

  await sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody([opus, haiku]) })

  expect(upstream('claude').requests[0]?.body.toString()).toBe(
    batchBody([opus, haiku]).replace(`"${opus}"`, '"our-opus"'),
  )
})

test('a batch avoids an upstream whose circuit for one of its models is open, unless it is the only one', async () => {
  const failing = await startUpstream(plain(errorBody('api_error', 'down'), { status: 500 }))
  const { accounts } = await startUpstreams(['second'])
  const broken = { ...httpAccount(failing.url), name: 'broken' }
  const routing = { circuit: { failures: 1 } }
  const gateway = await startGateway({ accounts: [broken, ...accounts], routing })
  const alone = await startGateway({ accounts: [{ ...httpAccount(failing.url), name: 'broken' }], routing })
  const call = JSON.stringify({ model: opus, max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] })
  await gateway.post(call)
  await alone.post(call)

  const avoided = await sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody() })
  const last = await sendRequest(alone, 'POST', '/v1/messages/batches', { body: batchBody() })

  expect(avoided.headers['x-anthology-upstream']).toBe('second')
  expect(last.headers['x-anthology-upstream']).toBe('broken')
})

test.each([
  [
    '/v1/messages/batches',
    batchBody(),
    {},
    'no configured upstream offers message batches: Bedrock has no message batches of the Messages API; Vertex AI has no message batches of the Messages API; Foundry has no message batches of the Messages API',
  ],
  [
    '/v1/files',
    upload,
    multipart,
    'no configured upstream offers files: Bedrock has no Files API; Vertex AI has no Files API; Foundry has the Files API for deployments hosted on Anthropic only, which the upstream states with hosting: anthropic',
  ],
])('clouds only: the error of %s names what each platform lacks', async (path, body, headers, words) => {
  const platforms: readonly Platform[] = ['bedrock', 'vertex', 'foundry']
  const accounts = platforms.map((platform) => ({
    ...httpAccount('http://127.0.0.1:1'),
    name: platform,
    platform,
  }))
  const gateway = await startGateway({ accounts })

  const answer = await sendRequest(gateway, 'POST', path, { body, headers })

  expect(answer.status).toBe(404)
  expect(readEnvelope(answer.text).error).toEqual({ type: 'not_found_error', message: words })
})

test('files go to Foundry where its upstream states that Anthropic hosts the deployments', async () => {
  const { accounts } = await startUpstreams(['azure', 'anthropic'])
  const hosted = accounts.map((account) => ({
    ...account,
    platform: 'foundry' as const,
    hosting: account.name === 'azure' ? ('azure' as const) : ('anthropic' as const),
  }))
  const gateway = await startGateway({ accounts: hosted })
  const alone = await startGateway({ accounts: hosted.slice(0, 1) })

  const stored = await sendRequest(gateway, 'POST', '/v1/files', { body: upload, headers: multipart })
  const refused = await sendRequest(alone, 'POST', '/v1/files', { body: upload, headers: multipart })
  const batch = await sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody() })

  expect([stored.status, stored.headers['x-anthology-upstream']]).toEqual([200, 'anthropic'])
  expectEnvelope(refused, {
    status: 404,
    type: 'not_found_error',
    says: /Foundry has no Files API for deployments hosted on Azure/,
  })
  expectEnvelope(batch, { status: 404, type: 'not_found_error', says: /Foundry has no message batches/ })
})

test('a batch whose models no upstream offers together gets the reason of each', async () => {
  const { accounts } = await startUpstreams(['one', 'two'])
  const gateway = await startGateway({
    accounts,
    routing: { models: { [opus]: [['one']], [haiku]: [['two']] } },
  })

  const answer = await sendRequest(gateway, 'POST', '/v1/messages/batches', {
    body: batchBody([opus, haiku]),
  })

  expectEnvelope(answer, {
    status: 404,
    type: 'not_found_error',
    says: /^no configured upstream takes this batch: one is not in the groups of every model/,
  })
})

async function startUpstreams(names: readonly string[]) {
  const started = new Map(
    await Promise.all(names.map(async (name) => [name, await startKeepingUpstream()] as const)),
  )
  const upstream = (name: string) => {
    const found = started.get(name)
    if (found === undefined) throw new Error(`no upstream ${name}`)
    return found
  }
  const accounts: GatewayOptions['accounts'] = names.map((name) => ({
    ...httpAccount(upstream(name).url),
    name,
  }))
  return { accounts, upstream }
}
