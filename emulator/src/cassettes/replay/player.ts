import type { RecordedExchange, RecordedRequest } from '../cassette.ts'
import type { CassetteStore, StoredExchange } from '../files/cassette-store.ts'
import { createMatchKey, describeDifference, listDifferences, listFields } from './compare-requests.ts'
import type { MatchMode } from './compare-requests.ts'

/** Finds the recording of a request, and remembers which were played. */
export interface Player {
  /** Takes the next recording that matches. Repeated requests take theirs in order. */
  take(request: RecordedRequest): Take
  /** Whether `take` would find one. */
  has(request: RecordedRequest): boolean
  /** A recording that this run has made counts as played: its answer has gone out. */
  markPlayed: (exchange: RecordedExchange) => void
  /** The recordings that were not played. */
  listUnused(): readonly StoredExchange[]
}

export type Take =
  | {
      readonly ok: true
      readonly exchange: RecordedExchange
      readonly label: string
      /** Differences that do not keep the recording from matching. */
      readonly notices: readonly string[]
    }
  /** The message names the nearest recording and the first field that differs. */
  | { readonly ok: false; readonly message: string }

export interface PlayerOptions {
  readonly match: MatchMode
  /** What follows the last recording of a repeated request: it again, or a miss. */
  readonly exhausted: 'last' | 'fail'
}

export function createPlayer(store: CassetteStore, { match, exhausted }: PlayerOptions): Player {
  const played = new Set<RecordedExchange>()
  const index = createIndex(store, match)
  const choose = (request: RecordedRequest): Choice => {
    const candidates = index.find(request)
    const [best] = sortByNotices(candidates, request, match)
    if (best === undefined) return { kind: 'none' }
    const found = best.stored.find(({ exchange }) => !played.has(exchange))
    if (found !== undefined) return { kind: 'found', found }
    const last = best.stored.at(-1)
    return last === undefined || exhausted === 'fail'
      ? { kind: 'exhausted', count: candidates.length }
      : { kind: 'found', found: last }
  }
  return {
    has: (request) => choose(request).kind === 'found',
    take: (request) => {
      const choice = choose(request)
      if (choice.kind === 'exhausted') return { ok: false, message: describeExhausted(choice.count) }
      if (choice.kind === 'none') return { ok: false, message: describeMiss(request, store.list(), match) }
      const { exchange, label } = choice.found
      played.add(exchange)
      const differences = listDifferences(request, exchange.request, listFields(match).noted)
      const notices = differences.map((difference) => `${label}: ${describeDifference(difference)}`)
      return { ok: true, exchange, label, notices }
    },
    markPlayed: (exchange) => void played.add(exchange),
    listUnused: () => store.list().filter(({ exchange }) => !played.has(exchange)),
  }
}

type Choice =
  | { readonly kind: 'found'; readonly found: StoredExchange }
  | { readonly kind: 'exhausted'; readonly count: number }
  | { readonly kind: 'none' }

function describeExhausted(count: number): string {
  return count === 1
    ? 'The only recording of this request has already been played.'
    : `All ${count} recordings of this request have already been played.`
}

/** Finds the recordings with the same key; made anew when the store has changed. */
function createIndex(
  store: CassetteStore,
  match: MatchMode,
): { find(request: RecordedRequest): readonly StoredExchange[] } {
  let version = -1
  let byKey: ReadonlyMap<string, readonly StoredExchange[]> = new Map()
  return {
    find: (request) => {
      if (version !== store.version) {
        byKey = groupBy(store.list(), ({ exchange }) => createMatchKey(exchange.request, match))
        ;({ version } = store)
      }
      return byKey.get(createMatchKey(request, match)) ?? []
    },
  }
}

/** Groups recordings by the number of their differences, the fewest first: the edited prompt comes after the same one. */
function sortByNotices(
  candidates: readonly StoredExchange[],
  request: RecordedRequest,
  match: MatchMode,
): readonly { readonly stored: readonly StoredExchange[] }[] {
  const { noted } = listFields(match)
  const groups = groupBy(
    candidates,
    ({ exchange }) => listDifferences(request, exchange.request, noted).length,
  )
  return [...groups].toSorted(([one], [other]) => one - other).map(([, stored]) => ({ stored }))
}

/** `Map.groupBy` needs Node 21, and this package runs on 20. */
function groupBy<Item, Key>(
  items: readonly Item[],
  getKey: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const key = getKey(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

/** The fields that the mode `loose` does not require. */
const looseFields: ReadonlySet<string> = new Set(listFields('loose').noted)

function describeMiss(request: RecordedRequest, all: readonly StoredExchange[], match: MatchMode): string {
  const { required } = listFields(match)
  const measured = all.map((stored) => {
    const differences = listDifferences(request, stored.exchange.request, required)
    const [first] = differences
    const at = first === undefined ? required.length : required.indexOf(first.field)
    const shared = countShared(request.last_user ?? '', stored.exchange.request.last_user ?? '')
    return { stored, differences, at: at === -1 ? required.length : at, shared }
  })
  const [nearest] = measured.toSorted(
    (one, other) =>
      one.differences.length - other.differences.length || other.at - one.at || other.shared - one.shared,
  )
  const [difference] = nearest?.differences ?? []
  if (nearest === undefined || difference === undefined)
    return 'No recording matches this request: there are none.'
  const isLoose = required.some((field) => field === difference.field && looseFields.has(field))
  const hint = isLoose ? ' With the match mode loose it is not compared.' : ''
  return `No recording matches this request. The nearest is ${nearest.stored.label}: ${describeDifference(difference)}.${hint}`
}

/** The number of characters at the beginning that two texts have in common. */
function countShared(one: string, other: string): number {
  let count = 0
  while (count < one.length && one[count] === other[count]) count += 1
  return count
}
