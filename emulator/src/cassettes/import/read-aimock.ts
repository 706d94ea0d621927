import { isRecord, parseJson } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import type { Fault, Rule, Scenario, ScriptedReply, When } from '../../scenario/scenario.ts'
import { readAimockMatch } from './aimock-match.ts'
import { readAimockResponse } from './aimock-response.ts'

export interface AimockScenario {
  readonly scenario: Scenario
  /** One line for each member that has no counterpart in a scenario. */
  readonly notices: readonly string[]
}

/**
 * Translates fixtures of aimock (`{ "fixtures": [{ "match": …, "response": … }] }`, or a list of fixtures) to a scenario;
 * null if the text is none. A call without a fixture is an error there, so that the scenario refuses it too.
 */
export function readAimock(text: string): AimockScenario | null {
  const value = parseJson(text)
  const list = isRecord(value) ? (value['fixtures'] ?? [value]) : value
  if (!Array.isArray(list) || list.length === 0 || !list.every(isFixture)) return null
  const fixtures: readonly JsonObject[] = list
  const notices: string[] = []
  const rules = fixtures.flatMap((fixture, index) =>
    translateFixture(fixture, {
      fixtures,
      note: (message) => notices.push(`fixture ${index + 1}: ${message}`),
    }),
  )
  return { scenario: { version: 1, unmatched: 'refuse', rules }, notices }
}

function isFixture(value: unknown): value is JsonObject {
  return isRecord(value) && isRecord(value['match']) && isRecord(value['response'])
}

interface FixtureContext {
  /** All fixtures of the file. */
  readonly fixtures: readonly JsonObject[]
  readonly note: (message: string) => void
}

function translateFixture(fixture: JsonObject, { fixtures, note }: FixtureContext): readonly Rule[] {
  const response = readAimockResponse(fixture['response'], note)
  if (response === null) return []
  const callsTools = (response.reply?.tool_calls ?? []).length > 0
  const when = readAimockMatch(fixture['match'], { note, callsTools, isOnly: !hasSibling(fixture, fixtures) })
  if (when === null) return []
  const timing = readTiming(fixture, note)
  const fault: Fault = { ...timing, ...response.fault }
  const rule: Rule = {
    ...(Object.keys(when).length > 0 && { when }),
    ...(response.reply && { reply: response.reply }),
    ...(Object.keys(fault).length > 0 && { fault }),
  }
  return [...listChaos(fixture['chaos'], when, response.reply), rule]
}

/** Another fixture has the same conditions at another turn. */
function hasSibling(fixture: JsonObject, fixtures: readonly JsonObject[]): boolean {
  const print = ({ match }: JsonObject): string => {
    const { turnIndex: _turn, ...rest } = isRecord(match) ? match : {}
    return JSON.stringify(rest)
  }
  return fixtures.some((other) => other !== fixture && print(other) === print(fixture))
}

function readTiming(fixture: JsonObject, note: FixtureContext['note']): Fault {
  const { latency, streamingProfile: profile, truncateAfterChunks: chunks } = fixture
  const firstMs = readCount(latency) ?? (isRecord(profile) ? readCount(profile['ttft']) : null)
  const speed = isRecord(profile) ? Number(profile['tps']) : 0
  const cut = readCount(chunks)
  for (const name of ['chunkSize', 'disconnectAfterMs', 'recordedTimings', 'replaySpeed'])
    if (fixture[name] !== undefined) note(`${name} has no counterpart and is left out`)
  return {
    ...(firstMs !== null && firstMs > 0 && { first_byte_ms: firstMs }),
    ...(speed > 0 && { between_events_ms: Math.round(1_000 / speed) }),
    // Two events come before the first chunk of the content.
    ...(cut !== null && { cut: { after_events: cut + 2 } }),
  }
}

function readCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value) : null
}

/** Random faults are rules of their own before that of the fixture. */
function listChaos(chaos: unknown, when: When, reply: ScriptedReply | null): readonly Rule[] {
  if (!isRecord(chaos)) return []
  return chaosFaults.flatMap(([name, fault]) => {
    const rate = Number(chaos[name] ?? 0)
    if (!(rate > 0 && rate <= 1)) return []
    return { name: `chaos: ${name}`, when, rate, fault, ...(reply && { reply }) }
  })
}

const chaosFaults: readonly (readonly [string, Fault])[] = [
  ['dropRate', { status: 500 }],
  ['malformedRate', { malformed: 'json' }],
  ['rateLimitRate', { rate_limit: true }],
  ['disconnectRate', { cut: true }],
]
