import { selectLanguage } from '../syntax/language.ts'

/** A name that a file takes from another file. */
export interface Import {
  /** The name in this file. */
  readonly local: string
  /** The module as the file writes it. */
  readonly specifier: string
  /** The name in the module; null: the module itself. */
  readonly exported: string | null
}

/** A constant of another file: the module, and the names that lead to its value, such as `MODELS` and `main`. */
export interface ImportedName {
  readonly specifier: string
  readonly names: readonly string[]
}

/** Lists what a file in JavaScript, TypeScript or Python imports; nothing for other languages. */
export function listImports(path: string, text: string): readonly Import[] {
  const { name } = selectLanguage(path)
  if (name === 'javascript') return listScriptImports(text)
  return name === 'python' ? listPythonImports(text) : []
}

function listScriptImports(text: string): readonly Import[] {
  const declared = /\bimport\s+(?:type\s+)?(?<clause>[\w$*{}\s,]+?)\s*\bfrom\s*["'](?<from>[^"'\n]+)["']/g
  const required =
    /\b(?:const|let|var)\s+(?<clause>[\w$]+|\{[\w$\s,:]*\})\s*=\s*(?:require|await\s+import)\(\s*["'](?<from>[^"'\n]+)["']\s*\)/g
  return [...text.matchAll(declared), ...text.matchAll(required)].flatMap(({ groups }) =>
    readClause(groups?.['clause'] ?? '', groups?.['from'] ?? ''),
  )
}

/** `Main, { a, b as c }`, `* as all`, `{ a: b }`. */
function readClause(clause: string, specifier: string): readonly Import[] {
  const listed = /\{(?<names>[^}]*)\}/.exec(clause)?.groups?.['names'] ?? ''
  const whole = clause.replace(/\{[^}]*\}/, '').replaceAll(/\*\s+as\b|,/g, ' ')
  return [
    ...whole
      .split(/\s+/)
      .filter((local) => local !== '')
      .map((local) => ({ local, specifier, exported: null })),
    ...listed.split(',').flatMap((part) => readRenamed(part.replace(/^\s*type\s+/, ''), specifier)),
  ]
}

/** `name`, `name as local` and `name: local`. */
function readRenamed(part: string, specifier: string): readonly Import[] {
  const [exported = '', local = exported] = part.trim().split(/\s+as\s+|\s*:\s*/)
  return exported === '' ? [] : [{ local, specifier, exported }]
}

function listPythonImports(text: string): readonly Import[] {
  const from = /^[ \t]*from\s+(?<from>[\w.]+)\s+import\s+(?:\((?<many>[^)]*)\)|(?<names>[^\n#(]+))/gm
  const whole = /^[ \t]*import\s+(?<names>[\w., \t]+)/gm
  const named = [...text.matchAll(from)].flatMap(({ groups }) => {
    const names = (groups?.['many'] ?? groups?.['names'] ?? '').replaceAll(/#[^\n]*/g, '')
    return names.split(',').flatMap((part) => readRenamed(part, groups?.['from'] ?? ''))
  })
  const modules = [...text.matchAll(whole)].flatMap(({ groups }) =>
    (groups?.['names'] ?? '').split(',').flatMap((part): readonly Import[] => {
      const [specifier = '', local = specifier] = part.trim().split(/\s+as\s+/)
      return /^[\w.]+$/.test(specifier) ? [{ local, specifier, exported: null }] : []
    }),
  )
  return [...named, ...modules]
}

/** Reads `MODELS.main` or `MODELS["main"]` as its names; null for any other expression. */
export function readNames(expression: string): readonly string[] | null {
  if (!/^[A-Za-z_$][\w$]*(?:\??\.[\w$]+|\[["'][\w$.-]+["']\]|!)*$/.test(expression)) return null
  return expression.match(/[\w$-]+(?:\.[\w$-]+(?=["']\]))?/g)
}

/** Finds the constants of other files that an expression may mean; a Python name can be a constant or a module. */
export function findImported(imports: readonly Import[], names: readonly string[]): readonly ImportedName[] {
  return imports.flatMap(({ local, specifier, exported }): readonly ImportedName[] => {
    const parts = local.split('.')
    if (!parts.every((part, index) => names[index] === part)) return []
    const rest = names.slice(parts.length)
    if (exported === null) return rest.length === 0 ? [] : [{ specifier, names: rest }]
    const isPackage = /^[\w.]+$/.test(specifier) && rest.length > 0
    const inModule = isPackage
      ? [{ specifier: `${specifier}${specifier.endsWith('.') ? '' : '.'}${exported}`, names: rest }]
      : []
    return [{ specifier, names: [exported, ...rest] }, ...inModule]
  })
}

/** Lists the paths at which the module of an import may be, the most likely first. */
export function listModulePaths(path: string, specifier: string): readonly string[] {
  const { name } = selectLanguage(path)
  const folder = path.split('/').slice(0, -1)
  if (name === 'python') return listPythonPaths(folder, specifier)
  return listScriptPaths(folder, specifier)
}

const scriptEndings = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json']

function listScriptPaths(folder: readonly string[], specifier: string): readonly string[] {
  const aliased = /^[@~]\/(?<rest>.+)$/.exec(specifier)?.groups?.['rest']
  const bases =
    aliased === undefined
      ? specifier.startsWith('.')
        ? [join(folder, specifier)]
        : []
      : listAncestors(folder).flatMap((each) => [join([...each, 'src'], aliased), join(each, aliased)])
  return bases.flatMap((base) => {
    if (base === null) return []
    const bare = base.replace(/\.[cm]?jsx?$/, '')
    return [
      base,
      ...scriptEndings.map((ending) => bare + ending),
      ...scriptEndings.slice(0, -1).map((ending) => `${base}/index${ending}`),
    ]
  })
}

function listPythonPaths(folder: readonly string[], specifier: string): readonly string[] {
  const dots = /^\.*/.exec(specifier)?.[0].length ?? 0
  const parts = specifier
    .slice(dots)
    .split('.')
    .filter((part) => part !== '')
  const folders = dots > 0 ? [folder.slice(0, folder.length - dots + 1)] : listAncestors(folder)
  return folders.flatMap((each) => {
    const base = [...each, ...parts].join('/')
    return parts.length === 0 ? [`${base}/__init__.py`] : [`${base}.py`, `${base}/__init__.py`]
  })
}

/** A folder and all above it, the nearest first. */
function listAncestors(folder: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: folder.length + 1 }, (_, up) => folder.slice(0, folder.length - up))
}

/** Joins a folder and a relative path; null: the path leaves the tree. */
function join(folder: readonly string[], relative: string): string | null {
  const parts = [...folder]
  for (const part of relative.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return null
    } else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
