import type { ModelObject } from './models-page.ts'

/**
 * A model in the Models API since 2026 (platform.claude.com, api/models): limits and capabilities since
 * 2026-03-18, the line since 2026-10-01. The lifecycle dates were added on an unknown day between; here they
 * come together with the line.
 */
export interface ModelInfo extends ModelObject {
  readonly max_input_tokens: number | null
  readonly max_tokens: number | null
  readonly capabilities: ModelCapabilities | null
  readonly line?: 'haiku' | 'sonnet' | 'opus' | 'fable' | 'mythos' | null
  readonly lifecycle?: ModelLifecycle
  /** RFC 3339, like `retires_at`. */
  readonly deprecated_at?: string | null
  readonly retires_at?: string | null
}

export const modelLifecycles = ['active', 'deprecated', 'retired'] as const
export type ModelLifecycle = (typeof modelLifecycles)[number]

export type AskedLifecycles =
  | {
      readonly ok: true
      /** Null if the query has no such parameter. */
      readonly lifecycles: readonly ModelLifecycle[] | null
    }
  | { readonly ok: false; readonly message: string }

/** Parses `lifecycle[]` of "List Models"; `lifecycle` is accepted as well. The error text is inferred. */
export function parseLifecycles(query: { getAll(name: string): readonly string[] }): AskedLifecycles {
  const given = [...query.getAll('lifecycle[]'), ...query.getAll('lifecycle')]
  if (given.length === 0) return { ok: true, lifecycles: null }
  const stray = given.findIndex((value) => !modelLifecycles.some((known) => known === value))
  if (stray < 0) return { ok: true, lifecycles: modelLifecycles.filter((known) => given.includes(known)) }
  return { ok: false, message: `lifecycle.${stray}: Input should be 'active', 'deprecated' or 'retired'` }
}

export interface Capability {
  readonly supported: boolean
}

/** A capability with nested capabilities. */
export type CapabilityGroup<Name extends string> = Capability & Readonly<Record<Name, Capability>>

export interface ModelCapabilities {
  readonly batch: Capability
  readonly citations: Capability
  readonly code_execution: Capability
  readonly context_management: CapabilityGroup<
    'clear_tool_uses_20250919' | 'clear_thinking_20251015' | 'compact_20260112'
  >
  readonly effort: CapabilityGroup<'low' | 'medium' | 'high' | 'xhigh' | 'max'>
  readonly image_input: Capability
  readonly pdf_input: Capability
  /** Since 2026-10-01, according to what is published. */
  readonly server_tools?: CapabilityGroup<'web_search' | 'code_execution'>
  readonly structured_outputs: Capability
  readonly thinking: Capability & {
    readonly types: Readonly<Record<'enabled' | 'adaptive', Capability>> &
      Readonly<Partial<Record<'disabled' | 'between_tools', Capability>>>
  }
}
