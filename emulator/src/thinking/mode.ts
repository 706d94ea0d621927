import type { EffortLevel, Model } from '@anthology/catalog'
import type { MessagesRequest } from '@anthology/wire'

/** How a request lets its model think. */
export interface ThinkingMode {
  readonly type: 'enabled' | 'adaptive' | 'between_tools'
  /** For all thinking of one turn; null: as much as the model sees fit. */
  readonly budgetTokens: number | null
  readonly effort: EffortLevel
  readonly shown: 'full' | 'summarized' | 'omitted'
  /** Whether there is thinking after the results of tools, too. */
  readonly interleaved: boolean
  /** A model that cannot do without never leaves it out. */
  readonly always: boolean
}

/** Null: no thinking. A request that asks for what the model does not have has been refused before. */
export function readThinking(
  request: MessagesRequest,
  model: Model,
  betas: readonly string[],
): ThinkingMode | null {
  const { thinking: ability } = model
  if (!ability) return null
  const asked = request.thinking ?? { type: ability.default === 'off' ? 'disabled' : 'adaptive' }
  if (asked.type === 'disabled') return null
  const isManual = asked.type === 'enabled'
  return {
    type: asked.type,
    budgetTokens: isManual ? asked.budget_tokens : null,
    effort: readEffort(request, model),
    shown: readDisplay('display' in asked ? asked.display : null, model),
    interleaved: isManual ? interleavesByBeta(request, model, betas) : true,
    always: ability.default === 'always_on',
  }
}

/**
 * The sources that state a default for models whose file has none say `omitted` of all after Opus 4.6
 * and Sonnet 4.6 (what's new pages, 2026). Sonnet 3.7 gives the full text whenever it gives any
 * (docs.claude.com, build-with-claude/extended-thinking, Nov 2025).
 */
function readDisplay(asked: string | null | undefined, { thinking }: Model): ThinkingMode['shown'] {
  const usual = thinking?.shown ?? 'omitted'
  if (asked === null || asked === undefined) return usual
  if (asked === 'omitted') return 'omitted'
  return usual === 'full' ? 'full' : 'summarized'
}

/** Adaptive thinking is interleaved by itself; with a budget it takes the header and tools. */
function interleavesByBeta({ tools = [] }: MessagesRequest, model: Model, betas: readonly string[]): boolean {
  const header = model.thinking?.interleaved ?? null
  return header !== null && betas.includes(header) && tools.length > 0
}

function readEffort({ output_config: config }: MessagesRequest, { effort }: Model): EffortLevel {
  const asked = config?.['effort']
  return effort?.levels.find((level) => level === asked) ?? effort?.default ?? 'high'
}
