import type { EffortLevel, Model } from '@anthology/catalog'
import type { MessagesRequest } from '@anthology/wire'

/** The thinking settings of a request. */
export interface ThinkingMode {
  readonly type: 'enabled' | 'adaptive' | 'between_tools'
  /** The limit for all thinking of one turn; null: the model decides. */
  readonly budgetTokens: number | null
  readonly effort: EffortLevel
  readonly shown: 'full' | 'summarized' | 'omitted'
  /** Whether the model also thinks after tool results. */
  readonly interleaved: boolean
  /** The model always thinks. */
  readonly always: boolean
}

/** Reads the thinking settings; null: no thinking. Validation has already rejected settings that the model lacks. */
export function readThinking(
  request: MessagesRequest,
  model: Model,
  betas: readonly string[],
): ThinkingMode | null {
  const { thinking: ability } = model
  if (!ability) return null
  const requested = request.thinking ?? { type: ability.default === 'off' ? 'disabled' : 'adaptive' }
  if (requested.type === 'disabled') return null
  const isManual = requested.type === 'enabled'
  return {
    type: requested.type,
    budgetTokens: isManual ? requested.budget_tokens : null,
    effort: readEffort(request, model),
    shown: readDisplay('display' in requested ? requested.display : null, model),
    interleaved: isManual ? interleavesByBeta(request, model, betas) : true,
    always: ability.default === 'always_on',
  }
}

/**
 * If a model's file has no default, it is `omitted`, as the sources state for all models after Opus 4.6 and Sonnet 4.6
 * (what's new pages, 2026). Sonnet 3.7 returns the full text unless it is omitted (docs.claude.com,
 * build-with-claude/extended-thinking, Nov 2025).
 */
function readDisplay(requested: string | null | undefined, { thinking }: Model): ThinkingMode['shown'] {
  const defaultDisplay = thinking?.shown ?? 'omitted'
  if (requested === null || requested === undefined) return defaultDisplay
  if (requested === 'omitted') return 'omitted'
  return defaultDisplay === 'full' ? 'full' : 'summarized'
}

/** Adaptive thinking is always interleaved; with a budget, interleaving requires the beta header and tools. */
function interleavesByBeta({ tools = [] }: MessagesRequest, model: Model, betas: readonly string[]): boolean {
  const header = model.thinking?.interleaved ?? null
  return header !== null && betas.includes(header) && tools.length > 0
}

function readEffort({ output_config: config }: MessagesRequest, { effort }: Model): EffortLevel {
  const requested = config?.['effort']
  return effort?.levels.find((level) => level === requested) ?? effort?.default ?? 'high'
}
