import type { Upstream, UpstreamRequest } from '@anthology/wire'

import { toHeaderText } from '../../http/reply.ts'
import type { Reply, ReplyHead } from '../../http/reply.ts'
import type { EmulatorRequest } from '../../request.ts'
import type { UnmatchedCall } from '../../scenario/script.ts'
import { CassetteError } from '../cassette.ts'
import type { RecordedExchange, RecordedRequest } from '../cassette.ts'
import type { CassetteStore, StoredExchange } from '../files/cassette-store.ts'
import { createForwardedRequest, dropConnectionHeaders } from '../record/forwarded-request.ts'
import { createRecorder } from '../record/recorder.ts'
import type { ExchangeOptions } from '../record/record-exchange.ts'
import { listRequestSecrets } from '../redaction/known-secrets.ts'
import { createRedactor } from '../redaction/redactor.ts'
import { describeRequest } from '../requests/describe-request.ts'
import { unknownEndpoint } from '../requests/endpoint.ts'
import { restoreFrames } from '../responses/restore-response.ts'
import type { MatchMode } from './compare-requests.ts'
import { createComparer } from './comparer.ts'
import type { Comparison } from './comparer.ts'
import { createPlayer } from './player.ts'

/**
 * `replay-or-fail`: recordings only. `record-missing`: requests without a recording go to the upstream and are recorded.
 * `record-all`: all requests do, and replace the recordings of earlier runs. `diff`: all requests go to the upstream, and
 * the answers are compared with the recordings.
 */
export type ReplayMode = 'replay-or-fail' | 'record-missing' | 'record-all' | 'diff'

export const replayModes: readonly ReplayMode[] = ['replay-or-fail', 'record-missing', 'record-all', 'diff']

export interface ReplayOptions extends ExchangeOptions {
  /** The recordings: a folder from `openCassettes`, or `readHar`. */
  readonly cassettes: CassetteStore
  /** Default `replay-or-fail`; all other modes need `upstream`. */
  readonly mode?: ReplayMode
  readonly upstream?: Upstream
  /** Returns why a request cannot go to the upstream, which is then its answer (status 400); null if it can. */
  readonly checkLive?: (request: EmulatorRequest) => string | null
  /** Default `normal`. */
  readonly match?: MatchMode
  /** What follows the last recording of a repeated request: it again (default), or a miss. */
  readonly exhausted?: 'last' | 'fail'
  /** 0, the default, replays as fast as possible, 1 with the recorded times, 2 twice as fast. */
  readonly speed?: number
  /** The time of new recordings, in milliseconds since 1970. */
  readonly now?: () => number
  /** Receives one line about each exchange that is not recorded. */
  readonly warn?: (message: string) => void
  /** Receives the result of each comparison in the mode `diff`. */
  readonly onCompared?: (comparison: Comparison) => void
}

/** Recordings in front of the emulator's own answers. */
export interface Replay {
  /** Finds the recording that answers a request. */
  answer(request: EmulatorRequest, head: ReplyHead): ReplayAnswer
  /** The upstream that answers a request, and the request in its form; null: it is answered here. */
  chooseLive(
    request: EmulatorRequest,
  ): { readonly upstream: Upstream; readonly request: UpstreamRequest } | null
  /** The recordings that were not played. */
  listUnused(): readonly StoredExchange[]
  /** The requests that no recording matched, oldest first; only the first ones are kept. */
  listMisses(): readonly UnmatchedCall[]
}

export type ReplayAnswer =
  | { readonly ok: true; readonly reply: Reply }
  /** No recording matches; the message names the nearest one. */
  | { readonly ok: false; readonly message: string }

/** Throws a CassetteError for options that contradict each other, and for an invalid pattern. */
export function createReplay(options: ReplayOptions): Replay {
  const { cassettes, mode = 'replay-or-fail', match = 'normal', exhausted = 'last', speed = 0 } = options
  const { checkLive = () => null } = options
  if (!(speed >= 0)) throw new CassetteError('the speed of a replay must be 0 or more')
  createRedactor([], options.patterns)
  const misses: UnmatchedCall[] = []
  const player = createPlayer(cassettes, { match, exhausted })
  const live = createLive(options, mode, player)
  const describe = (request: EmulatorRequest): RecordedRequest => {
    const secrets = [...(options.secrets ?? []), ...listRequestSecrets(request)]
    return describeRequest(request, createRedactor(secrets, options.patterns)).request
  }
  const isRecorded = (request: EmulatorRequest): boolean =>
    mode === 'record-missing' && player.has(describe(request))
  const findLiveProblem = (request: EmulatorRequest): string | null =>
    isRecorded(request) ? null : checkLive(request)
  return {
    answer: (request, head) => {
      const problem = live === null ? null : findLiveProblem(request)
      if (problem !== null) return { ok: false, message: problem }
      const described = describe(request)
      const take = player.take(described)
      if (!take.ok) {
        if (described.endpoint !== unknownEndpoint && misses.length < maxMisses)
          misses.push({ path: described.path, message: take.message })
        return take
      }
      head.exchange.rule = `recording ${take.label}`
      const notices = [...head.notices, ...take.notices]
      return { ok: true, reply: createReply(take.exchange, { ...head, notices }, speed) }
    },
    chooseLive: (request) => {
      if (live === null || isOwnPath(request.path) || isRecorded(request)) return null
      if (checkLive(request) !== null) return null
      const forwarded = createForwardedRequest(request)
      return forwarded && { upstream: live, request: forwarded }
    },
    listUnused: () => player.listUnused(),
    listMisses: () => misses,
  }
}

const maxMisses = 1_000

function createLive(
  options: ReplayOptions,
  mode: ReplayMode,
  player: ReturnType<typeof createPlayer>,
): Upstream | null {
  const { upstream, now = Date.now, onCompared = () => {} } = options
  if (mode === 'replay-or-fail') return null
  if (upstream === undefined) throw new CassetteError(`the mode ${mode} needs an upstream`)
  if (mode === 'diff') return createComparer(upstream, { ...options, player, now, onCompared })
  return createRecorder(upstream, {
    ...options,
    replaces: mode === 'record-all',
    skipsErrors: mode === 'record-missing',
    onRecorded: player.markPlayed,
  })
}

/** Paths that control the emulator itself, and its health check. */
function isOwnPath(path: string): boolean {
  return path.startsWith('/emulator/') || /^\/(?:healthz|readyz)(?:$|\?)/.test(path)
}

function createReply({ request, response }: RecordedExchange, head: ReplyHead, speed: number): Reply {
  const frames = restoreFrames(response, speed)
  const length = frames.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const requestIdHeader = requestIdHeaders[request.protocol]
  return {
    status: response.status,
    headers: {
      // A person may have added headers that contradict the body.
      ...dropConnectionHeaders(response.headers),
      ...(response.events === undefined && { 'content-length': String(length) }),
      [requestIdHeader]: head.requestId,
      ...(head.notices.length > 0 && { 'x-anthology-notice': head.notices.map(toHeaderText).join('; ') }),
    },
    frames: frames.values(),
  }
}

const requestIdHeaders = {
  messages: 'request-id',
  vertex: 'request-id',
  openai: 'x-request-id',
  bedrock: 'x-amzn-requestid',
} as const
