import { calendar, models, retirementsIcs } from '@anthology/catalog'
import type { CalendarEntry } from '@anthology/catalog'

import { asOfOption, readPlatform } from '../catalog-options.ts'
import { getText } from '../command.ts'
import type { Command, Context } from '../command.ts'
import { today } from '../effective-day.ts'
import { bold, dim } from '../ansi-colors.ts'
import { parseDay, platformTitles } from '../model-name.ts'
import { alignColumns, wrapText } from '../table.ts'

export const command: Command = {
  name: 'calendar',
  summary: 'List the retirement dates of models, soonest first',
  usage: '[--platform P] [--as-of DAY] [--ics]',
  example: 'anthology calendar --ics > retirements.ics',
  options: {
    platform: { type: 'string', value: 'P', help: 'anthropic (default), bedrock, vertex or foundry' },
    'as-of': asOfOption,
    ics: { type: 'boolean', help: 'print an iCalendar file' },
  },
  withoutWords: 'For one model: anthology models NAME.',
  async run(context, values) {
    const asOf = parseDay(getText(values, 'as-of'))
    const platform = readPlatform(values) ?? 'anthropic'
    const entries = calendar({ asOf, platform })
    if (values['ics'] === true) context.write(retirementsIcs(entries, asOf))
    else if (values['json'] === true) context.out(JSON.stringify(entries, null, 2))
    else if (entries.length === 0) context.out(`No retirement is announced on ${platformTitles[platform]}.`)
    else for (const line of table(entries, asOf ?? today(), context)) context.out(line)
    return 0
  },
}

const events: Readonly<Record<CalendarEntry['event'], string>> = {
  retires: 'retires',
  may_retire: 'not before',
}

function table(entries: readonly CalendarEntry[], day: string, context: Context): readonly string[] {
  const rows = entries.map((entry) => [
    entry.day ?? 'no date',
    entry.day === null ? '' : distance(day, entry.day),
    events[entry.event],
    getDisplayName(entry),
    entry.replacement === null ? '' : `move to ${entry.replacement}`,
  ])
  const [head = '', ...lines] = alignColumns(
    [['DAY', 'IN', 'WHAT', 'MODEL', ''], ...rows],
    ['left', 'right', 'left', 'left', 'left'],
  )
  const note =
    "'not before': no retirement is announced, and none will happen before that day ('past': the day has passed without an announcement). Partner platforms set their own dates."
  const urgent = (index: number): boolean => entries[index]?.event === 'retires'
  return [
    bold(head, context),
    ...lines.map((line, index) => (urgent(index) ? bold(line, context) : line)),
    '',
    ...wrapText(note, context.columns).map((line) => dim(line, context)),
  ]
}

function getDisplayName({ model: id, name }: CalendarEntry): string {
  return models.find((model) => model.id === id)?.displayName ?? name
}

/** Formats a period in days, or in months if it is long. */
function distance(from: string, to: string): string {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
  if (days === 0) return 'today'
  if (days < 0) return 'past'
  return days < 60 ? `${days} d` : `${Math.round(days / 30.44)} mo`
}
