import type { Model, RateCard } from '../../src/index.ts'
import { valueOn } from '../../src/index.ts'

/** The day of the facts. */
export const today = '2026-11-22'

const hasNote = (words: string) => (model: Model) =>
  model.notes.join(' ').toLowerCase().includes(words.toLowerCase())
const takesNo = (type: 'enabled' | 'adaptive') => (model: Model) =>
  model.thinking?.types.includes(type) !== true
const neverForced = (model: Model): boolean => model.behaviour.forcedToolChoice === 'never'
const noPrefill = (model: Model): boolean => !model.behaviour.prefill
const defaultOnly = (model: Model): boolean => model.behaviour.sampling === 'default_only'

/** Each restriction of the facts, and the check that the catalog has it. */
export const restrictions: Readonly<Record<string, (model: Model) => boolean>> = {
  'temperature and top_p must not both be specified (400)': (model) =>
    model.behaviour.sampling === 'temperature_xor_top_p',
  'max output above 64000 needs output-128k-2025-02-19': (model) =>
    model.maxOutput.beta?.header === 'output-128k-2025-02-19' && model.maxOutput.tokens === 64_000,
  'citations not supported': (model) => !model.behaviour.citations,
  'thinking.type adaptive rejected': takesNo('adaptive'),
  'no effort parameter': (model) => model.effort === null,
  'inference_geo returns 400': (model) => !model.behaviour.inferenceGeo,
  'no interleaved thinking': (model) => model.thinking?.interleaved === null,
  'effort was beta (effort-2025-11-24) until 2026-02-05': ({ effort }) =>
    effort?.beta?.header === 'effort-2025-11-24' && effort.beta.until === '2026-02-05',
  'assistant prefill returns 400': noPrefill,
  'speed:"fast" accepted but runs and bills at standard since 2026-06-29 (launch fast price was 30/150)': (
    model,
  ) => isFastUntil(model, '2026-06-29', 'standard'),
  '1M context was beta until 2026-03-13': ({ contextWindow }) =>
    contextWindow.earlier?.[0]?.until === '2026-03-13',
  'max output was 64000 at launch': hasNote('maximum output was 64,000 tokens at launch'),
  'thinking.type enabled / budget_tokens returns 400': takesNo('enabled'),
  'non-default temperature, top_p, top_k return 400': defaultOnly,
  'prefill returns 400': noPrefill,
  'speed:"fast" returns an error since 2026-07-24': (model) => isFastUntil(model, '2026-07-24', 'refused'),
  'new tokenizer: about 1-1.35x tokens of the 4.6 tokenizer': hasNote(
    'new tokenizer, with about 1 to 1.35 times the tokens',
  ),
  'high-resolution images (2576 px / 4784 tokens)': (model) => model.imageDetail === 'high',
  'as Opus 4.7': hasNote('thinking, sampling and prefill are those of Opus 4.7'),
  'mid-conversation system messages accepted': hasNote(
    'accepts system messages in the middle of a conversation',
  ),
  'safety classifiers may end with stop_reason refusal + stop_details': hasNote(
    '`stop_reason` `refusal` and `stop_details`',
  ),
  '30-day retention required (no zero data retention)': hasNote('requires a retention of 30 days'),
  'non-default sampling parameters return 400': defaultOnly,
  'thinking.type enabled returns 400': takesNo('enabled'),
  'sampling parameters return 400': defaultOnly,
  'no web fetch tool': (model) => refuses(model, 'web_fetch', ['anthropic']),
  'tool_choice any/tool returns 400': neverForced,
  'output watermark': hasNote('output has a watermark'),
  'computer_20251124 rejected on Claude API and Google Cloud, accepted on Bedrock': (model) =>
    refuses(model, 'computer_20251124', ['anthropic', 'vertex']),
  'sampling parameters and prefill return 400': (model) => defaultOnly(model) && noPrefill(model),
  'sampling parameters, prefill and budget_tokens return 400': (model) =>
    defaultOnly(model) && noPrefill(model) && takesNo('enabled')(model),
  'structured outputs not on Bedrock': ({ behaviour }) =>
    behaviour.structuredOutputs.notOn?.join(' ') === 'bedrock',
  'server-side fallback unavailable': hasNote('server-side fallback is not available'),
  'tool_choice any/tool unsupported': neverForced,
  'computer_20251124 rejected except on Bedrock': (model) =>
    refuses(model, 'computer_20251124', ['anthropic', 'vertex', 'foundry']),
  'advisor model must be a 5.2 model': hasNote('advisor model must be a 5.2 model'),
}

function isFastUntil(model: Model, day: string, afterwards: string): boolean {
  const fast = cardOn(model)?.fast
  const { input, output, ended } = fast ?? { ended: null }
  return input === '30' && output === '150' && ended?.on === day && ended.afterwards === afterwards
}

function refuses({ behaviour }: Model, tool: string, on: readonly string[]): boolean {
  return behaviour.refusedTools.some((each) => each.tool === tool && each.on.join() === on.join())
}

/** The prices of that day. */
export function cardOn(model: Model): RateCard | undefined {
  return valueOn(model.rateCards, today)
}
