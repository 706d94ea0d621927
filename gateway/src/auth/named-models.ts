import { resolve } from '@anthology/catalog'
import { hasAsciiEscape, indexBody, iterateElements, iterateStrings, stringsNamed } from '@anthology/wire'
import type { BodyIndex } from '@anthology/wire'

import { ApiError } from '../errors.ts'
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
 */
export async function authorizeNamedModels(key: Key, named: IndexedBody, where = ''): Promise<void> {
  if (key.models !== null) await runInSlices(authorizeMembers(key, named, where))
}

interface IndexedBody {
  readonly body: Uint8Array
  readonly index: Pick<BodyIndex, 'members'>
}

/** Work in short steps, because a body can have millions of strings. */
type Steps = Generator<void, void, void>

function* authorizeMembers(key: Key, { body, index }: IndexedBody, where: string): Steps {
  for (const member of index.members) {
    if (member.name === 'model' || textMembers.has(member.name)) continue
    const place = `${where}${member.name.slice(0, maxEchoLength)}`
    const value = body.subarray(member.start, member.end)
    if (!mayNameModels(value, place)) continue
    if (member.name === 'tools') yield* authorizeTools(key, value, place)
    else if (member.name === 'messages') yield* authorizeMessages(key, value, place)
    else yield* authorizeNames(key, iterateStrings(value), place)
  }
}

/** Members whose strings run nothing. */
const textMembers: ReadonlySet<string> = new Set([
  'system',
  'metadata',
  'stop_sequences',
  'tool_choice',
  'output_config',
  'output_format',
])

/** A native search, which suffices for nearly every body. An escape could hide a letter of a name. */
function mayNameModels(value: Uint8Array, place: string): boolean {
  const bytes = toBuffer(value)
  return place.endsWith('fallbacks') || hasAsciiEscape(bytes) || claude.test(bytes.toString('latin1'))
}

const claude = /claude/i

function* authorizeTools(key: Key, tools: Uint8Array, place: string): Steps {
  let number = 0
  for (const element of iterateElements(tools, { start: 0, end: tools.length })) {
    yield
    // A value that is not a list is left to the upstream, which rejects it.
    if (!element.ok) return
    const tool = tools.subarray(element.start, element.end)
    if (mayNameModels(tool, place)) yield* authorizeTool(key, tool, `${place}.${number}`)
    number += 1
  }
}

function* authorizeTool(key: Key, tool: Uint8Array, place: string): Steps {
  const index = indexBody(tool, noMembers)
  if (!index.ok) return yield* authorizeNames(key, iterateStrings(tool), place)
  const isClientTool = index.members.every(
    ({ name, start, end }) => name !== 'type' || clientTypes.has(decoder.decode(tool.subarray(start, end))),
  )
  for (const { name, start, end } of index.members) {
    if (isClientTool && clientMembers.has(name)) continue
    const strings = iterateStrings(tool.subarray(start, end))
    yield* authorizeNames(key, strings, `${place}.${name.slice(0, maxEchoLength)}`)
  }
}

const noMembers: ReadonlySet<string> = new Set()
/** The types of a tool that the client runs, as JSON. */
const clientTypes: ReadonlySet<string> = new Set(['"custom"', 'null'])
/** Schemas and texts for the model. */
const clientMembers: ReadonlySet<string> = new Set(['name', 'description', 'input_schema', 'input_examples'])

/** A conversation can define tools on the way, and only then run another model. */
function* authorizeMessages(key: Key, messages: Uint8Array, place: string): Steps {
  const bytes = toBuffer(messages)
  if (!bytes.includes('"tool_definition"') && !hasAsciiEscape(bytes)) return
  for (const type of stringsNamed(messages, 'type')) {
    yield
    if (type !== 'tool_definition') continue
    return yield* authorizeNames(key, stringsNamed(messages, 'model'), place)
  }
}

function* authorizeNames(key: Key, strings: Iterable<string>, place: string): Steps {
  const seen = new Set<string>()
  for (const text of strings) {
    yield
    if (place.endsWith('fallbacks') && text === 'default') {
      const message = `${place}: this key is limited to some models, so name the fallback models instead of "default"`
      throw new ApiError('model_not_allowed', message)
    }
    if (text.length > maxNameLength || seen.has(text) || !modelName.test(text)) continue
    seen.add(text)
    const found = resolve(text)
    if (found.ok) authorizeModel(key, found.model, `${place}: `)
    // Elsewhere it may be the name of a tool or of a server.
    else if (isModelPlace(place))
      throw new ApiError('model_not_allowed', `${place}: this key cannot use ${text.slice(0, maxEchoLength)}`)
  }
}

/** True where every string that looks like a model is one. */
function isModelPlace(place: string): boolean {
  return place.endsWith('fallbacks') || place.endsWith('.model')
}

/** One word of the characters in names of models, on any platform. */
const modelName = /^[\w.:/@[\]-]*claude[\w.:/@[\]-]*$/i
const maxNameLength = 2_048
const maxEchoLength = 100

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const decoder = new TextDecoder()
