import { resolve as resolvePath } from 'node:path'

import {
  CassetteError,
  findSignatureProblem,
  matchModes,
  openCassettes,
  openRecordings,
  replayModes,
} from '@anthology/emulator'
import type { CassetteStore, Comparison, ReplayMode, ReplayOptions } from '@anthology/emulator'
import { createHttpUpstream, defaultLimits } from '@anthology/gateway'
import { isLoopbackHost } from '@anthology/wire'

import { readChoice } from './catalog-options.ts'
import { UsageError, getText, listTexts } from './command.ts'
import type { Context, Option, Values } from './command.ts'

/** Options of every command that records. */
export const recordOptions = {
  record: {
    type: 'string',
    value: 'DIR',
    help: 'record each call into this folder, secrets redacted; a second run replaces the first',
  },
  redact: {
    type: 'string',
    value: 'PATTERN',
    multiple: true,
    help: 'also redact what this regular expression (RE2) matches, in recordings and where requests are compared',
  },
  'record-bodies': {
    type: 'boolean',
    help: 'also record the bodies of requests, redacted: anthology replay sends them again',
  },
  'record-in-ci': { type: 'boolean', help: 'record although CI=true is set' },
} as const satisfies Record<string, Option>

/** Options of `emulate` that record and replay. */
export const cassetteOptions = {
  ...recordOptions,
  replay: {
    type: 'string',
    value: 'PATH',
    help: 'answer from recordings: a folder, one cassette, or a HAR file of a browser or proxy',
  },
  upstream: {
    type: 'string',
    value: 'URL',
    help: 'base URL of the API to record or compare, e.g. https://api.anthropic.com: its calls cost money',
  },
  mode: {
    type: 'string',
    value: 'MODE',
    help: 'replay-or-fail (default with --replay), record-missing, record-all (default with --record) or diff: compare live answers with recordings',
  },
  match: {
    type: 'string',
    value: 'MODE',
    help: 'how alike a request must be: loose (tool results, tools and turn may differ), normal (default) or exact (system prompt and tool definitions too)',
  },
  exhausted: {
    type: 'string',
    value: 'WHAT',
    help: 'what follows the last recording of a repeated request: last (default: it again) or fail',
  },
  'replay-speed': {
    type: 'string',
    value: 'N',
    help: 'replay with the recorded times divided by N (default 0: as fast as possible)',
  },
} as const satisfies Record<string, Option>

/** What the options say: how the emulator replays, and a line about it. */
export interface CassetteSetup {
  readonly replay: ReplayOptions
  readonly greeting: string
  close(): Promise<void>
}

/** Reads the options of recordings; null if there are none. */
export function readCassettes(context: Context, values: Values): CassetteSetup | null {
  const [record, path] = [getText(values, 'record'), getText(values, 'replay')]
  if (record !== undefined && path !== undefined)
    throw new UsageError(
      '--record and --replay exclude each other',
      'For both, use --replay DIR --mode record-missing --upstream URL.',
    )
  const place = record ?? path
  if (place === undefined) return rejectOrphans(values)
  const mode =
    readChoice(values, 'mode', replayModes) ?? (record === undefined ? 'replay-or-fail' : 'record-all')
  if (record !== undefined && !isRecording(mode))
    throw new UsageError(`--mode ${mode} does not record`, 'Use --replay DIR with it.')
  const match = readChoice(values, 'match', matchModes)
  const exhausted = readChoice(values, 'exhausted', ['last', 'fail'] as const)
  const speed = readReplaySpeed(getText(values, 'replay-speed'))
  if (isRecording(mode)) checkCi(context, values)
  const baseUrl = readUpstreamUrl(values, mode)
  const cassettes = open(context, place, { mode, values })
  const upstream =
    baseUrl && createHttpUpstream({ baseUrl: baseUrl.href, credential: null, limits: defaultLimits })
  return {
    replay: {
      cassettes,
      mode,
      patterns: listTexts(values, 'redact'),
      bodies: values['record-bodies'] === true,
      ...(upstream && { upstream }),
      ...(baseUrl && !isLoopbackHost(baseUrl.hostname) && { checkLive: findSignatureProblem }),
      ...(match && { match }),
      ...(exhausted && { exhausted }),
      speed,
      warn: context.err,
      onCompared: (comparison) => reportComparison(context, comparison, values['json'] === true),
    },
    greeting: describe({ mode, place, count: cassettes.list().length, url: baseUrl?.href ?? '' }),
    close: async () => upstream?.close(),
  }
}

function isRecording(mode: ReplayMode): boolean {
  return mode === 'record-all' || mode === 'record-missing'
}

/** Options that need another one. */
function rejectOrphans(values: Values): null {
  const names = [
    'upstream',
    'mode',
    'match',
    'exhausted',
    'replay-speed',
    'redact',
    'record-bodies',
    'record-in-ci',
  ]
  const orphan = names.find((name) => values[name] !== undefined)
  if (orphan === undefined) return null
  throw new UsageError(
    `--${orphan} needs --record or --replay`,
    'For example --record cassettes --upstream https://api.anthropic.com.',
  )
}

/** A build that records by mistake costs money, and passes although its recordings are out of date. */
export function checkCi({ env }: Context, values: Values): void {
  const ci = (env['CI'] ?? '').toLowerCase()
  if (ci === '' || ci === 'false' || ci === '0' || values['record-in-ci'] === true) return
  throw new UsageError('nothing is recorded where CI is set', 'Use --replay DIR, or add --record-in-ci.')
}

function readUpstreamUrl(values: Values, mode: ReplayMode): URL | null {
  const text = getText(values, 'upstream')
  if (text === undefined) {
    if (mode === 'replay-or-fail') return null
    throw new UsageError(
      `--mode ${mode} needs --upstream URL`,
      'For example --upstream https://api.anthropic.com.',
    )
  }
  if (mode === 'replay-or-fail')
    throw new UsageError(
      '--upstream has no effect on --mode replay-or-fail',
      'Use --mode record-missing, record-all or diff.',
    )
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '') return url
  // The value is not repeated: it may contain a credential.
  throw new UsageError(
    '--upstream must be an http or https URL without credentials and query',
    'For example https://api.anthropic.com.',
  )
}

function readReplaySpeed(text: string | undefined): number {
  if (text === undefined) return 0
  const speed = Number(text)
  if (text.trim() !== '' && Number.isFinite(speed) && speed >= 0) return speed
  throw new UsageError(
    `--replay-speed must be a number, not ${JSON.stringify(text)}`,
    '1 keeps the recorded times, 2 halves them, 0 has no waits.',
  )
}

/** Opens the recordings. Only a folder can be recorded into. */
function open(
  context: Context,
  place: string,
  { mode, values }: { readonly mode: ReplayMode; readonly values: Values },
): CassetteStore {
  const path = resolvePath(context.cwd, place)
  const patterns = listTexts(values, 'redact')
  return asUsage(() =>
    isRecording(mode)
      ? openCassettes(path, { create: true })
      : openRecordings(path, { patterns, warn: context.err }),
  )
}

/** Cassettes that cannot be read are wrong use. */
export function asUsage<Result>(run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof CassetteError)) throw error
    throw new UsageError(
      error.message,
      'Correct the file or the option; docs/test-offline.md describes cassettes.',
    )
  }
}

function describe({
  mode,
  place,
  count,
  url,
}: {
  mode: ReplayMode
  place: string
  count: number
  url: string
}): string {
  const recordings = `${count} ${count === 1 ? 'recording' : 'recordings'}`
  switch (mode) {
    case 'replay-or-fail':
      return `It answers from ${recordings} in ${place}; any other request is an error.`
    case 'record-missing':
      return `It answers from ${recordings} in ${place}, and records what else ${url} answers. Those calls may cost money.`
    case 'record-all':
      return `It passes all calls to ${url} and records them in ${place}. They may cost money.`
    case 'diff':
      return `It passes all calls to ${url} and compares the answers with ${recordings} in ${place}. They may cost money.`
  }
}

function reportComparison({ out, err }: Context, comparison: Comparison, asJson: boolean): void {
  if (asJson) out(JSON.stringify(comparison))
  const { request, recording, differences } = comparison
  const result = differences.length === 0 ? 'same' : recording === null ? 'not compared' : 'different'
  err(`${request}: ${result}${recording === null ? '' : ` (${recording})`}`)
  for (const difference of differences) err(`  ${difference}`)
}
