import { createBuiltInKey } from '../../gateway/src/auth/key-ring.ts'
import { AttemptSequence } from '../../gateway/src/calls/attempt-sequence.ts'
import type { Turn } from '../../gateway/src/calls/attempt-sequence.ts'
import type { AttemptResult } from '../../gateway/src/calls/attempt.ts'
import { noteAttempt } from '../../gateway/src/calls/note-attempt.ts'
import { createOfflineContext } from '../../gateway/src/calls/offline-context.ts'
import { prepareCall } from '../../gateway/src/calls/prepare-call.ts'
import { defaultLimits } from '../../gateway/src/limits.ts'
import { messagesProtocol } from '../../gateway/src/protocols/messages.ts'
import { createHealth } from '../../gateway/src/routing/health.ts'
import { createRetryBudget } from '../../gateway/src/routing/retry-budget.ts'
import { createWarmth } from '../../gateway/src/routing/warmth.ts'
import type { SharedAnswer, WarmthOptions } from '../../gateway/src/routing/warmth.ts'
import { createFirstTokenTimes } from '../../gateway/src/telemetry/first-token-times.ts'
import { createCredentialHealth } from '../../gateway/src/upstreams/credential-health.ts'
import { createRandom } from './failover-upstream.ts'

/** Binds its thinking to an account, which drops that of another one without an error (Preserved thinking page). */
const model = 'claude-sonnet-5-5'
const turns = 4
const restartEvery = 15_000

export interface MoveReport {
  readonly calls: number
  readonly failures: number
  /** Answers of an upstream that did not issue the thinking which the answer before it has added. */
  readonly moved: number
  /** Those that the gateway knew to be at another upstream: it had not restarted since. */
  readonly left: number
  /** Those of which no notice told. */
  readonly silent: number
  /** Notices about thinking at the upstream that issued it, in a gateway that knew it. */
  readonly needless: number
  /** Answers of which a gateway informed the others. */
  readonly shared: number
}

export interface Outages {
  readonly groups: readonly (readonly string[])[]
  /** The share of the attempts that get a 529. */
  readonly failureShare: number
  readonly seed: number
  /** Gateways that inform each other; each call goes to one of them, and one of them restarts at a time. Default: 1. */
  readonly processes?: number
  /** Whether the upstreams have many open calls, another number at each call and process. Default: false. */
  readonly isLoaded?: boolean
}

/**
 * Plans the turns of many conversations whose clients return the thinking of every answer. The upstreams are random
 * results, without sockets; the gateway restarts every few thousand calls, and forgets what it knew.
 */
export async function planConversations(conversations: number, outages: Outages): Promise<MoveReport> {
  const report = { calls: 0, failures: 0, moved: 0, left: 0, silent: 0, needless: 0, shared: 0 }
  const random = createRandom(outages.seed)
  const { processes = 1 } = outages
  let nowMs = 0
  const start = (own: number) =>
    createPlanner(outages, {
      nowMs: () => nowMs,
      share: (answer) => {
        report.shared += 1
        for (const [other, { merge }] of gateways.entries()) if (other !== own) merge([answer])
      },
    })
  const gateways = Array.from({ length: processes }, (_, own) => start(own))
  const talks = Array.from({ length: conversations }, (_, at) => ({ at, issuers: [] as string[] }))
  for (let turn = 0; turn < turns; turn += 1)
    for (const talk of talks) {
      const at = Math.floor(random() * processes)
      if (report.calls > 0 && report.calls % restartEvery === 0) gateways[at] = start(at)
      const gateway = gateways[at] ?? start(at)
      report.calls += 1
      nowMs += 10
      const { upstream, notices, failures } = await gateway.call(
        writeBody(talk),
        () => random() < outages.failureShare,
      )
      report.failures += failures
      const issuer = talk.issuers.at(-1)
      const isTold = notices.some((notice) => notice.includes('thinking of the conversation'))
      if (issuer !== undefined && issuer !== upstream) {
        report.moved += 1
        if (gateway.knows(talk.at)) report.left += 1
        if (!isTold) report.silent += 1
      } else if (isTold && issuer !== undefined && gateway.knows(talk.at)) report.needless += 1
      gateway.remember(talk.at)
      talk.issuers.push(upstream)
    }
  return report
}

function writeBody({
  at,
  issuers,
}: {
  readonly at: number
  readonly issuers: readonly string[]
}): Uint8Array {
  const messages = issuers.flatMap((issuer, turn) => [
    { role: 'user', content: `Question ${turn} of conversation ${at}?` },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: '', signature: issuer },
        { type: 'text', text: 'An answer.' },
      ],
    },
  ])
  const last = { role: 'user', content: `Question ${issuers.length} of conversation ${at}?` }
  return Buffer.from(JSON.stringify({ model, max_tokens: 16, messages: [...messages, last] }))
}

const names = ['aa', 'bb', 'cc']
const key = createBuiltInKey('key_local', 'local')

/** The parts of a gateway that decide where a call goes, with a clock of their own. */
function createPlanner(
  { groups, isLoaded = false, seed }: Outages,
  { nowMs: clock, share }: Required<WarmthOptions>,
) {
  const accounts = names.map((name) => ({
    name,
    platform: 'anthropic' as const,
    secrets: [],
    upstream: {
      send: () => {
        throw new Error('planning calls nobody')
      },
    },
  }))
  const warmth = createWarmth({ nowMs: clock, share })
  const random = createRandom(seed + 1)
  const queue = {
    enter: () => ({ kind: 'slot' as const, leave: () => {} }),
    get running() {
      return isLoaded ? Math.floor(random() * 40) : 0
    },
    waiting: 0,
  }
  const queues = new Map(names.map((name) => [name, queue]))
  const context = {
    ...createOfflineContext({ accounts, routing: { groups }, validateRequests: true, limits: defaultLimits }),
    // An open circuit would move conversations without a failure of their own.
    health: createHealth({ failures: 1_000_000 }, clock),
    warmth,
    credentials: createCredentialHealth(clock),
    firstTokens: createFirstTokenTimes(),
    callLimits: { queues },
    log: () => {},
  }
  const retries = createRetryBudget(() => 1, clock)
  const known = new Set<number>()
  const request = { url: '/v1/messages', headers: { 'anthropic-version': '2023-06-01' } }

  async function call(body: Uint8Array, fails: () => boolean) {
    const received = {
      id: 'req_1',
      protocol: messagesProtocol,
      key,
      request,
      body,
      startedAtMs: Date.now(),
      trace: null,
    }
    const { call: made, plan } = await prepareCall(context, received)
    const sequence = new AttemptSequence(plan, made, retries)
    for (let turn: Turn | null = sequence.first, failures = 0; turn !== null; failures += 1) {
      const { planned } = turn
      const attempt = {
        planned,
        call: turn.call,
        conversation: plan.conversation,
        usual: plan.usual,
        quota: 'messages' as const,
        startedAtMs: clock(),
        nowMs: clock,
        timeOfDayMs: Date.now,
      }
      context.health.begin(planned.account.name, planned.model.id, attempt.quota)
      // An answer is also what the client gets after the last failure, when it tries again.
      const result: AttemptResult = fails() && sequence.canMove ? overloaded : answered
      noteAttempt(context, attempt, result)
      if (result === answered) return { upstream: planned.account.name, notices: turn.notices, failures }
      turn = sequence.next(turn, result)
    }
    throw new Error('the plan has no attempt')
  }

  return {
    call,
    merge: (answers: readonly SharedAnswer[]) => warmth.merge(answers),
    knows: (conversation: number) => known.has(conversation),
    remember: (conversation: number) => void known.add(conversation),
  }
}

const nothing = {
  reading: {
    usage: null,
    usageSource: null,
    stopReason: null,
    messageId: null,
    errorType: null,
    errorMessage: null,
  },
  upstreamRequestId: null,
  upstreamHeaders: null,
  emptyQuotas: [],
  firstByteMs: 1,
  firstTokenMs: 1,
}
const answered: AttemptResult = {
  ...nothing,
  outcome: 'answered',
  status: 200,
  finish: { kind: 'complete', headers: {}, body: new Uint8Array(), error: null },
}
const overloaded: AttemptResult = {
  ...nothing,
  outcome: 'upstream_error',
  status: 529,
  finish: { kind: 'complete', headers: {}, body: new Uint8Array(), error: 'capacity' },
}
