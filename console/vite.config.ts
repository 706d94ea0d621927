import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { defineConfig } from 'vite'
import type { Plugin } from 'vite'

const outDir = join(import.meta.dirname, 'built')

/** Writes a `.gz` beside every file that becomes clearly smaller. */
function compressFiles(): Plugin {
  return {
    name: 'compress-files',
    apply: 'build',
    closeBundle() {
      for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(?:js|css|html|svg)$/.test(entry.name)) continue
        const file = join(entry.parentPath, entry.name)
        const bytes = readFileSync(file)
        const small = gzipSync(bytes, { level: 9 })
        if (small.byteLength < bytes.byteLength * 0.9) writeFileSync(`${file}.gz`, small)
      }
    },
  }
}

/** Adds the script of the theme, which is not bundled: it has to run before the first paint. */
function addThemeScript(): Plugin {
  return {
    name: 'add-theme-script',
    transformIndexHtml: () => [
      { tag: 'script', attrs: { src: '/console/theme.js' }, injectTo: 'head-prepend' },
    ],
  }
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  // The dialogs' scroll lock writes a style element, which the policy of the page forbids.
  resolve: { alias: { 'react-remove-scroll': join(import.meta.dirname, 'src/parts/remove-scroll.tsx') } },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { pluginTimings: false },
      // The marks of server components mean nothing in a bundle for browsers.
      onLog(level, log, handle) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log)
      },
    },
  },
  plugins: [addThemeScript(), compressFiles()],
  logLevel: 'warn',
})
