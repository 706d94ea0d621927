import type { Model } from '@anthology/catalog'

import type { JudgedFinding } from '../finding.ts'
import { scanBetas } from '../find/betas.ts'
import { findPlatform } from '../find/platform.ts'
import type { LinkedRequest, Place, ScannedFile } from '../find/scan-file.ts'
import type { Move } from '../move.ts'
import { getNamedId } from '../names/name.ts'
import { fixRequest } from './fix-request.ts'
import { judgeBetas } from './judge-betas.ts'
import { judgeGates } from './judge-gates.ts'
import { judgeLeftovers } from './judge-leftovers.ts'
import { judgePaired } from './judge-paired.ts'
import { judgePatterns } from './judge-patterns.ts'
import { judgeSettings } from './judge-settings.ts'
import type { Moved } from './moved.ts'
import { canReplace, planName } from './plan-name.ts'
import { reportName } from './report-name.ts'
import { createReporter } from './reporter.ts'
import type { Reporter } from './reporter.ts'
import { createState } from './request-state.ts'

/** Judges a file for a move: what is refused, what changes, and the edits that are certain. */
export function judgeFile(file: ScannedFile, move: Move): readonly JudgedFinding[] {
  const reporter = createReporter(file)
  const units = groupUnits(file)
  const moved: Moved[] = []
  for (const unit of units) judgeUnit(file, unit, { move, reporter, moved })
  judgePaired(file, moved, { move, reporter })
  judgeGates(file, move, reporter)
  judgeLeftovers(file, move, reporter)
  judgeBetas(file, { day: move.day, target: getOnly(moved), reporter })
  judgePatterns(file, moved, reporter)
  judgeSettings(file, move, reporter)
  return reporter.finish()
}

interface Unit {
  readonly places: readonly Place[]
  readonly requests: readonly LinkedRequest[]
}

interface UnitContext {
  readonly move: Move
  readonly reporter: Reporter
  readonly moved: Moved[]
}

/** Names and requests that depend on each other move together, or not at all. */
function groupUnits({ places, requests }: ScannedFile): readonly Unit[] {
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
  ]
}

function judgeUnit(file: ScannedFile, unit: Unit, context: UnitContext): void {
  const { move, reporter, moved } = context
  const [first] = unit.places
  if (first === undefined) return
  const plans = unit.places.map((place) => planName(file, place, move))
  const target = plans.find((plan) => plan.target !== null)?.target ?? null
  const isMoving = plans.some(({ target: each }) => each !== null)
  const states = unit.requests.map((linked) => {
    const platform = findPlatform(first.name, file.text, move.platform)
    const model = target ?? first.name.model
    if (model === null) return null
    const state = createState(linked.request, model, {
      platform,
      day: move.day,
      fileBetas: scanBetas(file.text).map(({ value }) => value),
    })
    fixRequest(state)
    return { state, linked }
  })
  const blocked = states.flatMap((each) => each?.state.blocked ?? [])
  const unwritten = plans.find(({ target: each, written }) => each !== null && written?.ok === false)
  const holds = isMoving && (blocked.length > 0 || unwritten !== undefined)
  for (const [index, place] of unit.places.entries()) {
    const plan = plans[index]
    if (plan !== undefined) reportName(place, { ...plan, blocked }, context)
  }
  const canEdit = !holds && (isMoving || unit.requests.length > 0)
  for (const each of states) {
    if (each === null) continue
    reportMembers(each.linked, first, each.state, { reporter, canEdit: canEdit && isOurs(first) })
  }
  if (!holds && target !== null)
    for (const [index, place] of unit.places.entries()) {
      const to = plans[index]?.target
      if (to !== null && to !== undefined && canReplace(place, move))
        moved.push({ place, target: to, platform: findPlatform(place.name, file.text, move.platform) })
    }
}

function isOurs(place: Place): boolean {
  return place.class === 'call' || place.class === 'definition' || place.class === 'test'
}

function reportMembers(
  { segment }: LinkedRequest,
  { name, class: placeClass }: Place,
  state: ReturnType<typeof createState>,
  { reporter, canEdit }: { readonly reporter: Reporter; readonly canEdit: boolean },
): void {
  for (const [index, finding] of state.findings.entries()) {
    // The edits of a request belong together; they are carried by its first finding.
    reporter.add(segment, {
      ...finding,
      model: getNamedId(name),
      platform: state.platform,
      class: placeClass,
      after: canEdit ? finding.after : null,
      edits: canEdit && index === 0 ? state.edits : [],
    })
  }
}

function getOnly(moved: readonly Moved[]): Model | null {
  const [first] = moved
  return first !== undefined && moved.every(({ target }) => target === first.target) ? first.target : null
}
