import type { Model, NameKind, Resolution } from '@anthology/catalog'
import { resolve } from '@anthology/catalog'
import type { Command, Context } from '../command.ts'
import { UsageError } from '../command.ts'
import { unknownCell } from '../figures.ts'
import { bold } from '../ink.ts'
import { nameHint, nameProblem, platformTitles } from '../model-name.ts'
import { alignColumns } from '../table.ts'

export const command: Command = {
  name: 'resolve',
  summary: 'Say which model a name means, on every platform',
  usage: 'NAME...',
  example: 'anthology resolve claude-sonnet-4@20250514',
  options: {},
  async run(context, values, names) {
    if (names.length === 0)
      throw new UsageError('which name?', 'Give a name: anthology resolve claude-opus-4-1.')
    const found = names.map((name) => ({ name, resolution: resolve(name) }))
    if (values['json'] === true) {
      context.out(
        JSON.stringify(
          found.map(({ name, resolution }) => entryOf(name, resolution)),
          null,
          2,
        ),
      )
    } else {
      for (const [index, { name, resolution }] of found.entries()) {
        if (index > 0) context.out('')
        print(name, resolution, context)
      }
    }
    return found.every(({ resolution }) => resolution.ok) ? 0 : 1
  },
}

const kinds: Readonly<Record<NameKind, string>> = {
  id: 'its id on the Claude API',
  alias: 'an alias on the Claude API',
  other_id: 'another id the Claude API accepts',
  bedrock: 'its id on AWS Bedrock',
  vertex: 'its id on Vertex AI',
  foundry: 'its id on Microsoft Foundry',
  display_name: 'its display name',
}

function print(name: string, resolution: Resolution, context: Context): void {
  if (!resolution.ok) {
    context.err(`anthology: ${nameProblem(name, resolution.because)}`)
    context.err(nameHint(resolution.suggestions, resolution.because))
    return
  }
  const { model, as } = resolution
  context.out(`${bold(name, context)} is ${bold(model.displayName, context)} (${kinds[as]})`)
  for (const line of alignColumns(namesOf(model).map(([label, text]) => [`  ${label}`, text])))
    context.out(line)
}

function namesOf(model: Model): readonly (readonly [string, string])[] {
  const { anthropic, bedrock, vertex, foundry } = model.platforms
  return [
    [platformTitles.anthropic, anthropic ?? unknownCell],
    ['Aliases', [...model.aliases, ...model.otherIds].join(', ') || unknownCell],
    [platformTitles.bedrock, bedrock ?? unknownCell],
    [platformTitles.vertex, vertex ?? unknownCell],
    [platformTitles.foundry, foundry ?? unknownCell],
  ]
}

function entryOf(name: string, resolution: Resolution): object {
  if (!resolution.ok)
    return { name, id: null, because: resolution.because, suggestions: resolution.suggestions }
  const { model, as, canonical } = resolution
  const { anthropic, bedrock, vertex, foundry } = model.platforms
  return {
    name,
    id: canonical,
    as,
    display_name: model.displayName,
    aliases: model.aliases,
    other_ids: model.otherIds,
    platforms: { anthropic, bedrock, vertex, foundry },
  }
}
