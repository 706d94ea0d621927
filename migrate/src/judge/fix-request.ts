import type { Finding as ApiFinding, Model } from '@anthology/catalog'

import type { Severity } from '../finding.ts'
import { applyEdits } from '../rewrite/apply-edits.ts'
import { planRemoval } from '../rewrite/remove-entries.ts'
import { computerBetas } from './fix-betas.ts'
import { makeAdaptive, replaceDisabled } from './fix-thinking.ts'
import { isTool, replaceTools } from './fix-tools.ts'
import type { MemberFinding, RequestState } from './request-state.ts'
import { checkState, getMember, removeMember } from './request-state.ts'

/**
 * Changes a request until the target accepts it. Each error of the catalog's check is fixed where the fix is certain;
 * otherwise it is reported and the call is blocked, so that its model is not changed either.
 */
export function fixRequest(state: RequestState): void {
  const seen = new Set<string>()
  for (let round = 0; round < maxRounds; round += 1) {
    const error = checkState(state).find(
      ({ severity, code, message }) => severity === 'error' && !seen.has(code + message),
    )
    if (error === undefined) break
    seen.add(error.code + error.message)
    const fix = fixes[error.code]
    if (fix?.(state, error) !== true) block(state, error)
  }
  reportUnknown(state)
  if (
    state.request.members.has('max_tokens_to_sample') ||
    /(?<!chat\.)completions\.create$/.test(state.request.callee)
  )
    state.blocked.push('The Text Completions API has no current model.')
  for (const [group, entries] of state.removed)
    state.edits.push(...planRemoval(state.request.source, group, entries))
  for (const [index, finding] of state.findings.entries()) state.findings[index] = showEdited(state, finding)
}

/** The text of a changed member, as the edits leave it. */
function showEdited({ edits, request }: RequestState, finding: MemberFinding): MemberFinding {
  const { start, end, after } = finding
  const inside = edits.filter((edit) => edit.start >= start && edit.end <= end)
  if (after === null || after === '' || inside.length === 0) return finding
  const shifted = inside.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }))
  return { ...finding, after: applyEdits(request.source.text.slice(start, end), [{ edits: shifted }]) }
}

const maxRounds = 20

type Fix = (state: RequestState, error: ApiFinding) => boolean

const fixes: Readonly<Record<string, Fix>> = {
  temperature_fixed: dropParameter('temperature'),
  top_p_fixed: dropParameter('top_p'),
  top_k_fixed: dropParameter('top_k'),
  temperature_removed: dropParameter('temperature'),
  top_p_removed: dropParameter('top_p'),
  top_k_removed: dropParameter('top_k'),
  temperature_and_top_p: dropParameter('top_p'),
  temperature_with_thinking: dropFixed('temperature'),
  top_p_with_thinking: dropFixed('top_p'),
  top_k_with_thinking: dropFixed('top_k'),
  enabled_thinking_unsupported: makeAdaptive,
  disabled_thinking_unsupported: replaceDisabled,
  budget_with_other_type: makeAdaptive,
  max_tokens_above_model: lowerMaxTokens,
  tool_type_unsupported: replaceTools,
  tool_beta_missing: replaceToolBeta,
}

function dropParameter(name: string): Fix {
  return (state, error) => {
    const member = getMember(state, name)
    if (member === null || member.isShared === true || member.stays === true) return false
    addFinding(state, name, error, 'breaks', '')
    removeMember(state, name)
    return true
  }
}

/** Sampling beside thinking: the target accepts no value but the default in any case. */
function dropFixed(name: string): Fix {
  return (state, error) =>
    state.target.behaviour.sampling === 'default_only' && dropParameter(name)(state, error)
}

function lowerMaxTokens(state: RequestState, error: ApiFinding): boolean {
  const member = getMember(state, 'max_tokens')
  const ceiling = /> (?<ceiling>\d+),/.exec(error.message)?.groups?.['ceiling']
  if (member === null || ceiling === undefined || member.value.kind !== 'number') return false
  const { start, end } = member.value
  const written = state.request.source.text.slice(start, end)
  const after = written.includes('_') ? Number(ceiling).toLocaleString('en-US').replaceAll(',', '_') : ceiling
  const suffix = /[A-Za-z]+\d*$/.exec(written)?.[0] ?? ''
  addFinding(state, 'max_tokens', error, 'breaks', null)
  state.edits.push({ start, end, text: after + suffix })
  state.findings.push({
    start,
    end,
    code: error.code,
    severity: 'breaks',
    message: error.message,
    hint: null,
    after: after + suffix,
  })
  state.findings.splice(-2, 1)
  state.body['max_tokens'] = Number(ceiling)
  return true
}

/** A newer computer tool has a newer header; it is replaced where the text has the older one. */
function replaceToolBeta(state: RequestState): boolean {
  const tools = Array.isArray(state.body['tools']) ? state.body['tools'].filter(isTool) : []
  const wanted = tools.map(({ type }) => computerBetas[String(type)]).find((beta) => beta !== undefined)
  const { text } = state.request.source
  const old = Object.values(computerBetas).find((beta) => beta !== wanted && text.includes(beta))
  if (wanted === undefined || old === undefined) return false
  for (const { index } of text.matchAll(new RegExp(`${old}(?![\\w-])`, 'g'))) {
    state.edits.push({ start: index, end: index + old.length, text: wanted })
    state.findings.push({
      start: index,
      end: index + old.length,
      code: 'beta_of_tool',
      severity: 'breaks',
      message: `The tools of the target require the beta ${wanted}.`,
      hint: null,
      after: wanted,
    })
  }
  state.betas = [...(state.betas ?? []).filter((beta) => beta !== old), wanted]
  return true
}

function block(state: RequestState, error: ApiFinding): void {
  const name = memberOfError[error.code] ?? error.path ?? ''
  const chained = error.code === 'prefill_unsupported' ? getMember(state, 'add_assistant_message') : null
  const member = chained ?? getMember(state, name) ?? getMember(state, name.split('.')[0] ?? '')
  const isAdapted = adapts(state, error.code)
  const { group } = state.request
  state.findings.push({
    start: member?.entry.start ?? group.start,
    end: member?.entry.end ?? group.start + 1,
    code: error.code,
    severity: isAdapted ? 'changes' : 'breaks',
    message: error.message,
    hint: error.hint,
    after: null,
  })
  if (!isAdapted) state.blocked.push(error.message)
}

const memberOfError: Readonly<Record<string, string>> = {
  prefill_unsupported: 'messages',
  forced_tool_unsupported: 'tool_choice',
  forced_tool_with_thinking: 'tool_choice',
  output_format_unsupported: 'output_format',
}

/** Vercel's SDK drops what a model refuses and adds a warning (release notes of `@ai-sdk/anthropic`, 2026). */
function adapts({ request }: RequestState, code: string): boolean {
  const isVercel = /(?:generate|stream)(?:Text|Object)$/.test(request.callee)
  return isVercel && /^(?:temperature|top_p|top_k|forced_tool|enabled|disabled)/.test(code)
}

/** Members whose values are only known at run time, and that the target refuses for most values. */
function reportUnknown(state: RequestState): void {
  reportChained(state)
  reportTuning(state)
  const { unknownMembers, target } = state
  for (const name of ['temperature', 'top_p', 'top_k']) {
    if (!unknownMembers.has(name) || target.behaviour.sampling !== 'default_only') continue
    const message = `\`${name}\` is deprecated for this model.`
    const isAdapted = adapts(state, name)
    addFinding(
      state,
      name,
      { code: `${name}_computed`, message, hint: `Leave ${name} out where the value is set.` },
      isAdapted ? 'changes' : 'breaks',
      null,
    )
    if (!isAdapted) state.blocked.push(message)
  }
  if (unknownMembers.has('thinking'))
    addFinding(
      state,
      'thinking',
      {
        code: 'thinking_computed',
        message: `${target.name} accepts thinking of type ${target.thinking?.types.join(', ') ?? 'none'} only.`,
        hint: 'Check the values that the variable can have.',
      },
      'changes',
      null,
    )
  if (unknownMembers.has('tool_choice') && target.behaviour.forcedToolChoice === 'never')
    addFinding(
      state,
      'tool_choice',
      {
        code: 'tool_choice_computed',
        message: `${target.name} refuses tool_choice of type any and tool.`,
        hint: 'Use auto, and mark the tool as strict.',
      },
      'changes',
      null,
    )
}

/** An answer with fewer tokens may end inside the thinking. */
const tightTokens = 512

/** What works, and works otherwise or not for long. */
function reportTuning(state: RequestState): void {
  const { body, target, from } = state
  if (from === null) return
  const tokens = body['max_tokens']
  const thinking = body['thinking']
  const isOff =
    typeof thinking === 'object' &&
    thinking !== null &&
    'type' in thinking &&
    /^(?:disabled|between_tools)$/.test(String(thinking.type))
  const thinks = thinksByDefault(target) && !thinksByDefault(from) && !isOff
  if (typeof tokens === 'number' && tokens < tightTokens && thinks)
    addFinding(
      state,
      'max_tokens',
      {
        code: 'max_tokens_tight',
        message: `${target.name} thinks by default, and max_tokens covers the thinking: the answer may be cut.`,
        hint: 'Raise max_tokens, or lower output_config.effort.',
      },
      'changes',
      null,
    )
  if (body['output_format'] !== undefined || state.unknownMembers.has('output_format'))
    addFinding(
      state,
      'output_format',
      {
        code: 'output_format_renamed',
        message: 'output_format has become output_config.format.',
        hint: 'Write output_config: { format: ... }; newer SDKs refuse the old name.',
      },
      'tune',
      null,
    )
}

function thinksByDefault({ thinking }: Model): boolean {
  return thinking !== null && thinking.default !== 'off'
}

/** RubyLLM and others set parameters in calls behind the one that names the model. */
function reportChained(state: RequestState): void {
  const { source, group } = state.request
  if (group.kind !== '(' || state.target.behaviour.sampling !== 'default_only') return
  const found = /^(?:\s*\.\w+\([^()]*\))*?\s*\.(?:with_)?(?<name>temperature|top_p|top_k)\(/.exec(
    source.text.slice(group.end, group.end + 400),
  )
  const name = found?.groups?.['name']
  if (found === null || name === undefined) return
  const message = `\`${name}\` is deprecated for this model.`
  const start = group.end + found[0].lastIndexOf('.')
  state.findings.push({
    start,
    end: group.end + found[0].length,
    code: `${name}_fixed`,
    severity: 'breaks',
    message,
    hint: `Leave ${name} out.`,
    after: null,
  })
  state.blocked.push(message)
}

type Told = Pick<ApiFinding, 'code' | 'message' | 'hint'>

function addFinding(
  state: RequestState,
  name: string,
  { code, message, hint }: Told,
  ...[severity, after]: readonly [Severity, string | null]
): void {
  const entry = getMember(state, name)?.entry
  if (entry === undefined) return
  state.findings.push({ start: entry.start, end: entry.end, code, severity, message, hint, after })
}
