import type { CallRouting as Routing, RoutedUpstream } from '../../api/calls.ts'
import { callTexts } from '../../texts/calls.ts'

const { routing: texts } = callTexts.detail

/** The upstreams that could have served the call, those that could not, and what those that were asked did. */
export function CallRouting({ routing }: { readonly routing: Routing }) {
  const { ranked, excluded, attempts, omitted } = routing
  return (
    <section className="stack">
      <h3>{texts.title}</h3>
      {ranked.length > 0 && (
        <>
          <p className="small muted">{texts.ranked}</p>
          <ol>
            {ranked.map((choice) => (
              <Choice key={nameChoice(choice)} choice={choice} words={texts.ranks} />
            ))}
          </ol>
        </>
      )}
      {excluded.length > 0 && (
        <>
          <p className="small muted">{texts.excluded}</p>
          <ul>
            {excluded.map((choice) => (
              <Choice key={nameChoice(choice)} choice={choice} words={texts.exclusions} />
            ))}
          </ul>
        </>
      )}
      {attempts.length > 0 && (
        <>
          <p className="small muted">{texts.attempts}</p>
          <ol>
            {attempts.map(({ upstream, result }, index) => (
              <li key={index}>
                <strong>{upstream}</strong>: {texts.results[result] ?? result}
              </li>
            ))}
          </ol>
        </>
      )}
      {omitted > 0 && <p className="small muted">{texts.omitted(omitted)}</p>}
    </section>
  )
}

interface ChoiceProps {
  readonly choice: RoutedUpstream
  readonly words: Readonly<Record<string, string>>
}

function Choice({ choice: { upstream, because, model }, words }: ChoiceProps) {
  return (
    <li>
      <strong>{upstream}</strong>
      {model !== null && (
        <>
          {' '}
          <code>{model}</code>
        </>
      )}
      : {words[because] ?? because}
    </li>
  )
}

function nameChoice({ upstream, model }: RoutedUpstream): string {
  return `${upstream} ${model ?? ''}`
}
