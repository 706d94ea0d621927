import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

import type { Model, RequestFacts } from '@anthology/catalog'

import type { Key } from '../auth/key-ring.ts'
import { getDay } from '../clock.ts'
import type { Context } from '../context.ts'
import { readClientIds } from '../http/headers.ts'
import { findHolders } from '../resources/file-ids.ts'
import { readDemand } from '../routing/foreign-check.ts'
import { billsOperator } from '../routing/find-place.ts'
import type { HealthState } from '../routing/health.ts'
import { hasHourMark } from '../routing/hour-mark.ts'
import { planCall } from '../routing/plan.ts'
import type { Place, Plan } from '../routing/plan.ts'
import type { Thread } from '../routing/warmth.ts'
import type { Call } from './call.ts'
import { findQuota } from './find-quota.ts'
import { hasThinking } from './foreign-thinking.ts'
import { estimateQuotaTokens } from './reserve-quota.ts'
import { addLowTokens, mayExceedWindow } from './long-prompt.ts'
import { listServerTools } from './server-tools.ts'
import { listSourceTypes } from './source-types.ts'
import { findUserProfile } from './user-profile.ts'
import { readCallFacts } from './validate.ts'
import { hasAnswers, sliceFirstElement } from './first-message.ts'

/** The parts of the gateway that a plan depends on. */
export interface PlanningContext extends Pick<
  Context,
  'accounts' | 'order' | 'models' | 'validateRequests' | 'limits' | 'labels'
> {
  readonly health: Pick<Context['health'], 'check'>
  readonly quotas: Pick<Context['quotas'], 'getWaitMs'>
  readonly warmth: Pick<Context['warmth'], 'find'>
  readonly ledger: Pick<Context['ledger'], 'query'>
  readonly callLimits: Pick<Context['callLimits'], 'queues'>
}

/** Plans the attempts of a call from its body, the configuration and the state of the upstreams. */
export async function createPlan(
  context: PlanningContext,
  key: Pick<Key, 'id' | 'models' | 'regions'>,
  call: Call,
): Promise<Plan> {
  const { accounts, order, models, warmth } = context
  const holders = await findHolders(context, key, call.body)
  const findModel = (id: string) => models.get(id)
  const facts = context.validateRequests && call.billable ? await readFacts(context, call) : null
  const conversation = accounts.length > 1 ? identifyConversation(call) : ''
  return planCall(
    {
      model: call.model,
      betas: call.betas,
      countsTokens: !call.billable,
      facts,
      demand: facts === null ? null : () => readDemand(call, facts.has_tools === true),
      hasHourMark: facts === null ? null : () => hasHourMark(call),
      serverTools: context.validateRequests ? listServerTools(call) : [],
      sourceTypes:
        context.validateRequests && mayLackSources(accounts) ? await listSourceTypes(call, accounts) : [],
      holders,
      userProfile: call.billable && accounts.some(billsOperator) ? findUserProfile(call) : null,
      permittedModels: key.models,
      regions: key.regions,
      conversation,
      last: conversation === '' ? null : warmth.find(identifyThread(conversation, call)),
      returnsBoundThinking: () => isBound(call.model) && hasThinking(call),
      isBeginning: () => !hasAnswers(call),
      day: getDay(call.startedAtMs),
    },
    {
      accounts,
      order,
      findModel,
      health: (place) => checkHealth(context, call, place),
      openCallsAt: (upstream) => countOpenCalls(context, upstream),
    },
  )
}

/**
 * The newest models bind their thinking to an account, which nobody can observe: another one drops it without an error
 * (platform.claude.com, build-with-claude/preserved-thinking). Which ones do is not documented for all that bind it.
 */
function isBound({ thinking }: Model): boolean {
  return (thinking?.returned.boundTo ?? 'nothing') !== 'nothing'
}

function readFacts({ order, models }: PlanningContext, call: Call): RequestFacts | Promise<RequestFacts> {
  const facts = readCallFacts(call)
  const fallbacks = order.fallbacksOf(call.model.id).flatMap((id) => models.get(id) ?? [])
  const tooSmall = [call.model, ...fallbacks].find((model) => mayExceedWindow(facts, model))
  return tooSmall === undefined ? facts : addLowTokens(facts, call, tooSmall)
}

/** The Claude API has all kinds of source, so the search of a long prompt is for others only. */
function mayLackSources(accounts: PlanningContext['accounts']): boolean {
  return accounts.some(({ platform }) => platform !== 'anthropic')
}

/** A model whose quota has no room for the call is blocked for it. */
function checkHealth({ health, quotas }: PlanningContext, call: Call, place: Place): HealthState {
  const { name } = place.account
  const { id } = place.model
  const quota = findQuota(call, place)
  const state = health.check(name, id, quota)
  if (state.kind === 'open' || state.kind === 'blocked' || !call.billable) return state
  const forMs = quotas.getWaitMs(name, id, () => estimateQuotaTokens(call))
  return forMs > 0 ? { kind: 'blocked', quota, forMs } : state
}

function countOpenCalls({ callLimits }: PlanningContext, upstream: string): number {
  const queue = callLimits.queues.get(upstream)
  return queue === undefined ? 0 : queue.running + queue.waiting
}

/**
 * Identifies the conversation: by the session of Claude Code, else by the beginning of its prompt, which stays the same
 * from turn to turn: tools, system and the beginning of the first message.
 */
export function identifyConversation({ clientIds, key, body, index }: Call): string {
  const { session } = clientIds
  if (session !== null) return `${key.id} ${session}`
  const hash = createHash('sha256').update(key.id)
  for (const { name, start, end } of index.members) {
    if (name === 'messages') hash.update(readBeginning(body.subarray(0, end), start))
    if (name === 'tools' || name === 'system') hash.update(body.subarray(start, end))
  }
  return hash.digest('hex')
}

/** Identifies the part of the conversation that has the call's prompt cache and thinking. */
export function identifyThread(conversation: string, { clientIds, model }: Call): Thread {
  return { conversation, agent: clientIds.agent, model: model.id }
}

/**
 * Identifies the conversation before the body is read, for names that depend on it: by the session of Claude Code, else
 * by the beginning of the body.
 */
export function nameConversation(
  headers: IncomingHttpHeaders,
  key: Pick<Key, 'id'>,
  body: Uint8Array,
): string {
  const { session } = readClientIds(headers)
  if (session !== null) return `${key.id} ${session}`
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const messages = bytes.subarray(0, maxMessageBytes).indexOf('"messages"')
  const array = messages === -1 ? -1 : bytes.indexOf('[', messages)
  const hash = createHash('sha256').update(key.id)
  if (array === -1) return hash.update(body.subarray(0, maxMessageBytes)).digest('hex')
  hash.update(body.subarray(0, messages))
  return hash.update(readBeginning(body, array)).digest('hex')
}

/** Clients mark the last messages for the cache, so the mark of the first message is gone in a later turn. */
function readBeginning(body: Uint8Array, start: number): string {
  const first = Buffer.from(sliceFirstElement(body, start, maxMessageBytes)).toString('latin1')
  return first.replaceAll(/,\s*"cache_control"\s*:\s*\{[^}]*\}/g, '')
}

/** The first message identifies a conversation; a later turn has it at the same place. */
const maxMessageBytes = 512
