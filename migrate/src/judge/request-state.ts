import { check, models, readFacts } from '@anthology/catalog'
import type { Finding as ApiFinding, Model, Platform, RequestFacts } from '@anthology/catalog'

import type { Severity, TextEdit } from '../finding.ts'
import { readBody, toPlain } from '../find/request-body.ts'
import type { Request, RequestMember } from '../find/request.ts'
import type { Entry, Group } from '../syntax/group.ts'
import { rememberAll } from '../syntax/last-text.ts'

/** What was found at one member of a request. Offsets are those of the request's source. */
export interface MemberFinding {
  readonly start: number
  readonly end: number
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly hint: string | null
  /** The text after the change; null: no change. */
  readonly after: string | null
}

/** A request while it is adapted to a target: its body as the target would receive it, and the changes so far. */
export interface RequestState {
  readonly request: Request
  readonly target: Model
  /** The model that the request moves from; null: it is for the target already. */
  readonly from: Model | null
  readonly platform: Platform
  readonly day: string
  /** The members whose values are known, which fixes change. */
  readonly body: Record<string, unknown>
  readonly unknownMembers: ReadonlySet<string>
  betas: string[] | undefined
  /** The version of the API that the file names. */
  readonly version: string | null
  readonly findings: MemberFinding[]
  readonly edits: TextEdit[]
  readonly removed: Map<Group, Set<Entry>>
  /** Why the call would still be refused after all changes. */
  readonly blocked: string[]
}

export function createState(
  request: Request,
  target: Model,
  {
    platform,
    day,
    fileBetas,
    version,
    from,
  }: {
    from: Model | null
    platform: Platform
    day: string
    fileBetas: readonly string[]
    version: string | null
  },
): RequestState {
  const { body, unknownMembers } = readBody(request)
  const plain = toPlain(body) as Record<string, unknown> // `readBody` returns an object.
  const betas = readBetas(plain)
  delete plain['headers']
  delete plain['betas']
  return {
    request,
    target,
    from,
    platform,
    day,
    body: plain,
    unknownMembers: new Set(unknownMembers),
    betas: betas ?? (fileBetas.length > 0 ? [...fileBetas] : undefined),
    version,
    findings: [],
    edits: [],
    removed: new Map(),
    blocked: [],
  }
}

/** The API's findings for the body as it stands now. */
export function checkState({
  body,
  betas,
  version,
  target,
  platform,
  day,
}: RequestState): readonly ApiFinding[] {
  const { temperature_unknown: _, ...sent } = body
  return checkBody(JSON.stringify({ sent, betas, version, target: target.id, platform, day }))
}

interface CheckedBody {
  readonly sent: Record<string, unknown>
  readonly betas?: readonly string[]
  readonly version: string | null
  readonly target: string
  readonly platform: Platform
  readonly day: string
}

/** The requests of a program are alike, and each is checked again after every fix. */
const checkBody = rememberAll((key): readonly ApiFinding[] => {
  const { sent, betas, version, target, platform, day } = JSON.parse(key) as CheckedBody // `checkState` writes the key.
  const model = models.find(({ id }) => id === target)
  if (model === undefined) return []
  const headers = version === null ? {} : { 'anthropic-version': version }
  const facts: RequestFacts = { ...readFacts(sent, headers, { sized: false }), betas }
  return check(facts, model, { asOf: day, platform, lifecycle: 'ignore' })
})

function readBetas(plain: Readonly<Record<string, unknown>>): string[] | undefined {
  const { betas, headers } = plain
  if (Array.isArray(betas)) return betas.filter((beta) => typeof beta === 'string')
  if (typeof betas === 'string') return splitList(betas)
  const header =
    typeof headers === 'object' && headers !== null
      ? (headers as Record<string, unknown>)['anthropic_beta']
      : undefined
  if (typeof header === 'string') return splitList(header)
  return Array.isArray(header) ? header.filter((beta) => typeof beta === 'string') : undefined
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((beta) => beta.trim())
    .filter((beta) => beta !== '')
}

export function getMember({ request }: RequestState, name: string): RequestMember | null {
  return request.members.get(name) ?? null
}

/** Marks a member for removal, and its object too if that becomes empty. */
export function removeMember(state: RequestState, name: string): void {
  const member = getMember(state, name)
  delete state.body[name]
  if (member === null) return
  markRemoved(state, member.group, member.entry)
  const parent = member.inBranch === true ? null : findParent(state.request.group, member.group)
  const removed = state.removed.get(member.group)
  if (parent !== null && removed?.size === member.group.entries.length) {
    state.removed.delete(member.group)
    markRemoved(state, parent.group, parent.entry)
  }
}

export function markRemoved(state: RequestState, group: Group, entry: Entry): void {
  const known = state.removed.get(group)
  if (known === undefined) state.removed.set(group, new Set([entry]))
  else known.add(entry)
}

function findParent(group: Group, inner: Group): { readonly group: Group; readonly entry: Entry } | null {
  for (const entry of group.entries) {
    if (entry.value.group === inner) return { group, entry }
    const found = entry.value.group === null ? null : findParent(entry.value.group, inner)
    if (found !== null) return found
  }
  return null
}
