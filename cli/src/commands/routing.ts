import {
  aliasProperties,
  createRoutingOrder,
  describeRouting,
  listRoutingChanges,
  removeAlias,
  removeWeights,
  setAlias,
  setWeights,
} from '@anthology/gateway'
import type { AliasTarget } from '@anthology/gateway'

import { UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { listForeignNames } from '../doctor/routing.ts'
import { changeStore, readAction, readStore, readWord, rejectWords } from '../organization-store.ts'
import { dataOptions, readStoreSettings } from '../settings.ts'
import type { Settings } from '../settings.ts'
import { alignColumns } from '../table.ts'

const actions = ['list', 'alias', 'reset', 'weights', 'reset-weights'] as const

export const command: Command = {
  name: 'routing',
  summary: 'Change aliases and weights while the server runs',
  usage:
    'list | alias NAME --to MODEL [--share PERCENT] [--from DAY] | reset NAME | weights UPSTREAM=WEIGHT ... | reset-weights',
  example: 'anthology routing alias claude-sonnet-4-0 --to claude-sonnet-5-5 --share 10%',
  words: actions,
  options: {
    ...dataOptions,
    to: { type: 'string', value: 'MODEL', help: 'alias: the model, under any of its names' },
    share: { type: 'string', value: 'PERCENT', help: 'alias: the share of the conversations (default 100%)' },
    from: { type: 'string', value: 'DAY', help: 'alias: the first day, UTC (default always)' },
  },
  async run(context, values, positionals) {
    const { action, rest } = readAction('routing', actions, positionals)
    const settings = readStoreSettings(context, values)
    if (action === 'list') {
      rejectWords('routing list', rest, 'It always lists all aliases and weights.')
      return list(context, values, settings)
    }
    await changes[action](settings, rest, values)
    await list(context, values, settings)
    context.err('A running server follows within a second.')
    return 0
  },
}

type MakeChange = (settings: Settings, words: readonly string[], values: Values) => Promise<unknown>

const changes: Readonly<Record<Exclude<(typeof actions)[number], 'list'>, MakeChange>> = {
  alias(settings, words, values) {
    const name = readWord('routing alias', words, 'For example: anthology routing alias our-best --to opus')
    const target = readTarget(values)
    const foreign = listForeignNames(settings.config.upstreams ?? [])
    return changeStore(settings, {
      action: 'setAlias',
      creates: true,
      changesKeys: false,
      work: (queries, nowMs) => setAlias(queries, name, { target, foreign, nowMs }),
    })
  },
  reset(settings, words) {
    const name = readWord('routing reset', words, 'anthology routing list shows the aliases.')
    return changeStore(settings, {
      action: 'resetAlias',
      creates: false,
      changesKeys: false,
      work: (queries) => removeAlias(queries, name),
    })
  },
  weights(settings, words) {
    const weights = readWeights(words)
    const upstreams = listNames(settings)
    const { config } = settings
    const order = createRoutingOrder(
      config.routing ?? {},
      upstreams,
      listForeignNames(config.upstreams ?? []),
    )
    return changeStore(settings, {
      action: 'setWeights',
      creates: true,
      changesKeys: false,
      work: (queries, nowMs) => setWeights(queries, weights, { order, upstreams, nowMs }),
    })
  },
  'reset-weights'(settings, words) {
    rejectWords('routing reset-weights', words, 'It always resets all weights.')
    return changeStore(settings, {
      action: 'resetWeights',
      creates: false,
      changesKeys: false,
      work: (queries) => removeWeights(queries),
    })
  },
}

function readTarget(values: Values): AliasTarget {
  const [to, share, from] = ['to', 'share', 'from'].map((name) => getText(values, name))
  if (to === undefined)
    throw new UsageError('routing alias needs --to', 'For example: --to claude-sonnet-5-5')
  if (share !== undefined && !sharePattern.test(share))
    throw new UsageError('--share must be a percentage from 0% to 100%', 'For example: --share 10%')
  return { to, ...(share !== undefined && { share }), ...(from !== undefined && { from }) }
}

const sharePattern = new RegExp(aliasProperties.share.pattern)

function readWeights(words: readonly string[]): Readonly<Record<string, number>> {
  const hint = 'For example: anthology routing weights bedrock-us=3 vertex-eu=1'
  if (words.length === 0) throw new UsageError('routing weights needs weights', hint)
  return Object.fromEntries(
    words.map((word) => {
      const [, name, weight] = /^([^=]+)=(\d{1,9}(?:\.\d{1,6})?)$/.exec(word) ?? []
      if (name === undefined) throw new UsageError(`${JSON.stringify(word)} is not a weight`, hint)
      return [name, Number(weight)]
    }),
  )
}

/** The names of the upstreams, as the server gives them. */
function listNames({ config }: Settings): readonly string[] {
  return (config.upstreams ?? [{ platform: 'emulator' as const }]).map(
    ({ name, platform }) => name ?? platform,
  )
}

async function list(context: Context, values: Values, settings: Settings): Promise<number> {
  const { config } = settings
  const base = {
    config: config.routing ?? {},
    foreign: listForeignNames(config.upstreams ?? []),
    upstreams: listNames(settings),
  }
  const stored = await readStore(settings, listRoutingChanges)
  const { aliases, weights } = describeRouting(base, stored)
  if (values['json'] === true) {
    context.out(JSON.stringify({ aliases, weights }, null, 2))
    return 0
  }
  const rows = aliases.map(({ name, to, share, from, source, problem }) => [
    name,
    to,
    share,
    from ?? 'always',
    problem === null ? source : `${source}, ignored: ${problem}`,
  ])
  for (const line of alignColumns([['ALIAS', 'MODEL', 'SHARE', 'FROM', 'SOURCE'], ...rows])) context.out(line)
  context.out('')
  const weightRows = Object.entries(weights.values).map(([name, weight]) => [
    name,
    String(weight),
    weights.source,
  ])
  for (const line of alignColumns([['UPSTREAM', 'WEIGHT', 'SOURCE'], ...weightRows])) context.out(line)
  return 0
}
