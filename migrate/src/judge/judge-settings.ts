import type { ScannedFile } from '../find/scan-file.ts'
import type { Segment } from '../find/segments.ts'
import type { Model } from '@anthology/catalog'

import { getRoot, listEnclosing } from '../syntax/enclosing.ts'
import { cutLines } from '../rewrite/remove-entries.ts'
import type { Move } from '../move.ts'
import type { Moved } from './moved.ts'
import type { Value } from '../syntax/group.ts'
import { findToken } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import type { Reported, Reporter } from './reporter.ts'

/** The end of a setting's name: `LLM_TEMPERATURE`, `claude.top-p`. */
const sampling = /(?:^|[._-])(?<name>temperature|top[._-]?p|top[._-]?k)$/i

/** A sampling parameter that the target refuses, in a text that is no request. */
interface Setting {
  readonly start: number
  readonly end: number
  readonly name: string
}

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
    const isOfModel = places.some((place) => place.segment === segment && place.class === 'definition')
    if (isOfModel) judgeFlat(segment, target, reporter)
  }
}

/** A parameter in an item `NAME=value` of an environment, or in an element of XML, beside a name that moves. */
function judgeBeside({ place, segment, platform }: Moved, target: Model, reporter: Reporter): void {
  const { source } = segment
  for (const { start, end, name, value } of listBeside(source, place.name.start)) {
    if (isDefaultValue(name, value)) continue
    reporter.add(segment, {
      start,
      end,
      model: place.name.model?.id ?? null,
      platform,
      class: 'definition',
      code: `${name}_fixed`,
      severity: 'breaks',
      message: describeRefused(target, name),
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
  for (const setting of listDefaultsBeside(source, place.name.start))
    reportSetting(reporter, segment, target, { ...setting, model: place.name.model?.id ?? null, platform })
}

/** Settings of a file such as `.env`, which has its model in a setting of its own. */
function judgeFlat(segment: Segment, target: Model, reporter: Reporter): void {
  const { source } = segment
  if (source.language.name !== 'settings' && source.language.name !== 'dockerfile') return
  const sections = getRoot(source)?.entries ?? []
  for (const { name, nameStart, end } of sections.flatMap(({ value }) => value.group?.entries ?? [])) {
    const found = sampling.exec(name ?? '')?.groups?.['name']?.toLowerCase()
    if (found !== undefined)
      reportSetting(reporter, segment, target, {
        start: nameStart,
        end,
        name: found,
        model: null,
        platform: null,
      })
  }
}

/** Reports a setting that stays, unless another finding is at its place. */
function reportSetting(
  reporter: Reporter,
  segment: Segment,
  target: Model,
  { start, end, name, model, platform }: Setting & Pick<Reported, 'model' | 'platform'>,
): void {
  if (reporter.has(segment, start)) return
  reporter.add(segment, {
    start,
    end,
    model,
    platform,
    class: 'definition',
    code: 'sampling_setting',
    severity: 'breaks',
    message: describeRefused(target, name),
    hint: 'Remove the setting, and the code that sends it.',
    after: null,
    edits: [],
  })
}

function describeRefused(target: Model, name: string): string {
  return `${target.name} refuses ${name}, unless it has its default value.`
}

/** Models that refuse other values accept a temperature of 1. */
function isDefaultValue(name: string, value: string): boolean {
  return name === 'temperature' && Number(value) === 1
}

/** A line such as `  temperature: float = 0.2` and `    private double topP = 0.9`. */
const defaultLine =
  /^(?<indent>[ \t]+)(?:[\w<>?[\], ]+[ \t])?(?:\w+_)?(?<name>temperature|top_?p|top_?k)\b[^=\n(]*=\s*(?<value>\d[\d.]*)/gim

/** The end of a class or a block: an unindented line behind an empty one, or an unindented brace. */
const blockEnd = /\n[ \t]*\n[^ \t]|^\}/m

/** Lists the numbers that are defaults of sampling parameters in the block of the line at `offset`. */
function listDefaultsBeside(source: Source, offset: number): readonly Setting[] {
  const { text } = source
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const lineIndent = /^[ \t]*/.exec(text.slice(lineStart))?.[0]
  return [...text.matchAll(defaultLine)].flatMap(({ 0: found, index, groups }): readonly Setting[] => {
    const { indent = '', name: written = '', value = '' } = groups ?? {}
    const between = text.slice(Math.min(index, lineStart), Math.max(index, lineStart))
    const isInBlock = indent === lineIndent && !blockEnd.test(between)
    const name = fold(written)
    const start = index + indent.length
    if (!isInBlock || isDefaultValue(name, value) || findToken(source, start)?.kind === 'comment') return []
    return [{ start, end: index + found.length, name }]
  })
}

interface SettingWithValue extends Setting {
  readonly value: string
}

function listBeside(source: Source, offset: number): readonly SettingWithValue[] {
  const { layout, name } = source.language
  if (name === 'markup') return listElementsBeside(source.text, offset)
  return layout === 'yaml' ? listVariablesBeside(source, offset) : []
}

/** An element such as `<add key="Claude.Temperature" value="0.2" />`. */
const settingElement =
  /<(?:\w+\s+(?:name|key)="(?:[\w.-]*[._-])?(?<name>temperature|top[._-]?p|top[._-]?k)"\s+value="(?<value>[\d.]+)"\s*\/)>/gi

/** Elements of the same parent: no element ends between them. */
function listElementsBeside(text: string, offset: number): readonly SettingWithValue[] {
  const from = text.slice(0, offset).lastIndexOf('</') + 1
  const to = text.indexOf('</', offset)
  const siblings = text.slice(from, to === -1 ? undefined : to)
  return [...siblings.matchAll(settingElement)].map(({ 0: found, index, groups }) => ({
    start: from + index,
    end: from + index + found.length,
    name: fold(groups?.['name'] ?? ''),
    value: groups?.['value'] ?? '',
  }))
}

/** An item of an environment, such as `LLM_TEMPERATURE=0.2`. */
const settingVariable =
  /^(?:MODEL|LLM|CLAUDE|ANTHROPIC|AI|CHAT)_(?<name>TEMPERATURE|TOP_?P|TOP_?K)=(?<value>[\d.]+)$/i

/** Items of the same list: `LLM_TEMPERATURE=0.2`, or a mapping with `name` and `value`. */
function listVariablesBeside(source: Source, offset: number): readonly SettingWithValue[] {
  const list = listEnclosing(source, offset)
    .slice(0, 2)
    .find(({ kind }) => kind === 'sequence')
  return (list?.entries ?? []).flatMap(({ start, end, value }): readonly SettingWithValue[] => {
    const { name, value: set } = settingVariable.exec(readVariable(value))?.groups ?? {}
    return name === undefined || set === undefined ? [] : [{ start, end, name: fold(name), value: set }]
  })
}

/** The text `NAME=value` of an item. */
function readVariable({ text, group }: Value): string {
  if (group === null) return text
  const [name, value] = ['name', 'value'].map((member) => group.entries.find((each) => each.name === member))
  const set = value?.value.number ?? value?.value.text ?? ''
  return group.entries.length === 2 ? `${name?.value.text ?? ''}=${set}` : ''
}

/** `topP`, `TOP_P` and `top-p` are `top_p`. */
function fold(name: string): string {
  return name.toLowerCase().replace(/^top[._-]?/, 'top_')
}
