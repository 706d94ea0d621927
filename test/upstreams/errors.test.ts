import { crc32 } from 'node:zlib'

import { createInvokeStreamEncoder } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import { errorKinds, startCanned, words, writeError } from './cloud-errors.ts'
import type { ErrorKind } from './cloud-errors.ts'
import { cloudNames, describeCloud, model, startBefore, startCloud } from './clouds.ts'
import { call, post, protocolNames } from './protocols.ts'
import type { ProtocolName } from './protocols.ts'

describe.each(cloudNames)('an error of %s', (cloud) => {
  test.each(errorKinds)('%s reaches every client in the form of its API, with its words', async (kind) => {
    const server = await startCanned(() => writeError(cloud, kind))
    const gateway = await startBefore([describeCloud(cloud, server.url)])

    for (const protocol of protocolNames) {
      for (const stream of [false, true]) {
        const answer = await call(gateway.url, protocol, { text: 'Hello', stream })

        const [status, type] = expected[kind][protocol === 'converse' ? 'invoke' : protocol]
        expect([answer.status, answer.error?.type], `${protocol} ${stream}`).toEqual([status, type])
        expect(answer.error?.message).toContain(words[kind])
        expect(answer.headers['x-amzn-errortype'] !== undefined).toBe(
          protocol === 'invoke' || protocol === 'converse',
        )
      }
    }
    expect(gateway.rows().map(({ outcome }) => outcome)).toEqual(gateway.rows().map(() => 'upstream_error'))
    expect(gateway.rows().map(({ cost_nano_usd: cost }) => cost)).toEqual(gateway.rows().map(() => null))
  })

  test('of the model itself has the words of the model', async () => {
    const { gateway } = await startCloud(cloud)
    const body = { model, max_tokens: 0.5, messages: [{ role: 'user', content: 'Hello' }] }

    const answer = await post(`${gateway.url}/v1/messages`, body)

    expect(answer.status).toBe(400)
    expect(answer.text).toContain('max_tokens: Input should be a valid integer')
    expect(answer.text).toContain('"type":"invalid_request_error"')
  })
})

test.each([
  [
    'invoke',
    {
      status: 403,
      headers: { 'x-amzn-errortype': 'AccessDeniedException' },
      body: '{"message":"User: arn:aws:sts::123456789012:assumed-role/claude/alice is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.x"}',
    },
    'User: [identity] is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1:[account]:inference-profile/us.x',
  ],
  [
    'vertex',
    {
      status: 404,
      body: '{"error":{"code":404,"status":"NOT_FOUND","message":"Publisher Model `projects/my-project/locations/l/publishers/anthropic/models/m` was not found or your project does not have access to it. Project 123456789012"}}',
    },
    'Publisher Model `projects/[project]/locations/l/publishers/anthropic/models/m` was not found or your project does not have access to it. Project [project]',
  ],
] as const)('an error of %s does not name the account of the operator', async (cloud, canned, shown) => {
  const server = await startCanned(() => canned)
  const gateway = await startBefore([describeCloud(cloud, server.url)])

  const answer = await call(gateway.url, 'messages', { text: 'Hello', stream: false })

  expect(answer.error?.message).toContain(shown)
  expect(answer.raw.text).not.toMatch(/123456789012|my-project|alice/)
})

test('an exception in the middle of a stream of Bedrock does not name the account either', async () => {
  const text =
    'arn:aws:sts::123456789012:assumed-role/claude/alice may not use arn:aws:bedrock:us-east-1:123456789012:x'
  const encoder = createInvokeStreamEncoder({ crc32 })
  const body = Buffer.concat([
    encoder.encode(Buffer.from(`event: message_start\ndata: ${JSON.stringify(start)}\n\n`)),
    encoder.exception({ type: 'ThrottlingException', message: text }),
  ])
  const headers = { 'content-type': 'application/vnd.amazon.eventstream' }
  const server = await startCanned(() => ({ status: 200, headers, body }))
  const gateway = await startBefore([describeCloud('invoke', server.url)])

  const answer = await call(gateway.url, 'messages', { text: 'Hello', stream: true })

  expect(answer.raw.text).toContain('[identity] may not use arn:aws:bedrock:us-east-1:[account]:x')
  expect(answer.raw.text).not.toMatch(/123456789012|alice/)
})

const start = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    usage: { input_tokens: 9, output_tokens: 1 },
  },
}

const projectTexts = [
  'Project `123456789012` is not allowed to use Publisher Model `projects/my-project/locations/l/publishers/anthropic/models/m`',
  'Vertex AI API has not been used in project my-project before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/aiplatform.googleapis.com/overview?project=123456789012 then retry.',
  "Quota exceeded for quota metric 'online prediction requests' of service 'aiplatform.googleapis.com' for consumer 'project_number:123456789012'.",
  "Permission 'iam.serviceAccounts.getAccessToken' denied for gateway@my-project.iam.gserviceaccount.com",
]

test.each(projectTexts)('no text of Google Cloud names the project: %s', async (message) => {
  const body = JSON.stringify({ error: { code: 400, status: 'INVALID_ARGUMENT', message } })
  const server = await startCanned(() => ({ status: 400, body }))
  const gateway = await startBefore([describeCloud('vertex', server.url)])

  const answer = await call(gateway.url, 'messages', { text: 'Hello', stream: false })

  expect(answer.raw.text).not.toMatch(/123456789012|my-project/)
  expect(answer.raw.text).toMatch(/\[(?:project|identity)\]/)
})

describe.each(['invoke', 'vertex', 'foundry'] as const)('an error of %s without words', (cloud) => {
  test.each(['', '<!DOCTYPE html>\n<title>Error 502 (Server Error)!!1</title>', '{}'])(
    'has a sentence as its message: %j',
    async (body) => {
      const server = await startCanned(() => ({ status: 502, body }))
      const gateway = await startBefore([describeCloud(cloud, server.url)])

      const answer = await call(gateway.url, 'messages', { text: 'Hello', stream: false })

      expect(answer.error?.message).toBe('The upstream answered with status 502 and no readable error.')
    },
  )
})

type ClientApi = Exclude<ProtocolName, 'converse'>

/**
 * A rejected credential is the operator's matter: clients would look for the fault in their own key. The statuses make
 * the SDKs of each API retry, or not, as for the same error of its own service.
 */
const ofTheOperator = {
  messages: [502, 'api_error'],
  openai: [502, 'api_error'],
  invoke: [424, 'ModelErrorException'],
  vertex: [503, 'UNAVAILABLE'],
} as const

const expected: Readonly<Record<ErrorKind, Readonly<Record<ClientApi, readonly [number, string]>>>> = {
  bad_request: {
    messages: [400, 'invalid_request_error'],
    openai: [400, 'invalid_request_error'],
    invoke: [400, 'ValidationException'],
    vertex: [400, 'invalid_request_error'],
  },
  unknown_model: {
    messages: [404, 'not_found_error'],
    openai: [404, 'not_found_error'],
    invoke: [404, 'ResourceNotFoundException'],
    vertex: [404, 'not_found_error'],
  },
  wrong_credential: ofTheOperator,
  no_permission: ofTheOperator,
  quota: {
    messages: [429, 'rate_limit_error'],
    openai: [429, 'rate_limit_error'],
    invoke: [429, 'ThrottlingException'],
    vertex: [429, 'rate_limit_error'],
  },
  overloaded: {
    messages: [529, 'overloaded_error'],
    openai: [529, 'overloaded_error'],
    invoke: [503, 'ServiceUnavailableException'],
    vertex: [529, 'overloaded_error'],
  },
}
