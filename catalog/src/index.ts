export { aliasTarget, aliases, claudeCodeNames } from './names/aliases.ts'
export type { AliasTarget } from './names/aliases.ts'
export { betaCarriers } from './betas/beta.ts'
export type { Beta, BetaForm } from './betas/beta.ts'
export { betaOn, betaStateOn, betas, findBeta } from './betas/betas.ts'
export type { BetaState } from './betas/betas.ts'
export { calendar } from './lifecycle/calendar.ts'
export type { CalendarEntry } from './lifecycle/calendar.ts'
export { isDay } from './day.ts'
export { diffCatalogs } from './publish/catalog-diff.ts'
export { compare } from './publish/compare.ts'
export type { ComparedValue, ComparisonRow } from './publish/compare.ts'
export { catalogDocument } from './publish/document.ts'
export type { CatalogDocument, JsonObject, JsonValue } from './publish/document.ts'
export { CatalogError } from './error.ts'
export { measureEdits } from './names/edit-distance.ts'
export { catalogEntry, idOn } from './publish/entry.ts'
export type { CatalogEntry } from './publish/entry.ts'
export { check, checkCall } from './checks/check.ts'
export type { CheckOptions, RequestFacts } from './checks/check.ts'
export { optionsOn } from './checks/options-on.ts'
export type { ModelOptions } from './checks/options-on.ts'
export type { Finding } from './checks/finding.ts'
export {
  getBedrockModels,
  getBedrockProfiles,
  getMantleName,
  hasBedrockTokenCount,
  isProfileOnly,
  noticeUnlistedProfile,
  takesVersion2026OnBedrock,
} from './names/bedrock-models.ts'
export type { BedrockModel, BedrockProfile } from './names/bedrock-models.ts'
export { listGeographies, listWholeGeography } from './names/bedrock-regions.ts'
export { bedrockOutputWeights, getBedrockOutputWeight } from './quota/bedrock-output-weights.ts'
export type { BedrockOutputWeight } from './quota/bedrock-output-weights.ts'
export { getLifecycle } from './lifecycle/lifecycle.ts'
export { suggestModel } from './lifecycle/suggest-model.ts'
export type { LifecycleMode, LifecycleState, ListedStatus } from './lifecycle/lifecycle.ts'
export { getEffectiveDay, getListedStatus } from './lifecycle/lifecycle.ts'
export { findEndpoint, withEndpoint } from './pricing/endpoint.ts'
export type { Endpoint } from './pricing/endpoint.ts'
export { isKnownOn, keepKnown } from './publish/known-on.ts'
export { fastPricesOn } from './pricing/fast-mode.ts'
export { fastOn } from './pricing/price-rate.ts'
export { retirementsIcs } from './publish/ics.ts'
export { imageRules, imageTokens } from './tokens/image-tokens.ts'
export type { ImageRule } from './tokens/image-tokens.ts'
export { limitOn } from './tokens/limit.ts'
export { abilityNames, list } from './publish/list.ts'
export type { Ability, ListFilter } from './publish/list.ts'
export type {
  Behaviour,
  Effort,
  EffortLevel,
  Family,
  Lifecycle,
  LifecycleStatus,
  Limit,
  LimitBeta,
  Modality,
  Model,
  FoundryHosting,
  Platform,
  ReturnedThinking,
  Thinking,
  ThinkingType,
  ToolPromptTokens,
} from './model.ts'

export type { ModelCapabilities } from './publish/model-capabilities.ts'
export { getCreatedAt, describeModel } from './publish/model-description.ts'
export type { BriefDescription, DescribeOptions, FullDescription } from './publish/model-description.ts'
export { models } from './models.ts'
export {
  formatNanoUsd,
  formatUsdPerMTok,
  parseUsdPerMTok,
  divideHalfEven,
  roundPicoToNano,
} from './pricing/money.ts'
export { computePrice } from './pricing/price.ts'
export type { Price, PriceComponent, PriceLine, PriceOptions } from './pricing/price.ts'
export type { PriceModifier } from './pricing/price-rate.ts'
export { priorityMilliWeights, computePriorityUsage } from './pricing/priority-usage.ts'
export type { PriorityUsage } from './pricing/priority-usage.ts'
export { codeExecutionPrice, priceCodeExecution, toolPrices } from './pricing/tool-price.ts'
export { quote } from './pricing/quote.ts'
export type { Bounds, Quote, QuoteOptions } from './pricing/quote.ts'
export { readFacts, readOptionFacts } from './checks/read-facts.ts'
export type { FactsOptions, MediaReader, RequestHeaders } from './checks/read-facts.ts'
export type { BatchPrices, FastPrices, PriceStep, RateCard, TokenPrices } from './pricing/rate-card.ts'
export { resolve } from './names/resolve.ts'
export type { Resolution, ResolveOptions, Unresolved } from './names/resolve.ts'
export type { NameKind } from './names/name-index.ts'
export { describeUnresolved } from './names/describe-unresolved.ts'
export { describePlace, nameOn } from './names/name-on.ts'
export { retiredIds } from './names/retired-ids.ts'
export type { RetiredId } from './names/retired-ids.ts'
export { findSuccessor } from './lifecycle/successor.ts'
export { selectTokenizer, textTokenizers } from './tokens/text-tokenizer.ts'
export type { TextTokenizer } from './tokens/text-tokenizer.ts'
export { getTokenizer, tokenizers } from './tokens/tokenizers.ts'
export type { Tokenizer } from './tokens/tokenizers.ts'
export { requestWideWindow } from './tokens/wide-window.ts'
export type { WideWindow } from './tokens/wide-window.ts'
export { toolTokens } from './tokens/tool-tokens.ts'
export type { ToolTokens } from './tokens/tool-tokens.ts'
export type { Usage } from './pricing/usage.ts'
export { sources } from './sources.ts'
export type { FactGroup, SourceKey } from './sources.ts'
export { valueOn } from './effective-dated.ts'
export type { EffectiveDated } from './effective-dated.ts'
export { unsupportedFiles } from './checks/rules/azure-hosting.ts'
export { invalidBedrockBeta } from './checks/rules/betas.ts'
export { bodyTooLargeText, maxBodyBytes } from './checks/rules/body-size.ts'
