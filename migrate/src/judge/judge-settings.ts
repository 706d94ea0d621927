import type { ScannedFile } from '../find/scan-file.ts'
import { getRoot } from '../syntax/enclosing.ts'
import type { Move } from '../move.ts'
import type { Reporter } from './reporter.ts'

const sampling = /(?:^|[._-])(?<name>temperature|top[._-]?p|top[._-]?k)$/i

/**
 * Reports sampling parameters in the environment and in flat settings beside a model. They are not removed, because the
 * program that reads them may require them.
 */
export function judgeSettings(
  { segments, places, role }: ScannedFile,
  { target }: Move,
  reporter: Reporter,
): void {
  if (role === 'log' || target?.behaviour.sampling !== 'default_only') return
  for (const segment of segments) {
    const { source } = segment
    const isFlat = source.language.name === 'settings' || source.language.name === 'dockerfile'
    if (!isFlat || !places.some((place) => place.segment === segment && place.class === 'definition'))
      continue
    const sections = getRoot(source)?.entries ?? []
    for (const { name, nameStart, end } of sections.flatMap(({ value }) => value.group?.entries ?? [])) {
      const found = sampling.exec(name ?? '')?.groups?.['name']
      if (found === undefined) continue
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
