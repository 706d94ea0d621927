import { readError } from '@anthology/wire'

import type { Answer } from '../../../gateway/test/http-client.ts'
import { baseAnswer } from './answer-fields.ts'
import { listLeaves } from './paths.ts'
import type { Leaf } from './paths.ts'
import { createNativeRequest } from './protocol-requests.ts'
import type { NativeProtocol, NativeRequest } from './protocol-requests.ts'
import { betaValues, requestFields } from './request-fields.ts'
import type { RequestField } from './request-fields.ts'
import type { Rig, SentRequest } from './rig.ts'
import { combineStates, findRefusal, findState } from './state.ts'
import type { State } from './state.ts'

/** The states of all fields of one protocol at one platform, in the order of the fields. */
export type States = Map<string, State>

/** Most members go to the first; a member that it does not take goes to the first that the Claude API takes it with. */
const candidates = [
  'claude-opus-4-8',
  'claude-sonnet-4-5-20250929',
  'claude-opus-4-5-20251101',
  'claude-opus-5',
  'claude-sonnet-5-5',
] as const

/** Finds the model for each field: the first with which the Claude API accepts it. */
export async function chooseModels(anthropic: Rig): Promise<ReadonlyMap<RequestField, string>> {
  const chosen = new Map<RequestField, string>()
  for (const field of requestFields) {
    for (const model of candidates) {
      const { answer } = await sendField(anthropic, 'messages', field, { model, stream: false })
      if (answer.status === 200) {
        chosen.set(field, model)
        break
      }
    }
  }
  return chosen
}

/** Sends every field, and notes what became of each of its leaves. */
export async function runNativeRequests(
  rig: Rig,
  protocol: NativeProtocol,
  stream: boolean,
  models: ReadonlyMap<RequestField, string>,
): Promise<States> {
  const states: States = new Map()
  const note = (path: string, state: State) => states.set(path, combineStates(states.get(path), state))
  const run = async (field: RequestField, model: string): Promise<void> => {
    const { answer, sent } = await sendField(rig, protocol, field, { model, stream })
    if (sent === null && field.parts !== undefined) {
      for (const part of field.parts) await run(part, model)
      return
    }
    const names = listLeaves({ ...field.context, ...field.members }).flatMap(listNames)
    for (const leaf of listLeaves(field.members))
      if (!isFrame(leaf)) note(nameLeaf(leaf), judge(leaf, names, { answer, sent }))
  }
  for (const field of requestFields) await run(field, models.get(field) ?? candidates[0])
  const plain = { model: candidates[0], stream, members: {} }
  const runBetas = async (betas: readonly string[]): Promise<void> => {
    const { answer, sent } = await send(rig, protocol, { ...plain, betas })
    const found = betas.map((beta) => [beta, judgeBeta(beta, answer, sent)] as const)
    const isClear = found.every(([, { kind }]) => kind === 'verbatim' || kind === 'removed')
    if (isClear || betas.length === 1)
      for (const [beta, state] of found) note(`anthropic-beta: ${beta}`, state)
    else for (const beta of betas) await runBetas([beta])
  }
  for (let at = 0; at < betaValues.length; at += betasAtOnce)
    await runBetas(betaValues.slice(at, at + betasAtOnce))
  for (const name of headerNames) {
    const value = `a-value-of-${name}`
    const { answer, sent } = await send(rig, protocol, { ...plain, betas: [], headers: { [name]: value } })
    note(`header ${name}`, judgeHeader(name, value, { answer, sent }))
  }
  return states
}

/** Their notices fit into a header. */
const betasAtOnce = 6

/** Headers of the Messages API besides the version and the betas. */
const headerNames = ['anthropic-user-profile-id', 'anthropic-workspace-id'] as const

interface Result {
  readonly answer: Answer
  readonly sent: SentRequest | null
}

function sendField(
  rig: Rig,
  protocol: NativeProtocol,
  { members, context = {}, betas }: RequestField,
  more: Pick<NativeRequest, 'model' | 'stream'>,
) {
  return send(rig, protocol, { ...more, members: { ...context, ...members }, betas })
}

function send(rig: Rig, protocol: NativeProtocol, request: NativeRequest) {
  const { path, asking } = createNativeRequest(protocol, request)
  return rig.send(path, asking, baseAnswer)
}

function judge(leaf: Leaf, names: readonly string[], { answer, sent }: Result): State {
  if (sent === null) return findRefusal(answer.status, readWords(answer), names)
  const { path, headers, body } = sent
  const places: Record<string, string> = { 'the path': decodeURIComponent(path) }
  for (const [name, value] of Object.entries(headers)) places[`header ${name}`] = String(value)
  return findState(leaf, { body, places, notice: readNotice(answer) })
}

function judgeHeader(name: string, value: string, { answer, sent }: Result): State {
  if (sent === null) return findRefusal(answer.status, readWords(answer), [name])
  if (sent.headers[name] === value) return { kind: 'verbatim', detail: '' }
  const notice = readNotice(answer)
  return notice.includes(name)
    ? { kind: 'removed', detail: notice }
    : { kind: 'lost', detail: `${name} was not sent` }
}

export function readNotice({ headers }: Answer): string {
  return String(headers['x-anthology-notice'] ?? '')
}

function judgeBeta(beta: string, answer: Answer, sent: SentRequest | null): State {
  const notice = readNotice(answer)
  if (sent === null) return findRefusal(answer.status, readWords(answer), [beta])
  const inHeader = String(sent.headers['anthropic-beta'] ?? '')
  const inBody = JSON.stringify(sent.body['anthropic_beta'] ?? [])
  if (`,${inHeader},`.includes(`,${beta},`) || inBody.includes(`"${beta}"`))
    return { kind: 'verbatim', detail: '' }
  if (notice.includes(beta)) return { kind: 'removed', detail: notice }
  const other = inHeader === '' ? inBody.replaceAll(/[[\]"]/g, '') : inHeader
  return other === ''
    ? { kind: 'lost', detail: `${beta} was not sent` }
    : { kind: 'moved', detail: `as ${other}` }
}

/** The words of an error of any protocol. */
export function readWords({ status, body, text }: Answer): string {
  return text.startsWith('{"message"') ? text : readError(status, body).message
}

/** The members and the types on the way to a leaf. */
function listNames({ path, steps }: Leaf): readonly string[] {
  const types = [...path.matchAll(/\((\w+)\)/g)].map(([, type = '']) => type)
  return [...types, ...steps.filter((step) => typeof step === 'string')]
}

/** A member with a choice of words has a row for each of them. */
function nameLeaf({ path, steps, value }: Leaf): string {
  if (steps.at(-1) === 'type') return path.replace(/\.type$/, '')
  const isOption = steps[0] !== 'messages' && steps[0] !== 'tools' && steps[0] !== 'system'
  const isWord = typeof value === 'string' && value !== 'some_text'
  return isOption && isWord ? `${path} "${value}"` : path
}

/** The frame around blocks and entries, which every request has. */
function isFrame({ path }: Leaf): boolean {
  return /^messages\[\]\.(?:role|content)$/.test(path)
}
