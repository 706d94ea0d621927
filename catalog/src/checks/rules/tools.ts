import { resolve } from '../../names/resolve.ts'
import type { RequestFacts } from '../request-facts.ts'
import type { Model, Platform } from '../../model.ts'
import type { Rule } from '../rule.ts'
import { isFrom, isWithout, unexpectedTag } from '../rule.ts'
import { findToolNotOnAzure } from './azure-hosting.ts'

/** The tool types allowed by the model, the platform and the headers. */
export const toolRules: readonly Rule[] = [
  {
    code: 'tool_type_unsupported',
    path: 'tools',
    source: 'Tool pages, November 2025 and 2026; text from public issue reports',
    hint: 'Use a tool version that the model supports.',
    test: (facts, model, { platform }) => {
      const refused = listTypes(facts).filter((type) => !isOn(type, model, platform))
      return refused.length === 0 ? null : `'${model.id}' does not support tool types: ${refused.join(', ')}.`
    },
  },
  {
    code: 'tool_type_missing_on_platform',
    path: 'tools',
    source: 'Features overview, November 2025 and August 2026; text inferred',
    hint: 'Leave the tool out on this platform, or send the request to the Claude API.',
    test: (facts, _model, where) => {
      const missing = listTypes(facts).find((type) =>
        toolsNotOn[where.platform].some((prefix) => type.startsWith(prefix)),
      )
      if (missing !== undefined) return unexpectedTag('tools', missing)
      return findToolNotOnAzure(listTypes(facts), where)
    },
  },
  {
    code: 'advisor_unsupported',
    path: 'tools',
    source: 'Migration guides of Sonnet 5.5 and Fable 5.2, September and November 2026; text inferred',
    hint: 'Choose an advisor that the model takes.',
    test: ({ tools = [] }, model) => {
      const at = tools.findIndex(
        (tool) => tool.type.startsWith('advisor_') && !takesAdvisor(model, tool.model),
      )
      const tool = tools[at]
      return tool === undefined
        ? null
        : `tools.${at}.${tool.type}.model: '${tool.model}' is not supported as an advisor of '${model.id}'.`
    },
  },
  {
    code: 'fine_grained_streaming_with_toolset',
    path: 'anthropic-beta',
    source: 'Migration guide of Haiku 5.5, October 2026; text inferred',
    hint: 'Leave the beta out: the model streams the inputs of tools without it.',
    test: (facts, model) => {
      if (model.id !== 'claude-haiku-5-5' || facts.betas?.includes(fineGrainedStreaming) !== true) return null
      const toolset = listTypes(facts).find((type) => type.includes('_toolset_'))
      return toolset === undefined ? null : `\`${fineGrainedStreaming}\` is not supported with ${toolset}.`
    },
  },
  {
    code: 'tool_beta_missing',
    path: 'tools',
    source: 'Tool pages, November 2025, and release notes; text inferred',
    hint: 'Send the beta header that the tool requires.',
    test: (facts, _model, { day }) => {
      const type = listTypes(facts).find((one) => {
        const beta = toolBetas.find(({ tool }) => one === tool)
        return beta !== undefined && day < beta.until && isWithout(facts, ...beta.anyOf)
      })
      return type === undefined ? null : unexpectedTag('tools', type)
    },
  },
]

const fineGrainedStreaming = 'fine-grained-tool-streaming-2025-05-14'

/** An advisor that the catalog does not know may be one that the API knows. */
function takesAdvisor({ behaviour }: Model, name: string | undefined): boolean {
  const advisor = name === undefined || behaviour.advisors === undefined ? null : resolve(name)
  return advisor?.ok !== true || behaviour.advisors?.includes(advisor.canonical) === true
}

interface ToolFact {
  readonly tool: string
  readonly on: (model: Model) => boolean
}

/**
 * A tool type, or the prefix of several, and the models that have it. Tool types that are not listed are
 * not checked.
 */
const toolModels: readonly ToolFact[] = [
  ...['computer_20241022', 'bash_20241022', 'text_editor_20241022'].map((tool) => ({
    tool,
    on: ({ id }: Model) => id === 'claude-3-5-sonnet-20241022',
  })),
  { tool: 'bash_20250124', on: (model) => isFrom(model, '3.7') },
  { tool: 'text_editor_20250124', on: ({ generation }) => generation === '3.7' },
  { tool: 'text_editor_20250429', on: (model) => isFrom(model, '4') },
  { tool: 'text_editor_20250728', on: (model) => isFrom(model, '4') },
  { tool: 'computer_20250124', on: (model) => isFrom(model, '3.7') && !isFrom(model, '4.6') },
  {
    tool: 'computer_20251124',
    on: (model) => isFrom(model, '4.6') || model.id === 'claude-opus-4-5-20251101',
  },
  { tool: 'web_search_', on: (model) => isFrom(model, '3.5') && model.id !== 'claude-3-5-sonnet-20240620' },
  { tool: 'web_fetch_', on: runsServerTools },
  { tool: 'code_execution_', on: runsServerTools },
  { tool: 'memory_', on: (model) => isFrom(model, '4') },
  { tool: 'tool_search_tool_', on: (model) => isFrom(model, '4.5') },
]

function runsServerTools(model: Model): boolean {
  return isFrom(model, '3.7') || model.id === 'claude-3-5-haiku-20241022'
}

/** A model's own list names the platforms that reject a tool its generation has, or had until that day. */
function isOn(type: string, model: Model, platform: Platform): boolean {
  const refused = model.behaviour.refusedTools.some(
    ({ tool, on }) => type.startsWith(tool) && on.includes(platform),
  )
  const fact = toolModels.find(({ tool }) => (tool.endsWith('_') ? type.startsWith(tool) : type === tool))
  return !refused && (fact === undefined || fact.on(model))
}

/** Tools that a platform lacks entirely: server tools that run elsewhere, and the toolsets of August 2026. */
const toolsNotOn: Readonly<Record<Platform, readonly string[]>> = {
  anthropic: [],
  bedrock: [
    'web_search_',
    'web_fetch_',
    'code_execution_',
    'mcp_toolset',
    'advisor_',
    'computer_toolset_',
    'browser_toolset_',
  ],
  vertex: [
    'web_fetch_',
    'code_execution_',
    'mcp_toolset',
    'advisor_',
    'computer_toolset_',
    'browser_toolset_',
  ],
  foundry: ['advisor_', 'browser_toolset_'],
}

interface ToolBeta {
  readonly tool: string
  readonly anyOf: readonly string[]
  readonly until: string
}

/**
 * The header each tool requires, and the first day on which it is not required. Code execution and memory
 * became generally available in 2026, on unknown days; the first day of the year is assumed.
 */
const toolBetas: readonly ToolBeta[] = [
  needs('computer_20241022', ['computer-use-2024-10-22']),
  needs('bash_20241022', ['computer-use-2024-10-22']),
  needs('text_editor_20241022', ['computer-use-2024-10-22']),
  needs('computer_20250124', ['computer-use-2025-01-24']),
  needs('computer_20251124', ['computer-use-2025-11-24']),
  needs('web_fetch_20250910', ['web-fetch-2025-09-10'], '2026-02-17'),
  needs('code_execution_20250522', ['code-execution-2025-05-22'], '2026-01-01'),
  needs('code_execution_20250825', ['code-execution-2025-08-25'], '2026-01-01'),
  needs('memory_20250818', ['context-management-2025-06-27'], '2026-01-01'),
  ...['tool_search_tool_regex_20251119', 'tool_search_tool_bm25_20251119'].map((tool) =>
    needs(tool, ['advanced-tool-use-2025-11-20', 'tool-search-tool-2025-10-19'], '2026-02-17'),
  ),
]

function needs(tool: string, anyOf: readonly string[], until = '9999-12-31'): ToolBeta {
  return { tool, anyOf, until }
}

function listTypes({ tool_types }: RequestFacts): readonly string[] {
  return tool_types ?? []
}
