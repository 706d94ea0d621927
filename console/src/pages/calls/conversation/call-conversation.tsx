import './conversation.css'

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'

import { callBodiesQuery } from '../../../api/call-bodies.ts'
import type { CallBodies, StoredBody } from '../../../api/call-bodies.ts'
import type { CallDetail } from '../../../api/calls.ts'
import { Code } from '../../../parts/code.tsx'
import { Empty } from '../../../parts/empty.tsx'
import { QueryState } from '../../../parts/query-state.tsx'
import { conversationTexts as texts } from '../../../texts/conversation.ts'
import { BlockView } from './block-view.tsx'
import { readAnswer, readConversation } from './read-conversation.ts'
import type { Conversation, Json, StoredAnswer } from './read-conversation.ts'

/** The prompt and the answer of a call, where they are stored. */
export function CallConversation({ call }: { readonly call: CallDetail }) {
  const query = useQuery(callBodiesQuery(call.id))
  return (
    <QueryState query={query}>
      {({ request, response, absent_because: reason }) =>
        request === null ? (
          <Empty title={texts.absent[reason ?? 'not_found']} />
        ) : (
          <>
            <Request request={request} call={call} />
            <Answer response={response} />
          </>
        )
      }
    </QueryState>
  )
}

function Request({ request, call }: { readonly request: StoredBody; readonly call: CallDetail }) {
  const conversation = readConversation(request.text)
  if (request.truncated || conversation === null)
    return (
      <>
        {request.truncated && <p className="notice warn">{texts.cut.request(request.bytes)}</p>}
        <Code label={texts.raw.request} text={request.text} wraps />
      </>
    )
  return (
    <>
      <Link className="button small" to="/playground" search={{ m: call.model, call: call.id }}>
        {texts.open}
      </Link>
      <Prompt conversation={conversation} />
    </>
  )
}

/** The messages of a conversation that are shown at first: its last ones. */
const shownMessages = 10

function Prompt({ conversation: { system, tools, messages } }: { readonly conversation: Conversation }) {
  const [isWhole, setIsWhole] = useState(false)
  const hidden = isWhole ? 0 : Math.max(0, messages.length - shownMessages)
  return (
    <>
      {system.length > 0 && <Blocks title={texts.system} blocks={system} />}
      {tools.length > 0 && <p className="small muted">{texts.tools(tools)}</p>}
      {hidden > 0 && (
        <button type="button" className="button small" onClick={() => setIsWhole(true)}>
          {texts.earlier(hidden)}
        </button>
      )}
      {messages.slice(hidden).map(({ role, blocks }, index) => (
        // Messages have no ids, and their order never changes.
        <Blocks key={hidden + index} title={texts.roles[role] ?? role} blocks={blocks} />
      ))}
    </>
  )
}

function Answer({ response }: Pick<CallBodies, 'response'>) {
  if (response === null) return <p className="muted">{texts.noAnswer}</p>
  const answer = readAnswer(response)
  return (
    <>
      {answer === null ? (
        <Code label={texts.raw.response} text={response.text} wraps />
      ) : (
        <ReadAnswer answer={answer} isWhole={!response.truncated} />
      )}
      {response.truncated && <p className="notice warn">{texts.cut.response(response.bytes)}</p>}
    </>
  )
}

interface ReadAnswerProps {
  readonly answer: StoredAnswer
  /** Everything that arrived is stored. */
  readonly isWhole: boolean
}

function ReadAnswer({ answer: { blocks, stopReason, error }, isWhole }: ReadAnswerProps) {
  return (
    <>
      {blocks.length > 0 && <Blocks title={texts.answer} blocks={blocks} />}
      {stopReason !== null && <p className="small muted">{texts.stopReason(stopReason)}</p>}
      {error !== null && (
        <p className="notice bad">
          <bdi>{error}</bdi>
        </p>
      )}
      {isWhole && stopReason === null && error === null && <p className="notice warn">{texts.unfinished}</p>}
    </>
  )
}

function Blocks({ title, blocks }: { readonly title: string; readonly blocks: readonly Json[] }) {
  return (
    <section className="card stack">
      <h3>{title}</h3>
      {blocks.map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </section>
  )
}
