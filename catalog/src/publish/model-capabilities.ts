import type { EffortLevel, Model, ThinkingType } from '../model.ts'

/** The capability tree of the Models API; the optional members exist since October 2026. */
export interface ModelCapabilities {
  readonly batch: Capability
  readonly citations: Capability
  readonly code_execution: Capability
  readonly context_management: Group<
    'clear_tool_uses_20250919' | 'clear_thinking_20251015' | 'compact_20260112'
  >
  readonly effort: Group<EffortLevel>
  readonly image_input: Capability
  readonly pdf_input: Capability
  readonly server_tools?: Group<'web_search' | 'code_execution'>
  readonly structured_outputs: Capability
  readonly thinking: Capability & {
    readonly types: Readonly<Record<'enabled' | 'adaptive', Capability>> &
      Readonly<Partial<Record<'disabled' | 'between_tools', Capability>>>
  }
}

interface Capability {
  readonly supported: boolean
}
type Group<Name extends string> = Capability & Readonly<Record<Name, Capability>>

/**
 * Returns the capability tree of the Models API (platform.claude.com, api/models). Abilities that the
 * catalog does not know follow what the API reported for nine models in April 2026.
 */
export function getCapabilities(model: Model, { isWhole }: { readonly isWhole: boolean }): ModelCapabilities {
  const runsCode = canRunCode(model)
  const clears = isSince(model, 4)
  const thinks = (type: ThinkingType): Capability => flag(model.thinking?.types.includes(type) === true)
  const tries = (level: EffortLevel): Capability => flag(model.effort?.levels.includes(level) === true)
  return {
    batch: flag(true),
    citations: flag(model.behaviour.citations),
    code_execution: flag(runsCode),
    context_management: {
      supported: clears,
      clear_tool_uses_20250919: flag(clears),
      clear_thinking_20251015: flag(clears),
      compact_20260112: flag(canCompact(model)),
    },
    effort: {
      supported: model.effort !== null,
      low: tries('low'),
      medium: tries('medium'),
      high: tries('high'),
      xhigh: tries('xhigh'),
      max: tries('max'),
    },
    image_input: flag(model.input.includes('image')),
    pdf_input: flag(model.vision),
    ...(isWhole && {
      server_tools: { supported: true, web_search: flag(true), code_execution: flag(runsCode) },
    }),
    structured_outputs: flag(model.behaviour.structuredOutputs.supported === true),
    thinking: {
      supported: model.thinking !== null,
      types: {
        enabled: thinks('enabled'),
        adaptive: thinks('adaptive'),
        ...(isWhole && { disabled: thinks('disabled'), between_tools: thinks('between_tools') }),
      },
    },
  }
}

/** Reported for 4.5 and later except Haiku 4.5; inferred for models released after that list. */
function canRunCode(model: Model): boolean {
  return isSince(model, 4.5) && !(model.family === 'haiku' && model.generation === '4.5')
}

/** Opus and Sonnet from 4.6 on, Fable and Mythos (platform.claude.com, build-with-claude/compaction). */
function canCompact(model: Model): boolean {
  return isSince(model, 4.6) && model.family !== 'haiku'
}

/** A preview has no generation number; the only one came after 4.6. */
function isSince({ generation }: Model, first: number): boolean {
  return generation === 'preview' || Number(generation) >= first
}

function flag(supported: boolean): Capability {
  return { supported }
}
