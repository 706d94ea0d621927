import { findEntry, listEnclosing } from '../syntax/enclosing.ts'
import type { Group, Value } from '../syntax/group.ts'
import type { Source } from '../syntax/source.ts'
import { listAssignedRanges } from './assignments.ts'
import { findImported, listImports, readNames } from './imports.ts'
import type { Import, ImportedName } from './imports.ts'
import { createRequest } from './request.ts'
import type { Request } from './request.ts'
import type { ScannedFile } from './scan-file.ts'
import type { Segment } from './segments.ts'

/** A request whose model is a constant of another file. */
export interface ImportedRequest {
  readonly request: Request
  readonly segment: Segment
  /** What the model may be: in Python a name can be a constant or a module. */
  readonly names: readonly ImportedName[]
}

const modelValue =
  /(?<![\w$])(?:model|modelId|model_id|modelName|model_name)["']?\s*[:=]\s*(?:[\w.$]+\(\s*)?(?<expression>[A-Za-z_$][\w$]*(?:\??\.[\w$]+|\[["'][\w$.-]+["']\])*)/g

/** The constants of other files that may be the model of a request, by a quick look at the text. */
export function listImportedNames(path: string, text: string): readonly ImportedName[] {
  if (!/model/i.test(text)) return []
  const imports = listImports(path, text)
  if (imports.length === 0) return []
  return [...text.matchAll(modelValue)].flatMap(({ groups }) =>
    resolveNames(imports, groups?.['expression'] ?? ''),
  )
}

/** Finds the requests of a file whose model is a constant of another file. */
export function listImportedRequests({ path, text, segments }: ScannedFile): readonly ImportedRequest[] {
  const imports = listImports(path, text)
  if (imports.length === 0) return []
  return segments.flatMap((segment) => {
    const { layout, name } = segment.source.language
    return layout === 'code' && name !== 'json' && segment.role === 'code'
      ? listInSegment(segment, imports)
      : []
  })
}

function listInSegment(segment: Segment, imports: readonly Import[]): readonly ImportedRequest[] {
  const { source } = segment
  const seen = new Set<number>()
  const found: ImportedRequest[] = []
  for (const { index } of source.text.matchAll(/(?<![\w$])model(?:_?[iI]d|_?[nN]ame)?(?![\w$])/g)) {
    const groups = listEnclosing(source, index)
    const at = groups.findIndex((group) => isMember(source, group, index))
    const group = groups[at]
    if (group === undefined || seen.has(group.start)) continue
    seen.add(group.start)
    const request = createRequest(source, group, groups[at + 1])
    const names = readModel(request, imports)
    if (!request.isDeclaration && names.length > 0) found.push({ request, segment, names })
  }
  return found
}

/** True if the offset is in the name of a member, and not in that of a variable of a block. */
function isMember({ language }: Source, group: Group, offset: number): boolean {
  const entry = findEntry(group, offset)
  if (entry === null || entry.name === null || offset >= entry.nameEnd) return false
  return !(language.name === 'javascript' && group.kind === '{' && entry.separator === '=')
}

function readModel({ members, source }: Request, imports: readonly Import[]): readonly ImportedName[] {
  const model = members.get('model') ?? members.get('model_id') ?? members.get('model_name')
  if (model === undefined) return []
  const written = readExpression(source, model.entry.value)
  const own = resolveNames(imports, written)
  if (own.length > 0) return own
  const [range, ...more] = /^[\w$]+$/.test(written) ? listAssignedRanges(source, written) : []
  return range === undefined || more.length > 0
    ? []
    : resolveNames(imports, source.text.slice(range.start, range.end).trim())
}

/** The expression, or the only argument of a call such as `anthropic(MODELS.main)`. */
function readExpression({ text }: Source, { kind, start, end, group }: Value): string {
  const [only] = group?.entries ?? []
  const isWrapped =
    kind === 'call' && group?.kind === '(' && group.entries.length === 1 && only?.name === null
  const { start: from, end: to } = isWrapped && only !== undefined ? only.value : { start, end }
  return text.slice(from, to).trim()
}

function resolveNames(imports: readonly Import[], expression: string): readonly ImportedName[] {
  const names = readNames(expression)
  return names === null ? [] : findImported(imports, names)
}
