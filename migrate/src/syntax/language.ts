/** The lexical rules of a language, as far as strings, comments and brackets need them. */
export interface Language {
  readonly name: string
  readonly lineComments: readonly string[]
  readonly blockComments: readonly (readonly [string, string])[]
  readonly quotes: readonly Quote[]
  /** `#` and `--` only start a comment at the start of a line or after a blank. */
  readonly commentNeedsBlank?: boolean
  /** A `/` where a value is expected starts a regular expression. */
  readonly regex?: boolean
  readonly heredoc?: RegExp
  /** A line break ends a member, as in HCL. */
  readonly newlineSeparates?: boolean
  /** How the text is split into members; `code` has brackets. */
  readonly layout: 'code' | 'yaml' | 'lines' | 'prose' | 'notebook'
}

export interface Quote {
  readonly open: string
  readonly close: string
  readonly escape: 'backslash' | 'double' | null
  readonly multiline: boolean
  /** The start of an interpolation; it ends at the matching brace. */
  readonly interpolation?: '${' | '#{' | '{' | '$(' | undefined
  /** The text before the quote that selects this row, such as `f` in Python. */
  readonly prefix?: RegExp
}

const double: Quote = { open: '"', close: '"', escape: 'backslash', multiline: false }
const single: Quote = { open: "'", close: "'", escape: 'backslash', multiline: false }
const rawSingle: Quote = { open: "'", close: "'", escape: null, multiline: true }
const tripleDouble: Quote = { open: '"""', close: '"""', escape: 'backslash', multiline: true }
const tripleSingle: Quote = { open: "'''", close: "'''", escape: 'backslash', multiline: true }
const cBlock = [['/*', '*/']] as const

function code(name: string, rules: Partial<Language>): Language {
  return {
    name,
    lineComments: ['//'],
    blockComments: cBlock,
    quotes: [double, single],
    layout: 'code',
    ...rules,
  }
}

const formatted = /(?:^|[^\w])(?:[fF][rR]?|[rR][fF])$/
const javascript = code('javascript', {
  quotes: [
    double,
    single,
    { open: '`', close: '`', escape: 'backslash', multiline: true, interpolation: '${' },
  ],
  regex: true,
})
const python = code('python', {
  lineComments: ['#'],
  blockComments: [],
  quotes: [
    { ...tripleDouble, interpolation: '{', prefix: formatted },
    { ...tripleSingle, interpolation: '{', prefix: formatted },
    tripleDouble,
    tripleSingle,
    { ...double, interpolation: '{', prefix: formatted },
    { ...single, interpolation: '{', prefix: formatted },
    double,
    single,
  ],
})
const go = code('go', { quotes: [double, single, { open: '`', close: '`', escape: null, multiline: true }] })
const java = code('java', { quotes: [tripleDouble, double, single] })
const kotlin = code('kotlin', {
  quotes: [
    { ...tripleDouble, escape: null, interpolation: '${' },
    { ...double, interpolation: '${' },
    single,
  ],
})
const csharp = code('csharp', {
  quotes: [
    { ...tripleDouble, escape: null },
    { ...double, escape: 'double', multiline: true, prefix: /(?:@|@\$|\$@)$/ },
    { ...double, interpolation: '{', prefix: /\$$/ },
    double,
    single,
  ],
})
const ruby = code('ruby', {
  lineComments: ['#'],
  blockComments: [['\n=begin', '\n=end']],
  quotes: [
    { ...double, multiline: true, interpolation: '#{' },
    { ...single, multiline: true },
  ],
  heredoc: /^<<[~-]?(?<quote>["'`]?)(?<word>[A-Z_][A-Z0-9_]*)\k<quote>/,
  regex: true,
})
const php = code('php', {
  lineComments: ['//', '#'],
  quotes: [
    { ...double, multiline: true },
    { ...single, multiline: true },
  ],
  heredoc: /^<<<(?<quote>["']?)(?<word>[A-Za-z_]\w*)\k<quote>/,
})
const rust = code('rust', {
  quotes: [
    { open: '#"', close: '"#', escape: null, multiline: true, prefix: /\br$/ },
    { ...double, multiline: true },
    single,
  ],
})
const hcl = code('hcl', {
  lineComments: ['#', '//'],
  quotes: [{ ...double, interpolation: '${' }],
  heredoc: /^<<-?(?<word>[A-Z_]\w*)/,
  newlineSeparates: true,
})
const shell = code('shell', {
  lineComments: ['#'],
  blockComments: [],
  quotes: [{ ...double, multiline: true, interpolation: '$(' }, rawSingle],
  commentNeedsBlank: true,
  heredoc: /^<<-?\s*(?<quote>["']?)(?<word>[A-Za-z_]\w*)\k<quote>/,
})
const json = code('json', { quotes: [double] })
const toml = code('toml', {
  lineComments: ['#'],
  blockComments: [],
  quotes: [tripleDouble, { ...tripleSingle, escape: null }, double, { ...single, escape: null }],
  layout: 'lines',
})
const settings = code('settings', {
  lineComments: ['#', ';'],
  blockComments: [],
  quotes: [double, single],
  commentNeedsBlank: true,
  layout: 'lines',
})
const dockerfile = code('dockerfile', {
  lineComments: ['#'],
  blockComments: [],
  commentNeedsBlank: true,
  layout: 'lines',
})
const yaml = code('yaml', {
  lineComments: ['#'],
  blockComments: [],
  quotes: [double, { ...single, escape: 'double' }],
  commentNeedsBlank: true,
  layout: 'yaml',
})
const markup = code('markup', { lineComments: [], blockComments: [['<!--', '-->']], quotes: [] })
const sql = code('sql', { lineComments: ['--'], quotes: [{ ...single, escape: 'double', multiline: true }] })
const prose = code('prose', { lineComments: [], blockComments: [], quotes: [], layout: 'prose' })
const notebook = code('notebook', {
  quotes: [double],
  lineComments: [],
  blockComments: [],
  layout: 'notebook',
})
const generic = code('generic', { lineComments: ['#', '//'], commentNeedsBlank: true })

const byExtension: Readonly<Record<string, Language>> = {
  ...each(['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'vue', 'svelte', 'astro'], javascript),
  ...each(['py', 'pyi', 'pyw', 'bzl', 'star'], python),
  ...each(['go'], go),
  ...each(['java', 'groovy', 'gradle', 'scala', 'dart'], java),
  ...each(['kt', 'kts', 'swift'], kotlin),
  ...each(['cs', 'fs', 'vb', 'razor'], csharp),
  ...each(['rb', 'rake', 'ru', 'gemspec', 'ex', 'exs', 'cr'], ruby),
  ...each(['php', 'phtml'], php),
  ...each(['rs'], rust),
  ...each(['c', 'h', 'cc', 'cpp', 'hpp', 'zig'], code('c', {})),
  ...each(['tf', 'tfvars', 'hcl', 'bicep', 'nix'], hcl),
  ...each(['sh', 'bash', 'zsh', 'fish', 'ps1', 'bats', 'mk'], shell),
  ...each(['json', 'jsonc', 'json5', 'webmanifest', 'code-workspace', 'tfstate'], json),
  ...each(['toml'], toml),
  ...each(['env', 'ini', 'cfg', 'conf', 'properties', 'editorconfig'], settings),
  ...each(['yml', 'yaml'], yaml),
  ...each(['html', 'htm', 'xml', 'xhtml', 'csproj', 'plist', 'svg'], markup),
  ...each(['sql'], sql),
  ...each(['md', 'mdx', 'markdown', 'rst', 'txt', 'adoc', 'org'], prose),
  ipynb: notebook,
}

function each(extensions: readonly string[], language: Language): Record<string, Language> {
  return Object.fromEntries(extensions.map((extension) => [extension, language]))
}

/** Selects the language of a file by its name. */
export function selectLanguage(path: string): Language {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  if (/^\.env(?:\.|$)|\.env$|^\.envrc$/.test(name)) return settings
  if (/^(?:docker|container)file(?:\.|$)|\.dockerfile$/.test(name)) return dockerfile
  if (/^(?:makefile|justfile|procfile)$/.test(name)) return shell
  if (/^(?:rakefile|gemfile|vagrantfile|podfile|fastfile)$/.test(name)) return ruby
  if (name === 'jenkinsfile') return java
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : ''
  if (['example', 'sample', 'template', 'dist', 'tpl', 'j2', 'local'].includes(extension))
    return selectLanguage(path.slice(0, -extension.length - 1))
  return (Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined) ?? generic
}

/** Selects the language of a fenced code block by its info string. */
export function selectFenced(info: string): Language {
  const word =
    info
      .trim()
      .split(/[\s{,]/)[0]
      ?.toLowerCase() ?? ''
  const alias: Readonly<Record<string, string>> = {
    typescript: 'ts',
    javascript: 'js',
    python: 'py',
    python3: 'py',
    golang: 'go',
    ruby: 'rb',
    csharp: 'cs',
    kotlin: 'kt',
    rust: 'rs',
    console: 'sh',
    shell: 'sh',
    curl: 'sh',
    terraform: 'tf',
    dotenv: 'env',
  }
  const extension = Object.hasOwn(alias, word) ? (alias[word] ?? word) : word
  return Object.hasOwn(byExtension, extension) ? selectLanguage(`x.${extension}`) : prose
}
