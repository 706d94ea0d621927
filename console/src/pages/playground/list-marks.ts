import type { RequestBody } from './create-request.ts'
import { toList, toMembers } from './members.ts'

/** A cache breakpoint of a request. */
export interface Mark {
  readonly ttl: '5m' | '1h'
  /** Whether it is on the last block of the last message, so that all of the prompt is before it. */
  readonly endsPrompt: boolean
}

/** The most breakpoints that the API accepts in a request. */
export const maxMarks = 4

/** The cache breakpoints of a request, in the order in which the prompt is read: tools, system prompt, messages. */
export function listMarks({ tools, system, messages, cache_control }: RequestBody): readonly Mark[] {
  const contents = toList(messages).map((message) => toList(toMembers(message)['content']))
  const blocks = [toList(tools), toList(system), ...contents].flat()
  const last = contents.at(-1)?.at(-1)
  const marks = blocks.flatMap((block) => [
    ...readMark(block, block === last),
    // A result of a tool contains blocks of its own.
    ...toList(toMembers(block)['content']).flatMap((inner) => readMark(inner, false)),
  ])
  return [...marks, ...readMark({ cache_control }, true)]
}

function readMark(block: unknown, endsPrompt: boolean): readonly Mark[] {
  const mark = toMembers(block)['cache_control']
  if (typeof mark !== 'object' || mark === null) return []
  return [{ ttl: toMembers(mark)['ttl'] === '1h' ? '1h' : '5m', endsPrompt }]
}
