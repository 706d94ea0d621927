<?php

namespace App;

final class Claude
{
    public const DEFAULT_MODEL = 'claude-opus-4-20250514';
    public const OPUS_3 = 'claude-3-opus-20240229';

    public function __construct(
        private string $model = self::DEFAULT_MODEL,
        private string $bedrockModel = 'us.anthropic.claude-3-7-sonnet-20250219-v1:0',
    ) {}

    public function body(string $text): array
    {
        return [
            'model' => 'claude-sonnet-4-5',
            'max_tokens' => 12000,
            'thinking' => ['type' => 'enabled', 'budget_tokens' => 6000],
            'top_k' => 12,
            'messages' => [['role' => 'user', 'content' => $text]],
        ];
    }

    public function tier(): string
    {
        return match ($this->model) {
            'claude-3-haiku-20240307' => 'small',
            'claude-opus-4-20250514' => 'large',
            default => 'medium',
        };
    }
}
