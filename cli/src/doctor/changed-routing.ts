import { isRecord, parseJson, readRecord, readText } from '@anthology/wire'

import { ok, warn } from './finding.ts'
import type { Finding } from './finding.ts'
import type { Probe } from './probe.ts'

const next = 'The routing page of the console shows both values, and returns to the file.'

/** Describes what a running server's routing has instead of the configuration's, from `GET /admin/v1/routing`. */
export function describeChangedRouting(answer: Probe): readonly Finding[] {
  const routing = answer.ok && answer.status === 200 ? parseJson(answer.body) : null
  // The finding about the upstreams states why the admin API does not answer.
  if (!isRecord(routing)) return []
  const { aliases } = routing
  const findings = [
    ...describeWeights(readRecord(routing, 'weights')),
    ...(Array.isArray(aliases) ? aliases.filter(isRecord).flatMap(describeAlias) : []),
  ]
  return findings.length > 0 ? findings : [ok('Server', 'routing', 'aliases and weights are as configured')]
}

function describeWeights(weights: object | null): readonly Finding[] {
  if (readText(weights, 'source') !== 'api') return []
  const [values, config] = ['values', 'config'].map((name) => JSON.stringify(readRecord(weights, name)))
  const text = `the weights were changed at run time: they are ${values}, and the configuration has ${config}`
  return [warn('Server', 'routing', [text, next])]
}

function describeAlias(alias: object): readonly Finding[] {
  if (readText(alias, 'source') !== 'api') return []
  const [name, problem] = [readText(alias, 'name'), readText(alias, 'problem')]
  if (problem !== null)
    return [
      warn('Server', 'routing', [
        `the alias '${name}', which was changed at run time, is ignored: ${problem}`,
        next,
      ]),
    ]
  const config = readRecord(alias, 'config')
  const configured = config === null ? 'no such alias' : printTarget(config)
  const text = `the alias '${name}' was changed at run time: it is ${printTarget(alias)}, and the configuration has ${configured}`
  return [warn('Server', 'routing', [text, next])]
}

function printTarget(target: object): string {
  const [to, share, from] = ['to', 'share', 'from'].map((name) => readText(target, name))
  return `${share} to ${to}${from === null ? '' : ` from ${from}`}`
}
