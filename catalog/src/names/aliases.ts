import { models } from '../models.ts'
import type { EffectiveDated } from '../effective-dated.ts'
import { valueOn } from '../effective-dated.ts'

/** The model that a name means from a day on, until the next target of its series. */
export type AliasTarget = EffectiveDated<{ readonly model: string; readonly note?: string }>

/** Short names that Claude Code resolves to an id before it calls; `opusplan` outside of plan mode. */
const claudeCode = {
  opus: 'claude-opus-5-5',
  best: 'claude-opus-5-5',
  default: 'claude-opus-5-5',
  sonnet: 'claude-sonnet-5-5',
  opusplan: 'claude-sonnet-5-5',
  haiku: 'claude-haiku-5-5',
  fable: 'claude-fable-5-2',
} as const

/** `from` is the day they were seen; earlier meanings were not recorded. */
export const claudeCodeNames: ReadonlyMap<string, readonly AliasTarget[]> = new Map(
  Object.entries(claudeCode).map(([name, model]) => [
    name,
    [{ from: '2026-11-22', model, source: 'claude-code-2.1.330' }],
  ]),
)

/** The aliases of the Claude API that have pointed to more than one snapshot. */
const moved: readonly (readonly [string, readonly AliasTarget[]])[] = [
  [
    'claude-3-5-sonnet-latest',
    [
      {
        from: '2024-06-20',
        model: 'claude-3-5-sonnet-20240620',
        source: 'overview-earlier',
        note: 'Uncertain: the day on which the alias was introduced.',
      },
      {
        from: '2024-10-22',
        model: 'claude-3-5-sonnet-20241022',
        source: 'overview-earlier',
        note: 'An alias typically moves within a week of a release.',
      },
    ],
  ],
]

/** Every alias of the Claude API and its targets, oldest first. */
export const aliases: ReadonlyMap<string, readonly AliasTarget[]> = new Map([
  ...models.flatMap((model) =>
    model.aliases.map((name): [string, readonly AliasTarget[]] => [
      name,
      [{ from: model.lifecycle.anthropic.released, model: model.id, source: model.sources.names[0] }],
    ]),
  ),
  ...moved,
])

/** The model that an alias means on a day; before its first target it already means that one. */
export function aliasTarget(targets: readonly AliasTarget[], day: string): AliasTarget | undefined {
  return valueOn(targets, day) ?? targets[0]
}
