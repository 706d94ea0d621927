import { createRandom, computeFingerprint, createIdLetters } from '../random.ts'
import type { Prompt } from '../message/prompt.ts'
import type { CompletionBlock, TextBlock } from '../generate/completion.ts'
import type { CallerMember } from '../tools/caller.ts'
import { splitIntoMembers } from '../tools/deltas.ts'
import type { Result } from '../tools/turn.ts'
import type { TextTokenizer } from '@anthology/catalog'
import type { ServerPlan } from './plan.ts'

/** Creates the uses of this answer, each followed by its result, which is sent whole and is not model output. */
export function* createRoundBlocks(
  { rounds, done, end, openId }: ServerPlan,
  {
    fingerprint,
    tokenizer,
    caller,
  }: Pick<Prompt, 'fingerprint' | 'tokenizer'> & { readonly caller: CallerMember },
): Generator<CompletionBlock> {
  for (const [offset, { name, input, result }] of rounds.slice(done, end).entries()) {
    const isOpen = offset === 0 && openId !== null
    const id = isOpen ? openId : createUseId(computeFingerprint(fingerprint, name, String(done + offset)))
    if (!isOpen)
      yield {
        kind: 'server_tool_use',
        id,
        name,
        input,
        chunks: splitIntoMembers(input),
        isFineGrained: false,
        tokenizer,
        members: caller,
      }
    const { type, content } = result
    yield {
      kind: 'whole',
      block: { type, tool_use_id: id, content, ...(isWebTool(type) && caller) },
      tokens: 0,
    }
  }
}

/** Only the results of web tools repeat `caller` (types of SDK 1.12). */
function isWebTool(type: string): boolean {
  return type.startsWith('web_')
}

/** Converts the rounds to results that the answer's text describes. */
export function describeRounds({ rounds }: ServerPlan): readonly Result[] {
  return rounds.map(({ name, summary }) => ({ name, ...summary }))
}

/** Creates sentences that cite the results, each passage once. */
export function createSourceBlocks({ rounds }: ServerPlan, tokenizer: TextTokenizer): readonly TextBlock[] {
  const citations = new Map(rounds.flatMap((round) => round.citations).map((one) => [one.cited_text, one]))
  return [...citations.values()].slice(0, maxCitations).map((citation) => {
    const title = 'title' in citation ? citation.title : citation.document_title
    const text = `\n\n“${title}” has it that ${citation.cited_text}`
    return { kind: 'text', chunks: tokenizer.split(text), citations: [citation] }
  })
}

const maxCitations = 5
/** Same form as the API's ids: `srvtoolu_01` and 22 characters. */
function createUseId(fingerprint: string): string {
  return `srvtoolu_01${createIdLetters(22, createRandom(fingerprint))}`
}
