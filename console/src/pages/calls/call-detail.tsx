import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'

import { callQuery } from '../../api/calls.ts'
import type { CallDetail as Detail, CallWithAttempts } from '../../api/calls.ts'
import { serverQuery } from '../../api/server.ts'
import { useMay } from '../../api/session.ts'
import { usePageSearch } from '../../app/search-state.ts'
import { useShortcuts } from '../../app/shortcuts.ts'
import { Code } from '../../parts/code.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Facts } from '../../parts/facts.tsx'
import { formatDuration, formatTime } from '../../parts/format.ts'
import { Modal } from '../../parts/modal.tsx'
import { Clipped } from '../../parts/name.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { callTexts } from '../../texts/calls.ts'
import { shellTexts } from '../../texts/shell.ts'
import { CallHeaders } from './call-headers.tsx'
import { CallPrice } from './call-price.tsx'
import { CallRouting } from './call-routing.tsx'
import { CallTimeline } from './call-timeline.tsx'
import { OutcomeBadge } from './outcome-badge.tsx'

const texts = callTexts.detail

/** Most visits to a call need no parser of requests. */
const CallConversation = lazy(async () => ({
  default: (await import('./conversation/call-conversation.tsx')).CallConversation,
}))

interface CallDetailProps {
  /** The id of the call, or of one of its billed attempts. */
  readonly rowId: string
  /** The rows of the list, for the previous and the next one. */
  readonly neighbours: readonly string[]
  readonly onOpen: (rowId: string) => void
  readonly onClose: () => void
}

/** Everything that is known of one call, beside the list. */
export function CallDetail({ rowId, neighbours, onOpen, onClose }: CallDetailProps) {
  const id = rowId.replace(/#\d+$/, '')
  const query = useQuery(callQuery(id))
  const at = neighbours.indexOf(rowId)
  const go = (step: number) => {
    const target = at < 0 ? undefined : neighbours[at + step]
    if (target !== undefined) onOpen(target)
  }
  useShortcuts({ j: () => go(1), k: () => go(-1) })
  return (
    <Modal title={texts.title} isOpen shape="drawer" onClose={onClose}>
      <div className="row">
        <code>
          <Clipped text={id} />
        </code>
        <CopyButton text={id} label={texts.copyId} />
        <button type="button" className="button small" disabled={at <= 0} onClick={() => go(-1)}>
          {texts.previous}
        </button>
        <button
          type="button"
          className="button small"
          disabled={at < 0 || at === neighbours.length - 1}
          onClick={() => go(1)}
        >
          {texts.next}
        </button>
      </div>
      <QueryState query={query}>{(found) => <CallTabs found={found} />}</QueryState>
    </Modal>
  )
}

function CallTabs({ found: { call, billed_attempts: attempts } }: { readonly found: CallWithAttempts }) {
  const [search, change] = usePageSearch()
  const mayRead = useMay()
  const names = [
    'facts',
    ...(mayRead ? ['conversation'] : []),
    'price',
    'usage',
    'headers',
    ...(attempts.length === 0 ? [] : ['attempts']),
  ]
  return (
    <Tabs
      label={texts.title}
      value={names.find((name) => name === search['tab']) ?? 'facts'}
      onChange={(tab) => change({ tab: tab === 'facts' ? undefined : tab })}
      tabs={[
        { value: 'facts', title: texts.tabs.facts, content: <CallFacts call={call} /> },
        ...(mayRead
          ? [{ value: 'conversation', title: texts.tabs.conversation, content: <Conversation call={call} /> }]
          : []),
        { value: 'price', title: texts.tabs.price, content: <CallPrice call={call} /> },
        { value: 'usage', title: texts.tabs.usage, content: <CallUsage call={call} /> },
        { value: 'headers', title: texts.tabs.headers, content: <CallHeaders headers={call.headers} /> },
        ...(attempts.length === 0
          ? []
          : [
              {
                value: 'attempts',
                title: `${texts.tabs.attempts} (${attempts.length})`,
                content: attempts.map((attempt) => <BilledAttempt key={attempt.attempt} attempt={attempt} />),
              },
            ]),
      ]}
    />
  )
}

function CallFacts({ call }: { readonly call: Detail }) {
  return (
    <>
      <div className="row">
        <OutcomeBadge outcome={call.outcome} detail={call.status} />
        {call.outcome === 'running' && <span className="muted">{texts.running}</span>}
      </div>
      <ErrorMessage call={call} />
      <CallTimeline call={call} />
      <Route call={call} />
      {call.routing !== null && <CallRouting routing={call.routing} />}
      <section className="stack">
        <h3>{texts.who}</h3>
        <Facts
          facts={[
            [texts.key, call.key ?? call.key_id],
            [texts.workspace, call.workspace ?? call.workspace_id],
            [texts.member, call.member],
            [
              texts.session,
              call.session_id === null ? null : (
                <Link to="/sessions" search={{ open: call.session_id }}>
                  {call.session_id}
                </Link>
              ),
            ],
            [texts.labels, call.labels === null ? null : <Labels labels={call.labels} />],
            [texts.protocol, call.protocol],
            [texts.messageId, call.message_id],
            [texts.requestId, call.upstream_request_id],
            [texts.stopReason, call.stop_reason],
            [texts.error, call.error_type],
          ]}
        />
      </section>
      <BodiesNote call={call} />
    </>
  )
}

function Conversation({ call }: { readonly call: Detail }) {
  return (
    <Suspense
      fallback={
        <p className="muted loading" role="status">
          {shellTexts.loading}
        </p>
      }
    >
      <CallConversation call={call} />
    </Suspense>
  )
}

/** Whether the prompt of the call is known, and what the playground can show of it. */
function BodiesNote({ call }: { readonly call: Detail }) {
  const [, change] = usePageSearch()
  const { data: server } = useQuery(serverQuery)
  const mayRead = useMay()
  if (server === undefined) return null
  if (server.stores_bodies)
    return (
      <p className="notice">
        {texts.bodies.on}{' '}
        {mayRead && (
          <button type="button" className="row-link" onClick={() => change({ tab: 'conversation' })}>
            {texts.showConversation}
          </button>
        )}
      </p>
    )
  return (
    <p className="notice">
      {texts.bodies.off}{' '}
      <Link to="/playground" search={{ m: call.model }}>
        {texts.playground}
      </Link>{' '}
      {texts.playgroundHint}
    </p>
  )
}

function ErrorMessage({ call }: { readonly call: Detail }) {
  if (call.error_message === null) return null
  return (
    <p className="notice bad">
      <bdi>{call.error_message}</bdi>
    </p>
  )
}

/** The models and upstreams of a call, and the way to the plan of such a request. */
function Route({ call }: { readonly call: Detail }) {
  const mayExplain = useMay()
  return (
    <section className="stack">
      <h3>{texts.route}</h3>
      <Facts
        facts={[
          [texts.requested, call.requested_model],
          [texts.served, call.model],
          [texts.upstream, `${call.upstream} (${call.platform})`],
          [
            texts.attempts,
            call.attempts === null
              ? null
              : `${call.attempts}. ${texts.attemptsNote(call.attempts, call.outcome === 'answered')}`,
          ],
        ]}
      />
      {mayExplain && (
        <Link
          className="button small"
          to="/routing"
          search={{ model: call.requested_model, key: call.key_id, protocol: call.protocol }}
        >
          {texts.explain}
        </Link>
      )}
    </section>
  )
}

/** Each label leads to the calls with it. */
function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  return (
    <span className="row">
      {Object.entries(labels).map(([name, value]) => (
        <Link key={name} to="/calls" search={{ label: `${name}=${value}` }}>
          {`${name}=${value}`}
        </Link>
      ))}
    </span>
  )
}

function CallUsage({ call }: { readonly call: Detail }) {
  const { usage, usage_source: source } = call
  if (usage === null) return <p className="muted">{texts.noUsage}</p>
  return (
    <>
      <Facts facts={[[texts.usageSource, source === null ? null : (texts.sources[source] ?? source)]]} />
      <Code label={texts.usage} text={JSON.stringify(usage, null, 2)} />
    </>
  )
}

function BilledAttempt({ attempt }: { readonly attempt: Detail }) {
  return (
    <section className="card">
      <h3>{texts.billedAttempt(attempt.attempt ?? 0, attempt.upstream)}</h3>
      <div className="row">
        <OutcomeBadge outcome={attempt.outcome} detail={attempt.error_type} />
        <span className="muted">
          {formatTime(attempt.started_at)}, {formatDuration(attempt.total_ms)}
        </span>
      </div>
      <ErrorMessage call={attempt} />
      <CallPrice call={attempt} />
    </section>
  )
}
