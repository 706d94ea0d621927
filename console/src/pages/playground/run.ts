import { createParser } from 'eventsource-parser'

import { playgroundTexts } from '../../texts/playground.ts'
import { addEvent, emptyAnswer, readMessage } from './answer.ts'
import type { Answer } from './answer.ts'
import type { RequestBody } from './create-request.ts'
import { dropPlaygroundKey } from './playground-key.ts'

/** One run of a request, as far as it has come. Times are milliseconds since it was sent. */
export interface Run {
  readonly state: 'running' | 'done' | 'failed' | 'stopped'
  readonly answer: Answer
  /** The time to the first content of the answer; null until then, and for a whole answer its end. */
  readonly firstTokenMs: number | null
  readonly totalMs: number | null
  readonly problem: string | null
  readonly events: readonly RunEvent[]
  readonly requestId: string | null
  readonly upstream: string | null
  readonly notices: string | null
}

export interface RunEvent {
  readonly atMs: number
  readonly name: string
  readonly data: string
}

export const startedRun: Run = {
  state: 'running',
  answer: emptyAnswer,
  firstTokenMs: null,
  totalMs: null,
  problem: null,
  events: [],
  requestId: null,
  upstream: null,
  notices: null,
}

interface RunOptions {
  readonly key: string
  readonly body: RequestBody
  readonly betas: readonly string[]
  readonly signal: AbortSignal
  /** Called at most once a frame with what has arrived so far. */
  readonly onChange: (run: Run) => void
}

/** Sends a request to the gateway's Messages API and reads its answer. Never rejects: a failure is in the run. */
export async function runRequest(options: RunOptions): Promise<Run> {
  const startMs = performance.now()
  const elapsed = () => performance.now() - startMs
  let run: Run = startedRun
  let isAnnounced = false
  const change = (changes: Partial<Run>) => {
    run = { ...run, ...changes }
    if (isAnnounced) return
    isAnnounced = true
    requestAnimationFrame(() => {
      isAnnounced = false
      options.onChange(run)
    })
  }
  try {
    const response = await send(options)
    if (response.status === 401) dropPlaygroundKey(options.key)
    change({
      requestId: response.headers.get('request-id'),
      upstream: response.headers.get('x-anthology-upstream'),
      notices: response.headers.get('x-anthology-notice'),
    })
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    if (!response.ok || !isStream) change(readWhole(response, await response.text(), elapsed()))
    else await readStream(response, (event) => change(takeEvent(run, event, elapsed())))
    const state = run.problem === null ? 'done' : 'failed'
    run = { ...run, state, totalMs: elapsed() }
  } catch (error) {
    const isStopped = options.signal.aborted
    const problem = isStopped ? null : playgroundTexts.noAnswer(getMessage(error))
    run = { ...run, state: isStopped ? 'stopped' : 'failed', problem, totalMs: elapsed() }
  }
  options.onChange(run)
  return run
}

function send({ key, body, betas, signal }: RunOptions): Promise<Response> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-api-key': key,
    'anthropic-version': '2023-06-01',
  }
  if (betas.length > 0) headers['anthropic-beta'] = betas.join(',')
  return fetch('/v1/messages', {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    signal,
    credentials: 'omit',
  })
}

function readWhole(response: Response, text: string, atMs: number): Partial<Run> {
  const value = parse(text)
  if (response.ok && value['type'] === 'message')
    return { answer: readMessage(value), firstTokenMs: atMs, events: [{ atMs, name: 'message', data: text }] }
  return { problem: describeError(value, response.status), events: [{ atMs, name: 'error', data: text }] }
}

async function readStream(response: Response, take: (event: Omit<RunEvent, 'atMs'>) => void): Promise<void> {
  const parser = createParser({ onEvent: ({ event = 'message', data }) => take({ name: event, data }) })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) return
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    parser.feed(value)
  }
}

function takeEvent(run: Run, event: Omit<RunEvent, 'atMs'>, atMs: number): Partial<Run> {
  const data = parse(event.data)
  const events = [...run.events, { ...event, atMs }]
  if (data['type'] === 'error') return { events, problem: describeError(data, null) }
  const isContent = data['type'] === 'content_block_delta'
  return {
    events,
    answer: addEvent(run.answer, data),
    ...(isContent && run.firstTokenMs === null && { firstTokenMs: atMs }),
  }
}

/** The service's own words, with the status and the type of the error. */
function describeError(value: Readonly<Record<string, unknown>>, status: number | null): string {
  const error = (value['error'] ?? {}) as { readonly type?: unknown; readonly message?: unknown }
  const type = typeof error.type === 'string' ? error.type : ''
  const place = status === null ? type : `${status} ${type}`.trim()
  return `${place}: ${typeof error.message === 'string' ? error.message : playgroundTexts.unreadableAnswer}`
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

function getMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

interface CountOptions extends Pick<RunOptions, 'key' | 'body' | 'betas' | 'signal'> {}

/** Counts the input tokens of a request; throws an error with the service's words. */
export async function countTokens({ key, body, betas, signal }: CountOptions): Promise<number> {
  const {
    max_tokens: _limit,
    stream: _stream,
    temperature: _t,
    top_p: _p,
    top_k: _k,
    stop_sequences: _s,
    ...counted
  } = body
  const response = await fetch('/v1/messages/count_tokens', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': key,
      'anthropic-version': '2023-06-01',
      ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }),
    },
    body: JSON.stringify(counted),
    signal,
    credentials: 'omit',
  })
  const value = parse(await response.text())
  if (!response.ok || typeof value['input_tokens'] !== 'number')
    throw new Error(describeError(value, response.status))
  return value['input_tokens']
}
