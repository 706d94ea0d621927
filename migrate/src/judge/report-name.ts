import { noticeUnlistedProfile } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import type { Severity } from '../finding.ts'
import type { Place } from '../find/scan-file.ts'
import type { Move } from '../move.ts'
import { getNamedId } from '../names/name.ts'
import type { Name } from '../names/name.ts'
import { describeName } from './describe-name.ts'
import { isDenied } from './explain-kept-name.ts'
import { isOwnName, planEdit } from './plan-name.ts'
import type { EditPlan, NamePlan } from './plan-name.ts'
import type { Reporter } from './reporter.ts'

/** Reports a name: its age on its platform, and its change. */
export function reportName(
  place: Place,
  { target, platform, written, blocked }: NamePlan & { readonly blocked: readonly string[] },
  { move, reporter }: { readonly move: Move; readonly reporter: Reporter },
): void {
  const { name, segment } = place
  const state = describeName(name, platform, move)
  if (name.known && target === null && (state.severity === 'tune' || isSettled(name.model, move))) return
  const plan = planEdit(place, { target, written, blocked, move, reporter })
  // The condition around the name has a finding of its own.
  if (place.class === 'gate') return
  const named = { start: name.start, end: name.end, model: getNamedId(name), class: place.class }
  const isOfAnyPlatform = name.form === 'display' || name.form === 'dotted' || !name.known
  reporter.add(segment, {
    ...named,
    platform: isOfAnyPlatform ? null : platform,
    code: isOwnName(place) ? 'name_of_your_own' : state.code,
    severity: getSeverity(place, plan, state.severity),
    message: state.message + describePlan(plan, written),
    hint: plan.edits.length > 0 ? null : state.hint,
    after: plan.after,
    edits: plan.edits,
    ...(plan.start !== undefined && plan.end !== undefined && { changed: [plan.start, plan.end] as const }),
  })
  const unlisted = target === null || plan.edits.length === 0 ? null : explainProfile(name, target)
  if (unlisted !== null)
    reporter.add(segment, {
      ...named,
      platform,
      code: 'profile_unlisted',
      severity: 'changes',
      message: `${unlisted}.`,
      hint: 'Check in the console of Bedrock that your account has the profile.',
      after: null,
      edits: [],
    })
}

function explainProfile({ profile }: Name, target: Model): string | null {
  return profile === null ? null : noticeUnlistedProfile(target, profile)
}

/** Records and texts change nothing at run time; a list keeps its old entries. */
function getSeverity(place: Place, { isListed }: EditPlan, severity: Severity): Severity {
  const isRecord = ['comment', 'text', 'log'].includes(place.class)
  const isData = place.class === 'test' && place.requests.length === 0
  if (isRecord || isData || isListed || isOwnName(place) || isDenied({ place })) return 'note'
  return place.registry !== null && severity === 'breaks' ? 'changes' : severity
}

function describePlan({ because, edits, start }: EditPlan, written: NamePlan['written']): string {
  if (because !== null) return ` Not edited: ${because}`
  if (edits.length === 0 || written?.ok !== true) return ''
  return start === undefined ? ` Moves to ${written.text}.` : ` An entry for ${written.text} is added.`
}

/** The target itself, or a newer model, needs no finding. */
function isSettled(model: Model | null, { target }: Move): boolean {
  return target !== null && model?.id === target.id
}
