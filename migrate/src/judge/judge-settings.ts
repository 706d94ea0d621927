import type { ScannedFile } from '../find/scan-file.ts'
import type { Model } from '@anthology/catalog'

import { getRoot, listEnclosing } from '../syntax/enclosing.ts'
import { cutLines } from '../rewrite/remove-entries.ts'
import type { Move } from '../move.ts'
import type { Moved } from './moved.ts'
import { findToken } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import type { Reporter } from './reporter.ts'

const sampling = /(?:^|[._-])(?<name>temperature|top[._-]?p|top[._-]?k)$/i

/**
 * Reports sampling parameters in the environment and in flat settings beside a model. They are not removed, because the
 * program that reads them may require them.
 */
export function judgeSettings(
  file: ScannedFile,
  moved: readonly Moved[],
  { move, reporter }: { readonly move: Move; readonly reporter: Reporter },
): void {
  const { segments, places, role } = file
  const { target } = move
  if (role === 'log' || target?.behaviour.sampling !== 'default_only') return
  for (const each of moved) judgeBeside(each, target, reporter)
  for (const each of moved) judgeDefaults(each, target, reporter)
  for (const segment of segments) {
    const { source } = segment
    const isFlat = source.language.name === 'settings' || source.language.name === 'dockerfile'
    if (!isFlat || !places.some((place) => place.segment === segment && place.class === 'definition'))
      continue
    const sections = getRoot(source)?.entries ?? []
    for (const { name, nameStart, end } of sections.flatMap(({ value }) => value.group?.entries ?? [])) {
      const found = sampling.exec(name ?? '')?.groups?.['name']
      if (found === undefined || reporter.has(segment, nameStart)) continue
      reporter.add(segment, {
        start: nameStart,
        end,
        model: null,
        platform: null,
        class: 'definition',
        code: 'sampling_setting',
        severity: 'breaks',
        message: `${target.name} refuses ${found.toLowerCase()}, unless it has its default value.`,
        hint: 'Remove the setting, and the code that sends it.',
        after: null,
        edits: [],
      })
    }
  }
}

/** A parameter in an item `NAME=value` of an environment, or in an element of XML, beside a name that moves. */
function judgeBeside({ place, segment, platform }: Moved, target: Model, reporter: Reporter): void {
  const { source } = segment
  for (const { start, end, name, value } of listBeside(source, place.name.start)) {
    if (name === 'temperature' && Number(value) === 1) continue
    reporter.add(segment, {
      start,
      end,
      model: place.name.model?.id ?? null,
      platform,
      class: 'definition',
      code: `${name}_fixed`,
      severity: 'breaks',
      message: `${target.name} refuses ${name}, unless it has its default value.`,
      hint: null,
      after: '',
      edits: [cutLines(source.text, start, end)],
    })
  }
}

/** Defaults of a class beside the default of its model. Other code reads them, so they are not removed. */
function judgeDefaults({ place, segment, platform }: Moved, target: Model, reporter: Reporter): void {
  const { source } = segment
  const isDefault = place.class === 'definition' && place.requests.length === 0 && place.registry === null
  if (source.language.layout !== 'code' || source.language.name === 'json' || !isDefault) return
  const form =
    /^(?<indent>[ \t]+)(?:[\w<>?[\], ]+[ \t])?(?:\w+_)?(?<name>temperature|top_?p|top_?k)\b[^=\n(]*=\s*(?<value>\d[\d.]*)/gim
  const lineStart = source.text.lastIndexOf('\n', place.name.start - 1) + 1
  const indent = /^[ \t]*/.exec(source.text.slice(lineStart))?.[0]
  for (const { 0: found, index, groups } of source.text.matchAll(form)) {
    const between = source.text.slice(Math.min(index, lineStart), Math.max(index, lineStart))
    const isBeside = groups?.['indent'] === indent && !/\n[ \t]*\n[^ \t]|^\}/m.test(between)
    const name = fold(groups?.['name'] ?? '')
    if (!isBeside || (name === 'temperature' && Number(groups?.['value']) === 1)) continue
    const start = index + (groups?.['indent'] ?? '').length
    if (findToken(source, start)?.kind === 'comment' || reporter.has(segment, start)) continue
    reporter.add(segment, {
      start,
      end: index + found.length,
      model: place.name.model?.id ?? null,
      platform,
      class: 'definition',
      code: 'sampling_setting',
      severity: 'breaks',
      message: `${target.name} refuses ${name}, unless it has its default value.`,
      hint: 'Remove the setting, and the code that sends it.',
      after: null,
      edits: [],
    })
  }
}

interface Beside {
  readonly start: number
  readonly end: number
  readonly name: string
  readonly value: string
}

function listBeside(source: Source, offset: number): readonly Beside[] {
  const { text, language } = source
  if (language.name === 'markup') {
    // Elements of the same parent: no element ends between them.
    const from = text.slice(0, offset).lastIndexOf('</') + 1
    const to = text.indexOf('</', offset)
    const form =
      /<(?:\w+\s+(?:name|key)="(?:[\w.-]*[._-])?(?<name>temperature|top[._-]?p|top[._-]?k)"\s+value="(?<value>[\d.]+)"\s*\/)>/gi
    return [...text.slice(from, to === -1 ? undefined : to).matchAll(form)].map(
      ({ 0: found, index, groups }) => ({
        start: from + index,
        end: from + index + found.length,
        name: fold(groups?.['name'] ?? ''),
        value: groups?.['value'] ?? '',
      }),
    )
  }
  const [list] = language.layout === 'yaml' ? listEnclosing(source, offset) : []
  if (list?.kind !== 'sequence') return []
  return list.entries.flatMap(({ start, end, value }): readonly Beside[] => {
    const found =
      /^(?:MODEL|LLM|CLAUDE|ANTHROPIC|AI|CHAT)_(?<name>TEMPERATURE|TOP_?P|TOP_?K)=(?<value>[\d.]+)$/i.exec(
        value.text,
      )?.groups
    return found === undefined
      ? []
      : [{ start, end, name: fold(found['name'] ?? ''), value: found['value'] ?? '' }]
  })
}

function fold(name: string): string {
  return name.toLowerCase().replace(/^top[._-]?/, 'top_')
}
