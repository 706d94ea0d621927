import { createId, isCreatedId } from '../../../parts/create-id.ts'
import { playgroundTexts } from '../../../texts/playground.ts'
import type { SavedContent } from '../content.ts'
import { emptyDraft } from '../draft.ts'
import type { Block, Turn } from '../draft.ts'
import { parseMembers, toList, toMembers } from '../members.ts'
import type { Members } from '../members.ts'
import { createRow, maxRows } from '../rows/row.ts'
import type { TestRow } from '../rows/row.ts'
import type { Values } from '../variables.ts'

/**
 * Reads the content of a version or of a link. Another user, or a program, may have written it, so nothing of it is taken
 * for granted; null for a content that is no prompt.
 */
export function readContent(value: unknown): SavedContent | null {
  if (!isObject(value) || !isObject(value['draft'])) return null
  const draft = value['draft']
  const turns = Array.isArray(draft['turns']) ? draft['turns'].flatMap(readTurn) : emptyDraft.turns
  const cache = toMembers(draft['cache'])
  const texts = Object.fromEntries(
    Object.entries(emptyDraft).flatMap(([name, empty]) => {
      const given = draft[name]
      return typeof empty === typeof given && typeof given !== 'object' ? [[name, given]] : []
    }),
  )
  return {
    models: toList(value['models']).filter((id) => typeof id === 'string'),
    values: readValues(value['values']),
    rows: readRows(value['rows']),
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

/** The ids stay, so that the results of the rows are found again. */
function readRows(value: unknown): readonly TestRow[] {
  const ids = new Set<unknown>()
  return toList(value)
    .slice(0, maxRows)
    .map((each) => {
      const { id, values } = toMembers(each)
      const row = createRow(readValues(values))
      const isUsable = typeof id === 'string' && isCreatedId(id) && !ids.has(id)
      ids.add(id)
      return isUsable ? { ...row, id } : row
    })
}

function readValues(value: unknown): Values {
  const texts = Object.entries(toMembers(value)).filter(([, text]) => typeof text === 'string')
  return Object.fromEntries(texts) as Values // Of the texts alone.
}

function readTurn(value: unknown): readonly Turn[] {
  if (!isObject(value) || !Array.isArray(value['blocks'])) return []
  const role = value['role'] === 'assistant' ? 'assistant' : 'user'
  const mark = value['cache']
  const cache: Pick<Turn, 'cache'> = mark === '5m' || mark === '1h' ? { cache: mark } : {}
  return [{ id: createId(), role, blocks: value['blocks'].flatMap(readBlock), ...cache }]
}

function readBlock(value: unknown): readonly Block[] {
  if (!isObject(value)) return []
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
      return isObject(value['value']) ? [{ kind: 'raw', value: value['value'] }] : []
    default:
      return []
  }
}

/** The content without the tokens of MCP servers: whoever can read a saved prompt or has a link would get them. */
export function omitTokens(content: SavedContent): SavedContent {
  const { draft } = content
  const withOthers = (otherMembers: string) => ({ ...content, draft: { ...draft, otherMembers } })
  if (!draft.otherMembers.includes('authorization_token')) return content
  const members = parseMembers(draft.otherMembers)
  // In a text that is not JSON yet the tokens cannot be found.
  if (members === null) return withOthers('')
  if (!Array.isArray(members['mcp_servers'])) return content
  const servers = members['mcp_servers'].map((server) => {
    const { authorization_token: _token, ...others } = toMembers(server)
    return others
  })
  return withOthers(JSON.stringify({ ...members, mcp_servers: servers }, null, 2))
}

const titles = playgroundTexts.prompts.parts

/** Prints a content line by line, so that two can be compared: texts with their own line breaks, then the settings. */
export function printContent({ models, draft, values, rows }: SavedContent): string {
  const { system, turns, tools, schema, cache, ...settings } = draft
  const marks = Object.entries(cache).flatMap(([name, value]) =>
    value === false ? [] : [`${name}: ${value}`],
  )
  const parts = [
    [titles.models, models.join('\n')],
    [titles.system, system],
    ...turns.map(({ role, blocks, cache: mark }) => [
      titles[role],
      [...blocks.map(printBlock), ...(mark === undefined ? [] : [titles.mark(mark)])].join('\n'),
    ]),
    [titles.tools, tools],
    [titles.schema, schema],
    [titles.cache, marks.length > 1 ? marks.join('\n') : ''],
    [titles.settings, printSettings(settings)],
    [titles.variables, printSettings(values)],
    [titles.rows, rows.map((row) => JSON.stringify(row.values)).join('\n')],
  ]
  return parts.flatMap(([title = '', text = '']) => (text === '' ? [] : [`${title}:\n${text}\n`])).join('\n')
}

function printBlock(block: Block): string {
  switch (block.kind) {
    case 'text':
      return block.text
    case 'file':
      return titles.file(block.mediaType, block.name, block.data.length)
    case 'tool_result':
      return `${titles.result(block.toolName === '' ? block.toolUseId : block.toolName, block.isError)}\n${block.text}`
    case 'raw':
      return JSON.stringify(block.value, null, 2)
  }
}

function printSettings(settings: Readonly<Record<string, string | boolean>>): string {
  return Object.entries(settings)
    .flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${String(value)}`]))
    .join('\n')
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
