import { resolve } from '@anthology/catalog'
import { hasAsciiEscape, indexBody, iterateElements, iterateStrings, stringsNamed } from '@anthology/wire'
import type { BodyIndex } from '@anthology/wire'

import { ApiError } from '../errors.ts'
import type { ResolveName } from '../routing/name-resolver.ts'
import { runInSlices } from '../slices.ts'
import { authorizeModel } from './authenticate.ts'
import type { Key } from './key-ring.ts'

/**
 * Rejects a body of a restricted key that makes the upstream run a model outside the key's list. Besides `model`, a
 * body names models in these places (beta API of @anthropic-ai/sdk 1.12.0):
 *
 * - `fallbacks`: the models to run if the first one declines. `"default"` leaves the choice to the service.
 * - `tools` and tool definitions inside `messages`: an `advisor_*` tool has the model that it asks.
 *
 * A place that is not known here must not be a way around the list, so every other member is searched for names of
 * models as well. Only text of the conversation is left out: it can name models without running them.
 *
 * The upstream gets these names as the client wrote them. Therefore a name must be allowed as the catalog reads it, and
 * as the operator's aliases do: the upstream may be a gateway that has the same ones.
 */
export async function authorizeNamedModels(named: IndexedBody, check: NameCheck, where = ''): Promise<void> {
  if (check.key.models === null) return
  const search = { ...check, models: new Set<string>(), others: new Set<string>() }
  await runInSlices(authorizeMembers(search, named, where))
}

export interface NameCheck {
  readonly key: Key
  readonly resolveModel: ResolveName
}

/** The names that were found in a body, in places of a model and elsewhere. */
interface Search extends NameCheck {
  readonly models: Set<string>
  readonly others: Set<string>
}

interface IndexedBody {
  readonly body: Uint8Array
  readonly index: Pick<BodyIndex, 'members'>
}

/** Work in short steps, because a body can have millions of strings. */
type Steps = Generator<void, void, void>

function* authorizeMembers(search: Search, { body, index }: IndexedBody, where: string): Steps {
  for (const member of index.members) {
    if (member.name === 'model' || textMembers.has(member.name)) continue
    const place = `${where}${member.name.slice(0, maxEchoLength)}`
    const value = body.subarray(member.start, member.end)
    if (!mayNameModels(value, place)) continue
    if (member.name === 'tools') yield* authorizeTools(search, value, place)
    else if (member.name === 'messages') yield* authorizeMessages(search, value, place)
    else yield* authorizeNames(search, iterateStrings(value), place)
  }
}

/** Members whose strings never select a model. */
const textMembers: ReadonlySet<string> = new Set([
  'system',
  'metadata',
  'stop_sequences',
  'tool_choice',
  'output_config',
  'output_format',
])

/** A native search rules out nearly every body. An escape could hide a letter of a name, so it counts as one. */
function mayNameModels(value: Uint8Array, place: string): boolean {
  const bytes = toBuffer(value)
  if (place.endsWith('fallbacks') || bytes.includes('"model"') || hasAsciiEscape(bytes)) return true
  return claude.test(bytes.toString('latin1'))
}

const claude = /claude/i

function* authorizeTools(search: Search, tools: Uint8Array, place: string): Steps {
  let number = 0
  for (const element of iterateElements(tools, { start: 0, end: tools.length })) {
    yield
    // A value that is not a list is left to the upstream, which rejects it.
    if (!element.ok) return
    const tool = tools.subarray(element.start, element.end)
    if (mayNameModels(tool, place)) yield* authorizeTool(search, tool, `${place}.${number}`)
    number += 1
  }
}

function* authorizeTool(search: Search, tool: Uint8Array, place: string): Steps {
  const index = indexBody(tool, noMembers)
  if (!index.ok) return yield* authorizeNames(search, iterateStrings(tool), place)
  const isClientTool = index.members.every(
    ({ name, start, end }) => name !== 'type' || clientTypes.has(decoder.decode(tool.subarray(start, end))),
  )
  for (const { name, start, end } of index.members) {
    if (isClientTool && clientMembers.has(name)) continue
    const strings = iterateStrings(tool.subarray(start, end))
    yield* authorizeNames(search, strings, `${place}.${name.slice(0, maxEchoLength)}`)
  }
}

const noMembers: ReadonlySet<string> = new Set()
/** The types of a tool that the client runs, as JSON. */
const clientTypes: ReadonlySet<string> = new Set(['"custom"', 'null'])
/** Schemas and texts for the model. */
const clientMembers: ReadonlySet<string> = new Set(['name', 'description', 'input_schema', 'input_examples'])

/** Messages can define tools. Without such a definition they cannot make the upstream run another model. */
function* authorizeMessages(search: Search, messages: Uint8Array, place: string): Steps {
  const bytes = toBuffer(messages)
  if (!bytes.includes('"tool_definition"') && !hasAsciiEscape(bytes)) return
  for (const type of stringsNamed(messages, 'type')) {
    yield
    if (type !== 'tool_definition') continue
    return yield* authorizeNames(search, stringsNamed(messages, 'model'), place)
  }
}

function* authorizeNames(search: Search, strings: Iterable<string>, place: string): Steps {
  for (const text of strings) {
    yield
    if (place.endsWith('fallbacks') && text === 'default') {
      const message = `${place}: this key is limited to some models, so name the fallback models instead of "default"`
      throw new ApiError('model_not_allowed', message)
    }
    if (text.length > maxNameLength || !mayBeName(text, place)) continue
    const seen = isModelPlace(place) ? search.models : search.others
    if (seen.has(text)) continue
    if (search.models.size + search.others.size >= maxNames) {
      const message = `${place}: this key is limited to some models, and the request has more than ${maxNames} names`
      throw new ApiError('model_not_allowed', message)
    }
    seen.add(text)
    authorizeName(search, text, place)
  }
}

function authorizeName({ key, resolveModel }: NameCheck, text: string, place: string): void {
  const found = resolveModel(text)
  const readings = found.ok && found.as === 'own_alias' ? [found, resolve(text)] : [found]
  for (const reading of readings) if (reading.ok) authorizeModel(key, reading.model, `${place}: `)
  // Elsewhere it may be the name of a tool or of a server.
  if (!found.ok && isModelPlace(place) && modelName.test(text))
    throw new ApiError('model_not_allowed', `${place}: this key cannot use ${text.slice(0, maxEchoLength)}`)
}

/** An alias of the operator can be any text, so it is looked for only where a model is expected. */
function mayBeName(text: string, place: string): boolean {
  return isModelPlace(place) || place.endsWith('messages') || modelName.test(text)
}

/** True for a place in which every string that looks like a model's name is one. */
function isModelPlace(place: string): boolean {
  return place.endsWith('fallbacks') || place.endsWith('.model')
}

/** One word with `claude` in it, of the characters that occur in names of models on any platform. */
const modelName = /^[\w.:/@[\]-]*claude[\w.:/@[\]-]*$/i
const maxNameLength = 2_048
/** Finding out that a name is unknown takes up to a millisecond. */
const maxNames = 1_000
const maxEchoLength = 100

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const decoder = new TextDecoder()
