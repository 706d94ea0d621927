// Writes the tables of `docs/routing.md` from the rules that the gateway applies. A test fails when they are stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { errors } from '../gateway/src/errors.ts'
import { failureRules } from '../gateway/src/routing/failure.ts'
import type { Failure, FailureKind } from '../gateway/src/routing/failure.ts'
import { defaultCircuit } from '../gateway/src/routing/routing-config.ts'
import { classifyUpstreamError, upstreamErrorRules } from '../gateway/src/routing/upstream-error.ts'
import type { UpstreamErrorKind, UpstreamErrorRule } from '../gateway/src/routing/upstream-error.ts'
import { replaceBetweenMarkers } from './page-markers.ts'

const root = join(import.meta.dirname, '..')

/** The derived files, by path relative to the repository, with their text. */
export function printFiles(): readonly { readonly path: string; readonly text: string }[] {
  const tables = { errors: printErrors(), failures: printFailures(), circuit: printCircuit() }
  let page = readFileSync(join(root, 'docs/routing.md'), 'utf8')
  for (const [name, table] of Object.entries(tables)) page = replaceBetweenMarkers(page, name, table)
  return [{ path: 'docs/routing.md', text: page }]
}

/** The meaning of each kind of error answer, and what identifies it besides its status. */
const meanings: Readonly<Record<UpstreamErrorKind, string>> = {
  quota: 'A rate limit or a quota of the account is exhausted',
  spend:
    'Credit or a spending limit of the account is exhausted; also recognized by its text, with any status',
  account: 'The provider has disabled the account or has it on hold; recognized by its text or code',
  capacity: 'The provider is overloaded; also the type `overloaded_error`',
  server: 'An error of the provider',
  model_failure: "The provider's model failed in the call",
  timeout: 'The provider gave up; also the type `timeout_error`. The call may have run',
  model_access:
    'The model does not exist for this account, or under this name; Bedrock and Vertex AI say so with status 400 too. A 404 about a file or another object that the request names is `client`',
  context_size: 'The prompt is too long for the model; recognized by its text',
  request_size: 'The body is larger than the platform, or a proxy in front of it, accepts',
  client: 'The request is wrong, and would be wrong elsewhere',
}

function printErrors(): readonly string[] {
  return [
    '| answer | kind | meaning | then | may be billed | unhealthy |',
    '| --- | --- | --- | --- | --- | --- |',
    // The keys of the table are the kinds.
    ...(Object.keys(upstreamErrorRules) as UpstreamErrorKind[]).map((kind) => {
      const rule: UpstreamErrorRule = upstreamErrorRules[kind]
      return `| ${printStatuses(kind)} | ${kind} | ${meanings[kind]} | ${describeNext(rule)} | ${printYes(rule.mayBeBilled)} | ${describeHarm(rule.harms)} |`
    }),
  ]
}

/** The statuses that make an error of this kind, as ranges. */
function printStatuses(kind: UpstreamErrorKind): string {
  const statuses = Array.from({ length: 200 }, (_, index) => 400 + index)
    // These two concern the account of the gateway, and are rows of the other table.
    .filter((status) => status !== 401 && status !== 403)
    .filter((status) => classifyUpstreamError({ status, type: null, message: '' }) === kind)
  if (statuses.length === 0) return '400'
  if (statuses.length < 10) return statuses.join(', ')
  return statuses.every((status) => status < 500) ? 'other 4xx' : 'other 5xx'
}

function describeNext({
  mayMove,
  mayRetry,
  needsLargerWindow = false,
}: Pick<UpstreamErrorRule, 'mayMove' | 'mayRetry' | 'needsLargerWindow'>): string {
  if (!mayMove) return 'the client gets the error'
  if (needsLargerWindow) return 'the next upstream whose model has a larger context window'
  return mayRetry ? 'the next upstream; if none is left, once more the same one' : 'the next upstream'
}

function printYes(value: boolean): string {
  return value ? 'yes' : 'no'
}

function describeHarm(harms: UpstreamErrorRule['harms']): string {
  if (harms === null) return 'nothing'
  return harmed[harms]
}

const harmed: Readonly<Record<NonNullable<UpstreamErrorRule['harms']>, string>> = {
  quota: 'the quota of the model',
  circuit: 'the circuit of the model',
  model: 'the model, at once',
  spend: 'the upstream, at once',
  account: 'the upstream, at once',
}

function printFailures(): readonly string[] {
  return [
    '| the upstream … | then | may be billed | unhealthy | the client gets, if it was the last one |',
    '| --- | --- | --- | --- | --- |',
    ...(Object.keys(failureRules) as FailureKind[])
      .filter((kind) => failureRules[kind].phrase !== '')
      .map(printFailure),
  ]
}

function printFailure(kind: FailureKind): string {
  const rule: Omit<Failure, 'kind' | 'message' | 'limit'> = failureRules[kind]
  // Only a connection that was never made is certain to be safe to repeat.
  const mayRetry = kind === 'unreachable'
  const next =
    rule.mayRepeat === true
      ? 'once more on a new connection'
      : describeNext({ mayMove: rule.mayMove, mayRetry })
  const when = rule.mayRepeat === true ? ', on a connection that had served an earlier call' : ''
  return `| ${rule.phrase}${when} | ${next} | ${printYes(rule.mayBeBilled)} | ${describeHarm(rule.harms)} | ${errors[rule.error].status} \`${rule.error}\` |`
}

function printCircuit(): readonly string[] {
  const meaning: Readonly<Record<keyof typeof defaultCircuit, string>> = {
    failures: 'Failures of one model at one upstream within the window that open its circuit',
    window_ms: 'The window',
    probe_ms: 'Time until one call tries an open circuit again',
  }
  return [
    '| `routing.circuit` | default | meaning |',
    '| --- | --- | --- |',
    ...(Object.keys(meaning) as (keyof typeof meaning)[]).map(
      (name) => `| \`${name}\` | ${defaultCircuit[name].toLocaleString('en-US')} | ${meaning[name]} |`,
    ),
  ]
}

if (import.meta.main) {
  const stale = printFiles().filter(({ path, text }) => readFileSync(join(root, path), 'utf8') !== text)
  for (const { path, text } of stale) {
    writeFileSync(join(root, path), text)
    console.log(`wrote ${path}`)
  }
  if (stale.length === 0) console.log('up to date')
}
