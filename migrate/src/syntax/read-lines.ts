import type { Entry, Group, Value } from './group.ts'
import type { Source } from './source.ts'

/** Reads `name = value` lines of TOML, INI, properties and environment files; a section is a group of its own. */
export function readLines(source: Source): Group {
  const sections: { readonly name: string; readonly group: Group & { entries: Entry[] } }[] = []
  let entries: Entry[] = []
  let start = 0
  let name = ''
  const finish = (end: number) => {
    sections.push({ name, group: { kind: 'section', start, end, entries, callee: '' } })
    entries = []
    start = end
  }
  for (const { text, at } of splitLines(source.text)) {
    if (/^\s*\[/.test(text) && !/^\s*\[[^\]]*\]\s*[=,]/.test(text)) {
      finish(at)
      name = /^\s*\[(?<name>[^[\]]*)\]/.exec(text)?.groups?.['name']?.trim() ?? ''
    }
    const found = line.exec(text)
    if (found?.groups !== undefined) entries.push(readEntry(found, at, text))
  }
  finish(source.text.length)
  // `[a.b]` is the member b of the section `[a]`.
  for (const section of sections) {
    const parent = sections.find(
      (each) => each.name !== '' && section.name === `${each.name}.${getLast(section.name)}`,
    )
    parent?.group.entries.push({ ...toEntry(section.group), name: getLast(section.name), separator: '=' })
  }
  const root: Entry[] = sections.map(({ group }) => toEntry(group))
  return { kind: 'section', start: 0, end: source.text.length, entries: root, callee: '' }
}

function getLast(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

const line =
  /^(?<lead>\s*(?:export\s+|ENV\s+|ARG\s+|set\s+)?)(?<name>["']?[\w.-]+["']?)(?<sep>\s*[=:]\s*|\s+)(?<value>\S.*?)?\s*$/

function readEntry(found: RegExpExecArray, at: number, text: string): Entry {
  const { lead = '', name = '', sep = '', value = '' } = found.groups ?? {}
  const nameStart = at + lead.length
  const valueStart = nameStart + name.length + sep.length
  const bare = value.replace(/\s+#.*$/, '')
  return {
    start: at,
    end: at + text.length,
    name: name.replaceAll(/["']/g, ''),
    nameStart,
    nameEnd: nameStart + name.length,
    separator: sep.trim() === '' ? ' ' : sep.trim(),
    value: readScalar(bare, valueStart),
  }
}

/** Reads a scalar that may be quoted. */
export function readScalar(text: string, start: number): Value {
  const quoted = /^(?<quote>["'])(?<inner>.*)\k<quote>$/.exec(text)?.groups
  const base: Value = {
    kind: 'string',
    start,
    end: start + text.length,
    text,
    number: null,
    constant: null,
    group: null,
  }
  if (quoted !== undefined) return { ...base, text: quoted['inner'] ?? '' }
  if (/^-?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text))
    return { ...base, kind: 'number', number: Number(text.replaceAll('_', '')) }
  if (/^(?:true|false)$/i.test(text))
    return { ...base, kind: 'constant', constant: text.toLowerCase() === 'true' }
  return base
}

function toEntry(group: Group): Entry {
  const { start, end } = group
  const value: Value = { kind: 'group', start, end, text: '', number: null, constant: null, group }
  return { start, end, name: null, nameStart: start, nameEnd: start, separator: '', value }
}

function* splitLines(text: string): Generator<{ readonly text: string; readonly at: number }> {
  let at = 0
  while (at <= text.length) {
    const found = text.indexOf('\n', at)
    const end = found === -1 ? text.length : found
    yield { text: text.slice(at, end).replace(/\r$/, ''), at }
    at = end + 1
  }
}
