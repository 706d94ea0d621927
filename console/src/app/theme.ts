import { createSharedValue } from '../parts/shared-value.ts'

/** `system` follows the browser. public/theme.js applies a forced theme before the first paint. */
export type Theme = 'system' | 'light' | 'dark'

const storageKey = 'anthology-theme'
const shared = createSharedValue(readTheme())

export function useTheme(): Theme {
  return shared.useValue()
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') {
    localStorage.removeItem(storageKey)
    delete document.documentElement.dataset['theme']
  } else {
    localStorage.setItem(storageKey, theme)
    document.documentElement.dataset['theme'] = theme
  }
  shared.set(theme)
}

function readTheme(): Theme {
  const stored = localStorage.getItem(storageKey)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}
