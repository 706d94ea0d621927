/** The contents of a pair of brackets, of a YAML mapping, or of a chain of builder calls. */
export interface Group {
  readonly kind: '(' | '[' | '{' | 'chain' | 'mapping' | 'sequence' | 'section'
  /** From the opening bracket to behind the closing one. */
  readonly start: number
  readonly end: number
  readonly entries: readonly Entry[]
  /** The text before the opening bracket: a function, a type or nothing. */
  readonly callee: string
}

/** A member or an item; `end` is before its comma. */
export interface Entry {
  readonly start: number
  readonly end: number
  /** Null for an item without a name. */
  readonly name: string | null
  readonly nameStart: number
  readonly nameEnd: number
  readonly separator: string
  readonly value: Value
}

export interface Value {
  readonly kind: 'string' | 'number' | 'constant' | 'group' | 'call' | 'expression'
  readonly start: number
  readonly end: number
  /** Of a string: its value as written between the quotes. */
  readonly text: string
  readonly number: number | null
  readonly constant: boolean | null
  /** Of a group, or the arguments of a call. */
  readonly group: Group | null
}

/** Lists the groups that a value contains directly. */
export function listNested(group: Group): readonly Group[] {
  return group.entries.flatMap(({ value }) => (value.group === null ? [] : [value.group]))
}

/** `maxTokens`, `MaxTokens` and `max-tokens` are `max_tokens`. */
export function foldMember(name: string): string {
  return name
    .replace(/^[:@$]+/, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()
}
