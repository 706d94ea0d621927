import type { Platform } from '../../model.ts'
import { betaOn } from '../../betas/betas.ts'
import { takesVersion2026OnBedrock } from '../../names/bedrock-models.ts'
import type { Rule } from '../rule.ts'
import { extraInput, isFrom, isWithout, unexpectedTag, versionOf2026 } from '../rule.ts'
import { findMemberNotOnAzure, findSourceNotOnAzure } from './azure-hosting.ts'

/** Differences between the Claude API and the clouds, except tools. */
export const platformRules: readonly Rule[] = [
  {
    code: 'version_not_on_bedrock',
    path: 'anthropic_version',
    source: 'Versions, API version 2026-10-21: on Bedrock from Claude 4.7 only; text inferred',
    hint: 'Send anthropic_version bedrock-2023-05-31 to this model.',
    test: ({ api_version }, model, { platform }) =>
      platform === 'bedrock' && api_version === versionOf2026 && !takesVersion2026OnBedrock(model)
        ? `anthropic_version: "${versionOf2026}" is not a valid version for this model`
        : null,
  },
  {
    code: 'member_not_on_platform',
    path: 'body',
    source: 'Features overview, August 2026, and the pages of the platforms; texts from public issue reports',
    hint: 'Leave the member out on this platform, or send the request to the Claude API.',
    test: ({ body_members = [] }, _model, where) => {
      const member = body_members.find((name) => membersNotOn[where.platform].includes(name))
      return member === undefined ? findMemberNotOnAzure(body_members, where) : extraInput(member)
    },
  },
  {
    code: 'thread_not_on_platform',
    path: 'thread',
    source: 'Types of SDK 1.12, November 2026: `thread` is a beta of the Claude API; text inferred',
    hint: 'Send the whole conversation without thread on this platform.',
    // With this code the message threads of the SDKs, and their tool runners, continue without `thread`.
    errorCode: { name: 'thread_unsupported_request', since: '2026-08-12' },
    test: ({ body_members }, _model, { platform }) =>
      body_members?.includes('thread') === true && betaOn('message-threads-2026-08-12', platform) === false
        ? extraInput('thread')
        : null,
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
    test: ({ source_types = [] }, _model, where) => {
      if (where.platform !== 'bedrock' && where.platform !== 'vertex')
        return findSourceNotOnAzure(source_types, where)
      const type = source_types.find((one) => one === 'url' || one === 'file' || one === 'container_upload')
      return type === undefined ? null : unexpectedTag('messages', type)
    },
  },
  {
    code: 'cache_ttl_1h_unavailable',
    path: 'cache_control.ttl',
    source: 'Prompt caching, November 2025, and Claude on Amazon Bedrock, August 2026; text inferred',
    hint: 'Leave ttl out: the default of five minutes is available everywhere.',
    test: (facts, model, { day, today, platform }) => {
      if (facts.cache_ttls?.includes('1h') !== true) return null
      // Until 2025-08-13 the API required a header; the clouds lacked the feature in November 2025 and had
      // it in August 2026, also for models that are retired by now.
      const early = day < '2025-08-13' && isWithout(facts, 'extended-cache-ttl-2025-04-11')
      const cloud = (platform === 'bedrock' || platform === 'vertex') && today < '2026-01-01'
      const oldOnBedrock = platform === 'bedrock' && !isFrom(model, '4.5')
      return early || cloud || oldOnBedrock ? extraInput('cache_control.ephemeral.ttl') : null
    },
  },
]

const membersNotOn: Readonly<Record<Platform, readonly string[]>> = {
  anthropic: [],
  // The runtime endpoint rejects a top-level cache_control.
  bedrock: ['mcp_servers', 'container', 'fallbacks', 'fallback_credit_token', 'tags', 'cache_control'],
  vertex: ['mcp_servers', 'container', 'fallbacks', 'fallback_credit_token', 'tags'],
  // Not on either kind of hosting (Claude in Microsoft Foundry, August 2026).
  foundry: ['fallbacks', 'fallback_credit_token'],
}
