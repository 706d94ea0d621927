import { expect, test } from 'vitest'
import type { Platform } from '../../../src/index.ts'
import { getErrors, listTexts } from '../../request.ts'

const asOf = '2026-11-22'

test('accepts API version 2026-10-21 on Bedrock from Opus 4.7 on, and on other platforms for any model', () => {
  const facts = { api_version: '2026-10-21' }

  expect(listTexts(facts, 'claude-opus-4-7', { asOf, platform: 'bedrock' })).toEqual([])
  expect(listTexts(facts, 'claude-haiku-5-5', { asOf, platform: 'bedrock' })).toEqual([])
  for (const name of ['claude-opus-4-6', 'claude-sonnet-4-5', 'claude-mythos-preview']) {
    expect(listTexts(facts, name, { asOf, platform: 'bedrock' })).toHaveLength(1)
    expect(listTexts(facts, name, { asOf, platform: 'vertex' })).toEqual([])
    expect(listTexts(facts, name, { asOf })).toEqual([])
  }
})

test('accepts 32 MB on the Claude API and returns 413 above it', () => {
  expect(getErrors({ body_bytes: 33_554_432 }, 'claude-opus-5-5', { asOf })).toEqual([])
  expect(getErrors({ body_bytes: 33_554_433 }, 'claude-opus-5-5', { asOf })).toMatchObject([
    { code: 'body_too_large', status: 413, type: 'request_too_large' },
  ])
})

test('accepts 20 MB on Bedrock and 30 MB on Google Cloud', () => {
  const facts = { body_bytes: 30_037_042 }

  expect(listTexts(facts, 'claude-opus-5-5', { asOf, platform: 'vertex' })).toEqual([
    'The request size (30037042 bytes) exceeds 30.000MB limit.',
  ])
  expect(listTexts(facts, 'claude-opus-5-5', { asOf, platform: 'bedrock' })).toHaveLength(1)
  expect(listTexts({ body_bytes: 20_000_000 }, 'claude-opus-5-5', { asOf, platform: 'bedrock' })).toEqual([])
})

test.each([
  ['mcp_servers', true, true],
  ['container', true, true],
  ['tags', true, true],
  ['thread', true, true],
  ['cache_control', true, false],
  ['metadata', false, false],
])('rejects the member %s on Bedrock: %s, on Google Cloud: %s', (member, onBedrock, onVertex) => {
  const facts = { body_members: ['model', member] }
  const text = `${member}: Extra inputs are not permitted`

  expect(listTexts(facts, 'claude-opus-5-5', { asOf, platform: 'bedrock' })).toEqual(onBedrock ? [text] : [])
  expect(listTexts(facts, 'claude-opus-5-5', { asOf, platform: 'vertex' })).toEqual(onVertex ? [text] : [])
  expect(listTexts(facts, 'claude-opus-5-5', { asOf })).toEqual([])
})

test('rejects message threads on a cloud with the code after which clients go on without them', () => {
  const facts = { body_members: ['model', 'thread'] }

  expect(getErrors(facts, 'claude-opus-5-5', { asOf, platform: 'bedrock' })).toMatchObject([
    { code: 'thread_not_on_platform', errorCode: 'thread_unsupported_request' },
  ])
  expect(getErrors(facts, 'claude-opus-5-5', { asOf, platform: 'foundry' })).toEqual([])
})

test('requires a header for context management', () => {
  const facts = { body_members: ['context_management'] }

  expect(listTexts({ ...facts, betas: [] }, 'claude-opus-5-5', { asOf })).toEqual([
    'context_management: Extra inputs are not permitted',
  ])
  for (const beta of ['context-management-2025-06-27', 'compact-2026-01-12']) {
    expect(listTexts({ ...facts, betas: [beta] }, 'claude-opus-5-5', { asOf })).toEqual([])
  }
  expect(listTexts(facts, 'claude-opus-5-5', { asOf })).toEqual([])
})

test.each(['url', 'file', 'container_upload'])('rejects a %s source on Bedrock and Google Cloud', (type) => {
  const facts = { source_types: ['base64', type] }

  expect(listTexts(facts, 'claude-opus-5-5', { asOf, platform: 'bedrock' })).toHaveLength(1)
  expect(listTexts(facts, 'claude-opus-5-5', { asOf, platform: 'vertex' })).toHaveLength(1)
  expect(listTexts(facts, 'claude-opus-5-5', { asOf, platform: 'foundry' })).toEqual([])
  expect(listTexts(facts, 'claude-opus-5-5', { asOf })).toEqual([])
})

test.each<[Platform, string, string, number]>([
  ['anthropic', 'claude-opus-4-1', '2025-08-13', 0],
  ['bedrock', 'claude-sonnet-4-5', '2025-11-30', 1],
  ['vertex', 'claude-sonnet-4-5', '2025-11-30', 1],
  ['bedrock', 'claude-sonnet-4-5', '2026-08-01', 0],
  ['bedrock', 'claude-opus-4-1', '2026-08-01', 1],
  ['vertex', 'claude-opus-4-6', '2026-08-01', 0],
])('a one-hour cache on %s with %s on %s: %d findings', (platform, name, day, count) => {
  const options = { asOf: day, platform, lifecycle: 'warn' } as const

  expect(listTexts({ betas: [], cache_ttls: ['5m', '1h'] }, name, options)).toHaveLength(count)
  expect(listTexts({ betas: [], cache_ttls: ['5m'] }, name, options)).toEqual([])
})

test('a model that is retired by now has the one-hour cache of its platform', () => {
  const facts = { betas: [], cache_ttls: ['1h'] }

  expect(listTexts(facts, 'claude-sonnet-4-5', { asOf: '2027-01-01', platform: 'bedrock' })).toEqual([])
  expect(listTexts(facts, 'claude-sonnet-4', { asOf: '2027-01-01', platform: 'vertex' })).toEqual([])
})

test('requires a header for the one-hour cache until 2025-08-13', () => {
  const facts = { cache_ttls: ['1h'] }
  const betas = ['extended-cache-ttl-2025-04-11']

  expect(listTexts({ ...facts, betas: [] }, 'claude-opus-4-1', { asOf: '2025-08-12' })).toHaveLength(1)
  expect(listTexts({ ...facts, betas }, 'claude-opus-4-1', { asOf: '2025-08-12' })).toEqual([])
})
