import { usePageSearch } from '../../app/search-state.ts'
import { Code } from '../../parts/code.tsx'
import { clientGuides, startTexts } from '../../texts/start.ts'
import { useSnippetKey } from './snippet-key.tsx'

const groups = [...new Set(clientGuides.map(({ group }) => group))]

/** How each client is pointed at this gateway. */
export function ClientGuides() {
  const [search, change] = usePageSearch()
  const { secret } = useSnippetKey()
  const wanted = search['client'] ?? 'Claude Code'
  const guide = clientGuides.find(({ name }) => name === wanted) ?? clientGuides[0]
  if (guide === undefined) return null
  return (
    <section className="card">
      <div>
        <h2>{startTexts.clients}</h2>
        <p className="muted">{startTexts.clientsLead}</p>
      </div>
      <label className="field">
        <span>{startTexts.client}</span>
        <select
          className="input"
          value={guide.name}
          onChange={({ target }) => change({ client: target.value })}
        >
          {groups.map((group) => (
            <optgroup key={group} label={group}>
              {clientGuides
                .filter((one) => one.group === group)
                .map(({ name }) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </label>
      {guide.note !== undefined && <p className="muted">{guide.note}</p>}
      <Code
        label={startTexts.snippet(guide.name)}
        text={guide.snippet(location.origin, secret ?? startTexts.keyPlaceholder)}
      />
    </section>
  )
}
