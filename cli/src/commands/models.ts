import { catalogEntry, lifecycleOf, models } from '@anthology/catalog'
import type { Command } from '../command.ts'
import { textOf, UsageError } from '../command.ts'
import { comparison } from '../comparison.ts'
import { parseDay, parsePlatform, requireModel } from '../model-name.ts'
import { modelSheet } from '../model-sheet.ts'

export const command: Command = {
  name: 'models',
  summary: 'Compare the models, or show one in full',
  usage: '[NAME] [--platform P] [--all]',
  example: 'anthology models "Sonnet 4"',
  options: {
    all: { type: 'boolean', help: 'the deprecated models of the price table too' },
    platform: { type: 'string', value: 'P', help: 'ids on anthropic (default), bedrock, vertex or foundry' },
    'as-of': { type: 'string', value: 'DAY', help: 'the day to judge the lifecycle by (default today)' },
  },
  async run(context, values, positionals) {
    const [name, ...more] = positionals
    if (more.length > 0) throw new UsageError('one model at a time', 'Quote a name that has blanks in it.')
    const asOf = parseDay(textOf(values, 'as-of'))
    const platform = parsePlatform(textOf(values, 'platform'))
    const chosen = name === undefined ? undefined : requireModel(name)
    if (values['json'] === true) {
      const entries = (chosen === undefined ? models : [chosen]).map((model) => catalogEntry(model, { asOf }))
      context.out(JSON.stringify(entries, null, 2))
    } else if (chosen === undefined) {
      const shown = models.filter((model) => values['all'] === true || isCompared(model))
      context.out(comparison(shown, { platform, asOf, context }))
    } else {
      context.out(modelSheet(chosen, { asOf, context }))
    }
    return 0
  },
}

/** The models of the comparison table are those that were not deprecated in its time. */
function isCompared(model: (typeof models)[number]): boolean {
  return lifecycleOf(model, model.factsAsOf).status === 'active'
}
