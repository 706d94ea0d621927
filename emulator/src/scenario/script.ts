import { computeFingerprint, createRandom } from '../random.ts'
import { testConditions } from './conditions.ts'
import type { ConditionResult } from './conditions.ts'
import { describeMiss } from './describe-miss.ts'
import type { RequestFacts } from './request-facts.ts'
import { isCounted } from './rule-counts.ts'
import type { Fault, Rule, Scenario, ScriptedReply, Step } from './scenario.ts'
import { WorkError } from './work.ts'

/** The scenario in use with its counters, and the one-shot faults. */
export interface Script {
  /** Whether a request has to be compared with rules at all. */
  readonly hasRules: () => boolean
  /** Finds the rule that applies to a request, and counts it. */
  choose(facts: RequestFacts): Choice
  /** Takes the next one-shot fault; null if none is left. */
  takeFault(): Fault | null
  /** The next requests get this fault. */
  failNext(fault: Fault, times: number): void
  /** Appends rules. */
  add(scenario: Scenario): void
  /** Replaces all rules and the counters. */
  replace(scenario: Scenario): void
  /** Sets counters and one-shot faults back, and removes what `add` and `replace` brought. */
  reset(): void
  readonly scenario: () => Scenario
  readonly report: () => ScriptReport
}

export type Choice =
  /** No scenario, or no rule matched and the emulator answers as it does without one. */
  | { readonly kind: 'answer'; readonly isUnmatched: boolean }
  /** No rule matched, and the scenario refuses; or a rule takes too many steps to test. */
  | { readonly kind: 'refuse'; readonly message: string }
  | ChosenRule

export interface ChosenRule {
  readonly kind: 'rule'
  /** The rule for a person: `rule 2 "ask for the weather"`. */
  readonly label: string
  readonly reply: ScriptedReply | null
  readonly fault: Fault | null
  /** The groups of the rule's regular expression. */
  readonly groups: readonly string[]
  /** How often the rule has applied, this request included. */
  readonly call: number
}

export interface ScriptReport {
  /** Rules that never applied, or not as often as `times` says. */
  readonly unused: readonly { readonly rule: string; readonly used: number; readonly times: number | null }[]
  /** Calls that no rule matched, oldest first; only the first ones are kept. */
  readonly unmatched: readonly UnmatchedCall[]
}

export interface UnmatchedCall {
  readonly path: string
  /** Why no rule matched, with the nearest one. */
  readonly message: string
}

interface RuleState {
  readonly rule: Rule
  readonly label: string
  /** The number of requests that met the conditions. */
  meetings: number
  /** The number of requests that the rule applied to. */
  uses: number
}

export const emptyScenario: Scenario = { version: 1, rules: [] }

export function createScript(base: Scenario, seed: string): Script {
  let scenario = base
  let states = createStates(base)
  let faults: { readonly fault: Fault; left: number }[] = []
  let unmatched: UnmatchedCall[] = []
  const set = (next: Scenario): void => {
    scenario = next
    states = createStates(next)
    unmatched = []
  }
  const note = ({ exchange }: RequestFacts, message: string): void => {
    if (unmatched.length < maxUnmatched) unmatched.push({ path: exchange.request.path, message })
  }
  const reject = (facts: RequestFacts, message: string): Choice => {
    note(facts, message)
    return { kind: 'refuse', message }
  }
  return {
    hasRules: () => states.length > 0,
    choose: (facts) => {
      const met: Meeting[] = []
      for (const state of states) {
        const meeting = tryMeet(state, facts, seed)
        // A rule that cannot be tested might be the one that applies.
        if (meeting instanceof WorkError)
          return reject(facts, `The scenario's ${state.label} cannot be tested: ${meeting.message}.`)
        met.push(meeting)
      }
      const chosen = met
        .filter(({ isReady }) => isReady)
        .toSorted((one, other) => getPriority(other.state) - getPriority(one.state))[0]
      if (chosen !== undefined) return apply(chosen)
      if (states.length === 0 || facts.conversation === null) return { kind: 'answer', isUnmatched: false }
      const message = describeMiss(met.map(({ state, ...missed }) => ({ ...state, ...missed })))
      if (scenario.unmatched === 'refuse') return reject(facts, message)
      note(facts, message)
      return { kind: 'answer', isUnmatched: true }
    },
    takeFault: () => {
      const [next] = faults
      if (next === undefined) return null
      next.left -= 1
      if (next.left === 0) faults.shift()
      return next.fault
    },
    failNext: (fault, times) => {
      if (times > 0) faults.push({ fault, left: times })
    },
    add: (added) => {
      scenario = { ...scenario, ...added, rules: [...scenario.rules, ...added.rules] }
      states = [...states, ...createStates(added, states.length)]
    },
    replace: set,
    reset: () => {
      faults = []
      set(base)
    },
    scenario: () => scenario,
    report: () => ({
      unused: states.flatMap(({ rule: { times = null }, label, uses }) =>
        uses < (times ?? 1) ? { rule: label, used: uses, times } : [],
      ),
      unmatched,
    }),
  }
}

const maxUnmatched = 1_000

function createStates(scenario: Scenario, offset = 0): RuleState[] {
  return scenario.rules.map((rule, index) => ({
    rule,
    label: labelRule(rule, offset + index),
    meetings: 0,
    uses: 0,
  }))
}

/** The labels of a scenario's rules, as in reports, such as `rule 2 "ask for the weather"`. */
export function listRules({ rules }: Scenario): readonly string[] {
  return rules.map(labelRule)
}

function labelRule({ name }: Rule, index: number): string {
  return name === undefined ? `rule ${index + 1}` : `rule ${index + 1} ${JSON.stringify(name)}`
}

interface Meeting {
  readonly state: RuleState
  readonly result: ConditionResult
  /** The number of the step that the request needs, from 1; null: the rule has no steps. */
  readonly step: number | null
  readonly answer: Step | null
  /** All conditions hold, the counts included. */
  readonly isReady: boolean
}

function tryMeet(state: RuleState, facts: RequestFacts, seed: string): Meeting | WorkError {
  try {
    return meet(state, facts, seed)
  } catch (error) {
    if (error instanceof WorkError) return error
    throw error
  }
}

/** Tests a rule and counts the request if it meets the conditions. */
function meet(state: RuleState, facts: RequestFacts, seed: string): Meeting {
  const { rule } = state
  const { steps } = rule
  const result = testConditions(rule.when ?? {}, facts, steps !== undefined)
  const step = steps === undefined ? null : countStep(rule, facts) + 1
  const answer = steps === undefined || step === null ? rule : (steps[step - 1] ?? null)
  // Other requests than those that create a message have no reply.
  const isAnswered = answer !== null && (facts.conversation !== null || answer.fault !== undefined)
  if (!result.isMet || !isAnswered) return { state, result, step, answer, isReady: false }
  state.meetings += 1
  return { state, result, step, answer, isReady: isDue(state, seed) }
}

/** Steps count from the user message that the rule matched; without `last_user` from the start. */
function countStep({ when }: Rule, { conversation }: RequestFacts): number {
  if (conversation === null) return 0
  return when?.last_user === undefined ? conversation.turns : conversation.turnsSinceQuestion
}

function isDue({ rule, label, meetings, uses }: RuleState, seed: string): boolean {
  const { times, rate } = rule
  if (times !== undefined && uses >= times) return false
  if (!isCounted(rule, meetings)) return false
  if (rate === undefined) return true
  const random = createRandom(computeFingerprint(seed, label, String(meetings)))
  return random.below(rateSteps) < rate * rateSteps
}

const rateSteps = 1_000_000

function getPriority({ rule }: RuleState): number {
  return rule.priority ?? 0
}

function apply({ state, result, answer }: Meeting): ChosenRule {
  state.uses += 1
  return {
    kind: 'rule',
    label: state.label,
    reply: answer?.reply ?? null,
    fault: answer?.fault ?? null,
    groups: result.groups,
    call: state.uses,
  }
}
