import type { Platform } from '../../model.ts'
import type { Rule } from '../rule.ts'
import { extraInput, isFrom, isWithout } from '../rule.ts'

/** What differs between the Claude API and the clouds, beside tools. */
export const platformRules: readonly Rule[] = [
  {
    code: 'version_invalid',
    path: 'anthropic-version',
    source: 'Versions, 2025 and 2026; text from public issue reports',
    hint: 'Send anthropic-version once: 2023-06-01 or 2026-10-21.',
    // A date that the catalog has not heard of may be a newer version, and is left to the API.
    test: ({ api_version }) =>
      api_version !== undefined && !/^(?:bedrock-|vertex-)?\d{4}-\d{2}-\d{2}$/.test(api_version)
        ? `anthropic-version: ${JSON.stringify(api_version.slice(0, 100))} is not a valid version`
        : null,
  },
  {
    code: 'version_not_on_bedrock',
    path: 'anthropic_version',
    source: 'Versions, API version 2026-10-21: on Bedrock from Claude 4.7 only; text inferred',
    hint: 'Send anthropic_version bedrock-2023-05-31 to this model.',
    test: ({ api_version }, model, { platform }) =>
      platform === 'bedrock' && api_version === '2026-10-21' && !isFrom(model, '4.7')
        ? 'anthropic_version: "2026-10-21" is not a valid version for this model'
        : null,
  },
  {
    code: 'body_too_large',
    path: 'body',
    source: 'Errors, November 2025: 32 MB; text inferred',
    hint: 'Send large files by the Files API, or shorten the conversation.',
    refused: { status: 413, type: 'request_too_large' },
    test: ({ body_bytes }, _model, { platform }) =>
      platform === 'anthropic' && (body_bytes ?? 0) > 33_554_432 ? 'Request exceeds the maximum size' : null,
  },
  {
    code: 'body_too_large_for_cloud',
    path: 'body',
    source: 'Errors, 2026: Bedrock 20 MB, Google Cloud 30 MB; text of Google Cloud, for Bedrock inferred',
    hint: 'Shorten the conversation, or send it to the Claude API, which takes 32 MB.',
    test: ({ body_bytes }, _model, { platform }) => {
      const most = cloudBodyBytes[platform]
      if (body_bytes === undefined || most === undefined || body_bytes <= most * 1_000_000) return null
      return `The request size (${body_bytes} bytes) exceeds ${most}.000MB limit.`
    },
  },
  {
    code: 'member_not_on_platform',
    path: 'body',
    source: 'Features overview, August 2026, and the pages of the platforms; texts from public issue reports',
    hint: 'Leave the member out there, or send the request to the Claude API.',
    test: ({ body_members }, _model, { platform }) => {
      const member = body_members?.find((name) => membersNotOn[platform].includes(name))
      return member === undefined ? null : extraInput(member)
    },
  },
  {
    code: 'context_management_beta_missing',
    path: 'context_management',
    source: 'Context editing, November 2025 and August 2026; text from public issue reports',
    hint: 'Send the beta header context-management-2025-06-27.',
    test: (facts) => {
      if (facts.body_members?.includes('context_management') !== true) return null
      return isWithout(facts, 'context-management-2025-06-27', 'compact-2026-01-12', 'compact-2026-09-04')
        ? extraInput('context_management')
        : null
    },
  },
  {
    code: 'source_not_on_platform',
    path: 'messages',
    source:
      'Claude on Amazon Bedrock, and on Vertex AI, August 2026: no Files API, no URL sources; text inferred',
    hint: 'Send the image or document as base64.',
    test: ({ source_types }, _model, { platform }) => {
      const type = source_types?.find((one) => one === 'url' || one === 'file')
      if (type === undefined || (platform !== 'bedrock' && platform !== 'vertex')) return null
      return `messages: Input tag '${type}' found using 'type' does not match any of the expected tags`
    },
  },
  {
    code: 'cache_ttl_1h_unavailable',
    path: 'cache_control.ttl',
    source: 'Prompt caching, November 2025, and Claude on Amazon Bedrock, August 2026; text inferred',
    hint: 'Leave ttl out: five minutes are to be had everywhere.',
    test: (facts, model, { day, platform }) => {
      if (facts.cache_ttls?.includes('1h') !== true) return null
      // Until 2025-08-13 a header was needed; clouds had none in November 2025 and had it in August 2026.
      const early = day < '2025-08-13' && isWithout(facts, 'extended-cache-ttl-2025-04-11')
      const cloud = (platform === 'bedrock' || platform === 'vertex') && day < '2026-01-01'
      const oldOnBedrock = platform === 'bedrock' && !isFrom(model, '4.5')
      return early || cloud || oldOnBedrock ? extraInput('cache_control.ephemeral.ttl') : null
    },
  },
]

/** In millions of bytes: an error text of Google Cloud counts them so. */
const cloudBodyBytes: Partial<Record<Platform, number>> = { bedrock: 20, vertex: 30 }

const membersNotOn: Readonly<Record<Platform, readonly string[]>> = {
  anthropic: [],
  // The top-level cache_control is refused by the runtime endpoint.
  bedrock: ['mcp_servers', 'container', 'fallbacks', 'fallback_credit_token', 'tags', 'cache_control'],
  vertex: ['mcp_servers', 'container', 'fallbacks', 'fallback_credit_token', 'tags'],
  foundry: [],
}
