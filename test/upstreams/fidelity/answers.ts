import { isDeepStrictEqual } from 'node:util'

import {
  createFrameDecoder,
  createInvokeStreamDecoder,
  decodeSse,
  encodeInvokeSse,
  joinBytes,
} from '@anthology/wire'

import type { Answer } from '../../../gateway/test/http-client.ts'
import { answerFields, baseAnswer } from './answer-fields.ts'
import type { AnswerField } from './answer-fields.ts'
import { readNotice } from './native-requests.ts'
import type { States } from './native-requests.ts'
import { listLeaves, readAt } from './paths.ts'
import { createNativeRequest, nativeProtocols } from './protocol-requests.ts'
import type { NativeProtocol } from './protocol-requests.ts'
import type { Rig, UpstreamAnswer } from './rig.ts'
import { combineStates } from './state.ts'
import type { State } from './state.ts'
import { createTranslatedRequest } from './translated-requests.ts'
import type { TranslatedProtocol } from './translated-requests.ts'

export type AnyProtocol = NativeProtocol | TranslatedProtocol

const model = 'claude-opus-4-8'

/** Lets the upstream answer with every field, and notes what the client gets of each. */
export async function runAnswers(rig: Rig, protocol: AnyProtocol, stream: boolean): Promise<States> {
  const states: States = new Map()
  const usual = await send(rig, protocol, stream, baseAnswer)
  for (const field of answerFields) {
    const answer = await send(rig, protocol, stream, field)
    const rows = isNative(protocol)
      ? compareExactly(protocol, stream, field, answer)
      : compareTranslated(protocol, stream, field, { answer, usual })
    for (const [name, state] of rows) states.set(name, combineStates(states.get(name), state))
  }
  return states
}

type Rows = readonly (readonly [name: string, state: State])[]

function isNative(protocol: AnyProtocol): protocol is NativeProtocol {
  return (nativeProtocols as readonly string[]).includes(protocol)
}

async function send(
  rig: Rig,
  protocol: AnyProtocol,
  stream: boolean,
  given: UpstreamAnswer,
): Promise<Answer> {
  if (isNative(protocol)) {
    const { path, asking } = createNativeRequest(protocol, { model, stream, members: {}, betas: [] })
    return (await rig.send(path, asking, given)).answer
  }
  const members = protocol === 'converse' ? { additionalModelResponseFieldPaths: paths } : askForUsage(stream)
  const { path, body } = createTranslatedRequest(protocol, { model, stream, members })
  return (await rig.send(path, { body: JSON.stringify(body) }, given)).answer
}

/** The members of an answer that a client of Converse has to ask for. */
const paths = ['/stop_sequence', '/delta/stop_sequence']

/** A client of chat completions has to ask for the usage of a stream. */
function askForUsage(stream: boolean): object {
  return stream ? { stream_options: { include_usage: true } } : {}
}

/** Every event and every member has to be where the upstream wrote it. */
function compareExactly(
  protocol: NativeProtocol,
  stream: boolean,
  { name, message, events, marks }: AnswerField,
  answer: Answer,
): Rows {
  const given = stream ? events.filter(isNoPing) : [message]
  const got = stream
    ? readEvents(protocol, answer.body).filter(isNoPing)
    : [JSON.parse(answer.text) as object]
  const missing = listLeaves(given).filter(
    ({ steps, value }) => !isDeepStrictEqual(readAt(got, steps), value),
  )
  const state: State =
    missing.length === 0
      ? { kind: 'verbatim', detail: '' }
      : { kind: 'lost', detail: `${name}: ${missing.map(({ path }) => path).join(', ')} did not arrive` }
  return marks === null ? [[name, state]] : marks.map(({ path }) => [path, state])
}

/** A ping keeps a connection open, and the streams of Bedrock have none. */
function isNoPing(event: unknown): boolean {
  return Object(event)['type'] !== 'ping'
}

function readEvents(protocol: AnyProtocol, body: Buffer): readonly unknown[] {
  if (protocol === 'converse') {
    return createFrameDecoder()
      .push(body)
      .map(({ payload }) => JSON.parse(new TextDecoder().decode(payload)) as unknown)
  }
  return decodeSse(protocol === 'invoke' ? decodeInvoke(body) : body)
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => JSON.parse(data) as unknown)
}

function decodeInvoke(body: Uint8Array): Uint8Array {
  return joinBytes(
    createInvokeStreamDecoder()
      .push(body)
      .map((event) => encodeInvokeSse(event)),
  )
}

/** The values have to be in the client's answer, unless the protocol has no member for them. */
function compareTranslated(
  protocol: TranslatedProtocol,
  stream: boolean,
  { name, marks }: AnswerField,
  { answer, usual }: { readonly answer: Answer; readonly usual: Answer },
): Rows {
  if (answer.status !== 200) return [[name, { kind: 'lost', detail: `${name}: ${answer.text}` }]]
  const read = ({ text, body }: Answer): string =>
    JSON.stringify(stream ? readEvents(protocol, body) : JSON.parse(text)).replaceAll(timed, '')
  const notice = readNotice(answer)
  const judge = (path: string, arrived: boolean): State => {
    if (arrived) return { kind: 'moved', detail: '' }
    if (notice !== readNotice(usual)) return { kind: 'removed', detail: notice }
    if (withoutMember[protocol].some((pattern) => pattern.test(path)))
      return { kind: 'no_member', detail: '' }
    return { kind: 'lost', detail: `${path} is not in the client's answer` }
  }
  const got = read(answer)
  if (marks !== null) return marks.map(({ path, value }) => [path, judge(path, got.includes(String(value)))])
  return [[name, judge(name, got !== read(usual) || sameWord[protocol].has(name))]]
}

const timed = /"(?:latencyMs|created)":\d+/g

/** Reasons that have the word of another one, which the usual answer has. */
const sameWord: Readonly<Record<TranslatedProtocol, ReadonlySet<string>>> = {
  converse: new Set(['stop_reason "pause_turn"']),
  openai: new Set(
    ['stop_sequence', 'pause_turn', 'a_reason_of_the_future'].map((reason) => `stop_reason "${reason}"`),
  ),
}

/** What a protocol has no place for. */
const noPlace =
  /^(?:input_transformations|container|context_management|a_member_of_the_future|usage\.(?:server_tool_use|service_tier|inference_geo|speed|iterations|a_count_of_the_future))$/
const ofTools = /^content\[\] \(tool_use\)\.(?:toolset_name|caller)/
const ofServerTools =
  /^content\[\] \((?:server_tool_use|mcp_tool_use|\w+_tool_result|container_upload|a_block_of_the_future)\)/
const withoutMember: Readonly<Record<TranslatedProtocol, readonly RegExp[]>> = {
  converse: [
    noPlace,
    ofTools,
    ofServerTools,
    /^(?:id|model|usage\.output_tokens_details)$/,
    /^content\[\] \(text\)\.citations\[\] \(\w+\)\.(?:file_id|encrypted_index)$/,
  ],
  openai: [
    noPlace,
    ofTools,
    ofServerTools,
    /^(?:stop_sequence|usage\.cache_creation)$/,
    /^content\[\] \((?:thinking|redacted_thinking)\)/,
    /^content\[\] \(text\)\.citations/,
  ],
}
