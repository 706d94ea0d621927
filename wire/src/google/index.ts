export {
  encodeGoogleError,
  toGoogleError,
  googleErrors,
  googleTexts,
  inputTooLong,
  parseGoogleError,
} from './google-error.ts'
export type { GoogleErrorKind, GoogleErrorStatus, GoogleError, ParsedGoogleError } from './google-error.ts'
export {
  editsFromRawPredict,
  editsToRawPredict,
  rawPredictMembers,
  rawPredictVersions,
  readRawPredictBody,
} from './raw-predict-body.ts'
export type { RawPredictBody, RawPredictVersion } from './raw-predict-body.ts'
export { parseVertexPath, vertexResource } from './vertex-path.ts'
export type { VertexPath } from './vertex-path.ts'
