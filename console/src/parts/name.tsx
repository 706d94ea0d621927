/** A name that somebody has given. It may be long, and its direction does not change the order of the text around it. */
export function Name({ text }: { readonly text: string }) {
  return <bdi className="name">{text}</bdi>
}

/** Several names, one below the other. */
export function Names({ texts }: { readonly texts: readonly string[] }) {
  return (
    <span className="names">
      {texts.map((text) => (
        <Name key={text} text={text} />
      ))}
    </span>
  )
}

/** A name or id that is cut to the width of its column. The pointer shows the whole of it. */
export function Clipped({ text }: { readonly text: string }) {
  return (
    <bdi className="clipped" title={text}>
      {text}
    </bdi>
  )
}
