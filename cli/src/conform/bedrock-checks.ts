import { isRecord, parseJson, readText } from '@anthology/wire'

import { CheckSkip, ensure } from './check.ts'
import type { Check, Target } from './check.ts'
import { bedrockDialect, ensureStatus, getFoundationModel, readMessage, usualHeaders } from './dialect.ts'
import type { Exchange } from './exchange.ts'
import { hello } from './hello.ts'
import { assemble } from './stream.ts'

const usual = { input: 60, output: 16 }
const { ask } = bedrockDialect
const invokeBody = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', ...hello })

/** The requirements of Bedrock's protocol alone. */
export const bedrockChecks: readonly Check[] = [
  {
    id: 'bedrock.invoke.request_id',
    asks: 'An answer has x-amzn-requestid.',
    source: 'invoke',
    tokens: usual,
    async run(target) {
      const answer = await ask(target, hello)
      readMessage(answer)
      ensure((answer.headers['x-amzn-requestid'] ?? '') !== '', 'the answer has no x-amzn-requestid')
    },
  },
  {
    id: 'bedrock.invoke.http2',
    asks: 'InvokeModel works over HTTP/2, without an upgrade in clear text, as the AWS client for JavaScript sends it.',
    source: 'capture',
    tokens: usual,
    run: async (target) => void readMessage(await ask(target, hello, { http2: true })),
  },
  {
    id: 'bedrock.stream.http2',
    asks: 'The stream of InvokeModel works over HTTP/2.',
    source: 'capture',
    tokens: usual,
    async run(target) {
      const answer = await ask(target, hello, { stream: true, http2: true })
      ensureStatus(answer, [200])
      assemble(bedrockDialect.readEvents(answer))
    },
  },
  {
    id: 'bedrock.stream.no_sse',
    asks: 'Each chunk has one event of the Messages API, without pings.',
    source: 'invokeStream',
    tokens: usual,
    async run(target) {
      const answer = await ask(target, hello, { stream: true })
      const types = bedrockDialect.readEvents(answer).map(({ type }) => type)
      ensure(!types.includes('ping'), 'the stream has a ping, which Bedrock does not send')
    },
  },
  {
    id: 'bedrock.invoke.signed',
    asks: 'A request with a valid AWS signature is accepted.',
    source: 'signing',
    tokens: usual,
    async run(target) {
      readMessage(await askSigned(target, getCredentials(target)))
    },
  },
  {
    id: 'bedrock.invoke.wrong_signature',
    asks: 'A request with a wrong AWS signature gets a 403 with x-amzn-errortype.',
    source: 'signing',
    async run(target) {
      const answer = await askSigned(target, { ...getCredentials(target), secretAccessKey: 'another-secret' })
      ensureStatus(answer, [403])
      bedrockDialect.readError(answer)
    },
  },
  {
    id: 'bedrock.invoke.probe',
    asks: 'The probe of Claude Code at its start, one token for a dot, is answered within its 8 seconds.',
    source: 'capture',
    tokens: { input: 10, output: 1 },
    async run(target) {
      const startedAtMs = performance.now()
      readMessage(await ask(target, { max_tokens: 1, messages: [{ role: 'user', content: '.' }] }))
      const tookMs = Math.round(performance.now() - startedAtMs)
      ensure(tookMs < 8_000, `the answer took ${tookMs} ms`)
    },
  },
  {
    id: 'bedrock.invoke.content_type',
    asks: 'A body of type application/octet-stream, the default of the AWS client, is accepted.',
    source: 'invoke',
    tokens: usual,
    run: async (target) =>
      void readMessage(await ask(target, hello, { headers: { 'content-type': 'application/octet-stream' } })),
  },
  {
    id: 'bedrock.invoke.literal_colon',
    asks: 'The model may be in the path with a literal colon.',
    source: 'capture',
    tokens: usual,
    async run(target) {
      const headers = { ...usualHeaders, authorization: `Bearer ${target.key}` }
      readMessage(await target.send({ path: `/model/${target.model}/invoke`, headers, body: invokeBody }))
    },
  },
  {
    id: 'bedrock.betas.claude_code',
    asks: 'The betas of Claude Code in the body, beside other ones in the header, are served.',
    source: 'capture',
    tokens: usual,
    async run(target) {
      const headers = { 'anthropic-beta': 'claude-code-20250219,effort-2025-11-24' }
      readMessage(
        await ask(target, { ...hello, anthropic_beta: ['interleaved-thinking-2025-05-14'] }, { headers }),
      )
    },
  },
  {
    id: 'bedrock.error.error_type',
    asks: 'An invalid request is a ValidationException in x-amzn-errortype.',
    source: 'invoke',
    async run(target) {
      const answer = await ask(target, { messages: hello['messages'] })
      ensureStatus(answer, [400])
      const type = answer.headers['x-amzn-errortype'] ?? 'missing'
      ensure(/^ValidationException(?::|$)/.test(type), `x-amzn-errortype is ${type}`)
    },
  },
  {
    id: 'bedrock.profiles.list',
    asks: 'GET /inference-profiles?type=SYSTEM_DEFINED lists profiles with id and models.',
    source: 'profiles',
    async run(target) {
      const answer = await get(target, '/inference-profiles?type=SYSTEM_DEFINED')
      ensureStatus(answer, [200])
      const parsed = parseJson(answer.text)
      const list: unknown = isRecord(parsed) ? parsed['inferenceProfileSummaries'] : undefined
      ensure(Array.isArray(list), 'the answer has no list inferenceProfileSummaries')
      for (const item of list) ensureProfile(item)
    },
  },
  {
    id: 'bedrock.profiles.get',
    asks: 'GET /inference-profiles/{id} describes a profile of the list.',
    source: 'profiles',
    async run(target) {
      if (getFoundationModel(target.model) === target.model)
        throw new CheckSkip(`${target.model} is not an inference profile`)
      const answer = await get(target, `/inference-profiles/${encodeURIComponent(target.model)}`)
      ensureStatus(answer, [200])
      ensureProfile(parseJson(answer.text))
    },
  },
]

function ensureProfile(profile: unknown): void {
  const id = readText(profile, 'inferenceProfileId')
  const models: unknown = isRecord(profile) ? profile['models'] : undefined
  ensure(id !== null, 'a profile has no inferenceProfileId')
  ensure(Array.isArray(models) && models.length > 0, `the profile ${id} has no models`)
  ensure(
    models.every((model: unknown) => readText(model, 'modelArn') !== null),
    `a model of ${id} has no modelArn`,
  )
}

function get(target: Target, path: string): Promise<Exchange> {
  return target.send({ method: 'GET', path, headers: { authorization: `Bearer ${target.key}` } })
}

function getCredentials({ aws }: Target): NonNullable<Target['aws']> {
  if (aws === null) throw new CheckSkip('give AWS credentials of the gateway as --aws ID:SECRET')
  return aws
}

function askSigned(target: Target, aws: NonNullable<Target['aws']>): Promise<Exchange> {
  return target.send({
    path: `/model/${encodeURIComponent(target.model)}/invoke`,
    headers: { 'content-type': 'application/json' },
    body: invokeBody,
    signedBy: aws,
  })
}
