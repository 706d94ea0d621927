import type { PlaceClass } from '../finding.ts'
import type { Name } from '../names/name.ts'
import { scanNames } from '../names/scan-names.ts'
import { getRoot, listEnclosing } from '../syntax/enclosing.ts'
import type { Entry, Group } from '../syntax/group.ts'
import { classify } from './classify.ts'
import { getPathRole, isGenerated } from './path-role.ts'
import type { PathRole } from './path-role.ts'
import { listAssignedRanges } from './assignments.ts'
import { createRequest, findRequest } from './request.ts'
import type { Request } from './request.ts'
import { readGroup } from '../syntax/read-group.ts'
import { splitSegments, toFileOffset } from './segments.ts'
import type { Segment } from './segments.ts'

/** A name of a model in a file, with what surrounds it. */
export interface Place {
  readonly name: Name
  readonly segment: Segment
  readonly class: PlaceClass
  readonly registry: { readonly group: Group; readonly entry: Entry } | null
  readonly requests: readonly Request[]
}

/** A request and the names that may be its model. */
export interface LinkedRequest {
  readonly request: Request
  readonly segment: Segment
  readonly places: readonly Place[]
}

export interface ScannedFile {
  readonly path: string
  readonly text: string
  readonly role: PathRole
  readonly segments: readonly Segment[]
  readonly places: readonly Place[]
  readonly requests: readonly LinkedRequest[]
}

/** True if a text may contain anything to find; it is cheap, and most files of a tree fail it. */
export function mayMention(text: string): boolean {
  return /claude|anthropic/i.test(text)
}

/** Finds the names of models in a file and the requests that use them; null for a file that is not judged. */
export function scanFile(path: string, text: string): ScannedFile | null {
  const role = getPathRole(path)
  if (role === 'silent' || isGenerated(text)) return null
  const segments = splitSegments(path, text)
  const places: Place[] = []
  const requests: LinkedRequest[] = []
  for (const segment of segments) {
    const found = scanSegment(segment, role)
    places.push(...found.places)
    requests.push(...found.requests)
  }
  for (const segment of segments) requests.push(...linkBody(segment, places, text))
  return { path, text, role, segments, places, requests }
}

function scanSegment(segment: Segment, role: PathRole) {
  const { source } = segment
  const byGroup = new Map<number, { request: Request; places: Place[] }>()
  const places = scanNames(source.text).flatMap((name): Place[] => {
    if (isLink(source.text, name)) return []
    const request =
      source.language.layout === 'prose' || name.form === 'display' ? null : findRequest(source, name.start)
    const context = classify(name, segment, role, request)
    const usable = request !== null && !request.isDeclaration && requestClasses.has(context.class)
    const place = { name, segment, ...context, requests: usable ? [request] : [] }
    if (usable) {
      const known = byGroup.get(request.group.start)
      if (known === undefined) byGroup.set(request.group.start, { request, places: [place] })
      else known.places.push(place)
    }
    return [place]
  })
  const linked = [...byGroup.values()].map(({ request, places: own }) => ({ request, segment, places: own }))
  const indirect = findIndirect(segment, places, new Set(byGroup.keys()))
  return { places, requests: [...linked, ...indirect] }
}

/** A body in a string has its model beside it: before it in the same command, or as the only one of the file. */
function linkBody(segment: Segment, places: readonly Place[], text: string): readonly LinkedRequest[] {
  const { source, role } = segment
  const isBody = source.language.name === 'json' && role === 'code' && source.text.length < text.length
  if (!isBody || places.some((place) => place.segment === segment)) return []
  const open = source.tokens[0]
  if (open?.kind !== 'open') return []
  const request = createRequest(source, readGroup(source, 0))
  if (!['max_tokens', 'messages', 'anthropic_version'].some((name) => request.members.has(name))) return []
  const usable = places.filter(mayBeModel)
  const start = toFileOffset(segment, 0)
  const before = usable.findLast((place) => {
    const offset = toFileOffset(place.segment, place.name.start)
    return offset < start && !/\n[ \t]*\n/.test(text.slice(offset, start))
  })
  if (before !== undefined) return [{ request, segment, places: [before] }]
  const models = new Set(usable.map(({ name }) => name.model?.id ?? name.text))
  return models.size === 1 ? [{ request, segment, places: usable }] : []
}

const requestClasses: ReadonlySet<PlaceClass> = new Set(['call', 'definition', 'test'])

/** The address of a page; the addresses of the clouds' APIs are calls. */
function isLink(text: string, { start }: Name): boolean {
  const before = /https?:\/\/[^\s"'`<>)]*$/.exec(text.slice(Math.max(0, start - 200), start))?.[0]
  if (before === undefined) return false
  return !/amazonaws\.com|googleapis\.com|azure\.com|\/publishers\/|\/\/api\.|localhost|127\.0\.0\.1|[?&]model=/.test(
    before,
  )
}

/**
 * Finds the requests whose model is a variable, or beside the body as on Bedrock. They belong to the name that the
 * variable holds, or to the only model of the file.
 */
function findIndirect(
  segment: Segment,
  places: readonly Place[],
  taken: Set<number>,
): readonly LinkedRequest[] {
  const { source } = segment
  if (places.length === 0) return []
  if (source.language.layout === 'yaml') return findMerged(segment, places, getRoot(source))
  if (source.language.layout !== 'code') return []
  const found: LinkedRequest[] = []
  for (const { index } of source.text.matchAll(
    /\b(?:max_?[tT]okens|MaxTokens|max_tokens_to_sample|inferenceConfig)\b/g,
  )) {
    const group =
      listEnclosing(source, index).find(({ entries }) =>
        entries.some((entry) => entry.name !== null && entry.start <= index && index < entry.nameEnd),
      ) ?? listEnclosing(source, index).find(({ kind }) => kind === 'chain')
    if (group === undefined || taken.has(group.start)) continue
    taken.add(group.start)
    const request = createRequest(source, group)
    if (request.isDeclaration || !isRequest(request)) continue
    const own = findModels(request, places)
    if (own.length > 0) found.push({ request, segment, places: own })
  }
  return found
}

/** Mappings of YAML that take the model of another one by a merge key. */
function findMerged(
  segment: Segment,
  places: readonly Place[],
  group: Group | null,
): readonly LinkedRequest[] {
  if (group === null) return []
  const merged = group.entries.find(({ name }) => name === '<<')?.value.group ?? null
  const own =
    merged === null ? [] : places.filter(({ name }) => name.start >= merged.start && name.end <= merged.end)
  const used = own.filter((place) => place.requests.length > 0)
  const found =
    used.length === 0 ? [] : [{ request: createRequest(segment.source, group), segment, places: used }]
  const inner = group.entries.flatMap(({ name, value }) =>
    name === '<<' ? [] : findMerged(segment, places, value.group),
  )
  return [...found, ...inner]
}

function isRequest({ members, callee }: Request): boolean {
  const hasPrompt = ['messages', 'prompt', 'anthropic_version', 'add_user_message', 'system'].some((name) =>
    members.has(name),
  )
  return (
    hasPrompt || /(?:[mM]essages?\.(?:create|stream|New|parse|Create)|converse|invoke_model)$/.test(callee)
  )
}

/** True for a name that can be the model of a request. */
export function mayBeModel(place: Place): boolean {
  return requestClasses.has(place.class) && place.registry === null && place.name.form !== 'display'
}

function findModels({ members, source }: Request, places: readonly Place[]): readonly Place[] {
  const usable = places.filter(mayBeModel)
  const model = members.get('model') ?? members.get('model_id') ?? members.get('model_name')
  if (model !== undefined) {
    const { start, end } = model.entry.value
    const written = source.text.slice(start, end)
    const within = usable.filter(({ name }) => name.start >= model.value.start && name.end <= model.value.end)
    if (within.length > 0) return within
    if (!/^[\w.$@:>-]+$/.test(written)) return []
    const ranges = listAssignedRanges(source, written).filter(
      (range) => range.start !== start && range.end !== end,
    )
    const assigned = usable.filter(({ name }) =>
      ranges.some((range) => name.start >= range.start && name.end <= range.end),
    )
    if (assigned.length > 0) return assigned
  }
  const models = new Set(usable.map(({ name }) => name.model?.id ?? name.retired?.id ?? name.text))
  return models.size === 1 ? usable : []
}
