import { selectFenced, selectLanguage } from '../syntax/language.ts'
import { createSource } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import type { Token } from '../syntax/tokenize.ts'

/** A part of a file in one language, and the way from its offsets to those of the file. */
export interface Segment {
  readonly source: Source
  /** Documentation, or the stored output of a notebook, or code. */
  readonly role: 'code' | 'docs' | 'output'
  /** For each offset of the source, the offset in the file; null: they differ by `base` only. */
  readonly offsets: Int32Array | null
  readonly base: number
}

/** Splits a file into parts: the cells of a notebook, the code blocks of a page, or the file itself. */
export function splitSegments(path: string, text: string): readonly Segment[] {
  const language = selectLanguage(path)
  if (language.layout === 'notebook') return splitNotebook(text)
  if (language.layout === 'prose') {
    const page = splitPage(text, language)
    return agentPath.test(path) ? [...listSettings(text), ...page] : page
  }
  const source = createSource(text, language)
  // A body inside a string comes first, so that its findings replace those of the string.
  return [...listBodies(source), { source, role: 'code', offsets: null, base: 0 }]
}

export function toFileOffset({ offsets, base }: Segment, offset: number): number {
  return offsets === null ? base + offset : (offsets[offset] ?? 0)
}

/** Bodies in JSON that a text holds in a string, as commands of curl and bodies for Bedrock do. */
function listBodies(source: Source): readonly Segment[] {
  const { text, language } = source
  if (language.layout === 'yaml') return listPlainBodies(text)
  if (language.layout !== 'code' || language.name === 'json') return []
  return listJoined(source).flatMap((run): readonly Segment[] => {
    const [first, last] = [run[0], run.at(-1)]
    if (first === undefined || last === undefined) return []
    if (last.contentEnd - first.contentStart < minBodyLength) return []
    if (run.length > 1) return readJoinedBody(text, run)
    const content = text.slice(first.contentStart, first.contentEnd)
    const found = bodyForm.exec(content)
    if (found === null || !bodyMember.test(found[0])) return []
    const start = first.contentStart + found.index
    if (first.raw === true || !found[0].includes('\\')) return [createBody(found[0], null, start)]
    const { decoded, offsets } = decode(text, start, start + found[0].length)
    return [createBody(decoded, Int32Array.from([...offsets, start + found[0].length]), 0)]
  })
}

const bodyForm = /\{\s*\\?"[\s\S]*\}/
const bodyMember = /\\?"(?:model|anthropic_version|inferenceConfig|maxTokens)\\?"\s*:/

function createBody(body: string, offsets: Int32Array | null, base: number): Segment {
  return { source: createSource(body, selectLanguage('body.json')), role: getBodyRole(body), offsets, base }
}

/** Strings that `+` joins, or that stand beside each other as in Python; most runs are of one string. */
function listJoined({ tokens, text, language }: Source): readonly (readonly Token[])[] {
  const joins = language.name === 'php' ? '.' : '+'
  const runs: Token[][] = []
  let current: Token[] | null = null
  let isJoined = false
  for (const token of tokens) {
    if (token.kind === 'newline' || token.kind === 'comment') continue
    if (token.kind === 'string') {
      if (current !== null && (isJoined || language.name === 'python')) current.push(token)
      else runs.push((current = [token]))
      isJoined = false
    } else if (current !== null && text.slice(token.start, token.end) === joins && !isJoined) isJoined = true
    else {
      current = null
      isJoined = false
    }
  }
  return runs
}

/** A body that is written in several strings. */
function readJoinedBody(text: string, run: readonly Token[]): readonly Segment[] {
  const offsets: number[] = []
  let all = ''
  for (const { contentStart, contentEnd } of run) {
    const part = decode(text, contentStart, contentEnd)
    all += part.decoded
    for (const offset of part.offsets) offsets.push(offset)
  }
  const found = bodyForm.exec(all)
  if (found === null || !bodyMember.test(found[0])) return []
  const end = offsets[found.index + found[0].length - 1] ?? 0
  const own = offsets.slice(found.index, found.index + found[0].length)
  return [createBody(found[0], Int32Array.from([...own, end + 1]), 0)]
}

const minBodyLength = 20

/** An answer is a record; a request is code. */
function getBodyRole(body: string): Segment['role'] {
  return /"(?:usage|stop_reason)"\s*:/.test(body) ? 'output' : 'code'
}

/** Bodies in the scripts and files of a YAML file, whose strings have no quotes; a file starts on a line of its own. */
function listPlainBodies(text: string): readonly Segment[] {
  const json = selectLanguage('body.json')
  let last = 0
  return [...text.matchAll(plainForm)].flatMap(({ index }) => {
    const end = index < last ? null : findBodyEnd(text, index)
    const body = text.slice(index, end ?? index)
    if (end === null || !plainMember.test(body)) return []
    last = end
    return [{ source: createSource(body, json), role: getBodyRole(body), offsets: null, base: index }]
  })
}

const plainForm =
  /\{\s*"(?:model|anthropic_version|max_tokens|messages)"\s*:|(?<=^[ \t]*)\{\s*"[\w$-]+"\s*:/gm
const plainMember = /"(?:model|anthropic_version|max_tokens|messages)"\s*:/

/** The offset behind the brace that closes the one at `start`; null: none does so nearby. */
function findBodyEnd(text: string, start: number): number | null {
  let depth = 0
  const marks = /"(?:\\.|[^"\\\n])*"|[{}]/g
  marks.lastIndex = start
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark.index - start > maxBodyLength) return null
    if (mark[0] === '{') depth += 1
    if (mark[0] === '}') depth -= 1
    if (depth === 0) return marks.lastIndex
  }
  return null
}

const maxBodyLength = 20_000

/** Agents, commands and skills of Claude Code, whose pages start with settings in YAML. */
const agentPath = /(?:^|[\\/])(?:agents|commands|skills)[\\/].*\.md$/

/** The lines between the `---` at the start of a page; their findings replace those of the prose. */
function listSettings(text: string): readonly Segment[] {
  const [, opening = '', settings = ''] = /^(---[ \t]*\r?\n)([^]*?)^---[ \t]*$/m.exec(text) ?? []
  if (opening === '' || !text.startsWith(opening)) return []
  const source = createSource(settings, selectLanguage('settings.yaml'))
  return [{ source, role: 'code', offsets: null, base: opening.length }]
}

function splitPage(text: string, language: Source['language']): readonly Segment[] {
  const segments: Segment[] = []
  const fence = /^(?<mark>[ \t]*(?:```+|~~~+))(?<info>[^\n]*)\n(?<body>[\s\S]*?)^\k<mark>[ \t]*$/gm
  let at = 0
  const addProse = (end: number) => {
    if (end > at)
      segments.push({
        source: createSource(text.slice(at, end), language),
        role: 'docs',
        offsets: null,
        base: at,
      })
  }
  for (const found of text.matchAll(fence)) {
    const body = found.groups?.['body'] ?? ''
    const start = found.index + found[0].indexOf('\n') + 1
    addProse(start)
    const inner = createSource(body, selectFenced(found.groups?.['info'] ?? ''))
    segments.push({ source: inner, role: 'docs', offsets: null, base: start })
    at = start + body.length
  }
  addProse(text.length)
  return segments
}

/** Reads `source` of code cells as code; all other strings of a notebook are its record. */
function splitNotebook(text: string): readonly Segment[] {
  const python = selectLanguage('cell.py')
  const json = createSource(text, selectLanguage('notebook.json'))
  const code: Segment[] = []
  const taken: (readonly [number, number])[] = []
  for (const found of text.matchAll(/"source"\s*:\s*(?=[["])/g)) {
    const start = found.index + found[0].length
    const end = text[start] === '[' ? findListEnd(json, start) : findStringEnd(json, start)
    if (end === null || !isCodeCell(text, found.index, end)) continue
    const { decoded, offsets } = decodeStrings(json, start, end)
    code.push({ source: createSource(decoded, python), role: 'code', offsets, base: 0 })
    taken.push([start, end])
  }
  return [...code, ...listRest(text, taken)]
}

function listRest(text: string, taken: readonly (readonly [number, number])[]): readonly Segment[] {
  const prose = selectLanguage('output.txt')
  const rest: Segment[] = []
  let at = 0
  for (const [start, end] of [...taken, [text.length, text.length] as const]) {
    if (start > at)
      rest.push({
        source: createSource(text.slice(at, start), prose),
        role: 'output',
        offsets: null,
        base: at,
      })
    at = end
  }
  return rest
}

/** A cell writes its type before or after its source; the nearest one belongs to it. */
function isCodeCell(text: string, start: number, end: number): boolean {
  const before = [...text.slice(0, start).matchAll(/"cell_type"\s*:\s*"(\w+)"/g)].at(-1)
  const opened = text.slice(before?.index ?? 0, start)
  const closes = (opened.match(/\n\s{1,4}\}/g) ?? []).length
  if (before !== undefined && closes === 0) return before[1] === 'code'
  return /"cell_type"\s*:\s*"code"/.test(text.slice(end, end + 200))
}

function findListEnd({ tokens, partners }: Source, start: number): number | null {
  const at = tokens.findIndex((token) => token.start === start)
  const close = at === -1 ? -1 : (partners[at] ?? -1)
  return close < 0 ? null : (tokens[close]?.end ?? null)
}

function findStringEnd({ tokens }: Source, start: number): number | null {
  return tokens.find((token) => token.start === start)?.end ?? null
}

function decodeStrings({ tokens, text }: Source, start: number, end: number) {
  const offsets: number[] = []
  let all = ''
  for (const token of tokens) {
    if (token.start < start || token.end > end || token.kind !== 'string') continue
    const part = decode(text, token.contentStart, token.contentEnd)
    all += part.decoded
    for (const offset of part.offsets) offsets.push(offset)
  }
  offsets.push(end)
  return { decoded: all, offsets: Int32Array.from(offsets) }
}

/** Replaces the escapes of a string, and keeps the offset of each character. */
function decode(text: string, start: number, end: number) {
  const offsets: number[] = []
  let decoded = ''
  for (let at = start; at < end;) {
    const escape = /^\\(?:u[0-9a-fA-F]{4}|.)/.exec(text.slice(at, at + 6))?.[0] ?? ''
    decoded += escape === '' ? (text[at] ?? '') : unescape(escape)
    offsets.push(at)
    at += Math.max(1, escape.length)
  }
  return { decoded, offsets }
}

function unescape(escape: string): string {
  try {
    return String(JSON.parse(`"${escape}"`))
  } catch {
    return ' '
  }
}
