import type { FoundryHosting } from '@anthology/catalog'
import { createEmulator, listenEmulator } from '@anthology/emulator'
import { createAccount, createSecret, defaultLimits } from '@anthology/gateway'
import { expect, onTestFinished, test } from 'vitest'

import { ask } from '../../gateway/test/http-client.ts'
import { localKey, startGateway, usual } from '../../gateway/test/running-gateway.ts'
import type { RunningGateway } from '../../gateway/test/running-gateway.ts'

// Deployments of Microsoft Foundry are hosted on Azure or on Anthropic; the first lack some features.

const azureKey = 'azure-key-of-the-hosting-tests'
const adminKey = createSecret()
const model = 'claude-haiku-4-5'
const code = { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] }
const noCode = 'code_execution not supported in your workspace.'

test('a deployment hosted on Azure is left out of what it lacks, and another one is asked', async () => {
  const azure = await startFoundry('azure')
  const anthropic = await startFoundry('anthropic')
  const gateway = await startBefore([azure, anthropic])
  const url = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }
  const file = { type: 'document', source: { type: 'file', file_id: 'file_011CNha8iCJcU1wXNR6q4V8w' } }
  const lacking = [
    code,
    { container: 'container_011' },
    { messages: [{ role: 'user', content: [url, file] }] },
  ]

  const answer = await gateway.post(createBody(code))
  const explained = await Promise.all(lacking.map((more) => explain(gateway, createBody(more))))

  expect([answer.status, answer.headers['x-anthology-upstream']], answer.text).toEqual([200, 'on-anthropic'])
  expect(answer.headers['x-anthology-attempts']).toBe('1')
  expect(azure.emulator.requests).toEqual([])
  expect(explained.map(({ attempts }) => attempts.map(({ upstream }) => upstream))).toEqual(
    lacking.map(() => ['on-anthropic']),
  )
  expect(explained.map(({ excluded: [first] }) => [first?.upstream, first?.because, first?.detail])).toEqual([
    ['on-azure', 'rejects_request', noCode],
    ['on-azure', 'rejects_request', 'skills not supported in your workspace.'],
    ['on-azure', 'rejects_request', 'files_api not supported in your workspace.'],
  ])
})

test('it gets what it has had since August 2026: structured outputs and the basic web search', async () => {
  const azure = await startFoundry('azure')
  const gateway = await startBefore([azure])
  const format = {
    type: 'json_schema',
    schema: { type: 'object', properties: {}, additionalProperties: false },
  }

  const answers = [
    await gateway.post(createBody({ output_config: { format } })),
    await gateway.post(createBody({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] })),
  ]

  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  expect(azure.emulator.requests).toHaveLength(2)
})

test('without another upstream the client gets the error, which is the one of Foundry itself', async () => {
  const azure = await startFoundry('azure')
  const knowing = await startBefore([azure])
  const unknowing = await startBefore([{ ...azure, hosting: undefined }])

  const early = await knowing.post(createBody(code))
  const asked = azure.emulator.requests.length
  const late = await unknowing.post(createBody(code))

  expect([early.status, asked, late.status, azure.emulator.requests.length]).toEqual([400, 0, 400, 1])
  for (const { text } of [early, late])
    expect(JSON.parse(text)).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: noCode },
    })
})

test('files are stored at deployments hosted on Anthropic, and messages can name them there', async () => {
  const azure = await startFoundry('azure')
  const anthropic = await startFoundry('anthropic')
  const gateway = await startBefore([azure, anthropic])
  const form = new FormData()
  form.set('file', new Blob(['The sky is green.'], { type: 'text/plain' }), 'sky.txt')
  const headers = { 'x-api-key': localKey, 'anthropic-version': '2023-06-01' }
  const files = `${gateway.url}/v1/files`

  const stored = await fetch(files, { method: 'POST', body: form, headers })
  const { id } = (await stored.json()) as { id: string } // The status and the calls below check it.
  const document = { type: 'document', source: { type: 'file', file_id: id } }
  const answer = await gateway.post(
    createBody({ messages: [{ role: 'user', content: [document, { type: 'text', text: 'What colour?' }] }] }),
  )
  const listed = await fetch(files, { headers })
  const content = await fetch(`${files}/${id}/content`, { headers })
  const removed = await fetch(`${files}/${id}`, { method: 'DELETE', headers })

  expect([stored.status, stored.headers.get('x-anthology-upstream')]).toEqual([200, 'on-anthropic'])
  expect([answer.status, answer.headers['x-anthology-upstream']], answer.text).toEqual([200, 'on-anthropic'])
  expect(await listed.json()).toMatchObject({ data: [{ id, filename: 'sky.txt' }] })
  expect(await content.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
  expect(await removed.json()).toEqual({ id, type: 'file_deleted' })
  expect(azure.emulator.requests).toEqual([])
})

test('an error of Azure for a file has the form of the Claude API', async () => {
  const foundry = await startFoundry('anthropic')
  const gateway = await startBefore([{ ...foundry, key: 'another-key-of-the-hosting-tests' }])
  const form = new FormData()
  form.set('file', new Blob(['x']), 'x.txt')

  const answer = await fetch(`${gateway.url}/v1/files`, {
    method: 'POST',
    body: form,
    headers: { 'x-api-key': localKey, 'anthropic-version': '2023-06-01' },
  })

  expect(await answer.json()).toMatchObject({
    type: 'error',
    error: { message: expect.stringContaining('invalid subscription key') },
  })
})

interface Foundry {
  readonly emulator: ReturnType<typeof createEmulator>
  readonly url: string
  /** As in `anthology.yaml`. */
  readonly hosting: FoundryHosting | undefined
  readonly name: string
  readonly key: string
}

async function startFoundry(hosting: FoundryHosting): Promise<Foundry> {
  const emulator = createEmulator({ foundry: { keys: [azureKey], hosting } })
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  return { emulator, url: server.url, hosting, name: `on-${hosting}`, key: azureKey }
}

/** A gateway that prefers the first of the upstreams. */
function startBefore(upstreams: readonly Foundry[]): Promise<RunningGateway> {
  const accounts = upstreams.map(({ name, url, hosting, key }) =>
    createAccount(
      {
        platform: 'foundry',
        name,
        base_url: `${url}/anthropic`,
        api_key: key,
        ...(hosting !== undefined && { hosting }),
      },
      defaultLimits,
    ),
  )
  return startGateway({
    accounts,
    adminKey,
    routing: { groups: upstreams.map(({ name }) => [name]) },
  })
}

interface Explained {
  readonly attempts: readonly { readonly upstream: string }[]
  readonly excluded: readonly {
    readonly upstream: string
    readonly because: string
    readonly detail: string
  }[]
}

async function explain(gateway: RunningGateway, body: string): Promise<Explained> {
  const answer = await ask(`${gateway.url}/admin/v1/explain`, {
    method: 'POST',
    body,
    headers: { ...usual, 'x-api-key': adminKey },
  })
  expect(answer.status, answer.text).toBe(200)
  return JSON.parse(answer.text) as Explained // The tests check its members.
}

function createBody(more: object): string {
  return JSON.stringify({ model, max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }], ...more })
}
