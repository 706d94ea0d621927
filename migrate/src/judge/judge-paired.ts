import type { Model } from '@anthology/catalog'

import type { Place, ScannedFile } from '../find/scan-file.ts'
import type { Segment } from '../find/segments.ts'
import type { Move } from '../move.ts'
import { getNamedId } from '../names/name.ts'
import { respell } from '../names/respell.ts'
import { findEntry, listEnclosing } from '../syntax/enclosing.ts'
import { foldMember } from '../syntax/group.ts'
import { findTarget } from './describe-name.ts'
import type { Moved } from './moved.ts'
import type { Reporter } from './reporter.ts'

/** Human names change with the id beside them. */
export function judgePaired(
  file: ScannedFile,
  moved: readonly Moved[],
  { move, reporter }: { readonly move: Move; readonly reporter: Reporter },
): void {
  for (const place of file.places) {
    if (place.name.form !== 'display' || place.class === 'log') continue
    const { name, segment } = place
    const near = findNearest(file, place)
    const pair = moved.find((each) => each.place === near)
    if (pair === undefined || place.registry !== null || isPrompt(place)) {
      noteAlone(place, findTarget(name, move), reporter)
      continue
    }
    const written = respell(name, pair.target)
    if (!written.ok) continue
    reporter.add(segment, {
      start: name.start,
      end: name.end,
      model: getNamedId(name),
      platform: null,
      class: place.class,
      code: 'display_name',
      severity: 'tune',
      message: `The text names ${name.text} beside an id that moves.`,
      hint: null,
      after: written.text,
      edits: [{ start: name.start, end: name.end, text: written.text }],
    })
  }
}

/** A prompt is the author's; it is never edited. */
function isPrompt({ name, segment }: Place): boolean {
  const group = listEnclosing(segment.source, name.start)[0]
  const entry = group === undefined ? null : findEntry(group, name.start)
  return /^(?:system|content|text|prompt|system_prompt|instructions)$/.test(foldMember(entry?.name ?? ''))
}

function noteAlone(
  { name, segment, class: placeClass }: Place,
  target: Model | null,
  reporter: Reporter,
): void {
  if (target === null) return
  reporter.add(segment, {
    start: name.start,
    end: name.end,
    model: getNamedId(name),
    platform: null,
    class: placeClass,
    code: 'display_name',
    severity: 'note',
    message: `The text names ${name.text}.`,
    hint: `Write ${target.name} if the text is about the model in use.`,
    after: null,
    edits: [],
  })
}

const maxLinesApart = 3

/** The id of the same model that is nearest to a human name. */
function findNearest({ places }: ScannedFile, place: Place): Place | undefined {
  const same = places.filter(
    ({ name, segment, class: placeClass }) =>
      name.form !== 'display' &&
      placeClass !== 'comment' &&
      segment === place.segment &&
      name.model?.id === place.name.model?.id,
  )
  const distance = ({ name }: Place) => Math.abs(name.start - place.name.start)
  return same
    .filter((each) => isNear(place.segment, each, place))
    .sort((one, other) => distance(one) - distance(other))[0]
}

function isNear({ source }: Segment, one: Place, other: Place): boolean {
  const [from, to] = [Math.min(one.name.start, other.name.start), Math.max(one.name.start, other.name.start)]
  return source.text.slice(from, to).split('\n').length - 1 <= maxLinesApart
}
