import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import OpenAI from 'openai'
import { afterAll, expect, onTestFinished, test } from 'vitest'

import { createOddUpstream, getPrompt, oddAnswers, outcomes } from './odd-answers.ts'
import type { OddAnswer } from './odd-answers.ts'
import { findPython } from './python.ts'
import { startBefore } from './rig.ts'
import type { Target } from './rig.ts'
import { newestSdk, sdk060, toFailure } from './sdks.ts'
import type { Sdk } from './sdks.ts'

// Answers of an upstream that are none, as the official clients see them. Each client may repeat a call once.

const model = 'claude-opus-4-5'
const modelId = 'us.anthropic.claude-opus-4-5-20251101-v1:0'
const python = await findPython({ modules: ['boto3'], packages: ['boto3'] })

/** One way to call, and what it shows of an error. */
interface Client {
  readonly name: string
  readonly call: (target: Target, answer: OddAnswer, prompt: string) => PromiseLike<unknown>
  readonly expected: (answer: OddAnswer) => Seen
}

interface Seen {
  readonly errorClass: string
  readonly status: number
  /** The error's type in the body; AWS's class says it. */
  readonly type?: string
  readonly requests: number
}

const clients: readonly Client[] = [
  { name: 'newest', call: callMessages(newestSdk), expected: expectNewest },
  { name: 'sdk060', call: callMessages(sdk060), expected: expectHttp },
  { name: 'openai', call: callOpenAi, expected: expectHttp },
  { name: 'invoke', call: callAws('invoke'), expected: expectAws },
  { name: 'converse', call: callAws('converse'), expected: expectAws },
]

test.each(oddAnswers)('$title', async (answer) => {
  const { target, upstream } = await start()

  const seen = await Promise.all(
    clients.map(async ({ name, call }): Promise<readonly [string, Seen]> => {
      const prompt = getPrompt(answer, name)
      const error = await toFailure(call(target, answer, prompt))
      return [name, { ...describeError(error), requests: countRequests(upstream.count(prompt), answer) }]
    }),
  )

  const expected = clients.map((client) => [client.name, client.expected(answer)] as const)
  expect(seen).toEqual(expected)
  // The ledger has a row for each request, with the status that its client received.
  const statuses = expected.flatMap(([, { status, requests }]) =>
    Array<bigint>(requests).fill(BigInt(status)),
  )
  expect(countValues(target.calls().map((call) => call['status']))).toEqual(countValues(statuses))
})

if (python.ok) {
  afterAll(() => python.close())

  test('boto3 has the same errors, and repeats the same calls', async () => {
    const { target, upstream } = await start()
    const calls = oddAnswers.map((answer) => [answer.asked, getPrompt(answer, 'boto3')])
    const { accessKeyId = '', secretAccessKey = '' } = target.aws ?? {}

    const told = await python.run(
      'python-odd-answers.py',
      target.baseUrl,
      accessKeyId,
      secretAccessKey,
      JSON.stringify(calls),
    )

    expect(JSON.parse(told)).toEqual(
      oddAnswers.map(({ becomes }) => [outcomes[becomes].aws.name, outcomes[becomes].aws.status]),
    )
    const asked = oddAnswers.map((answer) => upstream.count(getPrompt(answer, 'boto3')))
    expect(oddAnswers.map((answer, at) => countRequests(asked[at] ?? 0, answer))).toEqual(
      oddAnswers.map(({ becomes }) => (outcomes[becomes].isRepeated ? 2 : 1)),
    )
  })
} else {
  test(`boto3 was not run: ${python.because}`, () => {
    expect(python.because).not.toBe('')
  })
}

/**
 * The requests of the client. The gateway itself may repeat each of them once if the upstream is overloaded; the rows of
 * the ledger, one for each request of a client, are counted exactly.
 */
function countRequests(atUpstream: number, { becomes }: OddAnswer): number {
  return becomes === 'overloaded' ? Math.min(atUpstream, 2) : atUpstream
}

async function start() {
  const upstream = createOddUpstream()
  const target = await startBefore(upstream)
  return { target, upstream }
}

function expectHttp({ becomes }: OddAnswer): Seen {
  const { errorClass, status, type, isRepeated } = outcomes[becomes]
  return { errorClass, status, type, requests: isRepeated ? 2 : 1 }
}

function expectNewest(answer: OddAnswer): Seen {
  const { errorClass, newestErrorClass = errorClass } = outcomes[answer.becomes]
  return { ...expectHttp(answer), errorClass: newestErrorClass }
}

function expectAws({ becomes }: OddAnswer): Seen {
  const { aws, isRepeated } = outcomes[becomes]
  return { errorClass: aws.name, status: aws.status, requests: isRepeated ? 2 : 1 }
}

/** The members that the SDKs put into their errors. */
interface SdkError {
  readonly status?: number
  readonly error?: { readonly type?: string; readonly error?: { readonly type: string } }
  readonly $metadata?: { readonly httpStatusCode?: number }
}

function describeError(error: unknown): Omit<Seen, 'requests'> {
  const { status, error: body, $metadata: metadata } = error as SdkError
  const errorClass = error instanceof Error ? error.constructor.name : typeof error
  if (metadata !== undefined) return { errorClass, status: metadata.httpStatusCode ?? 0 }
  // The SDK of OpenAI keeps the inner object only.
  return { errorClass, status: status ?? 0, type: body?.error?.type ?? body?.type ?? '' }
}

function countValues(values: readonly unknown[]): ReadonlyMap<unknown, number> {
  const counts = new Map<unknown, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

function callMessages({ Anthropic }: Sdk) {
  return ({ baseUrl, key }: Target, { asked }: OddAnswer, content: string): PromiseLike<unknown> => {
    const client = new Anthropic({ baseURL: baseUrl, apiKey: key, authToken: null, maxRetries: 1 })
    const stream = asked === 'stream'
    return client.messages.create({ model, max_tokens: 100, stream, messages: [{ role: 'user', content }] })
  }
}

function callOpenAi({ baseUrl, key }: Target, { asked }: OddAnswer, content: string): PromiseLike<unknown> {
  const client = new OpenAI({ baseURL: `${baseUrl}/v1/`, apiKey: key, maxRetries: 1 })
  return client.chat.completions.create({
    model,
    stream: asked === 'stream',
    messages: [{ role: 'user', content }],
  })
}

function callAws(operation: 'invoke' | 'converse'): Client['call'] {
  return (target, { asked }, prompt) => {
    const client = createRuntime(target)
    const question = { role: 'user' as const, content: prompt }
    const body = JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 100,
      messages: [question],
    })
    const invocation = { modelId, body }
    const conversation = { modelId, messages: [{ ...question, content: [{ text: prompt }] }] }
    if (operation === 'invoke')
      return asked === 'stream'
        ? client.send(new InvokeModelWithResponseStreamCommand(invocation))
        : client.send(new InvokeModelCommand(invocation))
    return asked === 'stream'
      ? client.send(new ConverseStreamCommand(conversation))
      : client.send(new ConverseCommand(conversation))
  }
}

function createRuntime({ baseUrl, aws }: Target): BedrockRuntimeClient {
  const { accessKeyId = '', secretAccessKey = '' } = aws ?? {}
  const client = new BedrockRuntimeClient({
    endpoint: baseUrl,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 2,
  })
  onTestFinished(() => client.destroy())
  return client
}
