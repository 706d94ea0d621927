export function Picker({ model, onChange }) {
  return (
    <label>
      Don't pick an old model
      <select value={model ?? 'claude-sonnet-5-5'} onChange={onChange}>
        <option value="claude-3-7-sonnet-20250219">Claude 3.7 Sonnet</option>
        <option value="claude-sonnet-4-20250514">Claude Sonnet 4</option>
      </select>
    </label>
  )
}
