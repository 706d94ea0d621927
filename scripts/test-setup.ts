import * as fc from 'fast-check'

// Without this, a property with `maxLength: 200` generates about ten elements at most.
fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })
