import type { Place, ScannedFile } from '../find/scan-file.ts'
import type { Segment } from '../find/segments.ts'
import { getNamedId } from '../names/name.ts'
import { respell } from '../names/respell.ts'
import type { Moved } from './moved.ts'
import type { Reporter } from './reporter.ts'

/** Human names change with the id beside them. */
export function judgePaired(file: ScannedFile, moved: readonly Moved[], reporter: Reporter): void {
  for (const place of file.places) {
    if (place.name.form !== 'display' || place.class === 'log') continue
    const { name, segment } = place
    const pair = moved.find(
      (each) =>
        each.place.segment === segment &&
        each.place.name.model?.id === name.model?.id &&
        isNear(segment, each.place, place),
    )
    if (pair === undefined || place.registry !== null) continue
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

const maxLinesApart = 3

function isNear({ source }: Segment, one: Place, other: Place): boolean {
  const [from, to] = [Math.min(one.name.start, other.name.start), Math.max(one.name.start, other.name.start)]
  return source.text.slice(from, to).split('\n').length - 1 <= maxLinesApart
}
