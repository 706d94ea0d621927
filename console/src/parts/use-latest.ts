import { useEffect, useRef } from 'react'

/**
 * Returns the value, or while there is none the latest one. Data that are kept so have to be in one value with the filters
 * and groupings that they were asked for: beside others they would be wrong.
 */
export function useLatest<Value>(value: Value | undefined): Value | undefined {
  const latest = useRef(value)
  useEffect(() => {
    if (value !== undefined) latest.current = value
  })
  return value ?? latest.current
}
