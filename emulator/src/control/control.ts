import { getErrorType, isRecord, parseJson } from '@anthology/wire'
import { parse } from 'yaml'

import type { Emulator } from '../emulator.ts'
import type { EmulatorRequest } from '../request.ts'
import { checkFault, checkScenario, parseScenario, ScenarioError } from '../scenario/parse-scenario.ts'
import type { Rule, Scenario } from '../scenario/scenario.ts'
import { emptyScenario } from '../scenario/script.ts'
import { toReportJson } from '../scenario/verify.ts'
import { listShownRequests } from './list-requests.ts'
import { controlPaths, findControlEndpoint, maxControlBytes } from './paths.ts'
import type { ControlEndpoint } from './paths.ts'

/** The response to a request to the control API: JSON, with its headers. */
export interface ControlResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: 400; readonly message: string }

/** The parts of a request that a handler reads. */
export interface ControlCall {
  readonly query: URLSearchParams
  readonly body: string
  /** This call started the log of requests. */
  readonly startsLog: boolean
}

type Handler = (emulator: Emulator, call: ControlCall) => Answer

const endpoints: Readonly<Record<ControlEndpoint, Partial<Readonly<Record<Method, Handler>>>>> = {
  scenario: {
    GET: (emulator) => succeed(emulator.scenario),
    PUT: replaceScenario,
    POST: addRules,
    DELETE: (emulator) => {
      emulator.replaceScenario(emptyScenario)
      return succeed(emulator.scenario)
    },
  },
  faults: { POST: addFault },
  requests: { GET: listRequests },
  verify: { GET: (emulator) => succeed(toReportJson(emulator.report())) },
  clock: { POST: advanceClock },
  reset: {
    POST: (emulator) => {
      emulator.reset()
      return succeed({ status: 'ok' })
    },
  },
  health: { GET: () => succeed({ status: 'ok' }) },
}

/**
 * Answers a request to the control API. Requests of web pages are rejected: the API has no CORS, and a page of another
 * site could otherwise send simple requests. A call of the API also starts the log of requests, where it is off.
 */
export function answerControl(emulator: Emulator, request: EmulatorRequest): ControlResponse {
  if (isFromWebPage(request)) return reject(403, 'The control API does not accept requests from web pages.')
  const endpoint = findControlEndpoint(request.path)
  if (endpoint === null)
    return reject(404, `There is no such path. The paths are ${Object.values(controlPaths).join(', ')}.`)
  const handlers = endpoints[endpoint]
  // A GET also answers HEAD. The keys of the table are methods.
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const handler = Object.hasOwn(handlers, method) ? handlers[method as Method] : undefined
  if (handler === undefined) {
    const allowed = Object.keys(handlers).join(', ')
    const message = `${request.method} is not allowed on ${controlPaths[endpoint]}. The methods are ${allowed}.`
    return reject(405, message, { allow: allowed })
  }
  if (request.body !== null && request.body.length > maxControlBytes)
    return reject(413, `A body of the control API has at most ${maxControlBytes} bytes.`)
  const read = readQueryAndBody(request)
  if (read === null) return reject(400, 'The body is not UTF-8.')
  const startsLog = endpoint !== 'health' && emulator.keepRequests()
  const answer = handler(emulator, { ...read, startsLog })
  return answer.ok ? createResponse(200, answer.value) : reject(answer.status, answer.message)
}

/** Only web pages send an origin. Browsers send the other header to loopback addresses; `none` is the address bar. */
function isFromWebPage({ headers }: EmulatorRequest): boolean {
  const site = headers['sec-fetch-site'] ?? 'none'
  return headers['origin'] !== undefined || site !== 'none'
}

function readQueryAndBody({ path, body }: EmulatorRequest): Omit<ControlCall, 'startsLog'> | null {
  try {
    const [, query = ''] = path.split('?', 2)
    return { query: new URLSearchParams(query), body: body === null ? '' : utf8.decode(body) }
  } catch {
    return null
  }
}

function replaceScenario(emulator: Emulator, { body }: ControlCall): Answer {
  const parsed = parseScenario(body, 'body')
  if (!parsed.ok) return fail(parsed.message)
  emulator.replaceScenario(parsed.value)
  return succeed(emulator.scenario)
}

/** Appends the rules of a scenario, or one rule. Errors in a scenario have line and column. */
function addRules(emulator: Emulator, { body }: ControlCall): Answer {
  const rule = readRule(body)
  const parsed = rule === null ? parseScenario(body, 'body') : checkRule(rule)
  if (!parsed.ok) return fail(parsed.message)
  emulator.use(parsed.value)
  return succeed(emulator.scenario)
}

/** A body that is no scenario, but an object; null for everything else, which `parseScenario` explains. */
function readRule(body: string): Rule | null {
  try {
    const value: unknown = body.length > maxRuleCharacters ? parseJson(body) : parse(body)
    const isScenario = !isRecord(value) || 'rules' in value || 'version' in value
    return isScenario ? null : value
  } catch {
    return null
  }
}

/** The length of a single rule in YAML: hostile YAML is slow to parse. */
const maxRuleCharacters = 64 * 1024

function checkRule(
  rule: Rule,
): { readonly ok: true; readonly value: Scenario } | { readonly ok: false; readonly message: string } {
  try {
    return { ok: true, value: checkScenario(rule) }
  } catch (error) {
    if (error instanceof ScenarioError) return { ok: false, message: error.message }
    throw error
  }
}

function addFault(emulator: Emulator, { body }: ControlCall): Answer {
  const read = readObject(body, ['fault', 'times'])
  if (!read.ok) return fail(read.message)
  const { fault, times = 1 } = read.value
  if (fault === undefined) return fail('needs fault')
  const checked = checkFault(fault)
  if (!checked.ok) return fail(`fault: ${checked.message}`)
  if (typeof times !== 'number' || !Number.isInteger(times) || times < 1 || times > maxFaultTimes)
    return fail(`times: must be a whole number from 1 to ${maxFaultTimes}`)
  emulator.failNext(checked.value, times)
  return succeed({ fault: checked.value, times })
}

const maxFaultTimes = 1_000_000

function listRequests(emulator: Emulator, { query, startsLog }: ControlCall): Answer {
  const listed = listShownRequests(emulator.requests, query)
  if (!listed.ok) return fail(listed.message)
  return succeed(startsLog ? { ...listed.value, notice: newLogNotice } : listed.value)
}

const newLogNotice =
  'Requests are kept from now on: from the first call of the control API, or from the start with a scenario.'

function advanceClock(emulator: Emulator, { body }: ControlCall): Answer {
  const read = readObject(body, ['advance_ms'])
  if (!read.ok) return fail(read.message)
  const { advance_ms: ms } = read.value
  if (typeof ms !== 'number') return fail('advance_ms: must be a number of milliseconds')
  try {
    return succeed({ now: new Date(emulator.advanceClock(ms)).toISOString() })
  } catch (error) {
    if (error instanceof RangeError) return fail(`advance_ms: ${error.message}`)
    throw error
  }
}

/** Reads a JSON object that has no other members. */
function readObject(
  body: string,
  names: readonly string[],
):
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly message: string } {
  const value = parseJson(body)
  if (!isRecord(value))
    return { ok: false, message: `the body must be a JSON object with ${names.join(', ')}` }
  const unknown = Object.keys(value).find((name) => !names.includes(name))
  return unknown === undefined
    ? { ok: true, value }
    : { ok: false, message: `unknown member '${unknown}'; the members are ${names.join(', ')}` }
}

function succeed(value: unknown): Answer {
  return { ok: true, value }
}

function fail(message: string): Answer {
  return { ok: false, status: 400, message }
}

function reject(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ControlResponse {
  return createResponse(status, { error: { type: getErrorType(status), message } }, headers)
}

function createResponse(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): ControlResponse {
  const body = new TextEncoder().encode(`${JSON.stringify(value)}\n`)
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'content-length': String(body.length),
      'cache-control': 'no-store',
      ...headers,
    },
    body,
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
