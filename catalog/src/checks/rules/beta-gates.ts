import { betaStateOn, findBeta } from '../../betas/betas.ts'
import type { RequestFacts } from '../request-facts.ts'
import type { Rule } from '../rule.ts'
import { extraInput, isWithout, unexpectedTag } from '../rule.ts'

const structuredOutputs = ['structured-outputs-2025-11-13', 'structured-outputs-2025-12-15'] as const

/**
 * Features that require a beta on every model: without it the schema rejects them as unknown members. The
 * headers for effort, fast mode, cache times and older tools depend on the model or the day, so other rules
 * check them.
 */
export const betaGateRules: readonly Rule[] = [
  ...listToolGates(),
  ...listOptionGates(),
  ...listConversationGates(),
].map(makeRule)

interface Gate {
  readonly code: string
  readonly path: string
  /** Any one of these enables the feature. */
  readonly anyOf: readonly [string, ...string[]]
  /** Returns the text for the first use of the feature; null if it is not used. */
  readonly find: (facts: RequestFacts) => string | null
}

function makeRule({ code, path, anyOf, find }: Gate): Rule {
  return {
    code: `${code}_beta_missing`,
    path,
    source: 'Beta headers, 2025 and 2026; types of SDK 1.12',
    hint: `Send the beta header ${anyOf.at(-1)}.`,
    test(facts, _model, { today }) {
      // Few requests use these features, and finding one is cheaper than reading the headers.
      const message = find(facts)
      if (message === null || !isWithout(facts, ...anyOf)) return null
      return anyOf.some((beta) => isGeneral(beta, today)) ? null : message
    },
  }
}

/** True for a beta whose feature no longer requires a header. */
function isGeneral(value: string, today: string): boolean {
  const beta = findBeta(value)
  return beta !== null && beta.generalSince !== null && betaStateOn(beta, today) === 'idle'
}

function listToolGates(): readonly Gate[] {
  const newMcp = ['mcp-client-2025-11-20', 'mcp-client-2026-09-15'] as const
  return [
    gateMember('mcp_servers', ['mcp-client-2025-04-04', ...newMcp]),
    gateToolType('mcp_toolset', newMcp),
    gateToolType('advisor_20260301', ['advisor-tool-2026-03-01']),
    ...(['defer_loading', 'allowed_callers', 'input_examples'] as const).map((name) =>
      gateToolMember(name, [
        'tool-examples-2025-10-29',
        'tool-search-tool-2025-10-19',
        'advanced-tool-use-2025-11-20',
      ]),
    ),
    gateToolMember('strict', structuredOutputs),
    gateMember('output_format', structuredOutputs),
  ]
}

function listOptionGates(): readonly Gate[] {
  return [
    {
      code: 'answer_format',
      path: 'output_config.format',
      anyOf: structuredOutputs,
      find: ({ config_members }) =>
        config_members?.includes('format') === true ? extraInput('output_config.format') : null,
    },
    {
      code: 'task_budget',
      path: 'output_config.task_budget',
      anyOf: ['task-budgets-2026-03-13'],
      find: ({ config_members }) =>
        config_members?.includes('task_budget') === true ? extraInput('output_config.task_budget') : null,
    },
    {
      code: 'thinking_updates',
      path: 'thinking.display',
      anyOf: ['thinking-display-updates-2026-08-18'],
      find: ({ thinking_display, thinking_type }) =>
        thinking_display === 'updates'
          ? `thinking.${thinking_type}.display: Input should be 'summarized' or 'omitted'`
          : null,
    },
    {
      code: 'thinking_binding',
      path: 'thinking.block_binding',
      anyOf: ['thinking-binding-controls-2026-08-01'],
      find: ({ thinking_members, thinking_type }) =>
        thinking_members?.includes('block_binding') === true
          ? extraInput(`thinking.${thinking_type}.block_binding`)
          : null,
    },
    gateMember('diagnostics', ['cache-diagnosis-2026-04-07']),
    gateMember('container', ['code-execution-2025-05-22', 'skills-2025-10-02', 'code-execution-2025-08-25']),
    {
      code: 'skills',
      path: 'container.skills',
      anyOf: ['skills-2025-10-02'],
      find: ({ container_members }) =>
        container_members?.includes('skills') === true
          ? extraInput('container.ContainerParams.skills')
          : null,
    },
    {
      code: 'compaction',
      path: 'context_management.edits',
      anyOf: ['compact-2026-01-12', 'compact-2026-09-04'],
      find: ({ edit_types = [] }) => {
        const at = edit_types.indexOf('compact_20260112')
        return at === -1 ? null : unexpectedTag(`context_management.edits.${at}`, 'compact_20260112')
      },
    },
  ]
}

function listConversationGates(): readonly Gate[] {
  return [
    {
      code: 'system_message_clear_at',
      path: 'messages',
      anyOf: ['mid-conversation-system-clear-at-2026-08-21'],
      find: ({ clear_at_index: at }) => (at === undefined ? null : extraInput(`messages.${at}.clear_at`)),
    },
    {
      code: 'system_message_output_config',
      path: 'messages',
      anyOf: ['mid-conversation-output-config-2026-07-01', 'per-turn-control-2026-07-01'],
      find: ({ message_config_index: at }) =>
        at === undefined ? null : extraInput(`messages.${at}.output_config`),
    },
    gateBlockType('tool_addition', 'mid-conversation-tool-changes-2026-07-01'),
    gateBlockType('tool_removal', 'mid-conversation-tool-changes-2026-07-01'),
    gateBlockType('search_result', 'search-results-2025-06-09'),
    gateBlockType('container_upload', 'files-api-2025-04-14'),
    {
      code: 'file_source',
      path: 'messages',
      anyOf: ['files-api-2025-04-14'],
      find: ({ file_block }) =>
        file_block === undefined ? null : unexpectedTag(`${file_block}.source`, 'file'),
    },
  ]
}

function gateMember(name: string, anyOf: Gate['anyOf']): Gate {
  return {
    code: name,
    path: name,
    anyOf,
    find: ({ body_members }) => (body_members?.includes(name) === true ? extraInput(name) : null),
  }
}

function gateToolType(wanted: string, anyOf: Gate['anyOf']): Gate {
  return {
    code: wanted,
    path: 'tools',
    anyOf,
    find: ({ tools = [] }) => {
      const at = tools.findIndex(({ type }) => type === wanted)
      return at === -1 ? null : unexpectedTag(`tools.${at}`, wanted)
    },
  }
}

function gateToolMember(name: string, anyOf: Gate['anyOf']): Gate {
  return {
    code: `tool_${name}`,
    path: 'tools',
    anyOf,
    find: ({ tools = [] }) => {
      const at = tools.findIndex(({ members }) => members.includes(name))
      return at === -1 ? null : extraInput(`tools.${at}.${tools[at]?.type}.${name}`)
    },
  }
}

function gateBlockType(type: string, beta: string): Gate {
  return {
    code: type,
    path: 'messages',
    anyOf: [beta],
    find: ({ first_blocks }) => {
      const at = first_blocks?.[type]
      return at === undefined ? null : unexpectedTag(at, type)
    },
  }
}
