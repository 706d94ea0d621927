import {
  abilityNames,
  calendar,
  catalogEntry,
  diffCatalogs,
  getLifecycle,
  list,
  resolve,
  retirementsIcs,
} from '@anthology/catalog'
import type { Family, LifecycleStatus, Model } from '@anthology/catalog'
import { asOfOption, readChoice, readPlatform, requireChoice } from '../catalog-options.ts'
import type { Command, Context, Values } from '../command.ts'
import { CliError, getText, listTexts, UsageError } from '../command.ts'
import { comparison } from '../comparison.ts'
import { parseJsonFile, readText } from '../json-file.ts'
import { parseDay, requireModel } from '../model-name.ts'
import { renderModel } from '../model-view.ts'

export const command: Command = {
  name: 'models',
  summary: 'Compare the models, or show one in full',
  usage: '[NAME ...] [--family F] [--can ABILITY] [--platform P] [--as-of DAY] [--all] | --diff A B',
  example: 'anthology models --family opus --can structured_outputs',
  options: {
    all: { type: 'boolean', help: 'include deprecated and retired models' },
    family: { type: 'string', value: 'F', help: 'opus, sonnet, haiku, fable or mythos' },
    status: { type: 'string', value: 'S', help: 'active, deprecated, retired, unreleased or unknown' },
    can: {
      type: 'string',
      value: 'ABILITY',
      multiple: true,
      help: `filter by ability: ${abilityNames.join(', ')}`,
    },
    platform: {
      type: 'string',
      value: 'P',
      help: 'filter by platform: anthropic, bedrock, vertex or foundry',
    },
    'as-of': asOfOption,
    diff: { type: 'boolean', help: 'show the changes between two catalog.json files' },
    ics: { type: 'boolean', help: 'print upcoming retirements as an iCalendar file' },
  },
  async run(context, values, positionals) {
    if (values['diff'] === true) return diff(context, values, positionals)
    const asOf = parseDay(getText(values, 'as-of'))
    const platform = readPlatform(values)
    if (values['ics'] === true) {
      context.write(retirementsIcs(calendar({ asOf, platform }), asOf))
      return 0
    }
    const named = namedModels(positionals, asOf)
    const chosen = named.length > 0 ? named : filtered(values)
    if (chosen.length === 0)
      throw new CliError(
        'no model matches',
        'Use fewer filters, or add --all to include deprecated and retired models.',
      )
    const [only] = named
    if (values['json'] === true) {
      context.out(
        JSON.stringify(
          chosen.map((model) => catalogEntry(model, { asOf })),
          null,
          2,
        ),
      )
    } else if (only !== undefined && named.length === 1) {
      context.out(renderModel(only, { asOf, context }))
    } else {
      const deprecated = isWholeTable(values, named) ? list({ asOf, status: 'deprecated' }) : []
      context.out(comparison(chosen, { platform, asOf, context, deprecated }))
    }
    return 0
  },
}

/** True for the table of a day, which also has the prices of models that are deprecated. */
function isWholeTable(values: Values, named: readonly Model[]): boolean {
  return named.length === 0 && [...filters, 'all'].every((name) => values[name] === undefined)
}

const filters = ['family', 'status', 'can', 'platform']

/** The arguments as model names; if all of them form one name, the quotes are missing. */
function namedModels(words: readonly string[], asOf: string | undefined): readonly Model[] {
  const together = words.length > 1 ? resolve(words.join(' ')) : null
  const named = together?.ok === true ? [together.model] : words.map((word) => requireModel(word))
  const unreleased = named.find((model) => getLifecycle(model, 'anthropic', asOf).status === 'unreleased')
  if (unreleased === undefined) return named
  const { displayName, lifecycle } = unreleased
  throw new CliError(
    `${displayName} was not released on ${asOf ?? 'that day'}`,
    `It was released on ${lifecycle.anthropic.released}.`,
  )
}

/** Without a status or --all only active models are listed. */
function filtered(values: Values): readonly Model[] {
  const status = readChoice(values, 'status', statuses)
  const usual = values['all'] === true ? undefined : ('active' as const)
  return list({
    asOf: parseDay(getText(values, 'as-of')),
    family: readChoice(values, 'family', families),
    platform: readPlatform(values),
    status: status ?? usual,
    abilities: listTexts(values, 'can').map((name) => requireChoice('can', name, abilityNames)),
  })
}

const families: readonly Family[] = ['opus', 'sonnet', 'haiku', 'fable', 'mythos']
const statuses: readonly LifecycleStatus[] = ['active', 'deprecated', 'retired', 'unreleased', 'unknown']

async function diff(context: Context, values: Values, files: readonly string[]): Promise<number> {
  const [before, after, ...more] = files
  if (before === undefined || after === undefined || more.length > 0)
    throw new UsageError(
      '--diff needs two files',
      'For example: anthology models --diff old.json catalog.json.',
    )
  const hint = 'Give two editions of catalog.json.'
  const [left, right] = [
    parseJsonFile(await readText(context, before), before, hint),
    parseJsonFile(await readText(context, after), after, hint),
  ]
  const lines = diffCatalogs(left, right)
  if (values['json'] === true) context.out(JSON.stringify(lines, null, 2))
  else if (lines.length === 0) context.out('No changes.')
  else for (const line of lines) context.out(`- ${line}`)
  return 0
}
