import { isRecord } from '@anthology/wire'

import type { SeenRequest } from '../http/fetch.ts'
import { redactPath } from './redact.ts'
import { describeFilter, findFilterProblem, quoteStart, testFilter } from './request-filter.ts'
import type { FilterResult, RequestFilter } from './request-filter.ts'
import { readRequestView } from './request-view.ts'

/** The number of requests that are expected: exactly `count`, or from `min` to `max`. */
export type ExpectedCount =
  | { readonly count: number; readonly min?: never; readonly max?: never }
  | { readonly count?: never; readonly min?: number; readonly max?: number }

/** The number of requests that meet a filter is not the expected one. */
export class RequestExpectationError extends Error {
  /** The requests that meet the filter. */
  readonly found: readonly SeenRequest[]

  constructor(message: string, found: readonly SeenRequest[]) {
    super(message)
    this.name = 'RequestExpectationError'
    this.found = found
  }
}

/** Finds the requests that meet all conditions. Throws a TypeError if the filter is not valid. */
export function findRequests(
  requests: readonly SeenRequest[],
  filter: RequestFilter,
): readonly SeenRequest[] {
  const problem = findFilterProblem(filter)
  if (problem !== null) throw new TypeError(problem)
  return requests.filter((request) => testFilter(filter, request).isMet)
}

/**
 * Like `findRequests`. Throws a RequestExpectationError unless their number is the expected one, and a TypeError if that
 * is not valid.
 */
export function expectRequests(
  requests: readonly SeenRequest[],
  filter: RequestFilter,
  expected: ExpectedCount = { min: 1 },
): readonly SeenRequest[] {
  const found = findRequests(requests, filter)
  checkExpected(expected)
  const { count, min = count ?? 0, max = count ?? Infinity } = expected
  if (found.length >= min && found.length <= max) return found
  const lines = [
    `expected ${describeCount(min, max)} with ${describeFilter(filter)}, but ${found.length} of ${requests.length} match`,
    ...describeRequests(requests, found),
  ]
  if (found.length < min) lines.push(...describeNearest(requests, filter))
  throw new RequestExpectationError(lines.join('\n'), found)
}

/** A number in place of the object, or a misspelled member, would expect nothing. */
function checkExpected(expected: unknown): void {
  const members = isRecord(expected)
    ? Object.entries(expected).filter(([, value]) => value !== undefined)
    : []
  const isValid = members.every(([name, value]) => countMembers.has(name) && isCount(value))
  if (members.length === 0 || !isValid)
    throw new TypeError('the expected number is { count }, { min }, { max } or { min, max }, each from 0')
}

const countMembers: ReadonlySet<string> = new Set(['count', 'min', 'max'])

function isCount(value: unknown): boolean {
  return value === Infinity || (Number.isInteger(value) && Number(value) >= 0)
}

function describeCount(min: number, max: number): string {
  if (min === max) return `exactly ${countRequests(min)}`
  if (max === Infinity) return `at least ${countRequests(min)}`
  return min === 0 ? `at most ${countRequests(max)}` : `${min} to ${countRequests(max)}`
}

function countRequests(count: number): string {
  return count === 1 ? '1 request' : `${count} requests`
}

/** The latest requests, one line each; those that match are marked. */
function describeRequests(
  requests: readonly SeenRequest[],
  found: readonly SeenRequest[],
): readonly string[] {
  if (requests.length === 0) return ['No requests were sent.']
  const first = Math.max(0, requests.length - maxListed)
  return [
    first === 0 ? 'The requests were:' : `The latest ${maxListed} requests were:`,
    ...requests.slice(first).map((request, index) => {
      const mark = found.includes(request) ? '*' : ' '
      return `${mark} ${first + index + 1}. ${describeRequest(request)}`
    }),
  ]
}

const maxListed = 20

/** One line: `POST /v1/messages -> 200, model claude-opus-4-1, last user "Hello!", rule 1 "greet"`. */
export function describeRequest(request: SeenRequest): string {
  const { model, lastUser } = readRequestView(request)
  return [
    `${request.method} ${redactPath(request.path)}${request.status === null ? '' : ` -> ${request.status}`}`,
    ...(model === null ? [] : [`model ${model}`]),
    ...(lastUser === '' ? [] : [`last user ${quoteStart(lastUser)}`]),
    ...(request.rule === null ? [] : [request.rule]),
    ...(request.isUnmatched ? ['no rule matched'] : []),
    ...(request.fault === null ? [] : [`fault ${JSON.stringify(request.fault)}`]),
  ].join(', ')
}

function describeNearest(requests: readonly SeenRequest[], filter: RequestFilter): readonly string[] {
  const misses = requests
    .map((request, index) => ({ number: index + 1, result: testFilter(filter, request) }))
    .filter(({ result }) => !result.isMet)
  const [first] = misses
  if (first === undefined) return []
  const { number, result } = misses.reduce((nearest, next) =>
    isNearer(next.result, nearest.result) ? next : nearest,
  )
  return [`The nearest other one is request ${number}:`, ...result.differences.map((line) => `  ${line}`)]
}

function isNearer(one: FilterResult, other: FilterResult): boolean {
  return one.metCount > other.metCount
}
