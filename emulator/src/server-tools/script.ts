import { createRandom, computeFingerprint, idLetters } from '../random.ts'
import type { Prompt } from '../message/prompt.ts'
import type { CompletionBlock, TextBlock } from '../generate/completion.ts'
import type { CallerMember } from '../tools/caller.ts'
import { memberTexts } from '../tools/deltas.ts'
import type { Result } from '../tools/turn.ts'
import type { Tokenizer } from '../generate/tokenizer.ts'
import type { ServerPlan } from './plan.ts'

/** The uses of this answer, each followed by its result, which comes whole and is no output of the model. */
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
    const id = isOpen ? openId : useId(computeFingerprint(fingerprint, name, String(done + offset)))
    if (!isOpen)
      yield {
        kind: 'server_tool_use',
        id,
        name,
        input,
        chunks: memberTexts(input),
        isFineGrained: false,
        tokenizer,
        caller,
      }
    const { type, content } = result
    yield {
      kind: 'whole',
      block: { type, tool_use_id: id, content, ...(isWebTool(type) && caller) },
      tokens: 0,
    }
  }
}

/** Only their results say again who called (types of SDK 1.12). */
function isWebTool(type: string): boolean {
  return type.startsWith('web_')
}

/** What the answer tells of the rounds. */
export function describeRounds({ rounds }: ServerPlan): readonly Result[] {
  return rounds.map(({ name, summary }) => ({ name, ...summary }))
}

/** Sentences that quote what the tools brought, each place once. */
export function createSourceBlocks({ rounds }: ServerPlan, tokenizer: Tokenizer): readonly TextBlock[] {
  const citations = new Map(rounds.flatMap((round) => round.citations).map((one) => [one.cited_text, one]))
  return [...citations.values()].slice(0, maxCitations).map((citation) => {
    const title = 'title' in citation ? citation.title : citation.document_title
    const text = `\n\n“${title}” has it that ${citation.cited_text}`
    return { kind: 'text', chunks: tokenizer.split(text), citations: [citation] }
  })
}

const maxCitations = 5
/** Like the service's own: `srvtoolu_01` and 22 characters. */
function useId(fingerprint: string): string {
  return `srvtoolu_01${idLetters(22, createRandom(fingerprint))}`
}
