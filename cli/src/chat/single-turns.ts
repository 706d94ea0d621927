import { formatNanoUsd } from '@anthology/catalog'

import { CliError } from '../command.ts'
import type { Context } from '../command.ts'
import { createRequest, getMessageText } from './conversation.ts'
import type { Conversation } from './conversation.ts'
import { addCost, emptyBill } from './cost.ts'
import type { Bill } from './cost.ts'
import { describeEnding, exchange } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import type { Server } from './server.ts'
import { withoutControls } from './session.ts'

export interface Script {
  readonly server: Server
  readonly start: Conversation
  /** Print one object per turn instead of the answer's text. */
  readonly json: boolean
}

/** Asks one question and prints only the answer. */
export async function answerOnce(context: Context, script: Script, question: string): Promise<number> {
  const { whole } = await speak(context, script, { conversation: script.start, bill: emptyBill, question })
  return whole ? 0 : 1
}

/** Runs one turn per line of standard input, all in one conversation; stops at the first failure. */
export async function answerLines(context: Context, script: Script): Promise<number> {
  const lines = context.openLines()
  let state = { conversation: script.start, bill: emptyBill, whole: true }
  try {
    for (let line = await lines.readLine(''); line !== null; line = await lines.readLine('')) {
      if (line.trim() === '') continue
      state = await speak(context, script, { ...state, question: line })
      if (!state.whole) return 1
    }
    return 0
  } finally {
    lines.close()
  }
}

interface State {
  readonly conversation: Conversation
  readonly bill: Bill
  readonly whole: boolean
}

async function speak(
  context: Context,
  { server, json }: Script,
  turn: { readonly conversation: Conversation; readonly bill: Bill; readonly question: string },
): Promise<State> {
  let shown = ''
  const onText = (text: string): void => {
    shown += text
    // If the output is not a terminal, it is data, so every byte is kept.
    if (!json) context.write(context.isTty ? withoutControls(text) : text)
  }
  const signal = new AbortController().signal
  const result = await exchange(server, turn.conversation, turn.question, { signal, onText })
  const bill = result.cost === null ? turn.bill : addCost(turn.bill, result.cost)
  const whole = result.answer.ending === 'whole'
  if (json) context.out(JSON.stringify(turnEntry(result, bill)))
  else if (!shown.endsWith('\n')) context.write('\n')
  const ending = describeEnding(result.answer, { maxTokens: createRequest(turn.conversation).max_tokens })
  if (!whole) throw new CliError(`the answer was ${ending ?? 'interrupted'}`, 'Send the question again.')
  if (ending !== null && !json) context.err(`anthology: ${ending}`)
  return { conversation: result.conversation, bill, whole }
}

function turnEntry({ answer, cost }: Exchange, bill: Bill): object {
  const { message, ending, problem, notice } = answer
  return {
    model: message?.['model'] ?? null,
    text: message === null ? '' : getMessageText(message),
    ending,
    problem,
    stop_reason: message?.['stop_reason'] ?? null,
    usage: message?.usage ?? null,
    cost_usd: cost?.ok === true ? formatNanoUsd(cost.nanoUsd) : null,
    unpriced_because: cost?.ok === false ? cost.detail : null,
    total_usd: formatNanoUsd(bill.nanoUsd),
    notice,
    message,
  }
}
