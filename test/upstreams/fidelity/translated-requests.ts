import { chatFields, converseFields } from '@anthology/wire'

import { settingExamples as converseSettings } from '../../../wire/test/converse/setting-examples.ts'
import { turnExamples as converseTurns } from '../../../wire/test/converse/turn-examples.ts'
import {
  settingExamples as chatSettings,
  turnExamples as chatTurns,
} from '../../../wire/test/openai/field-examples.ts'
import { baseAnswer } from './answer-fields.ts'
import { readNotice, readWords } from './native-requests.ts'
import type { States } from './native-requests.ts'
import { listLeaves } from './paths.ts'
import { getName } from './protocol-requests.ts'
import type { Rig, SentRequest } from './rig.ts'
import { findRefusal } from './state.ts'
import type { State } from './state.ts'

export const translatedProtocols = ['converse', 'openai'] as const
export type TranslatedProtocol = (typeof translatedProtocols)[number]

interface TranslatedField {
  readonly name: string
  /** Wire's table says that it has no effect. */
  readonly isIgnored: boolean
  readonly members: Readonly<Record<string, unknown>>
}

/** Examples whose members exclude each other at a real model. */
const replaced: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> = {
  additionalModelRequestFields: {
    additionalModelRequestFields: { top_k: 5, metadata: { user_id: 'somebody' } },
  },
}

/** The rows of wire's tables with the members of the examples that hold the tables. */
const fields: Readonly<Record<TranslatedProtocol, readonly TranslatedField[]>> = {
  converse: [...converseFields.turns, ...converseFields.settings].flatMap(
    ({ converse: name, toMessages }) => {
      const example = name === null ? undefined : (converseTurns[name] ?? converseSettings[name])
      if (name === null || toMessages === null || example?.converse === undefined) return []
      return [
        { name, isIgnored: toMessages === 'ignored', members: replaced[name] ?? { ...example.converse } },
      ]
    },
  ),
  openai: [...chatFields.turns, ...chatFields.settings].flatMap(({ chat: name, mapping }) => {
    const example = chatTurns[name] ?? chatSettings[name]
    return example === undefined
      ? []
      : [{ name, isIgnored: mapping === 'ignored', members: { ...example.chat } }]
  }),
}

/** They decide where a request goes, or what the answer has; other lists are about them. */
const apart: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'stream_options.include_usage',
  'additionalModelResponseFieldPaths',
])

const bases = {
  converse: { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] },
  openai: { messages: [{ role: 'user', content: 'Hi' }] },
} as const

/** The options of these rows need a model that takes them. */
const models = ['claude-opus-4-5-20251101', 'claude-opus-4-8'] as const

/** Sends every row of wire's tables, and compares what arrived with the same request without the row's members. */
export async function runTranslatedRequests(
  rig: Rig,
  protocol: TranslatedProtocol,
  stream: boolean,
): Promise<States> {
  const states: States = new Map()
  for (const field of fields[protocol]) {
    if (apart.has(field.name)) continue
    let state: State | null = null
    for (const model of models) {
      const tried = await tryField(rig, protocol, { ...field, model, stream })
      state ??= tried
      // An option that one model refuses may be one of the other.
      if (state.kind !== 'refused') break
      state = tried
    }
    if (state !== null) states.set(field.name, state)
  }
  return states
}

async function tryField(
  rig: Rig,
  protocol: TranslatedProtocol,
  {
    name,
    isIgnored,
    members,
    model,
    stream,
  }: TranslatedField & { readonly model: string; readonly stream: boolean },
): Promise<State> {
  const base = await send(rig, protocol, { model, stream, members: {} })
  const { answer, sent } = await send(rig, protocol, { model, stream, members })
  const words = name.split(/\W+/).filter((word) => word.length > 2)
  if (sent === null) return findRefusal(answer.status, readWords(answer), [...words, ...listNames(members)])
  const changed = base.sent === null ? [] : listChanges(base.sent, sent)
  const notice = readNotice(answer)
  const isNoted = notice !== readNotice(base.answer)
  const missing = listMissing(bases[protocol], members, sent)
  if (isNoted && (isIgnored || changed.length === 0 || missing.length > 0))
    return { kind: 'removed', detail: notice }
  if (changed.length === 0)
    return defaults.has(name)
      ? { kind: 'default', detail: '' }
      : { kind: 'lost', detail: `${name} changed nothing, without a notice` }
  if (missing.length > 0) return { kind: 'lost', detail: `${name}: ${missing.join(', ')} did not arrive` }
  return { kind: 'moved', detail: changed.join(', ') }
}

/** Values that ask for what happens without them. */
const defaults: ReadonlySet<string> = new Set([
  'serviceTier (default)',
  'performanceConfig.latency (standard)',
  'n (1)',
  'response_format (text)',
  'reasoning_effort (none)',
])

function send(
  rig: Rig,
  protocol: TranslatedProtocol,
  {
    model,
    stream,
    members,
  }: Pick<TranslatedField, 'members'> & { readonly model: string; readonly stream: boolean },
) {
  const { path, body } = createTranslatedRequest(protocol, { model, stream, members })
  return rig.send(path, { body: JSON.stringify(body) }, baseAnswer)
}

/** The request of a client of a translated protocol. */
export function createTranslatedRequest(
  protocol: TranslatedProtocol,
  { model, stream, members }: { readonly model: string; readonly stream: boolean; readonly members: object },
): { readonly path: string; readonly body: object } {
  if (protocol === 'openai')
    return { path: '/v1/chat/completions', body: { model, stream, ...bases.openai, ...members } }
  const id = encodeURIComponent(getName(model, 'bedrock'))
  return {
    path: `/model/${id}/${stream ? 'converse-stream' : 'converse'}`,
    body: { ...bases.converse, ...members },
  }
}

/** The members, and the header of the betas, in which two requests differ. */
function listChanges(one: SentRequest, other: SentRequest): readonly string[] {
  const names = new Set([...Object.keys(one.body), ...Object.keys(other.body)])
  const members = [...names].filter(
    (name) => JSON.stringify(one.body[name]) !== JSON.stringify(other.body[name]),
  )
  const isBeta = one.headers['anthropic-beta'] !== other.headers['anthropic-beta']
  return [...members.toSorted(), ...(isBeta ? ['header anthropic-beta'] : [])]
}

/** The values of a row that are nowhere in the request that arrived. */
function listMissing(base: object, members: object, { text, headers }: SentRequest): readonly string[] {
  const known = new Set(listLeaves(base).map(({ value }) => String(value)))
  const arrived = `${text} ${String(headers['anthropic-beta'] ?? '')}`
  return listLeaves(members)
    .map(({ value }) => value)
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map(String)
    .filter((value) => !known.has(value) && !renamed.has(value))
    .filter(
      (value) =>
        ![value, JSON.stringify(value).slice(1, -1), decode(value)].some((each) => arrived.includes(each)),
    )
}

/** The text of base64, or the base64 of a data URL. */
function decode(value: string): string {
  const [, data] = /^data:.*?,(.*)$/.exec(value) ?? []
  return data === undefined || value.startsWith('data:text')
    ? Buffer.from(data ?? value, 'base64').toString()
    : data
}

/** Words of one protocol that have another word in the Messages API. */
const renamed: ReadonlySet<string> = new Set([
  // Converse
  'default',
  'txt',
  'success',
  '/stop_sequence',
  '/delta/stop_sequence',
  // Chat completions; the last one is an id with a character that the Messages API does not accept.
  'developer',
  'input_text',
  'refusal',
  'image_url',
  'file',
  'custom',
  'function',
  'required',
  'allowed_tools',
  'minimal',
  'x:0',
])

function listNames(members: object): readonly string[] {
  return listLeaves(members).flatMap(({ steps }) => steps.filter((step) => typeof step === 'string'))
}
