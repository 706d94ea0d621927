import { suggestModel } from '@anthology/catalog'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { routingQuery } from '../../api/routing.ts'
import { useMay } from '../../api/session.ts'
import { explain } from '../../api/upstreams.ts'
import { usePageSearch } from '../../app/search-state.ts'
import { CodeEditor } from '../../parts/code-editor.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { routingTexts as texts } from '../../texts/routing.ts'
import { shellTexts } from '../../texts/shell.ts'
import { AliasList } from './alias-list.tsx'
import { PlanView, ProblemPlan } from './plan-view.tsx'
import { UpstreamOrder } from './upstream-order.tsx'

export function RoutingPage() {
  const query = useQuery(routingQuery)
  const mayExplain = useMay()
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/routing']} lead={texts.lead} />
      {mayExplain && <Explain />}
      <QueryState query={query}>
        {(routing) => (
          <>
            <AliasList aliases={routing.aliases} />
            <UpstreamOrder routing={routing} />
          </>
        )}
      </QueryState>
    </div>
  )
}

const protocols = ['messages', 'openai', 'bedrock', 'vertex'] as const

function createBody(protocol: string, model: string): string {
  const body = { model, max_tokens: 256, messages: [{ role: 'user', content: 'Hello' }] }
  const { model: _model, ...withoutModel } = body
  const versions: Readonly<Record<string, string>> = {
    bedrock: 'bedrock-2023-05-31',
    vertex: 'vertex-2023-10-16',
  }
  const version = versions[protocol]
  return JSON.stringify(
    version === undefined ? body : { anthropic_version: version, ...withoutModel },
    null,
    2,
  )
}

function Explain() {
  const [search, change] = usePageSearch()
  const { model = suggestModel()?.id ?? '', key = '', protocol = 'messages' } = search
  const [body, setBody] = useState(() => createBody(protocol, model))
  const [isInvalid, setInvalid] = useState(false)
  const isInPath = protocol === 'bedrock' || protocol === 'vertex'
  const run = useMutation({
    mutationFn: (request: unknown) =>
      explain(request, { protocol, key, model: isInPath ? model : undefined }),
  })
  const choose = (name: 'model' | 'protocol', value: string) => {
    change({ [name]: value })
    setBody(createBody(name === 'protocol' ? value : protocol, name === 'model' ? value : model))
  }
  const submit = () => {
    try {
      setInvalid(false)
      run.mutate(JSON.parse(body))
    } catch {
      setInvalid(true)
    }
  }
  return (
    <section className="card">
      <h2>{texts.explain}</h2>
      <div className="filters">
        <TextField
          label={texts.model}
          value={model}
          onChange={(value) => choose('model', value)}
          isFirstFilter
        />
        <TextField label={texts.key} value={key} onChange={(value) => change({ key: value })} />
        <Choice
          label={texts.protocol}
          value={protocol}
          onChange={(value) => choose('protocol', value)}
          options={protocols.map((name) => [name, name] as const)}
        />
      </div>
      <CodeEditor label={texts.body} value={body} onChange={setBody} language="json" minLines={8} />
      <div className="row">
        <button type="button" className="button primary" disabled={run.isPending} onClick={submit}>
          {texts.run}
        </button>
        {isInvalid && (
          <span className="notice bad" role="alert">
            {texts.invalid}
          </span>
        )}
      </div>
      <div role="status" className="stack">
        {run.data !== undefined && <PlanView explanation={run.data} />}
        {run.error !== null && <ProblemPlan error={run.error} />}
      </div>
    </section>
  )
}
