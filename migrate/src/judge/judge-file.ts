import type { Model, Platform } from '@anthology/catalog'

import type { JudgedFinding } from '../finding.ts'
import { scanBetas } from '../find/betas.ts'
import { listVariants } from '../find/request.ts'
import type { Request } from '../find/request.ts'
import type { LinkedRequest, Place, ScannedFile } from '../find/scan-file.ts'
import type { Segment } from '../find/segments.ts'
import type { Move } from '../move.ts'
import { getNamedId } from '../names/name.ts'
import { noProgram } from '../program.ts'
import type { Program } from '../program.ts'
import { fixRequest } from './fix-request.ts'
import { judgeBetas } from './judge-betas.ts'
import { judgeGates } from './judge-gates.ts'
import { judgeLeftovers } from './judge-leftovers.ts'
import { judgePaired } from './judge-paired.ts'
import { judgePatterns } from './judge-patterns.ts'
import { judgeSettings } from './judge-settings.ts'
import { findUsedPlatform, listImportingUses, listUses } from './linked.ts'
import type { Use } from './linked.ts'
import type { Moved } from './moved.ts'
import { canReplace, planName } from './plan-name.ts'
import type { NamePlan } from './plan-name.ts'
import { reportName } from './report-name.ts'
import { createReporter } from './reporter.ts'
import type { Reporter } from './reporter.ts'
import { createState } from './request-state.ts'
import type { RequestState } from './request-state.ts'

/** Judges a file for a move: what is refused, what changes, and the edits that are certain. */
export function judgeFile(
  file: ScannedFile,
  move: Move,
  program: Program = noProgram,
): readonly JudgedFinding[] {
  const reporter = createReporter(file)
  const moved: Moved[] = []
  const context = { move, reporter, moved }
  for (const unit of groupUnits(file, listUses(file, program))) judgeUnit(file, unit, context)
  for (const use of listImportingUses(file, program)) judgeImported(use, program, context)
  judgePaired(file, moved, { move, reporter })
  judgeGates(file, move, reporter)
  judgeLeftovers(file, move, reporter)
  judgeBetas(file, { day: move.day, target: getOnly(moved), reporter })
  judgePatterns(file, moved, reporter)
  judgeSettings(file, moved, { move, reporter })
  return reporter.finish()
}

interface Unit {
  readonly places: readonly Place[]
  readonly requests: readonly LinkedRequest[]
  /** Requests of other files. */
  readonly uses: readonly Use[]
}

interface UnitContext {
  readonly move: Move
  readonly reporter: Reporter
  readonly moved: Moved[]
}

/** Names and requests that depend on each other move together, or not at all. */
function groupUnits({ places, requests }: ScannedFile, uses: readonly Use[]): readonly Unit[] {
  const units: { places: Set<Place>; requests: LinkedRequest[] }[] = []
  for (const linked of requests) {
    const touching = units.filter((unit) => linked.places.some((place) => unit.places.has(place)))
    const merged = {
      places: new Set([...touching.flatMap((unit) => [...unit.places]), ...linked.places]),
      requests: [...touching.flatMap((unit) => unit.requests), linked],
    }
    for (const unit of touching) units.splice(units.indexOf(unit), 1)
    units.push(merged)
  }
  const taken = new Set(units.flatMap((unit) => [...unit.places]))
  const alone = places.filter((place) => !taken.has(place) && place.name.form !== 'display')
  return [
    ...units.map((unit) => ({ places: [...unit.places], requests: unit.requests })),
    ...alone.map((place) => ({ places: [place], requests: [] })),
  ].map((unit) => ({ ...unit, uses: uses.filter(({ definition }) => unit.places.includes(definition)) }))
}

interface UnitPlan {
  readonly plans: readonly NamePlan[]
  readonly target: Model | null
  readonly states: readonly { readonly state: RequestState; readonly linked: LinkedRequest }[]
  /** Why requests would be refused after the move. */
  readonly blocked: readonly string[]
  /** The unit would move, and cannot. */
  readonly holds: boolean
}

/** Plans the move of a unit: all of its names, or none. */
function planUnit(file: ScannedFile, { places, requests, uses }: Unit, move: Move): UnitPlan {
  const plans = places.map((place) =>
    planName(file, place, { move, platform: findUsedPlatform(file, place, { uses, move }) }),
  )
  const target = plans.find((plan) => plan.target !== null)?.target ?? null
  const [first] = places
  const model = target ?? first?.name.model ?? null
  const platform = plans[0]?.platform ?? 'anthropic'
  const from = target === null ? null : (first?.name.model ?? null)
  const adapt = (request: Request, text: string) => {
    const state =
      model === null ? null : createState(request, model, { ...readContext(text, platform, move), from })
    if (state !== null) fixRequest(state)
    return state
  }
  const states = requests.flatMap((linked) =>
    listVariants(linked.request).flatMap((request) => {
      const state = adapt(request, file.text)
      return state === null ? [] : [{ state, linked }]
    }),
  )
  const blocked = [
    ...states.flatMap(({ state }) => state.blocked),
    ...uses.flatMap(({ request, user }) =>
      listVariants(request)
        .flatMap((each) => adapt(each, user.text)?.blocked ?? [])
        .map((reason) => `${reason} (${user.path})`),
    ),
  ]
  const isUnwritten = plans.some(({ target: each, written }) => each !== null && written?.ok === false)
  return { plans, target, states, blocked, holds: target !== null && (blocked.length > 0 || isUnwritten) }
}

/** What a file states for all of its requests. */
function readContext(text: string, platform: Platform, { day }: Move) {
  const versions = text.matchAll(/anthropic-version["']?\s*[:=,]\s*["']?(?<version>20\d\d-\d\d-\d\d)/gi)
  const [version, ...more] = new Set([...versions].map(({ groups }) => groups?.['version'] ?? ''))
  return {
    platform,
    day,
    fileBetas: scanBetas(text).map(({ value }) => value),
    version: version === undefined || more.length > 0 ? null : version,
  }
}

function judgeUnit(file: ScannedFile, unit: Unit, context: UnitContext): void {
  const { move, moved } = context
  const [first] = unit.places
  if (first === undefined) return
  const { plans, states, blocked, holds } = planUnit(file, unit, move)
  for (const [index, place] of unit.places.entries()) {
    const plan = plans[index]
    if (plan === undefined) continue
    reportName(place, { ...plan, blocked }, context)
    const { target, platform } = plan
    if (!holds && target !== null && canReplace(place, move))
      moved.push({ place, segment: place.segment, target, platform })
  }
  const canEdit = !holds && isOurs(first)
  for (const { linked, state } of states)
    reportMembers(linked.segment, state, { reporter: context.reporter, place: first, canEdit })
}

/** Judges a request for the model that its constant has after the move; the constant is judged in its own file. */
function judgeImported(
  { request, segment, user, module, definition }: Use,
  program: Program,
  { move, reporter, moved }: UnitContext,
): void {
  const unit = groupUnits(module, listUses(module, program)).find(({ places }) => places.includes(definition))
  if (unit === undefined) return
  const { plans, target, holds } = planUnit(module, unit, move)
  const model = target ?? definition.name.model
  const platform = plans[0]?.platform ?? 'anthropic'
  if (model === null) return
  const states = listVariants(request).map((each) => {
    const state = createState(each, model, {
      ...readContext(user.text, platform, move),
      from: target === null ? null : definition.name.model,
    })
    fixRequest(state)
    return state
  })
  const canMove = !holds && canReplace(definition, move)
  const canEdit = states.every(({ blocked }) => blocked.length === 0) && (target === null || canMove)
  for (const state of states) reportMembers(segment, state, { reporter, place: definition, canEdit })
  if (target !== null && canMove) moved.push({ place: definition, segment, target, platform })
}

function isOurs(place: Place): boolean {
  return place.class === 'call' || place.class === 'definition' || place.class === 'test'
}

function reportMembers(
  segment: Segment,
  state: RequestState,
  {
    reporter,
    place,
    canEdit,
  }: { readonly reporter: Reporter; readonly place: Place; readonly canEdit: boolean },
): void {
  // The edits of a request belong together; they are carried by its first finding that no variant of it has had.
  const first = state.findings.findIndex(({ start, code }) => !reporter.knows(segment, start, code))
  for (const [index, finding] of state.findings.entries()) {
    reporter.add(segment, {
      ...finding,
      model: getNamedId(place.name),
      platform: state.platform,
      class: place.class,
      after: canEdit ? finding.after : null,
      edits: canEdit && index === first ? state.edits : [],
    })
  }
}

function getOnly(moved: readonly Moved[]): Model | null {
  const [first] = moved
  return first !== undefined && moved.every(({ target }) => target === first.target) ? first.target : null
}
