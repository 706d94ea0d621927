import type { Model } from '@anthology/catalog'

import type { ScannedFile } from '../find/scan-file.ts'
import { findToken } from '../syntax/source.ts'
import type { Moved } from './moved.ts'
import type { Reporter } from './reporter.ts'

interface Pattern {
  readonly form: RegExp
  readonly applies: (from: Model | null, target: Model) => boolean
  readonly code: string
  readonly message: (target: Model) => string
  readonly hint: string
}

const thinksByDefault = (model: Model) => model.thinking !== null && model.thinking.default !== 'off'

/** Code beside a call that works on, and gives another result, after a move. */
const patterns: readonly Pattern[] = [
  {
    form: /\bcontent\s*(?:\?\.)?\[0\]|\.content\(\)\.get\(0\)|\.Content\[0\]|\.content\.first\b|\.content\(\)\[0\]|->content\[0\]/g,
    applies: (from, target) => thinksByDefault(target) && (from === null || !thinksByDefault(from)),
    code: 'first_block_may_be_thinking',
    message: (target) =>
      `${target.name} thinks by default, so the first block of an answer may be a thinking block.`,
    hint: 'Find the first block of type text.',
  },
  {
    form: /\b(?:messages|history|turns|conversation)(?:\s*\[\s*-\w+\s*:\s*\]|\.pop\(0\)|\.shift\(\)|\.splice\(|\.slice\(-|\.last\(|\.drop\()/gi,
    applies: (from, target) =>
      target.thinking?.returned.checksConversation === true &&
      from?.thinking?.returned.checksConversation !== true,
    code: 'history_is_cut',
    message: (target) =>
      `${target.name} refuses thinking blocks whose earlier messages were removed or changed.`,
    hint: 'Use compaction or context editing, or set thinking.block_binding.',
  },
  {
    form: /\bsystem["']?\s*[:=]\s*(?:f["']|[`$"'])[^\n]*(?:\bnow\b|\btoday\b|\bDate\b|\btime\(|strftime|Time\.)/g,
    applies: (from, target) =>
      target.thinking?.returned.checksConversation === true &&
      from?.thinking?.returned.checksConversation !== true,
    code: 'system_prompt_changes',
    message: (target) =>
      `The system prompt has a time in it; ${target.name} refuses thinking blocks of turns with another system prompt.`,
    hint: 'Write the time into a user message, or send a system message in the middle of the conversation.',
  },
]

export function judgePatterns({ role }: ScannedFile, moved: readonly Moved[], reporter: Reporter): void {
  if (role === 'log' || role === 'docs') return
  const segments = new Set(moved.map((each) => each.segment))
  for (const segment of segments) {
    const own = moved.filter((each) => each.segment === segment)
    for (const { form, applies, code, message, hint } of patterns) {
      const move = own.find(({ place, target }) => applies(place.name.model, target))
      if (move === undefined) continue
      for (const { 0: text, index } of segment.source.text.matchAll(form)) {
        if (
          findToken(segment.source, index)?.kind === 'comment' ||
          findToken(segment.source, index)?.kind === 'string'
        )
          continue
        reporter.add(segment, {
          start: index,
          end: index + text.length,
          model: move.place.name.model?.id ?? null,
          platform: move.platform,
          class: role === 'test' ? 'test' : 'call',
          code,
          severity: 'changes',
          message: message(move.target),
          hint,
          after: null,
          edits: [],
        })
      }
    }
  }
}
