import * as fc from 'fast-check'

// A property that says `maxLength: 200` means it: without this its values have ten elements or so at most.
fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })
