import type { Model, NameKind, Platform, Resolution } from '@anthology/catalog'
import { describePlace, findSuccessor, getLifecycle, nameOn, resolve } from '@anthology/catalog'
import { asOfOption, readPlatform, regionOption } from '../catalog-options.ts'
import type { Command, Context } from '../command.ts'
import { getText, UsageError } from '../command.ts'
import { unknownCell } from '../number-format.ts'
import { bold } from '../ansi-colors.ts'
import { notFound, parseDay, platformTitles } from '../model-name.ts'
import { alignColumns } from '../table.ts'

export const command: Command = {
  name: 'resolve',
  summary: 'Find the model for a name, and its names on every platform',
  usage: 'NAME... [--platform P] [--region REGION] [--as-of DAY]',
  example: 'anthology resolve us.anthropic.claude-opus-4-5-20251101-v1:0 "sonnet[1m]"',
  options: {
    platform: {
      type: 'string',
      value: 'P',
      help: 'preferred platform, if a name exists on several',
    },
    region: { ...regionOption, help: 'show the names for this region, e.g. eu-west-1' },
    'as-of': { ...asOfOption, help: 'day on which aliases are resolved, YYYY-MM-DD (default today)' },
  },
  async run(context, values, names) {
    if (names.length === 0)
      throw new UsageError('resolve needs a name', 'For example: anthology resolve claude-opus-4-1.')
    const asOf = parseDay(getText(values, 'as-of'))
    const options: NameOptions = { asOf, region: getText(values, 'region') }
    const platform = readPlatform(values)
    const found = names.map((name) => ({ name, resolution: resolve(name, { platform, asOf }) }))
    if (values['json'] === true) {
      const entries = found.map(({ name, resolution }) => toEntry(name, resolution, options))
      context.out(JSON.stringify(entries, null, 2))
    } else {
      let printed = 0
      for (const { name, resolution } of found) {
        if (resolution.ok && printed > 0) context.out('')
        printed += resolution.ok ? 1 : 0
        print(name, resolution, { ...options, context })
      }
    }
    return found.every(({ resolution }) => resolution.ok) ? 0 : 1
  },
}

interface NameOptions {
  readonly asOf: string | undefined
  readonly region: string | undefined
}

const kinds: Readonly<Record<NameKind, string>> = {
  id: 'its id on the Claude API',
  alias: 'an alias on the Claude API',
  other_id: 'another id the Claude API accepts',
  bedrock: 'its id on AWS Bedrock',
  vertex: 'its id on Vertex AI',
  foundry: 'its id on Microsoft Foundry',
  display_name: 'its display name',
  claude_code: 'its name in Claude Code',
  spelling: 'another spelling of its name',
  own_alias: 'an alias of your own',
}

function print(
  name: string,
  resolution: Resolution,
  options: NameOptions & { readonly context: Context },
): void {
  const { context } = options
  if (!resolution.ok) {
    const { message, hint } = notFound(name, resolution)
    context.err(`anthology: ${message}`)
    context.err(hint)
    return
  }
  const { model, as, profile, window } = resolution
  const kind = [
    kinds[as],
    ...(profile === undefined ? [] : [`in the profile '${profile}'`]),
    ...(window === undefined ? [] : ['with the 1M token window']),
  ].join(', ')
  context.out(`${bold(name, context)} is ${bold(model.displayName, context)}`)
  const rows: readonly Row[] = [
    ['Read as', kind],
    ...getNames(model, options),
    ...placeRows(model, options),
    ...lifecycleRows(model, options),
  ]
  for (const line of alignColumns(rows.map(([label, text]) => [`  ${label}`, text]))) context.out(line)
}

type Row = readonly [label: string, text: string]

function getNames(model: Model, { region }: NameOptions): readonly Row[] {
  const title = (platform: Platform): Row => [
    platformTitles[platform],
    nameOn(model, platform, { region }) ?? missing(model, platform, region),
  ]
  return [
    title('anthropic'),
    ['Aliases', [...model.aliases, ...model.otherIds].join(', ') || unknownCell],
    title('bedrock'),
    title('vertex'),
    title('foundry'),
  ]
}

function missing(model: Model, platform: Platform, region: string | undefined): string {
  return model.platforms[platform] === null ? unknownCell : `not served in ${region ?? 'that region'}`
}

/** A row about a Bedrock name that is not certain to stay in the region's geography. */
function placeRows(model: Model, { region }: NameOptions): readonly Row[] {
  const place = describePlace(model, { region })
  return place === null ? [] : [['Region', place]]
}

/** Rows about deprecation or retirement; none for an active model. */
function lifecycleRows(model: Model, { asOf }: NameOptions): readonly Row[] {
  const { status, retired } = getLifecycle(model, 'anthropic', asOf)
  const successor = findSuccessor(model, asOf)
  const next = successor === null ? '' : `; move to ${successor.id}`
  if (status === 'retired') return [['Status', `retired ${retired ?? ''}${next}`]]
  if (status === 'deprecated')
    return [['Status', `deprecated${retired === null ? '' : `, retires ${retired}`}${next}`]]
  return status === 'unreleased' ? [['Status', 'not released on that day']] : []
}

function toEntry(name: string, resolution: Resolution, { asOf, region }: NameOptions): object {
  if (!resolution.ok) {
    const { because, suggestions, detail = null } = resolution
    return { name, id: null, because, suggestions, detail }
  }
  const { model, as, canonical, window = null, profile = null } = resolution
  const on = (platform: Platform): string | null => nameOn(model, platform, { region })
  return {
    name,
    id: canonical,
    as,
    window,
    profile,
    display_name: model.displayName,
    aliases: model.aliases,
    other_ids: model.otherIds,
    platforms: {
      anthropic: on('anthropic'),
      bedrock: on('bedrock'),
      vertex: on('vertex'),
      foundry: on('foundry'),
    },
    region_note: describePlace(model, { region }),
    status: getLifecycle(model, 'anthropic', asOf).status,
    successor: findSuccessor(model, asOf)?.id ?? null,
  }
}
