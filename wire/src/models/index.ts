export { modelLifecycles, parseLifecycles } from './model-info.ts'
export type {
  Capability,
  CapabilityGroup,
  ModelCapabilities,
  ModelInfo,
  ModelLifecycle,
} from './model-info.ts'
export { defaultPageSize, maxPageSize, pageModels } from './models-page.ts'
export type { ModelObject, ModelsPage, ModelsQuery, PagedModels } from './models-page.ts'
