import { resolve } from '@anthology/catalog'
import { indexBody, iterateElements, iterateStrings, stringsNamed } from '@anthology/wire'
import type { BodyIndex, Member } from '@anthology/wire'

import { ApiError } from '../errors.ts'
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
export function authorizeNamedModels(key: Key, { body, index }: IndexedBody, where = ''): void {
  if (key.models === null) return
  for (const member of index.members) {
    const place = `${where}${member.name.slice(0, maxEchoLength)}`
    if (member.name === 'model' || textMembers.has(member.name)) continue
    if (member.name === 'tools') authorizeTools(key, body, member, place)
    else if (member.name === 'messages')
      authorizeMessages(key, body.subarray(member.start, member.end), place)
    else authorizeNames(key, iterateStrings(body.subarray(member.start, member.end)), place)
  }
}

interface IndexedBody {
  readonly body: Uint8Array
  readonly index: Pick<BodyIndex, 'members'>
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

function authorizeTools(key: Key, body: Uint8Array, tools: Member, place: string): void {
  let number = 0
  for (const element of iterateElements(body, tools)) {
    // A value that is not a list is left to the upstream, which rejects it.
    if (!element.ok) return
    authorizeTool(key, body.subarray(element.start, element.end), `${place}.${number}`)
    number += 1
  }
}

function authorizeTool(key: Key, tool: Uint8Array, place: string): void {
  const index = indexBody(tool, noMembers)
  if (!index.ok) return authorizeNames(key, iterateStrings(tool), place)
  const isClientTool = index.members.every(
    ({ name, start, end }) => name !== 'type' || clientTypes.has(decoder.decode(tool.subarray(start, end))),
  )
  for (const { name, start, end } of index.members) {
    if (isClientTool && clientMembers.has(name)) continue
    authorizeNames(key, iterateStrings(tool.subarray(start, end)), `${place}.${name.slice(0, maxEchoLength)}`)
  }
}

const noMembers: ReadonlySet<string> = new Set()
/** The types of a tool that the client runs, as JSON. */
const clientTypes: ReadonlySet<string> = new Set(['"custom"', 'null'])
/** Schemas and texts for the model. */
const clientMembers: ReadonlySet<string> = new Set(['name', 'description', 'input_schema', 'input_examples'])

/** A conversation can define tools on the way, and only then run another model. */
function authorizeMessages(key: Key, messages: Uint8Array, place: string): void {
  const bytes = Buffer.from(messages.buffer, messages.byteOffset, messages.byteLength)
  // An escape could hide the name; clients write plain letters.
  if (!bytes.includes('"tool_definition"') && !bytes.includes('\\u00')) return
  for (const type of stringsNamed(messages, 'type')) {
    if (type !== 'tool_definition') continue
    return authorizeNames(key, stringsNamed(messages, 'model'), place)
  }
}

function authorizeNames(key: Key, strings: Iterable<string>, place: string): void {
  const seen = new Set<string>()
  for (const text of strings) {
    if (place.endsWith('fallbacks') && text === 'default')
      throw new ApiError(
        'model_not_allowed',
        `${place}: this key is limited to some models, so name the fallback models instead of "default"`,
      )
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

const decoder = new TextDecoder()
