<?php

namespace App\Jobs;

use Prism\Prism\Enums\Provider;
use Prism\Prism\Prism;

class TagMail
{
    private const MODELS = [
        'fast' => 'claude-3-haiku-20240307',
        'better' => 'claude-3-5-haiku-latest',
    ];

    public function handle(string $mail): string
    {
        return Prism::text()
            ->using(Provider::Anthropic, 'claude-3-5-haiku-20241022')
            ->usingTemperature(0.2)
            ->withMaxTokens(200)
            ->withPrompt("Tags of: {$mail}")
            ->asText()
            ->text;
    }

    public function isOld(string $model): bool
    {
        return in_array($model, ['claude-3-haiku-20240307', 'claude-instant-1.2'], true);
    }
}
