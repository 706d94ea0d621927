SELECT model, sum(output_tokens) AS tokens
FROM calls
WHERE model LIKE 'claude-3-%' OR model = 'claude-opus-4-1-20250805'
GROUP BY model;
