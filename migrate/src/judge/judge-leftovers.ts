import { models } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import type { PlaceClass, Severity } from '../finding.ts'
import { isGate } from '../find/gate.ts'
import { isDeniedResource } from '../find/policy.ts'
import type { ScannedFile } from '../find/scan-file.ts'
import type { Segment } from '../find/segments.ts'
import type { Move } from '../move.ts'
import { scanNames } from '../names/scan-names.ts'
import { listEnclosing } from '../syntax/enclosing.ts'
import { findToken, findTokenIndex } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import { findTarget } from './describe-name.ts'
import type { Reporter } from './reporter.ts'

/** Reports names that are not written in one piece: wildcards, templates, and resources that hide their model. */
export function judgeLeftovers({ segments, role }: ScannedFile, move: Move, reporter: Reporter): void {
  if (role === 'log') return
  for (const segment of segments) {
    if (segment.role === 'output') continue
    judgeWildcards(segment, move, reporter)
    judgeOpaque(segment, reporter)
    judgeBuilt(segment, reporter, role === 'docs')
    judgeLegacy(segment, reporter, role === 'docs')
    if (role !== 'docs') judgeDeployments(segment, reporter)
  }
}

/** The end of an ARN, with or without wildcards: `foundation-model/anthropic.claude-3-sonnet-*`. */
const policyResource =
  /(?:(?:foundation-model|inference-profile)\/)(?<pattern>(?:[\w*?-]+\.)?anthropic\.claude[\w.:*?-]*)/g

/** `arn:aws:bedrock:*::foundation-model/anthropic.claude-3-sonnet-*`: after a move the policy denies the call. */
function judgeWildcards(segment: Segment, move: Move, reporter: Reporter): void {
  const { source } = segment
  for (const found of source.text.matchAll(policyResource)) {
    const pattern = found.groups?.['pattern'] ?? ''
    if (!/[*?]/.test(pattern)) continue
    const start = found.index + found[0].length - pattern.length
    const isComment = findToken(source, start)?.kind === 'comment'
    const { severity, message, hint } = describeWildcard(
      source,
      { start, pattern, kind: found[0].slice(0, -pattern.length) },
      move,
    )
    add(segment, reporter, {
      start,
      end: start + pattern.length,
      class: isComment ? 'comment' : 'policy',
      code: 'policy_wildcard',
      severity: isComment ? 'note' : severity,
      message,
      hint,
    })
  }
}

/** `foundation-model/` or `inference-profile/`, and the pattern behind it. */
interface Wildcard {
  readonly start: number
  readonly pattern: string
  readonly kind: string
}

function describeWildcard(source: Source, wildcard: Wildcard, move: Move) {
  const { target } = move
  const matched = listMatched(wildcard.pattern)
  const name = target === null ? '' : (target.platforms.bedrock ?? target.id)
  const isMatched = target !== null && matched.includes(target)
  if (isDeniedResource(source, wildcard.start)) {
    const message = isMatched
      ? `The policy denies ${name}: after the move AWS denies the call.`
      : describeMatched(matched, 'denies')
    const hint = isMatched ? 'Leave the target out of the pattern.' : null
    return { severity: isMatched ? 'breaks' : 'note', message, hint } as const
  }
  if (target !== null && !isMatched && !isAllowedBeside(source, wildcard, move))
    return {
      severity: 'breaks',
      message: `The pattern does not allow ${name}: after the move AWS denies the call.`,
      hint: 'Add the resource of the target; inference profiles need their own.',
    } as const
  const severity = target === null && matched.length === 0 ? 'breaks' : 'note'
  return { severity, message: describeMatched(matched, 'allows'), hint: null } as const
}

/** True if another resource of the same list is the target, or has an entry for it after the move. */
function isAllowedBeside(source: Source, { start, kind }: Wildcard, move: Move): boolean {
  const list = listEnclosing(source, start).find((group) => group.kind === '[' || group.kind === 'sequence')
  const text = list === undefined ? '' : source.text.slice(list.start, list.end)
  return scanNames(text).some(
    (name) =>
      text.slice(0, name.start).endsWith(kind) &&
      (name.model === move.target || findTarget(name, move) === move.target),
  )
}

/** The models whose id on Bedrock, with or without a profile, matches a pattern of AWS. */
function listMatched(pattern: string): readonly Model[] {
  const test = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`)
  return models.filter(
    ({ platforms: { bedrock } }) =>
      bedrock !== null && [bedrock, `us.${bedrock}`, `global.${bedrock}`].some((id) => test.test(id)),
  )
}

const maxShown = 4

function describeMatched(matched: readonly Model[], verb: 'allows' | 'denies'): string {
  if (matched.length === 0) return `The pattern ${verb} no model that is in service.`
  const shown = matched.slice(0, maxShown).map(({ id }) => id)
  return `The pattern ${verb} ${shown.join(', ')}${matched.length > maxShown ? ' and others' : ''}.`
}

/** Resources of an account that do not contain their model. */
function judgeOpaque(segment: Segment, reporter: Reporter): void {
  const form =
    /arn:aws[\w-]*:(?:bedrock|sagemaker):[\w*-]*:[\w*${}.-]*:(?:application-inference-profile|provisioned-model|custom-model|imported-model|endpoint)\/[\w.*-]+/g
  for (const { 0: arn, index } of segment.source.text.matchAll(form))
    add(segment, reporter, {
      start: index,
      end: index + arn.length,
      class: segment.role === 'docs' ? 'text' : 'call',
      code: 'name_opaque',
      severity: 'note',
      message: 'The resource does not contain its model, so it cannot be judged offline.',
      hint: 'Look up its model on Bedrock (GetInferenceProfile), and create a resource for the target.',
    })
}

/** Names that are put together at run time. */
function judgeBuilt(segment: Segment, reporter: Reporter, isDocs: boolean): void {
  const { source } = segment
  const form =
    /(?<![\w])(?:(?:us|eu|apac|global)\.)?(?:anthropic\.)?claude-(?:[\w.-]*(?:\$\{|#\{|\{|%s|%v|\$\()[^"'`\n]{0,60}|[\w.@-]*-(?=["'`])|[\w.@-]+(?=["'`]\s*(?:\+|\.|\.\.|<>|&)\s*["'`$\w])|[\w.-]*-(?=["'`]\s*(?:\+|\.)))/g
  for (const { 0: text, index } of source.text.matchAll(form)) {
    const token = findToken(source, index)
    if (token?.kind === 'comment' || isDocs || !isModelTemplate(text)) continue
    if (source.language.layout === 'code' && token?.kind !== 'string') continue
    if (isGate(source, findTokenIndex(source, index))) continue
    if (isJoinedCall(source.text.slice(index + text.length, index + text.length + 24))) continue
    if (isFileName(source.text.slice(index, index + maxNameLength))) continue
    const end =
      token?.kind === 'string' ? Math.min(token.contentEnd, index + text.length) : index + text.length
    add(segment, reporter, {
      start: index,
      end,
      class: 'definition',
      code: 'name_built',
      severity: 'changes',
      message: 'The name of the model is put together at run time, so it is not edited.',
      hint: 'Check every name that the parts can form, or write whole names.',
    })
  }
}

/** `claude-{id}` names sessions and files as well: a template of a model has a family, a number, or asks for one. */
function isModelTemplate(text: string): boolean {
  const isAbout =
    /opus|sonnet|haiku|fable|mythos|instant|claude-v?\d|tier|family|size|version|generation|model|variant|kind|suffix|date/i
  // `claude-3-cache-${os}`: a word that no name of a model has.
  const written = /claude-(?<parts>[\w.@-]*)/i.exec(text)?.groups?.['parts'] ?? ''
  const parts = written.split(/[-@]/).slice(0, -1)
  const isName = parts.every((part) =>
    /^(?:|v?\d[\d.]*|opus|sonnet|haiku|fable|mythos|instant|preview|latest|thinking|fast)$/i.test(part),
  )
  return isAbout.test(text) && isName
}

const maxNameLength = 120

/** `claude-${date}.md` */
function isFileName(text: string): boolean {
  return /^[^"'`\n]*[)}\w]\.(?:md|json|jsonl|log|txt|csv|html?|ya?ml|png|svg|pdf|zip|tar|gz|db|sqlite)(?![\w.])/i.test(
    text,
  )
}

/** `"claude-3".startsWith(: a method of the text, and no concatenation. */
function isJoinedCall(after: string): boolean {
  return /^["'`]\s*\.\s*[a-z]\w*\s*\(/.test(after)
}

/** Names that a customer gave to a deployment, such as `claude-opus-41-prod`. */
function judgeDeployments(segment: Segment, reporter: Reporter): void {
  const { text } = segment.source
  const form =
    /(?<=(?:deployment|engine)\w*["']?\]?\s*[:=(,]\s*["'`]?)claude-(?:opus|sonnet|haiku|fable|mythos)-\d[\w.]*(?:-[\w.]+)+(?=["'`\s]|$)/gim
  for (const { 0: name, index } of text.matchAll(form)) {
    if (scanNames(name).some(({ text: known, known: isKnown }) => isKnown && known === name)) continue
    if (findToken(segment.source, index)?.kind === 'comment') continue
    add(segment, reporter, {
      start: index,
      end: index + name.length,
      class: 'definition',
      code: 'name_of_your_own',
      severity: 'changes',
      message: `${name} is a name of your own; its model is not known here.`,
      hint: 'Create a deployment of the target, and write its name.',
    })
  }
}

/** The Text Completions API and its prompt format, which no current model has. */
function judgeLegacy(segment: Segment, reporter: Reporter, isDocs: boolean): void {
  const { source } = segment
  for (const { 0: text, index } of source.text.matchAll(
    /max_tokens_to_sample|\\n\\nHuman:|\/v1\/complete\b/g,
  )) {
    if (findToken(source, index)?.kind === 'comment' || isDocs) continue
    add(segment, reporter, {
      start: index,
      end: index + text.length,
      class: 'call',
      code: 'text_completions',
      severity: /stop\w*["']?\s*[:=]?\s*[[{(]?[^\n]{0,40}$/i.test(
        source.text.slice(Math.max(0, index - 60), index),
      )
        ? 'tune'
        : 'breaks',
      message: 'The Text Completions API and its prompt format belong to models that are retired.',
      hint: 'Write the call for the Messages API.',
    })
  }
}

interface Leftover {
  readonly start: number
  readonly end: number
  readonly class: PlaceClass
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly hint: string | null
}

function add(segment: Segment, reporter: Reporter, found: Leftover): void {
  reporter.add(segment, {
    ...found,
    model: null,
    platform: found.code.startsWith('policy') || found.code === 'name_opaque' ? 'bedrock' : null,
    after: null,
    edits: [],
  })
}
