import { createId } from '../../../parts/create-id.ts'
import { playgroundTexts } from '../../../texts/playground.ts'
import { emptyDraft } from '../draft.ts'
import type { Block, Draft, Turn } from '../draft.ts'

/** The content of a version of a saved prompt. */
export interface SavedContent {
  readonly models: readonly string[]
  readonly draft: Draft
}

/**
 * Reads the content of a version. Another user, or a program, may have written it, so nothing of it is taken for
 * granted; null for a content that is no prompt.
 */
export function readContent(value: unknown): SavedContent | null {
  if (!isRecord(value) || !isRecord(value['draft'])) return null
  const draft = value['draft']
  const turns = Array.isArray(draft['turns']) ? draft['turns'].flatMap(readTurn) : emptyDraft.turns
  const cache = isRecord(draft['cache']) ? draft['cache'] : {}
  const texts = Object.fromEntries(
    Object.entries(emptyDraft).flatMap(([name, empty]) => {
      const given = draft[name]
      return typeof empty === typeof given && typeof given !== 'object' ? [[name, given]] : []
    }),
  )
  return {
    models: Array.isArray(value['models'])
      ? value['models'].filter((id): id is string => typeof id === 'string')
      : [],
    draft: {
      ...emptyDraft,
      ...texts,
      turns,
      cache: {
        tools: cache['tools'] === true,
        system: cache['system'] === true,
        lastTurn: cache['lastTurn'] === true,
        ttl: cache['ttl'] === '1h' ? '1h' : '5m',
      },
    },
  }
}

function readTurn(value: unknown): readonly Turn[] {
  if (!isRecord(value) || !Array.isArray(value['blocks'])) return []
  const role = value['role'] === 'assistant' ? 'assistant' : 'user'
  const mark = value['cache']
  const cache: Pick<Turn, 'cache'> = mark === '5m' || mark === '1h' ? { cache: mark } : {}
  return [{ id: createId(), role, blocks: value['blocks'].flatMap(readBlock), ...cache }]
}

function readBlock(value: unknown): readonly Block[] {
  if (!isRecord(value)) return []
  const text = (name: string) => (typeof value[name] === 'string' ? value[name] : '')
  switch (value['kind']) {
    case 'text':
      return [{ kind: 'text', text: text('text') }]
    case 'file':
      return [{ kind: 'file', name: text('name'), mediaType: text('mediaType'), data: text('data') }]
    case 'tool_result': {
      const names = { toolUseId: text('toolUseId'), toolName: text('toolName') }
      return [{ kind: 'tool_result', ...names, text: text('text'), isError: value['isError'] === true }]
    }
    case 'raw':
      return isRecord(value['value']) ? [{ kind: 'raw', value: value['value'] }] : []
    default:
      return []
  }
}

const titles = playgroundTexts.prompts.parts

/** Prints a content line by line, so that two can be compared: texts with their own line breaks, then the settings. */
export function printContent({ models, draft }: SavedContent): string {
  const { system, turns, tools, schema, cache, ...settings } = draft
  const marks = Object.entries(cache).flatMap(([name, value]) =>
    value === false ? [] : [`${name}: ${value}`],
  )
  const parts = [
    [titles.models, models.join('\n')],
    [titles.system, system],
    ...turns.map(({ role, blocks, cache: mark }) => [
      titles[role],
      [...blocks.map(printBlock), ...(mark === undefined ? [] : [`[cache breakpoint, ${mark}]`])].join('\n'),
    ]),
    [titles.tools, tools],
    [titles.schema, schema],
    [titles.cache, marks.length > 1 ? marks.join('\n') : ''],
    [titles.settings, printSettings(settings)],
  ]
  return parts.flatMap(([title = '', text = '']) => (text === '' ? [] : [`${title}:\n${text}\n`])).join('\n')
}

function printBlock(block: Block): string {
  switch (block.kind) {
    case 'text':
      return block.text
    case 'file':
      return `[${block.mediaType} ${block.name}, ${block.data.length} characters of base64]`
    case 'tool_result':
      return `[result of ${block.toolName === '' ? block.toolUseId : block.toolName}${block.isError ? ', an error' : ''}]\n${block.text}`
    case 'raw':
      return JSON.stringify(block.value, null, 2)
  }
}

function printSettings(settings: Readonly<Record<string, string | boolean>>): string {
  return Object.entries(settings)
    .flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${String(value)}`]))
    .join('\n')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
